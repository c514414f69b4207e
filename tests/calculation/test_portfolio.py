"""The live portfolio is what a full computation would give, whatever happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt5web_async.calculation.account import account_figures
from mt5web_async.calculation.market import Market, Pairs, Quotes
from mt5web_async.calculation.portfolio import Portfolio
from mt5web_async.calculation.quotes import Quote
from mt5web_async.calculation.worth import position_worth
from mt5web_async.enums import CalcMode, MarginMode, OrderType, Side
from mt5web_async.protocol.records import Account, FullSymbol, Order, Position
from mt5web_async.protocol.responses import FloatingLeverage
from tests.calculation.scenes import (
    UNSET,
    account,
    buy,
    leverage,
    order,
    pair,
    position,
    rates,
    symbol,
)

ALL_RATES: Final = rates(t2=1.0, t3=1.0, t4=1.0, t5=1.0, t6=1.0, t7=1.0)
PAIRS: Final = ("EURUSD", "GBPUSD", "USDJPY", "EURGBP", "EURJPY", "USDCHF", "GBPCHF")
SYMBOLS: Final = (
    *(pair(n, margin_rates_initial=ALL_RATES, margin_hedged=1e5) for n in PAIRS),
    symbol("GOLD", CalcMode.CFD_LEVERAGE, margin_rates_initial=ALL_RATES),
    symbol(
        "DAX",
        CalcMode.CFD,
        currency_profit="EUR",
        currency_margin="EUR",
        margin_rates_initial=ALL_RATES,
    ),
    symbol(
        "SHARE_TOD",
        CalcMode.EXCH_STOCKS,
        currency_profit="GBP",
        margin_rates_initial=ALL_RATES,
        margin_rate_liquidity=1.0,
    ),
    symbol(
        "FUTURE",
        CalcMode.EXCH_FUTURES,
        tick_size=0.01,
        tick_value=1.0,
        margin_initial=500.0,
        margin_rates_initial=ALL_RATES,
    ),
    symbol("COLL", CalcMode.SERV_COLLATERAL, margin_rate_liquidity=0.9),
)
ALL_PAIRS: Final = Pairs(PAIRS)
BY_NAME: Final = {one.name: one for one in SYMBOLS}
QUOTED: Final = (*BY_NAME, "SHARE_TOM")
RULES: Final = (
    leverage(3, (0, 1e5, 1.0), (1e5, UNSET, 2.0), masks="*\\EUR*", currency="GBP"),
)

names = st.sampled_from(list(BY_NAME))
prices = st.floats(0.5, 2.0).map(lambda price: round(price, 5))


@dataclass(frozen=True)
class World:
    """An account with all that it has open, and the quotes."""

    owner: Account
    quotes: Mapping[str, Quote]
    held: Mapping[int, Position] = field(default_factory=dict)
    waiting: Mapping[int, Order] = field(default_factory=dict)
    rules: tuple[FloatingLeverage, ...] = ()

    @property
    def market(self) -> Market:
        return Market(self.owner, BY_NAME, Quotes(self.quotes), ALL_PAIRS, self.rules)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """An account in any mode and currency, some of its quotes missing."""
    mode = draw(st.sampled_from(MarginMode))
    owner = account(mode, currency=draw(st.sampled_from(("USD", "EUR", "CHF"))))
    quoted = draw(st.sets(st.sampled_from(QUOTED)))
    quotes = {name: draw(quotes_of()) for name in sorted(quoted)}
    held = {}
    for number, name in enumerate(draw(st.lists(names, max_size=8)), 1):
        held[number] = draw(positions_of(BY_NAME[name], number))
    waiting = {}
    for number, name in enumerate(draw(st.lists(names, max_size=4)), 100):
        waiting[number] = draw(orders_of(BY_NAME[name], number))
    if mode != MarginMode.HEDGING:
        held = {
            one.position_id: one
            for one in {p.symbol: p for p in held.values()}.values()
        }
    return World(owner, quotes, held, waiting, draw(st.sampled_from(((), RULES))))


def quotes_of() -> st.SearchStrategy[Quote]:
    return st.builds(
        lambda price, last: Quote(price, price + 1e-4, last), prices, prices
    )


def positions_of(of: FullSymbol, number: int) -> st.SearchStrategy[Position]:
    return st.builds(
        lambda side, lots, price: position(
            of, side, lots / 100, price, position_id=number, rate_margin=price
        ),
        st.sampled_from(Side),
        st.integers(1, 500),
        prices,
    )


def orders_of(of: FullSymbol, number: int) -> st.SearchStrategy[Order]:
    return st.builds(
        lambda kind, lots, price: order(
            of, kind, lots / 100, price, order=number, price_trigger=price
        ),
        st.sampled_from(tuple(OrderType)[:8]),
        st.integers(1, 500),
        prices,
    )


@st.composite
def changes(draw: st.DrawFn, world: World) -> World:
    """What may come next: ticks, a deal, an order, money."""
    kind = draw(st.sampled_from(("tick", "tick", "close", "open", "order", "money")))
    quotes, held = dict(world.quotes), dict(world.held)
    waiting, owner = dict(world.waiting), world.owner
    if kind == "tick":
        for name in draw(st.sets(st.sampled_from(QUOTED), min_size=1, max_size=2)):
            quotes[name] = draw(quotes_of())
        return World(owner, quotes, world.held, world.waiting, world.rules)
    if kind == "close" and held:
        held.pop(draw(st.sampled_from(sorted(held))))
    elif kind == "open" and owner.margin_mode == MarginMode.HEDGING:
        number = max(held, default=0) + 1
        held[number] = draw(positions_of(BY_NAME[draw(names)], number))
    elif kind == "order":
        number = max(waiting, default=100) + 1
        waiting[number] = draw(orders_of(BY_NAME[draw(names)], number))
    else:
        owner = owner._replace(balance=owner.balance + draw(st.integers(-9, 9)))
    return World(owner, quotes, held, waiting, world.rules)


@settings(max_examples=150)
@given(st.data())
def test_step_by_step_is_the_same_as_from_the_beginning(data: st.DataObject) -> None:
    world = data.draw(worlds())
    portfolio = Portfolio.of(world.market, world.held, world.waiting)
    for _ in range(data.draw(st.integers(1, 6))):
        world = data.draw(changes(world))
        moment = world.market
        portfolio = portfolio.then(moment, world.held, world.waiting)
        anew = Portfolio.of(moment, world.held, world.waiting)
        assert portfolio.figures == anew.figures
        assert portfolio.positions == anew.positions
        full = account_figures(moment, world.held.values(), world.waiting.values())
        assert portfolio.figures == full


def simple() -> World:
    """Long positions of two pairs in dollars, one of them converted by a third."""
    quotes = {
        "EURUSD": Quote(1.1, 1.1001),
        "EURGBP": Quote(0.85, 0.8501),
        "GBPUSD": Quote(1.27, 1.2701),
    }
    held = [buy(BY_NAME["EURUSD"], 1, 1.09), buy(BY_NAME["EURGBP"], 1, 0.84)]
    return World(account(), quotes, {one.position_id: one for one in held})


def ticked(world: World, name: str, quote: Quote) -> World:
    return World(
        world.owner,
        {**world.quotes, name: quote},
        world.held,
        world.waiting,
        world.rules,
    )


@pytest.mark.parametrize(
    ("name", "kept"),
    [("EURUSD", {"EURGBP"}), ("EURGBP", {"EURUSD"}), ("GBPUSD", {"EURUSD"})],
)
def test_a_tick_changes_its_symbol_and_what_it_converts(
    name: str, kept: set[str]
) -> None:
    world = simple()
    before = Portfolio.of(world.market, world.held, world.waiting)
    after = before.ticked(ticked(world, name, Quote(1.5, 1.6)).market)
    same = {one for one, part in after.parts.items() if part is before.parts[one]}
    assert same == kept


def test_a_portfolio_of_the_past_stays_as_it_was() -> None:
    world = simple()
    before = Portfolio.of(world.market, world.held, world.waiting)
    figures = before.figures
    before.ticked(ticked(world, "EURUSD", Quote(1.5, 1.6)).market)
    assert before.figures == figures
    assert before.market.quotes.live("EURUSD") == Quote(1.1, 1.1001)


def test_quotes_may_change_where_they_lie() -> None:
    world = simple()
    quotes = dict(world.quotes)
    market = Market(world.owner, BY_NAME, Quotes(quotes), ALL_PAIRS)
    before = Portfolio.of(market, world.held, world.waiting)
    quotes["EURUSD"] = Quote(1.5, 1.6)
    after = before.ticked(market)
    assert after.figures == Portfolio.of(market, world.held, world.waiting).figures
    assert after.figures.profit > before.figures.profit


def test_all_of_one_call_is_of_one_moment() -> None:
    world = simple()
    portfolio = Portfolio.of(world.market, world.held, world.waiting)
    for _ in range(3):
        world = ticked(world, "GBPUSD", Quote(1.27 + 0.01, 1.2801))
        portfolio = portfolio.ticked(world.market)
        total = sum(one.profit for one in portfolio.positions)
        assert portfolio.figures.profit == pytest.approx(total)


def test_the_effective_settings_of_a_symbol_change_its_margin_at_once() -> None:
    world = simple()
    before = Portfolio.of(world.market, world.held, world.waiting)
    euro = BY_NAME["EURUSD"]
    trade = euro.trade._replace(margin_rates_initial=(2.0,) * 8)
    moment = world.market
    changed = Market(
        moment.account,
        {**BY_NAME, "EURUSD": euro._replace(trade=trade)},
        moment.quotes,
        moment.pairs,
    )
    after = before.ticked(changed)
    assert after.figures.margin > before.figures.margin
    assert after.figures == Portfolio.of(changed, world.held, world.waiting).figures


def test_values_measured_in_another_currency_follow_its_quotes() -> None:
    world = replace(simple(), rules=RULES)
    before = Portfolio.of(world.market, world.held, world.waiting)
    world = ticked(world, "EURGBP", Quote(2.0, 2.0001))
    after = before.ticked(world.market)
    assert after.figures.margin > before.figures.margin
    assert (
        after.figures == Portfolio.of(world.market, world.held, world.waiting).figures
    )


def test_a_share_for_today_follows_that_for_tomorrow() -> None:
    share = BY_NAME["SHARE_TOD"]._replace(currency_profit="USD")
    wanted = order(share, OrderType.BUY, 1, 0.0)
    moment = Market(account(MarginMode.EXCHANGE), {share.name: share})
    before = Portfolio[Position, Order].of(moment, {}, {wanted.order: wanted})
    quotes = Quotes({"SHARE_TOM": Quote(0.0, 0.0, 5.0)})
    after = before.ticked(replace(moment, quotes=quotes))
    assert (before.figures.margin, after.figures.margin) == (0.0, 5.0)


def test_positions_come_by_ticket() -> None:
    world = simple()
    backwards = dict(reversed(list(world.held.items())))
    portfolio = Portfolio.of(world.market, backwards, world.waiting)
    tickets = [one.position.position_id for one in portfolio.positions]
    assert tickets == sorted(world.held)


def test_each_position_is_worth_what_it_is_alone() -> None:
    world = simple()
    moment = world.market
    for one in Portfolio.of(moment, world.held, world.waiting).positions:
        of = BY_NAME[one.position.symbol]
        alone = position_worth(moment, of, one.position)
        assert (one.price_close, one.profit) == alone[:2]

"""Requests of the Python API on their way to the server."""

from __future__ import annotations

from typing import Any, Final

import pytest

from mt5web_async.calculation.checks import Checked
from mt5web_async.calculation.planning import (
    OrderCheck,
    order_check,
    profit_of,
    tick_values,
)
from mt5web_async.calculation.quotes import Quote
from mt5web_async.calculation.requests import prepared, wire_request
from mt5web_async.calculation.volumes import volume
from mt5web_async.enums import (
    CalcMode,
    ExecutionMode,
    Filling,
    MarginMode,
    OrderTime,
    OrderType,
    Retcode,
    Rights,
    Side,
    TradeAction,
)
from mt5web_async.protocol.records import (
    TRADE_REQUEST,
    Account,
    FullSymbol,
    Order,
    Position,
    TradeRequest,
)
from tests.calculation.scenes import (
    account,
    buy,
    market,
    order,
    pair,
    rates,
    sell,
    symbol,
)

DEAL, PENDING, SLTP, MODIFY, REMOVE, CLOSE_BY = 1, 5, 6, 7, 8, 10

EURUSD: Final = pair("EURUSD", margin_rates_initial=rates(t2=1.0))
LONG: Final = buy(EURUSD, 1, 1.08, sl=1.07, tp=1.10)
SHORT: Final = sell(EURUSD, 0.5, 1.09)
LIMIT: Final = order(
    EURUSD,
    OrderType.BUY_LIMIT,
    0.3,
    1.05,
    sl=1.04,
    tp=1.06,
    type_time=int(OrderTime.SPECIFIED),
    time_expiration=2_000_000_000,
)


class Request:
    """A request as programs make it; what they leave out is 0 or empty."""

    def __init__(self, action: int, **fields: Any) -> None:
        self.action = action
        self.order = 0
        self.symbol = ""
        self.volume = self.price = self.stoplimit = self.sl = self.tp = 0.0
        self.deviation = self.type = self.type_filling = self.type_time = 0
        self.expiration = self.position = self.position_by = 0
        self.comment = ""
        vars(self).update(fields)


def send(
    request: Request,
    *,
    of: FullSymbol = EURUSD,
    owner: Account | None = None,
    positions: tuple[Position, ...] = (LONG, SHORT),
    orders: tuple[Order, ...] = (LIMIT,),
) -> Checked[TradeRequest]:
    moment = market(owner or account(), of)
    return prepared(moment, request, TradeRequest(), positions, orders)


def sent(request: Request, **scene: Any) -> TradeRequest:
    """What is sent, nothing being wrong with it."""
    checked = send(request, **scene)
    assert checked.retcode is None
    TRADE_REQUEST.write(checked.request)
    return checked.request


def market_buy(**fields: Any) -> Request:
    return Request(DEAL, symbol="EURUSD", volume=0.1, price=1.08512, **fields)


def test_a_deal_goes_with_price_levels_and_comment() -> None:
    request = market_buy(sl=1.07, tp=1.10, deviation=20, comment="first")
    assert sent(request) == TradeRequest(
        action=TradeAction.MARKET,
        symbol="EURUSD",
        volume=volume(0.1),
        digits=5,
        type_flags=2,
        price_order=1.08512,
        sl=1.07,
        tp=1.10,
        deviation=20,
        comment="first",
    )


@pytest.mark.parametrize(
    ("mode", "action"),
    [
        (ExecutionMode.REQUEST, TradeAction.REQUEST),
        (ExecutionMode.INSTANT, TradeAction.INSTANT),
        (ExecutionMode.MARKET, TradeAction.MARKET),
        (ExecutionMode.EXCHANGE, TradeAction.EXCHANGE),
    ],
)
def test_a_deal_is_made_as_the_symbol_is_dealt(
    mode: ExecutionMode, action: TradeAction
) -> None:
    of = pair("EURUSD", execution_mode=int(mode))
    assert sent(market_buy(), of=of).action == action


def test_an_exchange_deals_at_its_own_price() -> None:
    of = pair("EURUSD", execution_mode=int(ExecutionMode.EXCHANGE))
    assert sent(market_buy(), of=of).price_order == 0


def test_a_closing_deal_names_the_position_and_says_so() -> None:
    request = Request(
        DEAL, volume=0.4, type=int(OrderType.SELL), position=LONG.position_id
    )
    closing = sent(request)
    assert (closing.symbol, closing.position) == ("EURUSD", LONG.position_id)
    assert closing.type_flags == 3


@pytest.mark.parametrize(
    "request_",
    [
        Request(DEAL, volume=0.4, type=1, position=LONG.position_id),
        Request(SLTP, position=LONG.position_id, sl=1.07, tp=1.2),
        Request(MODIFY, order=LIMIT.order, price=1.051),
    ],
)
def test_prices_of_another_symbol_reach_no_position_or_order(
    request_: Request,
) -> None:
    assert send(request_).retcode is None
    request_.symbol = "GBPUSD"
    assert send(request_).retcode == Retcode.INVALID


def test_more_than_the_position_cannot_be_closed() -> None:
    request = Request(
        DEAL, volume=1.1, type=int(OrderType.SELL), position=LONG.position_id
    )
    assert send(request).retcode == Retcode.INVALID_VOLUME


def test_a_pending_order_goes_with_its_expiry() -> None:
    request = Request(
        PENDING,
        symbol="EURUSD",
        volume=0.2,
        type=int(OrderType.BUY_LIMIT),
        price=1.05,
        type_time=int(OrderTime.SPECIFIED),
        expiration=2_000_000_000,
    )
    placed = sent(request)
    assert (placed.action, placed.price_order) == (TradeAction.PENDING, 1.05)
    assert (placed.type_time, placed.time_expiration) == (2, 2_000_000_000)
    assert placed.type_filling == Filling.RETURN


def test_a_stop_limit_goes_with_its_limit_price() -> None:
    request = Request(
        PENDING,
        symbol="EURUSD",
        volume=0.2,
        type=int(OrderType.BUY_STOP_LIMIT),
        price=1.09,
        stoplimit=1.088,
    )
    placed = sent(request)
    assert (placed.price_order, placed.price_trigger) == (1.09, 1.088)


def test_prices_are_tested_and_not_moved_to_a_tick() -> None:
    of = pair("EURUSD", tick_size=0.0005)
    assert send(market_buy(), of=of).retcode == Retcode.INVALID_PRICE


def test_new_levels_go_as_they_are_given() -> None:
    request = Request(SLTP, position=LONG.position_id, sl=1.075)
    changed = sent(request)
    assert (changed.sl, changed.tp, changed.type) == (1.075, 0.0, 0)
    assert (changed.volume, changed.price_order) == (LONG.volume, 1.08500)


def test_netting_accounts_change_levels_by_symbol() -> None:
    owner = account(MarginMode.NETTING)
    request = Request(SLTP, symbol="EURUSD", sl=1.075, tp=1.10)
    changed = sent(request, owner=owner, positions=(LONG,))
    assert (changed.sl, changed.tp, changed.position) == (1.075, 1.10, 0)


def test_levels_that_stay_are_no_change() -> None:
    request = Request(SLTP, position=LONG.position_id, sl=1.07, tp=1.10)
    assert send(request).retcode == Retcode.NO_CHANGES


def test_a_changed_order_takes_all_that_is_given() -> None:
    request = Request(MODIFY, order=LIMIT.order, price=1.051, sl=1.04)
    changed = sent(request)
    assert (changed.order, changed.type, changed.symbol) == (LIMIT.order, 2, "EURUSD")
    assert (changed.price_order, changed.sl, changed.tp) == (1.051, 1.04, 0.0)
    assert (changed.type_time, changed.time_expiration) == (0, 0)
    assert changed.volume == LIMIT.volume_initial


def test_an_order_that_stays_is_no_change_expiry_included() -> None:
    request = Request(
        MODIFY,
        order=LIMIT.order,
        price=1.05,
        sl=1.04,
        tp=1.06,
        type_time=int(OrderTime.SPECIFIED),
        expiration=2_000_000_000,
    )
    assert send(request).retcode == Retcode.NO_CHANGES


def test_a_deletion_goes_with_what_the_order_is() -> None:
    removed = sent(Request(REMOVE, order=LIMIT.order))
    assert (removed.action, removed.order) == (TradeAction.REMOVE, LIMIT.order)
    assert (removed.price_order, removed.sl, removed.tp) == (1.05, 1.04, 1.06)
    assert removed.time_expiration == 2_000_000_000


def test_positions_close_each_other() -> None:
    request = Request(
        CLOSE_BY, position=LONG.position_id, position_by=SHORT.position_id
    )
    closing = sent(request)
    assert (closing.position, closing.position_by) == (
        LONG.position_id,
        SHORT.position_id,
    )
    assert (closing.volume, closing.type, closing.type_flags) == (LONG.volume, 1, 3)


def test_netting_accounts_close_nothing_by_another() -> None:
    request = Request(
        CLOSE_BY, position=LONG.position_id, position_by=SHORT.position_id
    )
    owner = account(MarginMode.NETTING)
    assert send(request, owner=owner).retcode == Retcode.INVALID


@pytest.mark.parametrize(
    ("request_", "retcode"),
    [
        (Request(0), Retcode.INVALID),
        (Request(2, symbol="EURUSD", volume=0.1), Retcode.INVALID),
        (market_buy(type=int(OrderType.BUY_LIMIT)), Retcode.INVALID),
        (Request(PENDING, symbol="EURUSD", volume=0.1, price=1.05), Retcode.INVALID),
        (Request(MODIFY, order=999_999, price=1.05), Retcode.INVALID),
        (Request(REMOVE, order=999_999), Retcode.INVALID),
        (Request(DEAL, symbol="NOTHING", volume=0.1), Retcode.INVALID),
        (Request(DEAL, symbol="EURUSD", volume=0.0), Retcode.INVALID_VOLUME),
        (Request(DEAL, symbol="EURUSD", volume=-1.0), Retcode.INVALID_VOLUME),
        (Request(DEAL, symbol="EURUSD", volume=float("nan")), Retcode.INVALID_VOLUME),
        (Request(DEAL, symbol="EURUSD", volume=float("inf")), Retcode.INVALID_VOLUME),
        (
            Request(DEAL, symbol="EURUSD", volume=0.1, price=float("nan")),
            Retcode.INVALID_PRICE,
        ),
        (
            Request(DEAL, symbol="EURUSD", volume=0.1, price=1.1, sl=float("inf")),
            Retcode.INVALID_STOPS,
        ),
        (market_buy(type_filling=77), Retcode.INVALID_FILL),
        (Request(SLTP, position=999_999, sl=1.0), Retcode.INVALID),
        (Request(SLTP, symbol="EURUSD", sl=1.0), Retcode.POSITION_CLOSED),
    ],
)
def test_what_cannot_be_is_refused_here(request_: Request, retcode: Retcode) -> None:
    assert send(request_).retcode == retcode


@pytest.mark.parametrize(
    "right", [Rights.TRADE_DISABLED, Rights.INVESTOR, Rights.READ_ONLY]
)
def test_who_may_not_trade_sends_nothing(right: Rights) -> None:
    checked = send(market_buy(), owner=account(rights=int(right)))
    assert checked.retcode == Retcode.TRADE_DISABLED


def test_numbers_that_cannot_travel_are_cut_or_left_out() -> None:
    request = market_buy(deviation=2**40, comment="\N{MONEY BAG}" * 40, expiration=-5)
    assert sent(request).deviation == 2**32 - 1
    assert sent(request).comment == "\N{MONEY BAG}" * 16


def test_instant_deals_bear_no_endless_deviation() -> None:
    of = pair("EURUSD", execution_mode=int(ExecutionMode.INSTANT))
    refused = send(market_buy(deviation=2**40), of=of)
    assert refused.retcode == Retcode.TRADE_DISABLED


def test_a_translation_alone_tests_nothing() -> None:
    moment = market(account(), EURUSD)
    request = wire_request(moment, market_buy(sl=-5.0), TradeRequest(), (), ())
    assert isinstance(request, TradeRequest)
    assert request.sl == -5.0


def checked(request: Request, **scene: Any) -> OrderCheck:
    positions = scene.pop("positions", ())
    orders = scene.pop("orders", ())
    moment = market(scene.pop("owner", account()), scene.pop("of", EURUSD))
    return order_check(moment, request, TradeRequest(), positions, orders)


def test_a_check_forecasts_the_account() -> None:
    # 0.1 lot at 1.08512: margin 100000 * 0.1 / 100 * 1.08512 = 108.51
    assert checked(market_buy()) == OrderCheck(
        0, 10_000.0, 10_000.0, 0.0, 108.51, 9891.49, 10_000.0 / 108.51 * 100
    )


def test_a_check_adds_to_what_is_there() -> None:
    # position 1080.00 with a profit of 500.00; 0.1 lot more at 1.08512
    after = checked(market_buy(), positions=(LONG,))
    assert (after.profit, after.equity) == (500.0, 10_500.0)
    assert after.margin == pytest.approx(1080.0 + 108.5, abs=0.06)


def test_a_check_that_fails_tells_nothing_else() -> None:
    refused = checked(market_buy(type_filling=int(Filling.RETURN)))
    assert refused == OrderCheck(int(Retcode.INVALID_FILL))


def test_what_the_account_cannot_bear_is_no_money_with_its_figures() -> None:
    poor = account(balance=100.0)
    refused = checked(market_buy(), owner=poor)
    assert (refused.retcode, refused.margin) == (Retcode.NO_MONEY, 108.51)
    assert refused.margin_free == -8.51


def test_an_account_without_money_may_still_close() -> None:
    poor = account(MarginMode.NETTING, balance=-5000.0)
    request = market_buy(type=int(OrderType.SELL))
    after = checked(request, owner=poor, positions=(LONG,))
    assert after.retcode == 0


def test_a_deletion_frees_its_margin() -> None:
    before = checked(Request(SLTP, position=LONG.position_id), positions=(LONG,))
    after = checked(Request(REMOVE, order=LIMIT.order), orders=(LIMIT,))
    assert (before.margin, after.margin) == (1080.0, 0.0)


def test_a_changed_order_takes_the_place_of_the_old_one() -> None:
    # 0.3 lot: 300 * 1.051
    request = Request(MODIFY, order=LIMIT.order, price=1.051)
    assert checked(request, orders=(LIMIT,)).margin == 315.30


def test_a_closing_deal_adds_no_margin_on_hedging_accounts() -> None:
    request = Request(
        DEAL, volume=0.4, type=int(OrderType.SELL), position=LONG.position_id
    )
    assert checked(request, positions=(LONG,)).margin == 1080.0


def test_a_tick_of_a_pair_is_worth_its_units() -> None:
    # 100000 * 0.00001; in JPY 100000 * 0.001 / 151.905, and / 151.890
    dollars = tick_values(market(account(), EURUSD), EURUSD)
    yen = pair("USDJPY")
    values = tick_values(market(account(), yen), yen)
    assert dollars == pytest.approx((1.0, 1.0))
    assert values == pytest.approx((100 / 151.905, 100 / 151.890))


def test_a_tick_of_a_future_is_worth_its_tick_value() -> None:
    future = symbol("F", CalcMode.EXCH_FUTURES, tick_size=0.25, tick_value=12.5)
    assert tick_values(market(account(), future), future) == (12.5, 12.5)


def test_a_tick_of_a_bond_is_worth_its_part_of_the_face_value() -> None:
    bond = symbol("B", CalcMode.EXCH_BONDS, tick_size=0.01, face_value=1000.0)
    assert tick_values(market(account(), bond), bond) == pytest.approx((0.1, 0.1))


def test_a_tick_is_worth_nothing_known_without_rates() -> None:
    yen = pair("USDJPY")
    quotes: dict[str, Quote] = {}
    assert tick_values(market(account(), yen, quotes=quotes), yen) == (0.0, 0.0)


def test_a_planned_profit_is_converted_at_its_own_closing_price() -> None:
    # 30000 JPY / 108.483 and / 107.879: a lot bought at the ask, sold at the bid
    yen = pair("USDJPY")
    moment = market(account(), yen)
    bought = profit_of(moment, yen, Side.BUY, 1.0, 108.183, 108.483)
    sold = profit_of(moment, yen, Side.SELL, 1.0, 108.179, 107.879)
    assert (bought, sold) == (276.54, 278.09)

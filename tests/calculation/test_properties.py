"""What must hold for any volumes and prices."""

from __future__ import annotations

from random import Random
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt5web_async.calculation.account import account_figures
from mt5web_async.calculation.conversion import profit_rate
from mt5web_async.calculation.market import Market
from mt5web_async.calculation.planning import margin_of, profit_of
from mt5web_async.calculation.quotes import Quote
from mt5web_async.calculation.rounding import (
    align,
    compare,
    floored_remainder,
    normalize,
)
from mt5web_async.calculation.volumes import lots, volume
from mt5web_async.enums import CalcMode, MarginFlags, MarginMode, OrderType, Side
from mt5web_async.protocol.records import FullSymbol, Position
from tests.calculation.scenes import (
    account,
    buy,
    market,
    order,
    pair,
    position,
    rates,
    symbol,
)

CENT: Final = 0.005000001

ALL_RATES: Final = rates(t2=1.0, t3=1.0, t4=1.0, t5=1.0, t6=1.0, t7=1.0)
PLAIN: Final = (
    CalcMode.FOREX,
    CalcMode.CFD,
    CalcMode.CFD_LEVERAGE,
    CalcMode.FOREX_NO_LEVERAGE,
    CalcMode.EXCH_STOCKS,
    CalcMode.EXCH_STOCKS_MOEX,
)
BY_TICKS: Final = (CalcMode.FUTURES, CalcMode.EXCH_FUTURES, CalcMode.CFD_INDEX)


def instrument(mode: CalcMode) -> FullSymbol:
    """An instrument in dollars."""
    return symbol(
        "ANY",
        mode,
        contract_size=100.0,
        margin_hedged=100.0,
        digits=3,
        point=0.001,
        tick_size=0.001,
        tick_value=0.1,
        margin_initial=500.0 if mode in BY_TICKS[:2] else 0.0,
        face_value=1000.0,
        margin_rates_initial=ALL_RATES,
    )


def at(of: FullSymbol, mode: MarginMode = MarginMode.HEDGING) -> Market:
    """The instrument, quoted, on an account in dollars."""
    return market(account(mode), of, quotes={of.name: Quote(99.0, 101.0, 100.0)})


instruments = st.sampled_from((*PLAIN, *BY_TICKS, CalcMode.EXCH_BONDS)).map(instrument)
prices = st.integers(1_000, 500_000).map(lambda ticks: round(ticks / 1000, 3))
hundredths = st.integers(1, 5_000)
sides = st.sampled_from(Side)


def needed(of: FullSymbol, kind: OrderType, size: float, price: float) -> float:
    margin = margin_of(at(of), of, kind, size, price)
    assert margin is not None
    return margin


def gained(
    of: FullSymbol, side: Side, size: float, first: float, second: float
) -> float:
    profit = profit_of(at(of), of, side, size, first, second)
    assert profit is not None
    return profit


@given(instruments, hundredths, prices, prices)
def test_what_a_buyer_gains_a_seller_loses(
    of: FullSymbol, size: int, first: float, second: float
) -> None:
    bought = gained(of, Side.BUY, size / 100, first, second)
    assert gained(of, Side.SELL, size / 100, first, second) == -bought


@given(instruments, hundredths, prices, prices)
def test_there_and_back_gains_nothing(
    of: FullSymbol, size: int, first: float, second: float
) -> None:
    there = gained(of, Side.BUY, size / 100, first, second)
    assert gained(of, Side.BUY, size / 100, second, first) == -there


@given(instruments, sides, st.integers(1, 500), st.integers(1, 20), prices, prices)
def test_profit_grows_with_volume(
    of: FullSymbol, side: Side, size: int, times: int, first: float, second: float
) -> None:
    once = gained(of, side, size / 100, first, second)
    many = gained(of, side, size * times / 100, first, second)
    assert many == pytest.approx(once * times, abs=2 * CENT * times)


@given(instruments, st.sampled_from(tuple(OrderType)[:8]), hundredths, prices)
def test_margin_grows_with_volume(
    of: FullSymbol, kind: OrderType, size: int, price: float
) -> None:
    once = needed(of, kind, size / 100, price)
    assert needed(of, kind, size / 50, price) == pytest.approx(2 * once, abs=2 * CENT)
    assert needed(of, kind, (size + 1) / 100, price) >= once >= 0


@given(instruments, sides, hundredths, prices)
def test_margin_never_falls_with_the_price(
    of: FullSymbol, side: Side, size: int, price: float
) -> None:
    kind = OrderType(side)
    dearer = needed(of, kind, size / 100, price + 1)
    assert dearer >= needed(of, kind, size / 100, price)


@given(instruments, sides, hundredths, prices)
def test_netting_needs_what_hedging_needs_for_one_position(
    of: FullSymbol, side: Side, size: int, price: float
) -> None:
    held = position(of, side, size / 100, price)
    netting, hedging = (
        account_figures(at(of, mode), (held,), ())
        for mode in (MarginMode.NETTING, MarginMode.HEDGING)
    )
    assert netting == hedging


@given(instruments, st.sampled_from(tuple(OrderType)[:8]), hundredths, prices)
def test_an_order_alone_needs_the_same_on_every_retail_account(
    of: FullSymbol, kind: OrderType, size: int, price: float
) -> None:
    netting = margin_of(at(of, MarginMode.NETTING), of, kind, size / 100, price)
    assert netting == needed(of, kind, size / 100, price)
    checked = order(of, kind, size / 100, price, price_trigger=price)
    for mode in (MarginMode.NETTING, MarginMode.HEDGING):
        state = account_figures(at(of, mode), (), (), checked)
        assert state.margin == netting


def legs(of: FullSymbol, sizes: list[tuple[Side, int, float]]) -> list[Position]:
    return [position(of, side, size / 100, price) for side, size, price in sizes]


books = st.lists(st.tuples(sides, hundredths, prices), min_size=1, max_size=6)


@given(instruments, books, st.floats(0.0, 1.0))
def test_hedged_volume_never_needs_more_than_bare_volume(
    of: FullSymbol, sizes: list[tuple[Side, int, float]], part: float
) -> None:
    if of.trade.margin_initial:  # then it is money per lot
        hedged = of.trade.margin_initial * part
    else:
        hedged = of.contract_size * part
    of = of._replace(trade=of.trade._replace(margin_hedged=hedged))
    held = legs(of, sizes)
    together = account_figures(at(of), held, ()).margin
    alone = sum(account_figures(at(of), (one,), ()).margin for one in held)
    assert together <= alone + CENT * (len(held) + 1)


@given(instruments, books)
def test_the_larger_leg_never_needs_more_than_both(
    of: FullSymbol, sizes: list[tuple[Side, int, float]]
) -> None:
    larger = of.trade._replace(margin_flags=int(MarginFlags.LARGER_LEG))
    held = legs(of, sizes)
    one_leg = account_figures(at(of._replace(trade=larger)), held, ()).margin
    both = sum(account_figures(at(of), (one,), ()).margin for one in held)
    assert one_leg <= both + CENT * (len(held) + 1)


@given(instruments, books, st.randoms())
def test_equity_does_not_depend_on_the_order_of_positions(
    of: FullSymbol, sizes: list[tuple[Side, int, float]], random: Random
) -> None:
    held = legs(of, sizes)
    shuffled = list(held)
    random.shuffle(shuffled)
    one, other = (account_figures(at(of), book, ()) for book in (held, shuffled))
    assert one.equity == other.equity
    assert one.margin == pytest.approx(other.margin, abs=0.011)


def in_euros(bid: float, ask: float) -> Market:
    quotes = {"EURUSD": Quote(bid, ask), "GBPUSD": Quote(1.25, 1.26)}
    return market(account(currency="EUR"), quotes=quotes)


pips = st.tuples(st.integers(50_000, 200_000), st.integers(0, 100)).map(
    lambda pip: (pip[0] / 1e5, (pip[0] + pip[1]) / 1e5)
)


@given(pips)
def test_converting_there_and_back_at_opposite_sides_loses_nothing(
    quote: tuple[float, float],
) -> None:
    moment, of = in_euros(*quote), pair("EURUSD")
    there = profit_rate(moment, of, "EUR", "USD", Side.BUY)
    back = profit_rate(moment, of, "USD", "EUR", Side.SELL)
    assert there * back == pytest.approx(1.0, rel=1e-15)


@given(pips)
def test_the_dear_side_is_never_below_the_cheap_one(
    quote: tuple[float, float],
) -> None:
    moment, of = in_euros(*quote), pair("EURUSD")
    for way in (("EUR", "USD"), ("USD", "EUR"), ("GBP", "EUR"), ("EUR", "GBP")):
        dear, cheap = (profit_rate(moment, of, *way, side) for side in Side)
        assert dear >= cheap > 0


@given(pips)
def test_a_cross_is_the_way_through_the_dollar(quote: tuple[float, float]) -> None:
    moment, of = in_euros(*quote), pair("EURUSD")
    for side in Side:
        first = profit_rate(moment, of, "GBP", "USD", side)
        second = profit_rate(moment, of, "USD", "EUR", side)
        assert profit_rate(moment, of, "GBP", "EUR", side) == first * second


@given(st.floats(-1e6, 1e6), st.integers(0, 8))
def test_rounding_twice_is_rounding_once(value: float, digits: int) -> None:
    once = normalize(value, digits)
    assert normalize(once, digits) == once
    assert normalize(-value, digits) == -once
    assert abs(once - value) <= 0.51 / 10**digits + abs(value) * 1e-15


@given(st.floats(-1e6, 1e6), st.floats(0.001, 100.0))
def test_a_remainder_is_below_its_step(value: float, step: float) -> None:
    rest = floored_remainder(value, step)
    assert -1e-6 <= rest <= step + 1e-6


@given(st.integers(1, 10**7), st.sampled_from((0.01, 0.05, 0.25, 0.5, 1.0)))
def test_an_aligned_price_is_on_a_tick(cents: int, tick: float) -> None:
    price = align(cents / 100, tick, 2)
    rest = floored_remainder(price, tick)
    assert min(rest, tick - rest) < 1e-6
    assert compare(align(price, tick, 2), price, 2) == 0


@given(st.integers(0, 10**15))
def test_lots_and_volumes_are_one_to_one(units: int) -> None:
    assert volume(lots(units)) == units


@settings(max_examples=50)
@given(hundredths, prices)
def test_a_checked_order_that_is_there_already_changes_nothing(
    size: int, price: float
) -> None:
    of = instrument(CalcMode.CFD)
    waiting = (order(of, OrderType.BUY_LIMIT, size / 100, price),)
    held = (buy(of, 1, 100.0),)
    before = account_figures(at(of), held, waiting)
    assert account_figures(at(of), held, waiting, checked=waiting[0]) == before

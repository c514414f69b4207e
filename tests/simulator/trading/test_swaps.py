"""Swaps, and the end of the day."""

from __future__ import annotations

import pytest

from mt5web_async.enums import (
    CalcMode,
    DealEntry,
    GroupFlags,
    OrderTime,
    OrderType,
    Reason,
    SwapMode,
)
from mt5web_async.protocol.records import FullSymbol
from mt5web_async.simulator.switches import Switches

from .house import EURUSD, GROUP, MIDNIGHT, House, eurusd, moment, vol, with_trade

DAY = 86_400


def swapped(mode: SwapMode, long: float, short: float = 0.0) -> FullSymbol:
    """The usual symbol with swaps; the triple one on Wednesday."""
    return eurusd(swap_mode=mode, swap_long=long, swap_short=short)


def held(house: House, lots: float = 1.00) -> House:
    """The same house with a long position, 1001."""
    house.buy(lots)
    return house


def test_points_are_charged_every_day_and_three_times_on_wednesday() -> None:
    house = held(House(swapped(SwapMode.POINTS, -7.5)))
    tuesday = house.wait_until(MIDNIGHT)  # case 87
    assert tuesday.story == "P~"
    assert tuesday.position.storage == -7.50
    wednesday = house.wait_until(MIDNIGHT + DAY)
    assert wednesday.position.storage == -30.00
    assert house.balance == 10000.00
    assert house.figures.equity == 9960.00


def test_the_closed_part_takes_its_share_of_the_swap() -> None:
    house = held(House(swapped(SwapMode.POINTS, -7.5)))
    house.wait_until(MIDNIGHT + DAY)
    house.bid(1.10060)
    deal = house.close(1001, 0.40).deal  # case 88
    assert (deal.profit, deal.storage) == (20.00, -12.00)
    assert house.balance == 10008.00
    assert house.the_position.storage == -18.00


def test_swap_may_be_an_amount_of_the_deposit_currency() -> None:
    house = held(House(swapped(SwapMode.CURRENCY_DEPOSIT, -5.0)), 2.00)
    assert house.wait_until(MIDNIGHT).position.storage == -10.00  # case 89


@pytest.mark.parametrize(("rate", "amount"), [(-5.0, -5.50), (3.0, 3.30)])
def test_charges_are_converted_at_the_ask_and_credits_at_the_bid(
    rate: float, amount: float
) -> None:
    house = held(House(swapped(SwapMode.CURRENCY_SYMBOL, rate)))
    assert house.wait_until(MIDNIGHT).position.storage == amount  # case 90


@pytest.mark.parametrize("mode", [SwapMode.CURRENCY_MARGIN, SwapMode.CURRENCY_PROFIT])
def test_swap_may_be_an_amount_of_the_symbols_currencies(mode: SwapMode) -> None:
    house = held(House(swapped(mode, -5.0)))
    amount = {SwapMode.CURRENCY_MARGIN: -5.50, SwapMode.CURRENCY_PROFIT: -5.00}[mode]
    assert house.wait_until(MIDNIGHT).position.storage == amount


def test_swap_may_be_interest_on_the_present_value() -> None:
    house = held(House(swapped(SwapMode.INTEREST_CURRENT, -3.5)))
    assert house.wait_until(MIDNIGHT).position.storage == -10.69  # case 91


def test_swap_may_be_interest_on_the_value_at_opening() -> None:
    house = held(House(swapped(SwapMode.INTEREST_OPEN, -3.5)))
    house.bid(1.50000)
    assert house.wait_until(MIDNIGHT).position.storage == -10.70


def test_the_worth_of_a_point_is_rounded_before_it_is_multiplied() -> None:
    usdtry = with_trade(EURUSD, swap_mode=SwapMode.POINTS, swap_long=-11.35)._replace(
        name="USDTRY",
        currency_base="USD",
        currency_profit="TRY",
        currency_margin="USD",
    )
    house = House(usdtry)
    house.quote(4.38600, 4.38700)
    held(house, 5.00)
    assert house.wait_until(MIDNIGHT).position.storage == -12.94  # case 92


def test_a_point_worth_nothing_makes_no_swap() -> None:
    house = held(House(swapped(SwapMode.POINTS, -7.5)._replace(contract_size=100.0)))
    assert house.wait_until(MIDNIGHT).story == ""


def test_shorts_have_a_rate_of_their_own() -> None:
    house = House(swapped(SwapMode.POINTS, -7.5, 2.5))
    house.sell(1.00)
    assert house.wait_until(MIDNIGHT).position.storage == 2.50


def test_a_position_of_one_day_has_no_swap() -> None:
    house = held(House(swapped(SwapMode.POINTS, -7.5)))
    house.close(1001)
    assert house.wait_until(MIDNIGHT).story == ""


@pytest.mark.parametrize(
    ("end", "days"),
    [
        ("2026-03-12 00:00", 3),
        ("2026-03-13 00:00", 1),
        ("2026-03-14 00:00", 1),
        ("2026-03-15 00:00", 0),
        ("2026-03-16 00:00", 0),
        ("2026-03-17 00:00", 1),
    ],
)
def test_weekends_cost_nothing(end: str, days: int) -> None:
    house = held(House(swapped(SwapMode.CURRENCY_DEPOSIT, -1.0)))
    house.wait_until(moment(end) - DAY)
    before = house.the_position.storage
    house.wait_until(moment(end))
    assert house.the_position.storage - before == -days


def test_factors_by_weekday_take_the_place_of_the_triple_day() -> None:
    rates = (0.0, 1.0, 2.0, 0.5, 1.0, 1.0, 0.0)
    symbol = eurusd(swap_mode=SwapMode.CURRENCY_DEPOSIT, swap_long=-4, swap_rates=rates)
    house = held(House(symbol))
    assert house.wait_until(MIDNIGHT).position.storage == -8.00
    assert house.wait_until(MIDNIGHT + DAY).position.storage == -10.00


def test_a_group_may_be_without_swaps() -> None:
    flags = int(GROUP & ~GroupFlags.SWAPS)
    house = held(House(swapped(SwapMode.POINTS, -7.5), trade_flags=flags))
    assert house.wait_until(MIDNIGHT).story == ""


@pytest.mark.parametrize(
    ("mode", "opened"),
    [(SwapMode.REOPEN_CURRENT, 1.10008), (SwapMode.REOPEN_BID, 1.10008)],
)
def test_swap_may_close_and_reopen_the_position(mode: SwapMode, opened: float) -> None:
    house = held(House(swapped(mode, -8.0)))
    said = house.wait_until(MIDNIGHT)
    assert said.story == "D+ D+"
    out, back = said.deals
    assert (out.entry, out.price_open, out.profit) == (DealEntry.OUT, 1.10000, -10.00)
    assert (back.entry, back.price_open) == (DealEntry.IN, opened)
    assert {out.reason, back.reason} == {Reason.ROLLOVER}
    assert {out.position_id, back.position_id} == {1001}
    assert house.balance == 9990.00
    assert (house.the_position.price_open, house.the_position.storage) == (opened, 0.0)


def test_a_short_is_reopened_cheaper_by_a_charge() -> None:
    house = House(swapped(SwapMode.REOPEN_CURRENT, 0.0, -8.0))
    house.sell(1.00)
    _, back = house.wait_until(MIDNIGHT).deals
    assert back.price_open == 1.10002


def test_the_steps_of_midnight_have_an_order() -> None:
    symbol = swapped(SwapMode.POINTS, -7.5)._replace(gtc_mode=1)
    house = held(House(symbol))
    house.levels(1001, 1.09)
    house.place(OrderType.BUY_STOP, 1.0, 1.102, type_time=OrderTime.DAY)
    assert house.wait_until(MIDNIGHT).story == "O-6 H+6 P~ P~"


def test_days_that_passed_at_once_are_all_ended() -> None:
    house = held(House(swapped(SwapMode.CURRENCY_DEPOSIT, -1.0)))
    said = house.wait_until(moment("2026-03-17 10:00"))
    assert house.the_position.storage == -7.00
    assert len(said.pushes) == 5


@pytest.mark.parametrize(
    ("minute", "end"), [(23 * 60 + 55, "2026-03-10 23:55"), (5, "2026-03-11 00:05")]
)
def test_the_day_may_end_at_another_minute(minute: int, end: str) -> None:
    switches = Switches(end_of_day_minute=minute)
    house = held(House(swapped(SwapMode.POINTS, -7.5), switches=switches))
    assert house.wait_until(moment(end) - 1).story == ""
    assert house.wait(1).position.storage == -7.50
    assert house.wait(DAY).position.storage == -30.00


def test_swap_on_a_large_position_counts_every_lot() -> None:
    house = House(swapped(SwapMode.POINTS, -7.5), balance=1_000_000.0)
    held(house, 33.33)
    assert house.wait_until(MIDNIGHT).position.storage == -249.98


def test_interest_on_other_symbols_is_paid_in_their_profit_currency() -> None:
    gold = swapped(SwapMode.INTEREST_CURRENT, -3.6)._replace(
        calc_mode=CalcMode.CFD, contract_size=100.0
    )
    house = House(gold)
    house.quote(2000.0, 2001.0)
    held(house, 0.01)
    assert house.the_position.volume == vol(0.01)
    assert house.wait_until(MIDNIGHT).position.storage == -0.20

"""What ticks and session figures make of a quote."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt5web_async.calculation.quotes import Quote, apply_statistics, apply_tick
from mt5web_async.calculation.spread import Prices, Pricing, adjusted
from mt5web_async.enums import StatisticsFields, TickFields
from mt5web_async.protocol.records import Statistics, Tick

PLAIN = Pricing(5, 0.00001)
WIDER = Pricing(5, 0.00001, diff=6)
CROSSING = Pricing(5, 0.00001, diff=-30)

BOTH = int(TickFields.BID | TickFields.ASK)


def tick(time: int = 100, **fields: Any) -> Tick:
    """Bid 1.08500 and ask 1.08510, both marked."""
    plain: dict[str, Any] = {"bid": 108500.0, "ask": 108510.0, "fields": BOTH}
    return Tick(**{**plain, "time": time, **fields})


QUOTED = apply_tick(Quote(), tick(), PLAIN)


def test_a_tick_brings_prices_and_their_clock() -> None:
    quote = apply_tick(Quote(), tick(time_ms=7), PLAIN)
    assert (quote.bid, quote.ask) == (1.085, 1.0851)
    assert quote.time_bidask_msc == quote.time_msc == 100_007


def test_what_is_not_marked_stays() -> None:
    later = apply_tick(QUOTED, tick(101, bid=9.0, ask=108520.0, fields=2), PLAIN)
    assert (later.bid, later.ask, later.changed) == (1.085, 1.0852, 2)


def test_a_price_of_zero_is_no_price() -> None:
    later = apply_tick(QUOTED, tick(101, bid=0.0), PLAIN)
    assert (later.bid, later.changed) == (1.085, 2)


def test_a_volume_of_zero_is_a_volume() -> None:
    dealt = apply_tick(QUOTED, tick(101, volume=5, fields=8), PLAIN)
    nothing = apply_tick(dealt, tick(102, volume=0, fields=8), PLAIN)
    assert (dealt.volume, nothing.volume) == (5, 0)


def test_an_older_record_is_dropped_whole() -> None:
    late = apply_tick(QUOTED, tick(99, bid=1.0, last=5.0, fields=BOTH | 4), PLAIN)
    assert late == QUOTED._replace(changed=0)


def test_equal_times_are_in_order() -> None:
    assert apply_tick(QUOTED, tick(100, bid=108501.0), PLAIN).bid == 1.08501


def test_the_last_price_has_a_clock_of_its_own() -> None:
    early = apply_tick(QUOTED, tick(50, last=108505.0, fields=4), PLAIN)
    assert (early.last, early.bid) == (1.08505, 1.085)


@pytest.mark.parametrize(
    ("diff", "balance", "bid", "ask"),
    [
        (6, 0, 1.08497, 1.08513),
        (5, 0, 1.08497, 1.08512),
        (5, 1, 1.08498, 1.08513),
        (-3, 0, 1.08502, 1.08509),
        (-3, 1, 1.08501, 1.08508),
    ],
)
def test_a_mark_up_widens_and_shifts(
    diff: int, balance: int, bid: float, ask: float
) -> None:
    pricing = Pricing(5, 0.00001, diff, balance)
    assert adjusted(Prices(1.08500, 1.08510), pricing) == (bid, ask)


def test_prices_that_would_cross_leave_the_effective_ones() -> None:
    crossed = apply_tick(QUOTED, tick(101, bid=108501.0), CROSSING)
    assert (crossed.bid, crossed.ask, crossed.changed) == (1.085, 1.0851, 0)
    assert crossed.raw_bid == 1.08501


def test_session_figures_mark_up_the_prices_that_count() -> None:
    fields = int(StatisticsFields.BID | StatisticsFields.ASK)
    record = Statistics(time=100, fields=fields, bid=108500.0, ask=108510.0)
    quote = apply_statistics(Quote(), record, WIDER)
    assert (quote.bid, quote.ask) == (1.08497, 1.08513)
    assert (quote.raw_bid, quote.raw_ask) == (1.085, 1.0851)


def test_in_session_figures_zero_is_a_value() -> None:
    fields = int(StatisticsFields.BID_HIGH | StatisticsFields.DEALS)
    before = apply_statistics(
        Quote(), Statistics(fields=fields, bid_high=108600.0, deals=5), PLAIN
    )
    after = apply_statistics(before, Statistics(fields=fields), PLAIN)
    assert (before.session.bid_high, before.session.deals) == (1.086, 5)
    assert (after.session.bid_high, after.session.deals) == (0.0, 0)


def test_session_figures_never_move_time_back() -> None:
    assert apply_statistics(QUOTED, Statistics(time=50), PLAIN).time_msc == 100_000


def test_highs_and_lows_move_with_their_side() -> None:
    fields = int(StatisticsFields.BID_HIGH | StatisticsFields.ASK_LOW)
    record = Statistics(fields=fields, bid_high=108600.0, ask_low=108400.0)
    session = apply_statistics(Quote(), record, WIDER).session
    assert (session.bid_high, session.ask_low) == (1.08597, 1.08403)


def test_the_change_of_a_price_follows_the_new_bid() -> None:
    fields = int(StatisticsFields.PRICE_CLOSE)
    record = Statistics(fields=fields, price_close=100000.0)
    quote = apply_statistics(QUOTED, record, PLAIN)
    assert apply_tick(quote, tick(101, bid=110000.0), PLAIN).price_change == 10.0


@given(st.integers(1, 10**6), st.integers(0, 500), st.integers(-20, 20))
def test_a_mark_up_changes_the_spread_by_itself(
    bid: int, spread: int, diff: int
) -> None:
    raw = Prices(bid / 1e5, (bid + spread) / 1e5)
    prices = adjusted(raw, Pricing(5, 0.00001, diff))
    if prices is not None:
        points = round((prices.ask - prices.bid) * 1e5)
        assert points == spread + diff

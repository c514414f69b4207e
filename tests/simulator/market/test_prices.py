"""The price process: paths, quotes and ticks, at any moment and in any order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt5web_async.enums import Period
from mt5web_async.simulator.market.archive import Hours
from mt5web_async.simulator.market.catalogue import ASSETS, standard
from mt5web_async.simulator.market.listing import ALWAYS_OPEN, OFFICE_HOURS
from mt5web_async.simulator.market.noise import key, shares, waves, words
from mt5web_async.simulator.market.periods import (
    Bars,
    merged,
    period_start,
    period_starts,
    seconds,
)
from mt5web_async.simulator.market.quoting import Quoting
from mt5web_async.simulator.market.ticks import Source
from mt5web_async.simulator.market.worth import Asset, Path, paths

HOUR = 491_000  # since 1970, a Tuesday of January 2026
WORTH = paths(1, ASSETS)
MODELS = {one.symbol.name: one.model for one in standard().listings}
NAMES = sorted(MODELS)

hours = st.integers(400_000, 500_000)


def quoting(name: str) -> Quoting:
    """The price process of a standard symbol."""
    return Quoting(1, name, MODELS[name], WORTH)


def test_numbers_depend_on_their_place_alone() -> None:
    stream = key("a", 1)
    alone = [words(stream, np.array([place]))[0] for place in range(50)]
    assert words(stream, np.arange(50)).tolist() == alone
    assert len(set(alone)) == 50
    assert key("a", 1) == stream
    assert key("a", 2) != stream


def mixed(stream: int, index: int) -> int:
    """The number of a place by plain arithmetic: SplitMix64."""
    number = (index * 0x9E3779B97F4A7C15 + stream) % 2**64
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    number = (number ^ number >> 27) * 0x94D049BB133111EB % 2**64
    return number ^ number >> 31


@given(st.text(max_size=8), st.integers(0, 2**62))
def test_numbers_are_computed_without_rounding(name: str, index: int) -> None:
    stream = key(name)
    drawn = words(stream, np.array([index], np.int64))
    assert drawn.tolist() == [mixed(int(stream), index)]


def test_waves_have_mean_0_and_variance_1_and_shares_fill_0_to_1() -> None:
    index = np.arange(100_000)
    drawn = waves(key("x"), index)
    assert abs(drawn.mean()) < 0.02
    assert abs(drawn.var() - 1) < 0.02
    parts = shares(words(key("y"), index))
    assert parts.shape == (4, 100_000)
    assert 0 <= parts.min() < 0.001
    assert 0.999 < parts.max() < 1
    assert abs(parts.mean() - 0.5) < 0.01


@given(first=hours, count=st.integers(1, 30), cut=st.integers(0, 29))
@settings(max_examples=30, deadline=None)
def test_a_path_is_the_same_in_whatever_stretches_it_is_asked_for(
    first: int, count: int, cut: int
) -> None:
    path = Path(1, ASSETS[1])
    whole = path.stretch(first, count)
    part = path.stretch(first + cut, max(count - cut, 1))
    overlap = min(len(part.minutes), len(whole.minutes) - cut * 60)
    if overlap > 0:
        start = cut * 60
        assert (whole.minutes[start : start + overlap] == part.minutes[:overlap]).all()


@pytest.mark.parametrize("asset", ASSETS, ids=lambda asset: asset.name)
def test_worth_stays_above_0_and_within_reason_for_decades(asset: Asset) -> None:
    path = WORTH[asset.name]
    for first in range(140_000, 600_000, 40_000):  # 1986 to 2038
        worth = path.stretch(first, 24).minutes
        assert worth.min() > asset.level / 20
        assert worth.max() < asset.level * 20


@given(name=st.sampled_from(NAMES), hour=hours, minute=st.integers(0, 59))
@settings(max_examples=60, deadline=None)
def test_the_ticks_of_a_minute_make_its_bar(name: str, hour: int, minute: int) -> None:
    process = quoting(name)
    minutes = process.minutes(hour, 1)
    number = hour * 60 + minute
    ticks = process.ticks(minutes, number)
    bars = process.bars(minutes)
    bar = bars.where(bars.time == number * 60)
    if not len(ticks.time):
        assert len(bar) == 0
        return
    price = ticks.last if process.model.trades else ticks.bid
    assert [
        int(bar.open[0]),
        int(bar.high[0]),
        int(bar.low[0]),
        int(bar.close[0]),
        int(bar.ticks[0]),
    ] == [price[0], price.max(), price.min(), price[-1], len(price)]
    assert bar.volume[0] == (ticks.volume.sum() if process.model.trades else 0)


@given(name=st.sampled_from(NAMES), hour=hours)
@settings(max_examples=40, deadline=None)
def test_ticks_are_prices_that_can_be(name: str, hour: int) -> None:
    process = quoting(name)
    minutes = process.minutes(hour, 1)
    for number in range(hour * 60, hour * 60 + 60, 7):
        ticks = process.ticks(minutes, number)
        assert (np.diff(ticks.time) >= 0).all()
        assert (ticks.time // 60_000 == number).all()
        assert (ticks.bid > 0).all()
        assert (ticks.ask - ticks.bid >= process.model.spread).all()
        for price in (ticks.bid, ticks.ask, ticks.last):
            assert (price % process.model.tick == 0).all()
        if process.model.trades:
            assert ((ticks.bid <= ticks.last) & (ticks.last <= ticks.ask)).all()


@given(hour=hours)
@settings(max_examples=20, deadline=None)
def test_crosses_agree_with_their_legs(hour: int) -> None:
    euro, pound, cross = (
        quoting(name).minutes(hour, 1).nodes[0] / 1e5
        for name in ("EURUSD", "GBPUSD", "EURGBP")
    )
    assert np.allclose(euro / pound, cross, rtol=5e-4)


@given(name=st.sampled_from(["EURUSD", "ACME"]), hour=hours, second=st.integers(0, 59))
@settings(max_examples=30, deadline=None)
def test_a_stream_of_ticks_can_be_joined_anywhere(
    name: str, hour: int, second: int
) -> None:
    source = Source(quoting(name), Hours(ALWAYS_OPEN))
    moment = hour * 3_600_000 + second * 1000
    stream = source.after(moment)
    coming = [next(stream) for _ in range(50)]
    assert coming[0].time > moment
    latest = source.latest(coming[20].time)
    assert latest is not None
    assert latest.time == coming[20].time
    again = source.after(coming[20].time)
    later = [tick for tick in coming if tick.time > coming[20].time]
    assert [next(again) for _ in later] == later


def test_outside_its_hours_a_symbol_is_silent() -> None:
    source = Source(quoting("ACME"), Hours(OFFICE_HOURS))
    saturday = 20_526 * 1440  # minutes to 2026-03-14 00:00
    assert not any(source.minute(saturday + minute) for minute in range(0, 1440, 10))
    friday = source.latest(saturday * 60_000)
    assert friday is not None
    opening = (saturday - 60) * 60_000
    assert opening - 120_000 < friday.time < opening
    monday = next(source.after(saturday * 60_000))
    assert monday.time // 60_000 >= saturday + 2 * 1440 + 16 * 60 + 30


# periods


@given(period=st.sampled_from(Period), time=st.integers(0, 2**31 - 1))
def test_a_bar_begins_at_or_before_what_it_holds_and_begins_with_itself(
    period: Period, time: int
) -> None:
    start = period_start(period, time)
    longest = 31 * 86_400 if period is Period.MN1 else seconds(period)
    assert start <= time < start + longest
    assert period_start(period, start) == start


@given(st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=50))
def test_shorter_bars_never_straddle_longer_ones(times: list[int]) -> None:
    moments = np.array(times, np.int64)
    shorter = (Period.M1, Period.M5, Period.M15, Period.M30, Period.H1, Period.H4)
    for finer in (*shorter, Period.D1):
        starts = period_starts(finer, moments)
        for longer in Period:
            if seconds(longer) >= seconds(finer):
                direct = period_starts(longer, moments)
                assert (period_starts(longer, starts) == direct).all()


@given(
    st.lists(
        st.tuples(st.integers(0, 5000), st.integers(1, 100), st.integers(1, 100)),
        max_size=60,
    )
)
def test_merged_bars_hold_all_of_the_shorter_ones(
    rows: list[tuple[int, int, int]],
) -> None:
    columns = {minute * 60: (price, ticks) for minute, price, ticks in rows}
    times = np.array(sorted(columns), np.int64)
    prices = np.array([columns[time][0] for time in sorted(columns)], np.int64)
    ticks = np.array([columns[time][1] for time in sorted(columns)], np.int64)
    bars = Bars(times, prices, prices, prices, prices, ticks, ticks.astype(float) / 2)
    longer = merged(Period.M15, bars)
    assert longer.ticks.sum() == ticks.sum()
    assert longer.volume.sum() == ticks.sum() * 0.5
    assert (np.diff(longer.time) > 0).all()
    for place, start in enumerate(longer.time.tolist()):
        inside = (times >= start) & (times < start + 900)
        assert longer.high[place] == prices[inside].max()
        assert longer.low[place] == prices[inside].min()
        assert longer.open[place] == prices[inside][0]
        assert longer.close[place] == prices[inside][-1]

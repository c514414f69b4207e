"""When bars of the 21 timeframes open, and what longer bars are made of."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt5web_async.enums import Period
from mt5web_async.terminal.rates import RATES, Rates
from mt5web_async.terminal.timeframes import (
    Timeframe,
    merged,
    next_opening,
    opening,
    openings,
)
from mt5web_async.waiting import drive
from tests.protocol.witness import DATA

from .bar_server import BarServer, Desk, at, minutes, resampled, weekdays

BUILT = [one for one in Timeframe if one not in set(map(int, Period))]

moments = st.integers(at("1971-01-01"), 2**31 - 1)
timeframes = st.sampled_from(Timeframe)


def test_they_are_the_official_ones() -> None:
    official = json.loads((DATA / "official_api.json").read_text("utf-8"))
    text = json.dumps(official)
    for timeframe in Timeframe:
        assert f"TIMEFRAME_{timeframe.name}" in text
    assert len(Timeframe) == 21
    assert len(BUILT) == 12


@pytest.mark.parametrize(
    ("timeframe", "moment", "opens", "next_opens"),
    [
        ("M2", "2024-02-29T23:59:59", "2024-02-29T23:58", "2024-03-01"),
        ("M12", "2024-05-07T10:47:00", "2024-05-07T10:36", "2024-05-07T10:48"),
        ("M20", "2024-05-07T10:40:00", "2024-05-07T10:40", "2024-05-07T11:00"),
        ("H3", "2024-05-07T23:10:00", "2024-05-07T21:00", "2024-05-08"),
        ("H8", "2024-05-07T15:59:59", "2024-05-07T08:00", "2024-05-07T16:00"),
        ("H12", "2024-05-07T12:00:00", "2024-05-07T12:00", "2024-05-08"),
        ("D1", "2024-02-29T12:00:00", "2024-02-29", "2024-03-01"),
        ("W1", "2024-03-02T23:59:59", "2024-02-25", "2024-03-03"),
        ("W1", "2024-03-03T00:00:00", "2024-03-03", "2024-03-10"),
        ("MN1", "2024-02-29T23:59:59", "2024-02-01", "2024-03-01"),
        ("MN1", "2023-12-31T23:59:59", "2023-12-01", "2024-01-01"),
        ("MN1", "2023-02-01T00:00:00", "2023-02-01", "2023-03-01"),
    ],
)
def test_bars_open_by_the_servers_calendar(
    timeframe: str, moment: str, opens: str, next_opens: str
) -> None:
    one = Timeframe[timeframe]
    assert opening(one, at(moment)) == at(opens)
    assert next_opening(one, at(moment)) == at(next_opens)


@given(timeframes, moments)
@settings(deadline=None)
def test_every_moment_lies_in_one_bar(timeframe: Timeframe, moment: int) -> None:
    opens, following = opening(timeframe, moment), next_opening(timeframe, moment)
    assert opens <= moment < following
    assert opening(timeframe, opens) == opens
    assert opening(timeframe, following) == following
    assert following - opens >= timeframe.seconds
    opened = datetime.fromtimestamp(opens, UTC)
    if timeframe is Timeframe.MN1:
        assert (opened.day, opened.hour) == (1, 0)
    elif timeframe is Timeframe.W1:
        assert opened.isoweekday() == 7
    else:
        since = opened - opened.replace(hour=0, minute=0, second=0)
        assert since % timedelta(seconds=timeframe.seconds) == timedelta(0)


@given(timeframes, st.lists(moments, max_size=20))
@settings(deadline=None)
def test_openings_of_a_column_are_those_of_its_rows(
    timeframe: Timeframe, column: list[int]
) -> None:
    found = openings(timeframe, np.array(column, np.int64))
    assert found.tolist() == [opening(timeframe, one) for one in column]


@st.composite
def rates(draw: st.DrawFn, timeframe: Timeframe) -> Rates:
    """Bars of a timeframe with gaps between them."""
    first = draw(st.integers(at("1999-12-20"), at("2030-01-01")))
    steps = draw(st.lists(st.integers(1, 400), min_size=1, max_size=60))
    rows = np.zeros(len(steps), RATES)
    rows["time"] = opening(timeframe, first) + np.cumsum(steps) * timeframe.seconds
    for price in ("open", "high", "low", "close"):
        drawn = st.lists(st.floats(0.1, 9e4), min_size=len(rows), max_size=len(rows))
        rows[price] = draw(drawn)
    rows["tick_volume"] = np.arange(1, len(rows) + 1)
    rows["real_volume"] = np.arange(len(rows)) % 7
    return rows


@given(timeframes.flatmap(lambda one: st.tuples(st.just(one), rates(Timeframe.M1))))
@settings(deadline=None, max_examples=200)
def test_merging_is_what_pandas_makes_of_the_same_bars(
    drawn: tuple[Timeframe, Rates],
) -> None:
    timeframe, rows = drawn
    assert merged(timeframe, rows).tobytes() == resampled(rows, timeframe).tobytes()


@given(rates(Timeframe.M1), st.sampled_from([Timeframe.H6, Timeframe.D1, Timeframe.W1]))
@settings(deadline=None)
def test_merging_in_two_steps_is_merging_in_one(
    rows: Rates, timeframe: Timeframe
) -> None:
    hours = merged(Timeframe.H1, rows)
    assert merged(timeframe, hours).tobytes() == merged(timeframe, rows).tobytes()


def test_nothing_merges_to_nothing() -> None:
    assert merged(Timeframe.H2, np.empty(0, RATES)).shape == (0,)


@pytest.mark.parametrize("timeframe", BUILT)
def test_what_the_server_lacks_is_built_from_the_longest_that_fits(
    timeframe: Timeframe,
) -> None:
    base = Timeframe(timeframe.base)
    assert timeframe.seconds % base.seconds == 0
    assert not any(
        timeframe.seconds % Timeframe(longer).seconds == 0
        for longer in Period
        if Timeframe(longer).seconds > base.seconds
    )


SPANS = {
    "a leap day and month ends": weekdays("2024-01-28", "2024-03-04T13:37"),
    "no leap day": weekdays("2023-02-10", "2023-03-20T07:01"),
    "the turn of a year": weekdays("2022-12-20", "2023-01-10T00:01"),
    "clocks put forward and back in Europe and America": minutes(
        ("2024-03-07", "2024-04-02"), ("2024-10-24", "2024-11-06"), every=3
    ),
    "a market at weekends too": minutes(("2024-02-23", "2024-03-11T23:59")),
}


@pytest.mark.parametrize("what", SPANS)
@pytest.mark.parametrize("timeframe", Timeframe)
def test_bars_of_every_timeframe_are_m1_resampled(
    timeframe: Timeframe, what: str
) -> None:
    m1 = SPANS[what]
    end = int(m1["time"][-1])
    desk = Desk(BarServer({"EURUSD": m1}), str(np.datetime64(end + 30, "s")))
    whole = drive(desk.bars.rates_range("EURUSD", timeframe, 0, end))
    assert whole.tobytes() == resampled(m1, timeframe).tobytes()
    last = drive(desk.bars.rates_from_pos("EURUSD", timeframe, 0, 7))
    assert last.tobytes() == whole[-7:].tobytes()

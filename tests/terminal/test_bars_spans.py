"""Which bars a call gets: ends included or not, gaps, and servers that cut answers."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt5web_async.errors import InvalidArgument, NoBars, NotFound
from mt5web_async.terminal.bars import Bars, BarsOptions
from mt5web_async.terminal.rates import RATES, Rates
from mt5web_async.terminal.timeframes import Timeframe
from mt5web_async.waiting import drive

from .bar_server import BarServer, Desk, at, minutes, resampled, weekdays

HOUR = "2024-05-07T10:"  # a Tuesday
DAY = minutes(("2024-05-07T00:00", "2024-05-07T10:30"))


def clock(rates: Rates) -> list[str]:
    return [str(np.datetime64(int(t), "s"))[11:16] for t in rates["time"]]


@pytest.fixture
def bars() -> Bars:
    """Bars of a server where it is 10:29:40."""
    return Desk(BarServer({"EURUSD": DAY}), HOUR + "29:40").bars


@pytest.mark.parametrize(
    ("timeframe", "moment", "count", "expected"),
    [
        ("M1", "10:05:00", 2, ["10:04", "10:05"]),
        ("M1", "10:04:59", 2, ["10:03", "10:04"]),
        ("M1", "10:29:00", 2, ["10:28", "10:29"]),
        ("M1", "23:00:00", 2, ["10:28", "10:29"]),
        ("M1", "00:01:00", 5, ["00:00", "00:01"]),
        ("M5", "10:14:59", 1, ["10:10"]),
        ("M5", "10:15:00", 1, ["10:15"]),
        ("M12", "10:23:59", 2, ["10:00", "10:12"]),
        ("M12", "10:24:00", 2, ["10:12", "10:24"]),
        ("H2", "09:59:59", 2, ["06:00", "08:00"]),
        ("H2", "10:00:00", 2, ["08:00", "10:00"]),
        ("D1", "10:00:00", 9, ["00:00"]),
    ],
)
def test_from_is_the_last_bars_that_opened_then_or_before(
    bars: Bars, timeframe: str, moment: str, count: int, expected: list[str]
) -> None:
    time = at(f"2024-05-07T{moment}")
    rates = drive(bars.rates_from("EURUSD", Timeframe[timeframe], time, count))
    assert clock(rates) == expected


@pytest.mark.parametrize(
    ("timeframe", "start", "end", "expected"),
    [
        ("M1", "10:05:00", "10:07:00", ["10:05", "10:06", "10:07"]),
        ("M1", "10:05:01", "10:06:59", ["10:06"]),
        ("M1", "10:05:01", "10:05:59", []),
        ("M1", "10:29:00", "23:00:00", ["10:29"]),
        ("M1", "10:30:00", "23:00:00", []),
        ("M1", "10:07:00", "10:05:00", []),
        ("M12", "10:12:00", "10:24:00", ["10:12", "10:24"]),
        ("M12", "10:12:01", "10:24:00", ["10:24"]),
        ("M12", "10:12:00", "10:23:59", ["10:12"]),
        ("H4", "00:00:01", "10:00:00", ["04:00", "08:00"]),
        ("W1", "00:00:00", "23:00:00", []),
    ],
)
def test_a_range_includes_both_ends(
    bars: Bars, timeframe: str, start: str, end: str, expected: list[str]
) -> None:
    rates = drive(
        bars.rates_range(
            "EURUSD",
            Timeframe[timeframe],
            at(f"2024-05-07T{start}"),
            at(f"2024-05-07T{end}"),
        )
    )
    assert clock(rates) == expected


@pytest.mark.parametrize(
    ("timeframe", "start", "count", "expected"),
    [
        ("M1", 0, 2, ["10:28", "10:29"]),
        ("M1", 1, 2, ["10:27", "10:28"]),
        ("M5", 0, 1, ["10:25"]),
        ("M20", 1, 2, ["09:40", "10:00"]),
        ("H4", 1, 9, ["00:00", "04:00"]),
    ],
)
def test_position_0_is_the_running_bar(
    bars: Bars, timeframe: str, start: int, count: int, expected: list[str]
) -> None:
    rates = drive(bars.rates_from_pos("EURUSD", Timeframe[timeframe], start, count))
    assert clock(rates) == expected


def test_answers_have_the_official_structure_and_memory_of_their_own(
    bars: Bars,
) -> None:
    rates = drive(bars.rates_from_pos("EURUSD", 1, 5, 50))
    assert rates.dtype == RATES
    assert rates.flags.owndata
    assert not rates.flags.writeable
    again = drive(bars.rates_from_pos("EURUSD", 1, 5, 50))
    assert not np.shares_memory(rates, again)
    assert rates.tobytes() == DAY[-55:-5].tobytes()
    assert rates["spread"].tolist() == [0] * 50


def test_what_cannot_be_answered_is_told_by_type(bars: Bars) -> None:
    with pytest.raises(NotFound):
        drive(bars.rates_range("NOPE", 1, 0, 1))
    for timeframe in (0, 7, 16389, -1):
        with pytest.raises(InvalidArgument, match="timeframe"):
            drive(bars.rates_from_pos("EURUSD", timeframe, 0, 1))
    for count in (0, -1, 10_000_000):
        with pytest.raises(InvalidArgument, match="1 to 9999999"):
            drive(bars.rates_from_pos("EURUSD", 1, 0, count))
    with pytest.raises(InvalidArgument, match="positions begin at 0"):
        drive(bars.rates_from_pos("EURUSD", 1, -1, 1))
    with pytest.raises(NoBars) as failure:
        drive(bars.rates_from_pos("EURUSD", Timeframe.M30, len(DAY), 1))
    assert (failure.value.symbol, failure.value.code) == ("EURUSD", -1)
    with pytest.raises(NoBars):
        drive(bars.rates_from("EURUSD", 1, at("2024-05-06"), 1))
    with pytest.raises(NoBars):
        drive(bars.rates_from_pos("QUIET", 1, 0, 1))
    assert drive(bars.rates_range("QUIET", 1, 0, 2**31 - 1)).shape == (0,)
    assert drive(bars.rates_range("EURUSD", 1, -(2**31), -1)).shape == (0,)


def test_a_range_of_too_many_bars_is_refused() -> None:
    desk = Desk(
        BarServer({"EURUSD": DAY}), HOUR + "29:40", BarsOptions(max_bars=len(DAY))
    )
    start = int(DAY["time"][0])
    with pytest.raises(InvalidArgument, match="630 bars or more"):
        drive(desk.bars.rates_range("EURUSD", 1, 0, 2**31 - 1))
    less = drive(desk.bars.rates_range("EURUSD", 1, start + 1, 2**31 - 1))
    assert len(less) == len(DAY) - 1


YEARS = weekdays("2021-06-01", "2021-07-20")
GAPS: dict[str, Rates] = {
    "weekends": YEARS,
    "three years of silence": np.concatenate(
        [weekdays("2018-01-03", "2018-02-10"), YEARS]
    ),
    "one bar a month": minutes(
        *((f"2020-{m:02}-15T12:00", f"2020-{m:02}-15T12:01") for m in range(1, 13))
    ),
    "one bar": minutes(("2001-02-28T23:59", "2001-03-01")),
}


@pytest.mark.parametrize("what", GAPS)
@pytest.mark.parametrize("timeframe", [1, 3, 5, 16385, 16396, 32769, 49153])
@pytest.mark.parametrize("now", ["2021-07-19T23:59:30", "2026-07-20T12:00"])
def test_gaps_do_not_end_the_way_back(what: str, timeframe: int, now: str) -> None:
    m1 = GAPS[what]
    expected = resampled(m1, Timeframe(timeframe))
    bars = Desk(BarServer({"EURUSD": m1}), now).bars
    if len(expected) > 1:
        few = drive(bars.rates_from_pos("EURUSD", timeframe, 1, 30))
        assert few.tobytes() == expected[-31:-1].tobytes()
    every = drive(bars.rates_from_pos("EURUSD", timeframe, 0, 900_000))
    assert every.tobytes() == expected.tobytes()


def test_a_clock_that_is_far_behind_still_finds_the_newest_bar() -> None:
    desk = Desk(BarServer({"EURUSD": YEARS}), "2021-07-19T12:00")
    last = drive(desk.bars.rates_from_pos("EURUSD", 1, 0, 3))
    assert last.tobytes() == YEARS[-3:].tobytes()


def test_the_way_back_ends_where_the_server_has_only_longer_bars() -> None:
    server = BarServer({"EURUSD": YEARS}, depth=at("2021-07-05T09:00"))
    desk = Desk(server, "2021-07-19T23:59:30")
    every = drive(desk.bars.rates_from_pos("EURUSD", 1, 0, 900_000))
    assert every["time"][0] >= server.depth
    assert every.tobytes() == YEARS[YEARS["time"] >= server.depth].tobytes()
    assert len(server.asked) < 12


def test_a_long_way_back_costs_few_requests() -> None:
    server = BarServer({"EURUSD": minutes(("2024-01-01", "2024-05-07"))})
    desk = Desk(server, "2024-05-06T23:59:30")
    assert len(drive(desk.bars.rates_from_pos("EURUSD", 1, 0, 100_000))) == 100_000
    assert len(server.asked) <= 3
    assert sum(server.answered) < 150_000


@pytest.mark.parametrize("most", [7, 500, 9000])
@pytest.mark.parametrize("keeps_oldest", [False, True])
@pytest.mark.parametrize("timeframe", [1, 12, 16386])
def test_answers_that_the_server_cuts_are_completed(
    most: int, keeps_oldest: bool, timeframe: int
) -> None:
    m1 = YEARS[-3000 if most == 7 else -40_000 :]
    server = BarServer({"EURUSD": m1}, most=most, keeps_oldest=keeps_oldest)
    bars = Desk(server, "2021-07-19T23:59:30").bars
    every = drive(bars.rates_from_pos("EURUSD", timeframe, 0, 50_000))
    assert every.tobytes() == resampled(m1, Timeframe(timeframe)).tobytes()


def test_progress_of_a_long_download_is_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "mt5web_async.terminal")
    server = BarServer({"EURUSD": YEARS}, most=9000)
    bars = Desk(server, "2021-07-19T23:59:30").bars
    drive(bars.rates_from_pos("EURUSD", 1, 0, 45_000))
    lines = [one.getMessage() for one in caplog.records]
    assert any("EURUSD M1: " in line and "back to 2021-06-" in line for line in lines)


class Disorder(BarServer):
    """Sends its bars in disorder, some twice, and more than was asked for."""

    async def __call__(
        self, command: int, payload: bytes, handler: Any, **limit: float
    ) -> Any:
        def shuffled(answer: memoryview) -> Any:
            rows = np.frombuffer(answer, "V48")
            order = np.random.default_rng(len(rows)).permutation(len(rows))
            order = np.concatenate([order, order[: len(order) // 3]])
            return handler(memoryview(rows[order].tobytes()))

        return await super().__call__(command, payload, shuffled, **limit)


def test_an_answer_in_disorder_is_put_in_order() -> None:
    bars = Desk(Disorder({"EURUSD": DAY}), HOUR + "29:40").bars
    every = drive(bars.rates_from_pos("EURUSD", 1, 0, 5000))
    assert every.tobytes() == DAY.tobytes()


@st.composite
def histories(draw: st.DrawFn) -> Rates:
    """Minutes with gaps of all sizes between them."""
    spans = []
    time = draw(st.integers(at("2023-11-01"), at("2023-12-20"))) // 60 * 60
    for _ in range(draw(st.integers(1, 6))):
        length = draw(st.integers(1, 900)) * 60
        spans.append((f"@{time}", f"@{time + length}"))
        time += length + 60 * draw(
            st.one_of(st.integers(1, 90), st.integers(1, 60 * 24 * 40))
        )
    rows = [minutes(*_days(spans))]
    return np.concatenate(rows)


def _days(spans: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [
        (
            str(np.datetime64(int(a[1:]), "s")),
            str(np.datetime64(int(b[1:]), "s")),
        )
        for a, b in spans
    ]


calls = st.lists(
    st.tuples(
        st.sampled_from(["from", "pos", "range"]),
        st.sampled_from(Timeframe),
        st.integers(at("2023-10-25"), at("2024-08-01")),
        st.integers(0, 3_000_000),
        st.integers(1, 3000),
    ),
    min_size=1,
    max_size=8,
)


@given(
    m1=histories(),
    wanted=calls,
    most=st.sampled_from([40, 700, 1 << 20]),
    old=st.booleans(),
    watched=st.booleans(),
)
@settings(deadline=None, max_examples=75)
def test_any_calls_in_any_order_give_what_the_server_has(
    *,
    m1: Rates,
    wanted: list[tuple[str, Timeframe, int, int, int]],
    most: int,
    old: bool,
    watched: bool,
) -> None:
    last = int(m1["time"][-1]) + 30
    server = BarServer({"EURUSD": m1}, most=most, keeps_oldest=old)
    options = BarsOptions(cache_size=60 * 2000)
    desk = Desk(server, str(np.datetime64(last, "s")), options)
    bars = desk.bars
    if watched:
        desk.watch("EURUSD")
        desk.tick("EURUSD", last, bid=1.1)
    for kind, timeframe, time, more, count in wanted:
        every = resampled(m1, timeframe)
        times = every["time"]
        try:
            if kind == "from":
                rates = drive(bars.rates_from("EURUSD", timeframe, time, count))
                expected = every[times <= time][-count:]
            elif kind == "pos":
                start = more % 1000
                rates = drive(bars.rates_from_pos("EURUSD", timeframe, start, count))
                expected = every[: max(len(every) - start, 0)][-count:]
            else:
                end = time + more
                rates = drive(bars.rates_range("EURUSD", timeframe, time, end))
                expected = every[(times >= time) & (times <= end)]
        except NoBars:
            rates = expected = every[:0]
            beyond = more % 1000 >= len(every)
            assert beyond if kind == "pos" else not (times <= time).any()
        assert rates.tobytes() == expected.tobytes()
        assert bars.cached <= 60 * 2000

"""What is kept of bars: only news are fetched, within a limit, one caller at a time."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt5web_async.errors import ConnectionLost
from mt5web_async.protocol.records import RatesRequest
from mt5web_async.terminal.bar_cache import BarCache, Known, Series, Stretch, within
from mt5web_async.terminal.bars import BarsOptions
from mt5web_async.terminal.rates import Rates, joined
from mt5web_async.terminal.timeframes import Timeframe
from mt5web_async.waiting import drive
from tests.waiting import eventually

from .bar_server import TIMEOUT, BarServer, Desk, at, minutes, resampled, weekdays

M1 = weekdays("2024-03-01", "2024-05-07T10:30")
NOW = "2024-05-07T10:29:40"
LAST = int(M1["time"][-1])


@pytest.fixture
def server() -> BarServer:
    return BarServer({"EURUSD": M1, "XAUUSD": M1})


@pytest.fixture
def desk(server: BarServer) -> Desk:
    """Bars of a server where it is 10:29:40, and nothing is watched."""
    return Desk(server, NOW)


def test_a_second_call_fetches_the_last_bar_and_what_came_after(
    server: BarServer, desk: Desk
) -> None:
    drive(desk.bars.rates_from_pos("EURUSD", 1, 0, 20_000))
    desk.requests()
    more = minutes(("2024-05-07T10:29", "2024-05-07T10:33"), seed=5)
    server.m1["EURUSD"] = np.concatenate([M1[:-1], more])
    again = drive(desk.bars.rates_from_pos("EURUSD", 1, 0, 20_000))
    assert again.tobytes() == server.m1["EURUSD"][-20_000:].tobytes()
    (asked,) = desk.requests()
    assert asked.from_ == LAST
    assert server.answered[-1] == 4


@pytest.mark.parametrize("timeframe", [Timeframe.M12, Timeframe.H3, Timeframe.W1])
def test_built_and_long_bars_fetch_only_the_running_one_again(
    server: BarServer, desk: Desk, timeframe: Timeframe
) -> None:
    drive(desk.bars.rates_from_pos("EURUSD", timeframe, 0, 40))
    desk.requests()
    server.m1["EURUSD"] = np.concatenate(
        [M1[:-1], minutes(("2024-05-07T10:29", "2024-05-07T13:05"), seed=5)]
    )
    again = drive(desk.bars.rates_from_pos("EURUSD", timeframe, 0, 40))
    expected = resampled(server.m1["EURUSD"], timeframe)[-40:]
    assert again.tobytes() == expected.tobytes()
    assert len(desk.requests()) == 1
    assert server.answered[-1] < 200


def test_a_longer_call_fetches_only_what_is_older(
    server: BarServer, desk: Desk
) -> None:
    first = drive(desk.bars.rates_from_pos("EURUSD", 1, 0, 5000))
    desk.requests()
    drive(desk.bars.rates_from_pos("EURUSD", 1, 0, 12_000))
    newest, *older = desk.requests()
    assert newest.from_ == LAST
    assert older
    assert all(one.to < int(first["time"][0]) for one in older)


def test_what_is_past_is_not_asked_for_again(desk: Desk) -> None:
    drive(desk.bars.rates_from_pos("EURUSD", 1, 0, 10))
    spans = [
        ("2024-04-02T10:00", "2024-04-03T10:00"),
        ("2024-03-11T00:00", "2024-03-20T00:00"),
        ("2024-03-15T00:00", "2024-04-02T12:00"),
    ]
    for start, end in spans:
        drive(desk.bars.rates_range("EURUSD", 1, at(start), at(end)))
    desk.requests()
    for start, end in [*spans, ("2024-03-11T00:00", "2024-04-03T10:00")]:
        rates = drive(desk.bars.rates_range("EURUSD", 1, at(start), at(end)))
        times = M1["time"]
        expected = M1[(times >= at(start)) & (times <= at(end))]
        assert rates.tobytes() == expected.tobytes()
    assert drive(desk.bars.rates_from("EURUSD", 1, at("2024-03-28"), 50)).tobytes() == (
        M1[M1["time"] <= at("2024-03-28")][-50:].tobytes()
    )
    assert desk.requests() == []


def test_an_empty_past_and_the_start_of_history_are_remembered(desk: Desk) -> None:
    drive(desk.bars.rates_from_pos("EURUSD", 1, 0, 900_000))
    drive(desk.bars.rates_range("EURUSD", 1, at("2024-04-06"), at("2024-04-07")))
    desk.requests()
    assert len(drive(desk.bars.rates_range("EURUSD", 1, 0, at("2024-04-07")))) > 1000
    saturday = drive(
        desk.bars.rates_range("EURUSD", 1, at("2024-04-06"), at("2024-04-07"))
    )
    assert len(saturday) == 0
    assert desk.requests() == []
    drive(desk.bars.rates_from_pos("EURUSD", 1, 0, 900_000))
    assert [one.from_ for one in desk.requests()] == [LAST]


def test_a_bar_that_may_still_change_is_never_taken_for_past(
    server: BarServer, desk: Desk
) -> None:
    """The local clock is a year ahead: only what the server sent counts."""
    desk.model.clock._utc = lambda: float(at("2025-05-07"))
    start = at("2024-05-07T10:00")
    before = drive(desk.bars.rates_range("EURUSD", 1, start, LAST))
    assert before.tobytes() == M1[M1["time"] >= start].tobytes()
    changed = M1.copy()
    changed["close"][-1] = 2.0
    server.m1["EURUSD"] = changed
    after = drive(desk.bars.rates_range("EURUSD", 1, start, LAST))
    assert after["close"][-1] == 2.0
    assert after.tobytes() == changed[-len(after) :].tobytes()


def test_a_new_connection_forgets_all(server: BarServer, desk: Desk) -> None:
    drive(desk.bars.rates_from_pos("EURUSD", 1, 0, 3000))
    assert desk.bars.cached > 0
    desk.bars.forget()
    assert desk.bars.cached == 0
    server.m1["EURUSD"] = minutes(("2024-04-01", "2024-05-07T10:30"), seed=9)
    rates = drive(desk.bars.rates_from_pos("EURUSD", 1, 0, 3000))
    assert rates.tobytes() == server.m1["EURUSD"][-3000:].tobytes()


def test_bars_of_two_connections_are_never_put_together(
    server: BarServer, desk: Desk
) -> None:
    def reconnect(request: RatesRequest) -> None:
        if request.to < int(M1["time"][-1000]):
            server.then = None
            server.m1["EURUSD"] = minutes(("2024-01-01", "2024-05-07T10:30"), seed=9)
            desk.bars.forget()

    server.then = reconnect
    for _ in range(2):
        rates = drive(desk.bars.rates_from_pos("EURUSD", 1, 0, 40_000))
        assert rates.tobytes() == server.m1["EURUSD"][-40_000:].tobytes()
    assert server.then is None


def test_a_server_with_another_history_is_noticed(
    server: BarServer, desk: Desk
) -> None:
    drive(desk.bars.rates_from_pos("EURUSD", 1, 0, 3000))
    server.m1["EURUSD"] = minutes(("2024-05-01", "2024-05-06"), seed=9)
    rates = drive(desk.bars.rates_from_pos("EURUSD", 1, 0, 3000))
    assert rates.tobytes() == server.m1["EURUSD"][-3000:].tobytes()


def test_a_download_that_fails_goes_on_where_it_was(
    server: BarServer, desk: Desk
) -> None:
    def lose(request: RatesRequest) -> None:
        if request.to < int(M1["time"][-1000]):
            raise ConnectionLost("gone")

    server.then = lose
    with pytest.raises(ConnectionLost):
        drive(desk.bars.rates_from_pos("EURUSD", 1, 0, 40_000))
    server.then = None
    assert server.answered[0] > 20_000
    server.answered.clear()
    rates = drive(desk.bars.rates_from_pos("EURUSD", 1, 0, 40_000))
    assert rates.tobytes() == M1[-40_000:].tobytes()
    assert sum(server.answered) < 20_000


def test_memory_is_bounded_and_the_last_used_symbol_stays(server: BarServer) -> None:
    limit = 60 * 10_000
    desk = Desk(server, NOW, BarsOptions(cache_size=limit))
    for symbol in ("XAUUSD", "EURUSD"):
        drive(desk.bars.rates_from_pos(symbol, 1, 0, 6000))
        assert desk.bars.cached <= limit
    desk.requests()
    drive(desk.bars.rates_from_pos("EURUSD", 1, 0, 6000))
    assert len(desk.requests()) == 1
    drive(desk.bars.rates_from_pos("XAUUSD", 1, 0, 6000))
    assert sum(server.answered[-len(desk.requests()) :]) >= 6000


def test_an_answer_may_be_larger_than_what_is_kept(server: BarServer) -> None:
    desk = Desk(server, NOW, BarsOptions(cache_size=60 * 100))
    rates = drive(desk.bars.rates_from_pos("EURUSD", 1, 0, 30_000))
    assert rates.tobytes() == M1[-30_000:].tobytes()
    assert desk.bars.cached <= 60 * 100


def test_large_answers_never_share_memory(desk: Desk) -> None:
    answers = [
        drive(desk.bars.rates_from_pos("EURUSD", 1, skipped, 20_000))
        for skipped in (0, 0, 1, 0)
    ]
    for number, rates in enumerate(answers):
        assert rates.flags.owndata
        assert not any(np.shares_memory(rates, one) for one in answers[:number])
    assert answers[0].tobytes() == answers[3].tobytes() == M1[-20_000:].tobytes()
    assert answers[2].tobytes() == M1[-20_001:-1].tobytes()


def test_callers_of_one_series_share_what_one_of_them_fetches(
    server: BarServer, desk: Desk
) -> None:
    server.gate = Future()
    with ThreadPoolExecutor(8) as pool:
        calls = [
            pool.submit(drive, desk.bars.rates_from_pos("EURUSD", 1, 0, 9000))
            for _ in range(8)
        ]
        eventually(lambda: bool(server.asked))
        eventually(lambda: sum(call.running() for call in calls) == len(calls))
        server.gate.set_result(None)
        answers = [call.result(30) for call in calls]
    assert all(one.tobytes() == M1[-9000:].tobytes() for one in answers)
    assert len(desk.requests()) <= 6
    assert sum(server.answered) < 20_000


def test_other_series_do_not_wait(server: BarServer, desk: Desk) -> None:
    async def scenario() -> None:
        server.gate = gate = Future[None]()
        slow = asyncio.create_task(desk.bars.rates_from_pos("EURUSD", 1, 0, 10))
        while not server.asked:
            await asyncio.sleep(0)
        server.gate = None
        await desk.bars.rates_from_pos("EURUSD", 5, 0, 10)
        await desk.bars.rates_from_pos("XAUUSD", 1, 0, 10)
        assert not slow.done()
        gate.set_result(None)
        assert len(await slow) == 10

    asyncio.run(scenario())


def test_a_caller_that_gives_up_does_not_hold_up_the_next(
    server: BarServer, desk: Desk
) -> None:
    async def scenario() -> Rates:
        server.gate = gate = Future[None]()
        first = asyncio.create_task(desk.bars.rates_from_pos("EURUSD", 1, 0, 10))
        second = asyncio.create_task(desk.bars.rates_from_pos("EURUSD", 1, 0, 10))
        while not server.asked:
            await asyncio.sleep(0)
        first.cancel()
        server.gate = None
        rates = await second
        gate.cancel()
        return rates

    assert asyncio.run(scenario()).tobytes() == M1[-10:].tobytes()


@pytest.mark.parametrize("answered", [True, False])
def test_callers_in_line_wait_for_a_silent_server_only_once(
    server: BarServer, desk: Desk, answered: bool
) -> None:
    async def scenario() -> None:
        server.gate = gate = Future[None]()
        first = asyncio.create_task(desk.bars.rates_from_pos("EURUSD", 1, 0, 10))
        second = asyncio.create_task(desk.bars.rates_from_pos("EURUSD", 1, 0, 11))
        while not server.asked:
            await asyncio.sleep(0)
        server.gate = None
        desk.seconds += TIMEOUT - 1
        if answered:
            gate.set_result(None)
        else:
            gate.set_exception(ConnectionLost("gone"))
        told = await asyncio.gather(first, second, return_exceptions=True)
        assert isinstance(told[0], ConnectionLost) is not answered
        assert isinstance(told[1], np.ndarray)
        assert len(told[1]) == 11

    asyncio.run(scenario())
    left = TIMEOUT if answered else 1.0
    assert server.limits[1] == pytest.approx(left, abs=0.01)


def rows(*numbers: int) -> Rates:
    made = minutes(("2024-01-01", "2024-01-02"))[list(numbers)]
    made["time"] = numbers
    return made


spans = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted)


@given(st.lists(spans, max_size=12), spans)
@settings(deadline=None)
def test_stretches_hold_what_was_added_and_nothing_else(
    added: list[list[int]], asked: list[int]
) -> None:
    every = rows(*range(0, 61, 2))
    known, covered = Known(), set[int]()
    for start, end in added:
        known = known.with_stretch(Stretch(start, end, within((every,), start, end)))
        covered.update(range(start, end + 1))
    for moment in range(62):
        stretch = known.at(moment)
        assert (stretch is not None) == (moment in covered)
        assert known.below(moment) == max(
            (e for e in covered if e < moment and e + 1 not in covered), default=-1
        )
    held = joined([c for one in known.stretches for c in one.chunks])
    assert held["time"].tolist() == sorted(set(range(0, 61, 2)) & covered)
    assert known.size == held.nbytes
    cut = joined([c for one in known.stretches for c in within(one.chunks, *asked)])
    assert set(cut["time"].tolist()) == {
        t for t in held["time"].tolist() if asked[0] <= t <= asked[1]
    }


def test_the_cache_forgets_what_was_not_used_for_longest() -> None:
    cache = BarCache(60 * 10)
    names = [Series(name, Timeframe.M1) for name in "abc"]
    for series in names[:2]:
        known = Known().with_stretch(Stretch(0, 9, (rows(1, 3, 5, 7),)))
        cache.put(series, known, cache.generation)
    assert cache.get(names[0]).stretches
    known = Known().with_stretch(Stretch(0, 9, (rows(1, 2, 3, 4, 5),)))
    cache.put(names[2], known, cache.generation)
    assert [bool(cache.get(one).stretches) for one in names] == [True, False, True]
    assert cache.size == 60 * 9


def test_timeframes_made_of_the_same_bars_ask_for_the_newest_alike(desk: Desk) -> None:
    """An answer that is equal to the one before counts as doubtful otherwise."""
    for timeframe in Timeframe:
        if timeframe not in {Timeframe.W1, Timeframe.MN1}:
            drive(desk.bars.rates_from_pos("EURUSD", timeframe, 0, 5))
    ends = {(one.period, one.to) for one in desk.requests() if one.to > LAST}
    periods = [period for period, _ in ends]
    assert len(periods) == len(set(periods)) == 7

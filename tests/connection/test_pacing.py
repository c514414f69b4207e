"""How fast requests may follow each other."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt5web_async.connection.pacing import Bucket, Pacing, PacingOptions, Rate
from mt5web_async.errors import InvalidArgument
from mt5web_async.protocol.commands import Command
from mt5web_async.simulator.switches import Switches
from mt5web_async.waiting import Deadline, drive
from tests.waiting import LIMIT, eventually


class Clock:
    """Time that passes when the test wants it to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


NOW = Deadline(0.0)


def take(bucket: Bucket, deadline: Deadline = NOW) -> bool:
    """Whether there is a token within the deadline."""
    try:
        drive(bucket.take(deadline))
    except TimeoutError:
        return False
    return True


def test_so_many_pass_at_once_and_then_one_for_every_token() -> None:
    clock = Clock()
    bucket = Bucket(Rate(per_second=2, burst=3), clock)
    assert [take(bucket) for _ in range(4)] == [True, True, True, False]
    clock.now = 0.5
    assert [take(bucket) for _ in range(2)] == [True, False]
    clock.now = 100.0
    assert [take(bucket) for _ in range(4)] == [True, True, True, False]


@given(
    st.floats(0.5, 50.0),
    st.integers(1, 20),
    st.lists(st.floats(0.0, 3.0), min_size=1, max_size=200),
)
def test_no_span_of_time_holds_more_than_burst_and_rate_allow(
    per_second: float, burst: int, pauses: list[float]
) -> None:
    clock = Clock()
    bucket = Bucket(Rate(per_second=per_second, burst=burst), clock)
    passed = []
    for pause in pauses:
        clock.now += pause
        if take(bucket):
            passed.append(clock.now)
    for first, start in enumerate(passed):
        for count, end in enumerate(passed[first:], start=1):
            assert count <= burst + (end - start) * per_second + 1e-6


def test_a_clock_that_goes_back_takes_no_tokens_away() -> None:
    clock = Clock()
    bucket = Bucket(Rate(per_second=1, burst=2), clock)
    clock.now = -3600.0
    assert take(bucket)
    assert take(bucket)


def test_waiting_for_a_token_that_cannot_come_in_time_ends_at_once() -> None:
    bucket = Bucket(Rate(per_second=0.001, burst=1))
    assert take(bucket)
    assert not take(bucket, Deadline(900.0))


def test_who_comes_first_is_served_first() -> None:
    async def run() -> list[int]:
        bucket = Bucket(Rate(per_second=200, burst=1))
        served: list[int] = []

        async def call(number: int) -> None:
            await bucket.take(Deadline(LIMIT))
            served.append(number)

        await asyncio.gather(*(call(number) for number in range(10)))
        return served

    assert asyncio.run(run()) == list(range(10))


def test_who_leaves_the_line_takes_no_token_and_holds_nobody_up() -> None:
    async def run() -> list[int]:
        started: list[float] = []  # time stands still before
        bucket = Bucket(
            Rate(per_second=100, burst=1),
            lambda: time.monotonic() - started[0] if started else 0.0,
        )
        await bucket.take(Deadline(LIMIT))
        served: list[int] = []

        async def call(number: int) -> None:
            await bucket.take(Deadline(LIMIT))
            served.append(number)

        calls = [asyncio.create_task(call(number)) for number in range(6)]
        await asyncio.sleep(0)
        for leaving in (calls[0], calls[3]):  # the first in line, and one behind
            leaving.cancel()
        started.append(time.monotonic())
        await asyncio.gather(*calls, return_exceptions=True)
        return served

    assert asyncio.run(run()) == [1, 2, 4, 5]


def test_threads_and_coroutines_stand_in_one_line() -> None:
    bucket = Bucket(Rate(per_second=500, burst=1))
    served: list[int] = []

    def call(number: int) -> None:
        drive(bucket.take(Deadline(LIMIT)))
        served.append(number)

    async def run() -> None:
        for _ in range(20):
            await bucket.take(Deadline(LIMIT))

    threads = [threading.Thread(target=call, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    asyncio.run(run())
    for thread in threads:
        thread.join()
    assert sorted(served) == list(range(20))


def test_trade_requests_have_a_rate_of_their_own() -> None:
    clock = Clock()
    options = PacingOptions(
        trade=Rate(per_second=1, burst=1), other=Rate(per_second=1, burst=2)
    )
    pacing = Pacing(options, clock)

    def turn(command: int) -> bool:
        try:
            drive(pacing.turn(command, NOW))
        except TimeoutError:
            return False
        return True

    assert [turn(Command.TRADE) for _ in range(2)] == [True, False]
    commands = (Command.RATES, Command.HISTORY, Command.RATES)
    assert [turn(command) for command in commands] == [True, True, False]
    assert all(turn(Command.PING) for _ in range(10))


def test_no_rate_means_no_waiting() -> None:
    pacing = Pacing(PacingOptions(trade=None, other=None))
    for _ in range(10_000):
        drive(pacing.turn(Command.RATES, NOW))


@pytest.mark.parametrize(
    ("per_second", "burst"),
    [(0, 1), (-1, 1), (1, 0), (float("nan"), 1), (float("inf"), 1)],
)
def test_a_rate_at_which_nothing_could_pass_is_refused(
    per_second: float, burst: int
) -> None:
    with pytest.raises(InvalidArgument, match="above 0"):
        Rate(per_second=per_second, burst=burst)


def test_ctrl_c_on_the_way_into_the_line_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(_first: object, _result: object) -> bool:
        raise KeyboardInterrupt

    clock = Clock()
    bucket = Bucket(Rate(per_second=1, burst=1), clock)
    assert take(bucket)
    with monkeypatch.context() as patch:
        patch.setattr("mt5web_async.connection.pacing.settle", interrupted)
        with pytest.raises(KeyboardInterrupt):
            take(bucket, Deadline(LIMIT))
    clock.now = 1.0
    assert take(bucket, Deadline(LIMIT))


def test_the_line_is_left_in_order_when_time_is_up() -> None:
    bucket = Bucket(Rate(per_second=0.01, burst=1))
    assert take(bucket)
    waiting = threading.Thread(target=lambda: take(bucket, Deadline(LIMIT)))
    waiting.start()
    eventually(lambda: not waiting.is_alive())  # 100 s are more than it may take
    assert not take(bucket)


def test_the_usual_pace_of_trade_requests_is_one_that_servers_take() -> None:
    rate = PacingOptions().trade
    assert rate is not None
    assert rate.burst + rate.per_second <= Switches().request_limit

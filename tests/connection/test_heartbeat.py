"""Signs of life: only time in which the process ran counts."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Callable, Iterator

import pytest

from mt5web_async.connection.heartbeat import AwakeTime, Heartbeat
from mt5web_async.connection.session import Session, SessionOptions
from mt5web_async.errors import ConnectionLost
from mt5web_async.protocol.commands import Command
from mt5web_async.waiting import Deadline
from tests.waiting import LIMIT

from .puppet import Peer, Puppet


class Watch:
    """A clock that can be waited for."""

    def __init__(self, times: Iterator[float]) -> None:
        self._times = times
        self._now = 0.0
        self._looked = threading.Condition()

    def __call__(self) -> float:
        with self._looked:
            self._now = next(self._times)
            self._looked.notify_all()
            return self._now

    def wait_for(self, time: float) -> None:
        with self._looked:
            assert self._looked.wait_for(lambda: self._now >= time, LIMIT)


def clock_of(times: Iterator[float]) -> Callable[[], float]:
    return lambda: next(times)


def test_time_awake_adds_up() -> None:
    awake = AwakeTime(2.0, clock_of(iter([10.0, 11.0, 12.5])))
    assert [awake.look(), awake.look()] == [1.0, 2.5]


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
def test_sleep_and_a_clock_that_was_set_do_not_count(jump: float) -> None:
    awake = AwakeTime(2.0, clock_of(iter([0.0, 1.0, 1.0 + jump, 2.0 + jump])))
    awake.look()
    awake.look()
    assert awake.look() <= 4.0


def beat(
    heartbeat: Heartbeat,
    puppet: Puppet,
    take_tick: Callable[[memoryview], None] = lambda _: None,
) -> float:
    async def run() -> float:
        session = Session(
            puppet.url,
            options=SessionOptions(),
            pushes={Command.TICKS: take_tick},
            lost=lambda _: None,
        )
        await session.open(b"", Deadline(LIMIT))
        try:
            return await heartbeat.beat(session)
        finally:
            await session.close(LIMIT)

    return asyncio.run(run())


def test_the_round_trip_is_measured() -> None:
    with Puppet(lambda peer, command, _: peer.send(command)) as puppet:
        assert 0.0 < beat(Heartbeat(15.0), puppet) < LIMIT


def test_a_server_silent_for_15_s_is_lost() -> None:
    clock = itertools.count(0.0, 1.0)  # a second passes between two looks
    with Puppet() as puppet, pytest.raises(ConnectionLost, match=r"15\.0 s"):
        beat(Heartbeat(15.0, look_every=0.001, clock=clock.__next__), puppet)
    assert 15.0 <= next(clock) <= 20.0
    assert [r.command for r in puppet.peer.requests] == [Command.PING]


def test_an_answer_behind_much_that_is_still_unread_is_waited_for() -> None:
    read_slowly = threading.Event()
    seen = Watch(itertools.count(0.0, 1.0))

    def flood(peer: Peer, command: int, payload: bytes) -> None:
        for _ in range(100):
            peer.send(Command.TICKS, bytes(50))
        peer.send(command)

    def take(_: memoryview) -> None:
        if not read_slowly.is_set():
            seen.wait_for(60.0)  # four times the limit
            read_slowly.set()

    with Puppet(flood) as puppet:
        assert beat(Heartbeat(15.0, look_every=0.001, clock=seen), puppet, take) > 15.0


def test_a_server_that_floods_and_never_answers_is_lost_too() -> None:
    clock = itertools.count(0.0, 1.0)
    lost = threading.Event()

    def flood(peer: Peer, command: int, payload: bytes) -> None:
        while not lost.is_set():
            peer.send(Command.TICKS, bytes(50))

    with Puppet(flood) as puppet:
        with pytest.raises(ConnectionLost, match=r"15\.0 s"):
            beat(Heartbeat(15.0, look_every=0.001, clock=clock.__next__), puppet)
        lost.set()


def test_a_machine_that_slept_for_an_hour_gives_the_server_its_time() -> None:
    def answer_late(peer: Peer, command: int, payload: bytes) -> None:
        woken.wait_for(3600.05)
        peer.send(command, payload)

    woken = Watch(look * 0.01 + (look > 2) * 3600.0 for look in itertools.count())
    with Puppet(answer_late) as puppet:
        beat(Heartbeat(15.0, look_every=0.001, clock=woken), puppet)

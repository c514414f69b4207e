"""Signs of life: only time in which the process ran counts."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator

import pytest

from mt5web_async.connection.heartbeat import AwakeTime, Heartbeat
from mt5web_async.connection.session import Session, SessionOptions
from mt5web_async.errors import ConnectionLost
from mt5web_async.protocol.commands import Command
from mt5web_async.waiting import Deadline
from tests.waiting import LIMIT

from .puppet import Peer, Puppet


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


def beat(heartbeat: Heartbeat, puppet: Puppet) -> float:
    async def run() -> float:
        session = Session(
            puppet.url, options=SessionOptions(), pushes={}, lost=lambda _: None
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


def test_a_machine_that_slept_for_an_hour_gives_the_server_its_time() -> None:
    def answer_late(peer: Peer, command: int, payload: bytes) -> None:
        woken.wait_for_looks(5)
        peer.send(command, payload)

    woken = _Waking(sleeps_after=2)
    with Puppet(answer_late) as puppet:
        beat(Heartbeat(15.0, look_every=0.001, clock=woken), puppet)


class _Waking:
    """A clock of a machine that sleeps for an hour once."""

    def __init__(self, sleeps_after: int) -> None:
        import threading

        self._looks = 0
        self._sleeps_after = sleeps_after
        self._looked = threading.Condition()

    def __call__(self) -> float:
        with self._looked:
            self._looks += 1
            self._looked.notify_all()
            asleep = 3600.0 if self._looks > self._sleeps_after else 0.0
            return self._looks * 0.01 + asleep

    def wait_for_looks(self, count: int) -> None:
        with self._looked:
            assert self._looked.wait_for(lambda: self._looks >= count, LIMIT)

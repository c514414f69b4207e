"""Ticks in a hurry are handed over together, and in their place."""

from __future__ import annotations

import threading
from collections.abc import Callable
from selectors import BaseSelector

import pytest

from mt5web_async.connection import stream
from mt5web_async.connection.session import (
    MOST_TICKS,
    PushHandler,
    Session,
    SessionOptions,
)
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import TICK, Tick
from mt5web_async.protocol.responses import read_ticks
from mt5web_async.waiting import Deadline
from tests.waiting import LIMIT, eventually

from .puppet import Peer, Puppet

MANY = 3 * MOST_TICKS // TICK.size
FEW = 200


def tick(number: int) -> bytes:
    return TICK.write(Tick(symbol_id=number))


class Listener:
    """Notes what is handed over, in its order.

    Args:
        puppet: the server.
        ticks: whether ticks are of interest.
        busy: ends the work that a push of statistics makes.
    """

    def __init__(
        self, puppet: Puppet, *, ticks: bool = True, busy: threading.Event | None = None
    ) -> None:
        self.heard: list[int | str] = []
        self.pushes: list[int] = []
        self._busy = busy
        handlers: dict[int, PushHandler] = {Command.STATISTICS: self._take_statistics}
        if ticks:
            handlers[Command.TICKS] = self._take
        self.session = Session(
            puppet.url, options=SessionOptions(), pushes=handlers, lost=lambda _: None
        )

    def _take_statistics(self, _: memoryview) -> None:
        self.heard.append("statistics")
        if self._busy is not None:
            assert self._busy.wait(LIMIT)

    def _take(self, payload: memoryview) -> None:
        self.pushes.append(len(payload))
        self.heard += [one.symbol_id for one in read_ticks(payload)]

    async def ask(self) -> None:
        """Ask something, and note when the answer comes."""

        def take(_: memoryview) -> None:
            self.heard.append("answer")

        deadline = Deadline(LIMIT)
        await self.session.open(b"", deadline)
        await self.session.request(Command.PING, b"", take, deadline=deadline)
        await self.session.close(LIMIT)


def at_once(*messages: tuple[int, bytes]) -> Callable[[Peer, int, bytes], None]:
    """Answers a request with so many messages in one piece."""

    def answer(peer: Peer, _command: int, _payload: bytes) -> None:
        with peer.socket.protocol_mutex:
            for command, payload in messages:
                peer.socket.protocol.send_binary(peer.frame(command, payload))
            peer.socket.send_data()

    return answer


async def test_ticks_come_between_what_was_sent_before_and_after_them() -> None:
    with Puppet() as puppet:
        puppet.answerer = at_once(
            (Command.TICKS, tick(1)),
            (Command.TICKS, tick(2)),
            (Command.STATISTICS, b""),
            *((Command.TICKS, tick(number)) for number in range(3, MANY)),
            (Command.PING, b""),
        )
        listener = Listener(puppet)
        await listener.ask()
    assert listener.heard == [1, 2, "statistics", *range(3, MANY), "answer"]
    assert max(listener.pushes) <= MOST_TICKS + TICK.size


async def test_ticks_are_handed_over_together_before_more_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent, waits = threading.Event(), []

    def answer(peer: Peer, command: int, payload: bytes) -> None:
        at_once((Command.STATISTICS, b""))(peer, command, payload)
        ticks = ((int(Command.TICKS), tick(number)) for number in range(FEW))
        at_once(*ticks, (Command.PING, b""))(peer, command, payload)
        sent.set()

    def select(selector: BaseSelector, timeout: float | None) -> None:
        waits.append(timeout)
        wait(selector, timeout)

    wait = stream._select
    monkeypatch.setattr(stream, "_select", select)
    with Puppet(answer) as puppet:
        listener = Listener(puppet, busy=sent)
        await listener.ask()
    assert listener.heard == ["statistics", *range(FEW), "answer"]
    assert len(listener.pushes) <= len(waits)


async def test_a_partial_tick_does_not_shift_those_that_follow() -> None:
    with Puppet() as puppet:
        puppet.answerer = at_once(
            (Command.TICKS, tick(1) + tick(9)[:-1]),
            (Command.TICKS, tick(9)[:7]),
            (Command.TICKS, tick(2) + tick(3)),
            (Command.PING, b""),
        )
        listener = Listener(puppet)
        await listener.ask()
    assert listener.heard == [1, 2, 3, "answer"]


async def test_ticks_do_not_wait_for_the_rest_of_what_follows_them() -> None:
    def answer(peer: Peer, _command: int, _payload: bytes) -> None:
        with peer.socket.protocol_mutex:
            for command, payload in (Command.TICKS, tick(1)), (Command.PING, b"late"):
                peer.socket.protocol.send_binary(peer.frame(command, payload))
            *whole, rest = b"".join(peer.socket.protocol.data_to_send())
            peer.socket.socket.sendall(bytes(whole))
            eventually(lambda: listener.heard == [1])
            peer.socket.socket.sendall(bytes((rest,)))

    with Puppet(answer) as puppet:
        listener = Listener(puppet)
        await listener.ask()
    assert listener.heard == [1, "answer"]


async def test_ticks_that_nobody_wants_are_counted_each() -> None:
    with Puppet() as puppet:
        puppet.answerer = at_once(*[(Command.TICKS, tick(1))] * 5, (Command.PING, b""))
        listener = Listener(puppet, ticks=False)
        await listener.ask()
    assert listener.session.ignored == {Command.TICKS: 5}


@pytest.mark.parametrize("count", [1, 20])
async def test_ticks_before_the_end_of_a_connection_are_heard(count: int) -> None:
    def answer(peer: Peer, command: int, payload: bytes) -> None:
        ticks = [(int(Command.TICKS), tick(number)) for number in range(count)]
        at_once(*ticks)(peer, command, payload)
        peer.socket.close()

    with Puppet(answer) as puppet:
        listener = Listener(puppet)
        with pytest.raises(Exception, match="closed by the server"):
            await listener.ask()
        await listener.session.close(LIMIT)
    assert listener.heard == list(range(count))

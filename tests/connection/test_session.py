"""What a single connection takes in."""

from __future__ import annotations

import threading

from mt5web_async.connection.session import Session, SessionOptions
from mt5web_async.errors import ConnectionLost
from mt5web_async.protocol.commands import Command
from mt5web_async.waiting import Deadline, drive
from tests.waiting import LIMIT, eventually

from .puppet import Puppet


def test_what_still_comes_on_a_dropped_connection_reaches_no_model() -> None:
    came: list[bytes] = []
    taking, dropped, over = (threading.Event() for _ in range(3))

    def take(payload: memoryview) -> None:
        came.append(bytes(payload))
        taking.set()
        dropped.wait(LIMIT)

    with Puppet() as puppet:
        session = Session(
            puppet.url,
            options=SessionOptions(),
            pushes={Command.TICKS: take},
            lost=lambda _: over.set(),
        )
        drive(session.open(b"", Deadline(LIMIT)))
        for number in range(100):
            puppet.peer.send(Command.TICKS, bytes((number,)))
        assert taking.wait(LIMIT)
        session.drop(ConnectionLost("enough"))
        dropped.set()
        eventually(over.is_set)
        drive(session.close(LIMIT))
    assert came == [b"\0"]

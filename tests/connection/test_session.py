"""What a single connection takes in."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from mt5web_async.connection.exchange import MAX_QUEUE, Handler
from mt5web_async.connection.session import Session, SessionOptions
from mt5web_async.connection.stream import Stream
from mt5web_async.errors import (
    ConnectionLost,
    EngineError,
    MalformedMessage,
    ServerRefused,
    TooManyRequests,
)
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import TICK
from mt5web_async.waiting import Deadline, drive
from tests.waiting import LIMIT, eventually

from .puppet import Peer, Puppet


@pytest.mark.parametrize("command", [Command.TICKS, Command.STATISTICS])
def test_what_still_comes_on_a_dropped_connection_reaches_no_model(
    command: Command,
) -> None:
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
            pushes={command: take},
            lost=lambda _: over.set(),
        )
        drive(session.open(b"", Deadline(LIMIT)))
        for _ in range(100):
            puppet.peer.send(command, bytes(TICK.size))
        assert taking.wait(LIMIT)
        session.drop(ConnectionLost("enough"))
        dropped.set()
        eventually(over.is_set)
        drive(session.close(LIMIT))
    assert len(came) == 1


def test_a_connection_that_ends_by_itself_keeps_its_own_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reasons: list[EngineError] = []
    closing, go_on, close = threading.Event(), threading.Event(), Stream.close

    def close_late(stream: Stream) -> None:
        closing.set()
        go_on.wait(LIMIT)
        close(stream)

    monkeypatch.setattr(Stream, "close", close_late)
    with Puppet() as puppet:
        session = opened(puppet, lost=reasons.append)
        puppet.peer.raw("no binary message")
        assert closing.wait(LIMIT)
        session.drop(ConnectionLost("no sign of life"))
        go_on.set()
        eventually(lambda: len(reasons) == 1)
        drive(session.close(LIMIT))
    assert "text message" in str(reasons[0])


def opened(
    puppet: Puppet, lost: Callable[[EngineError], None] = lambda _: None
) -> Session:
    session = Session(puppet.url, options=SessionOptions(), pushes={}, lost=lost)
    drive(session.open(b"", Deadline(LIMIT)))
    return session


def unreadable(_: memoryview) -> None:
    raise MalformedMessage("rubbish")


@pytest.mark.parametrize(
    ("result", "handler", "kind"),
    [(2, bytes, ServerRefused), (0, unreadable, MalformedMessage)],
)
def test_errors_tell_what_was_asked_and_where(
    result: int, handler: Handler[object], kind: type[EngineError]
) -> None:
    def answer(peer: Peer, command: int, payload: bytes) -> None:
        peer.send(command, result=result)

    with Puppet(answer) as puppet:
        session = opened(puppet)
        with pytest.raises(kind) as failed:
            drive(
                session.request(Command.HISTORY, b"", handler, deadline=Deadline(LIMIT))
            )
        drive(session.close(LIMIT))
    assert (failed.value.command, failed.value.server) == (Command.HISTORY, session.url)


def test_a_full_line_tells_what_was_asked_and_where() -> None:
    with Puppet() as puppet:
        session = opened(puppet)
        for _ in range(MAX_QUEUE + 1):
            session.ask(Command.HISTORY, b"", bytes)
        with pytest.raises(TooManyRequests) as failed:
            session.ask(Command.HISTORY, b"", bytes)
        drive(session.close(LIMIT))
    assert (failed.value.command, failed.value.server) == (Command.HISTORY, session.url)

"""What a connection's reader knows of what it has read."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from mt5web_async.connection.stream import Stream
from mt5web_async.waiting import Deadline
from tests.waiting import LIMIT, eventually


@pytest.fixture
def ends() -> Iterator[tuple[Stream, socket.socket]]:
    """A stream, and the socket of its peer."""
    ours, theirs = socket.socketpair()
    with closing(theirs), closing(Stream(ours, Deadline(LIMIT), LIMIT)) as stream:
        stream.established()
        yield stream, theirs


def arrived(stream: Stream) -> bool:
    """Wait until something lies unread."""
    return bool(select.select([stream.fileno()], [], [], LIMIT)[0])


def test_who_reads_what_had_arrived_before_has_not_caught_up(
    ends: tuple[Stream, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, peer = ends
    # however slow the machine
    monkeypatch.setattr("mt5web_async.connection.stream._AT_ONCE", LIMIT)
    for _ in range(3):
        peer.send(bytes(100))
        assert arrived(stream)
        assert not stream.caught_up()
        stream.read(100)
        assert not stream.caught_up()


def test_who_waits_for_more_has_caught_up(ends: tuple[Stream, socket.socket]) -> None:
    stream, peer = ends
    peer.send(bytes(100))
    stream.read(100)
    reading = threading.Thread(target=stream.read, args=(100,))
    reading.start()
    eventually(stream.caught_up)
    peer.send(bytes(100))
    reading.join(LIMIT)
    assert stream.caught_up()  # since the last look
    assert not stream.caught_up()


def test_a_look_that_finds_nothing_says_that_all_was_read(
    ends: tuple[Stream, socket.socket],
) -> None:
    stream, peer = ends
    peer.send(bytes(100))
    stream.read(50)
    assert not stream.drained()
    stream.read(50)
    assert stream.drained()
    peer.send(bytes(100))
    assert arrived(stream)
    assert not stream.drained()
    stream.read(100)
    assert stream.drained()

"""Processes that fork, users that interrupt, and what is left behind."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Self, TypeVar

import pytest

from mt5web_async.connection.state import State
from mt5web_async.errors import NotConnected
from mt5web_async.protocol.commands import Command
from mt5web_async.simulator import Simulator
from mt5web_async.waiting import drive
from tests.waiting import LIMIT, eventually, interrupted_when

from .links import QUICK, Link, quick

T = TypeVar("T")

MOST_DESCRIPTORS = 256

may_fork = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


class Loop:
    """An event loop in a thread of its own, as blocking callers have it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def link(self, server: Simulator) -> Link:
        async def make() -> Link:
            link = Link(server, server.url, quick(ping_interval=60.0))
            await link.connection.open(LIMIT)
            return link

        return asyncio.run_coroutine_threadsafe(make(), self._loop).result(LIMIT)

    def close(self, link: Link) -> None:
        asyncio.run_coroutine_threadsafe(link.connection.close(), self._loop).result(
            LIMIT
        )


@pytest.fixture
def loop() -> Iterator[Loop]:
    with Loop() as running:
        yield running


@pytest.fixture
def link(loop: Loop, server: Simulator) -> Iterator[Link]:
    made = loop.link(server)
    yield made
    loop.close(made)


def in_child(work: Callable[[], bytes]) -> bytes:
    """What a forked child makes of it."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(theirs, work())
        finally:
            os._exit(0)
    os.close(theirs)
    with open(ours, "rb") as pipe:  # noqa: PTH123
        said = pipe.read()
    os.waitpid(child, 0)
    return said


@may_fork
def test_a_forked_child_has_no_connection_and_says_so(link: Link) -> None:
    def ask() -> bytes:
        try:
            drive(link.ask(timeout=1.0))
        except NotConnected as exc:
            drive(link.connection.close())
            return f"{link.connection.state.name}: {exc}".encode()
        return b"was answered"

    said = in_child(ask).decode()
    assert said.startswith("DISCONNECTED: ")
    assert "forked" in said
    assert link.connection.state is State.SYNCHRONISED
    assert drive(link.ask())  # the parent's is as it was


@may_fork
def test_a_child_lets_go_of_the_parents_sockets(link: Link, server: Simulator) -> None:
    port = int(server.url.split(":")[2].split("/")[0])

    def count() -> bytes:
        return str(len(sockets_to(port))).encode()

    assert len(sockets_to(port)) == 1
    assert in_child(count) == b"0"
    assert drive(link.ask())


def test_ctrl_c_ends_a_waiting_call_and_leaves_a_tombstone(
    link: Link, server: Simulator
) -> None:
    server.trouble.hold(Command.ACCOUNT)
    with (
        interrupted_when(lambda: server.trouble.held(Command.ACCOUNT) > 0),
        pytest.raises(KeyboardInterrupt),
    ):
        drive(link.ask())
    following = threading.Thread(target=lambda: drive(link.ask()))
    following.start()
    server.trouble.release(Command.ACCOUNT)  # the late one goes to nobody
    following.join(LIMIT)
    assert not following.is_alive()
    assert link.connection.facts.sessions == 1


def test_nothing_is_left_of_many_connections(loop: Loop, server: Simulator) -> None:
    port = int(server.url.split(":")[2].split("/")[0])
    loop.close(loop.link(server))
    threads = set(threading.enumerate())
    for _ in range(5):
        loop.close(loop.link(server))
    eventually(lambda: set(threading.enumerate()) <= threads)
    gc.collect()
    assert not sockets_to(port)


def test_no_task_is_left_in_the_loop(server: Simulator) -> None:
    async def run() -> set[asyncio.Task[object]]:
        link = Link(server, server.url, QUICK)
        await link.connection.open(LIMIT)
        await link.connection.close()
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(run()) == set()


def test_it_works_inside_of_a_running_loop(loop: Loop, server: Simulator) -> None:
    link = loop.link(server)

    async def notebook() -> bytes:
        return drive(link.ask())  # blocks this loop, as a cell does

    assert asyncio.run(notebook())
    loop.close(link)


def test_a_loop_that_was_stopped_hangs_nobody(server: Simulator) -> None:
    with Loop() as loop:
        link = loop.link(server)
    server.disconnect()
    eventually(lambda: not link.connection.up)
    with pytest.raises(NotConnected):
        drive(link.ask(timeout=0.1))
    session = link.connection._session
    assert session is not None
    drive(session.close(LIMIT))


def sockets_to(port: int) -> list[str]:
    """Sockets of this process that are connected to a local port."""
    found = []
    for number in range(MOST_DESCRIPTORS):
        try:
            one = socket.socket(fileno=os.dup(number))
        except OSError:
            continue
        with one:
            try:
                peer = one.getpeername()
            except OSError:
                continue
            if one.family == socket.AF_INET and peer[1] == port:
                found.append(f"{one.getsockname()} -> {peer}")
    return found

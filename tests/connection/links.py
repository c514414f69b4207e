"""Connections for tests: quick to notice a loss and quick to come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from mt5web_async.connection.connection import (
    Backoff,
    Connection,
    ConnectionOptions,
    Loader,
)
from mt5web_async.connection.credentials import Credentials
from mt5web_async.connection.session import PushHandler, Session
from mt5web_async.connection.state import Move, State
from mt5web_async.protocol.commands import Command
from mt5web_async.simulator import Simulator
from mt5web_async.waiting import Deadline
from tests.waiting import LIMIT

QUICK = ConnectionOptions(
    ping_interval=0.05,
    close_timeout=5.0,
    reconnect=Backoff(first=0.01, cap=0.05),
)


async def load_account(session: Session, deadline: Deadline) -> None:
    await session.request(Command.ACCOUNT, b"", bytes, deadline=deadline)


def credentials(server: Simulator) -> Credentials:
    return Credentials(login=server.login, password=server.password)


class Link:
    """A connection and the moves that it made."""

    def __init__(
        self,
        server: Simulator,
        url: str,
        options: ConnectionOptions,
        *,
        pushes: dict[int, PushHandler] | None = None,
        load: Loader = load_account,
        unload: Loader | None = None,
        who: Credentials | None = None,
    ) -> None:
        self.moves: list[Move] = []
        self.connection = Connection(
            url,
            who or credentials(server),
            options=options,
            pushes=pushes or {},
            load=load,
            unload=unload,
        )
        self.connection.listen(self.moves.append)

    @property
    def states(self) -> list[State]:
        return [move.after for move in self.moves]

    async def ask(
        self, command: int = Command.ACCOUNT, payload: bytes = b"", **limits: float
    ) -> bytes:
        return await self.connection.request(command, payload, bytes, **limits)

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait for something to happen, with a generous limit."""
        async with asyncio.timeout(LIMIT):
            while not happened():
                await asyncio.sleep(0.002)

    async def came_back(self, times: int = 1) -> None:
        """Wait until it was restored so many times."""
        await self.until(lambda: self.connection.facts.sessions > times)


@asynccontextmanager
async def linked(
    server: Simulator,
    url: str | None = None,
    options: ConnectionOptions = QUICK,
    **more: object,
) -> AsyncIterator[Link]:
    """A connection that is up."""
    link = Link(server, url or server.url, options, **more)  # type: ignore[arg-type]
    await link.connection.open(LIMIT)
    try:
        yield link
    finally:
        await link.connection.close()


def quick(**changes: object) -> ConnectionOptions:
    """The quick options with some of them changed."""
    return replace(QUICK, **changes)  # type: ignore[arg-type]

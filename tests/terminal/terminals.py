"""Engine terminals for tests: quick to notice a loss and quick to come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from mt5web_async.connection.connection import ConnectionOptions
from mt5web_async.simulator import Simulator
from mt5web_async.terminal.terminal import Terminal, TerminalOptions
from tests.connection.links import QUICK, credentials
from tests.waiting import LIMIT

BOOKED = "EURJPY"
"""A symbol with a depth of market."""


@asynccontextmanager
async def opened(
    server: Simulator,
    url: str | None = None,
    options: ConnectionOptions = QUICK,
    *,
    quote_timeout: float = LIMIT,
) -> AsyncIterator[Terminal]:
    """A terminal that is logged in."""
    terminal = Terminal(
        url or server.url,
        credentials(server),
        TerminalOptions(connection=options, quote_timeout=quote_timeout),
    )
    await terminal.open(LIMIT)
    async with terminal:
        yield terminal


async def until(happened: Callable[[], bool]) -> None:
    """Wait for something to happen, with a generous limit."""
    async with asyncio.timeout(LIMIT):
        while not happened():
            await asyncio.sleep(0.002)


def levels_of(terminal: Terminal, name: str) -> int:
    """How many levels the symbol's depth of market has."""
    book = terminal.book(name)
    return 0 if book is None else len(book.levels)


async def came_back(terminal: Terminal, times: int = 1) -> None:
    """Wait until the connection was restored so many times."""
    await until(lambda: terminal.facts.sessions > times and terminal.connected)

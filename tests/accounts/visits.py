"""Connections to a server, with and without a login."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mt5web_async.accounts import Accounts
from mt5web_async.connection.credentials import Credentials
from mt5web_async.connection.session import Session, SessionOptions
from mt5web_async.simulator.server import Simulator
from mt5web_async.waiting import Deadline

LIMIT = 30.0


@asynccontextmanager
async def logged_in(
    server: Simulator, password: str = "", *, login: int = 0, otp: str = ""
) -> AsyncIterator[Accounts]:
    session = Session(
        server.url, options=SessionOptions(), pushes={}, lost=lambda _: None
    )
    try:
        await session.open(b"", Deadline(LIMIT))
        who = Credentials(
            login=login or server.login, password=password or server.password, otp=otp
        )
        await session.login(who, Deadline(LIMIT))
        yield Accounts(session, timeout=LIMIT)
    finally:
        await session.close(LIMIT)


async def logs_in(
    server: Simulator, password: str = "", *, login: int = 0, otp: str = ""
) -> None:
    """Log in and out again; raises what a login raises."""
    async with logged_in(server, password, login=login, otp=otp):
        pass

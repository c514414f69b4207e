"""From what a call gives to a connected engine terminal."""

from __future__ import annotations

import asyncio
import functools
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mt5web_async.connection.credentials import Credentials
from mt5web_async.errors import JournalFailed, RequestTimeout
from mt5web_async.terminal.bars import BarsOptions
from mt5web_async.terminal.market_watch import shown_by_default
from mt5web_async.terminal.terminal import Terminal, TerminalOptions
from mt5web_async.terminal.ticks import TickFiles
from mt5web_async.waiting import Deadline

from . import embedded
from .installation import client_id
from .journal import Journal
from .runtime import runtime
from .settings import (
    SIMULATOR,
    Account,
    Settings,
    complete,
    config_path,
    data_path,
    failed,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .settings import Options

log = logging.getLogger("mt5web")

EVERY_SERVER = "MT5WEB_EVERY_SERVER"
"""Environment variable: the server for every login, whatever a script names."""

EVERY_PASSWORD = "MT5WEB_EVERY_PASSWORD"  # noqa: S105 - its name
"""Environment variable: the password at that server for logins that name none."""


class Target(NamedTuple):
    """Where to connect, and as whom.

    Attributes:
        url: address of the WebSocket.
        who: the account.
        server: its server as the call or the settings name it.
    """

    url: str
    who: Credentials
    server: str


def find(given: Account, settings: Settings, environment: Mapping[str, str]) -> Target:
    """Complete what a call gives.

    Raises:
        CallFailed: something is missing or not known; the text says what to do.
    """
    every = environment.get(EVERY_SERVER)
    if every:
        given = Account(server=every).over(given)
    account = settings.account(given, environment)
    if every:
        account = account.over(Account(password=environment.get(EVERY_PASSWORD)))
    server = complete(account).server or ""
    url = settings.address(server)
    if url == SIMULATOR:
        return _simulated(account)
    who = Credentials(login=account.login or 0, password=account.password or "")
    return Target(url, who, server)


def _simulated(account: Account) -> Target:
    try:
        server = embedded.simulator()
    except ImportError as exc:
        raise failed(str(exc)) from exc
    login, password = account.login or server.login, account.password
    if password is None and login != server.login:
        raise failed(
            f"no password given for login {login}; only login {server.login} of the "
            "simulator needs none"
        )
    who = Credentials(login=login, password=password or server.password)
    return Target(server.url, who, SIMULATOR)


def make_terminal(target: Target, settings: Settings) -> Terminal:
    """A terminal that is not connected yet.

    Args:
        target: where it will connect, and as whom.
        settings: how it behaves.

    Raises:
        EngineError: there is no way to connect there.
    """
    return runtime().run(_make(target, settings))


def connect(terminal: Terminal, options: Options, timeout: float) -> None:
    """Connect and log in, and show the symbols of a fresh Market Watch.

    Args:
        terminal: what to connect.
        options: what it shows and keeps.
        timeout: s for all of it.

    Raises:
        EngineError: it did not work.
    """
    runtime().run(_open(terminal, options, Deadline(timeout)))


async def _make(target: Target, settings: Settings) -> Terminal:
    options = settings.options
    session = settings.connection.session(
        allow_insecure=options.allow_insecure, client_id=client_id()
    )
    return Terminal(
        target.url,
        target.who,
        TerminalOptions(
            bars=BarsOptions(max_bars=options.max_bars),
            connection=settings.connection.options(session),
            journal=journal(journal_path(options)),
            trade_timeout=options.trade_timeout,
            trade_wait=options.trade_wait,
        ),
    )


async def _open(terminal: Terminal, options: Options, deadline: Deadline) -> None:
    await terminal.open(deadline.timeout or 0.0)
    try:
        async with asyncio.timeout(deadline.left()):
            await _furnish(terminal, options)
    except TimeoutError:
        raise RequestTimeout(
            f"the Market Watch is not filled within {deadline.timeout} s",
            server=terminal.url,
        ) from None


async def _furnish(terminal: Terminal, options: Options) -> None:
    kept = os.environ.get("MT5WEB_TICKS") or options.ticks
    if kept is not None:
        server = terminal.model.holdings.account.server_name
        terminal.ticks.keep(TickFiles(Path(kept), server))
    shown = shown_by_default(terminal.model.symbols.names, options.symbols)
    await terminal.show(shown)
    await terminal.quoted([*shown, *terminal.conversions(shown)])


def journal_path(options: Options) -> Path:
    """The file of the journal."""
    given = os.environ.get("MT5WEB_JOURNAL") or options.journal
    return Path(given) if given else data_path() / "journal.sqlite3"


@functools.cache
def journal(path: Path) -> Journal | None:
    """The journal in a file, for this process; None where it cannot be used."""
    try:
        return Journal(path, read_tags=True)
    except JournalFailed as exc:
        log.warning("magic numbers and lost answers are not kept: %s", exc)
        return None


def read_settings() -> Settings:
    """The user's settings.

    Raises:
        CallFailed: the file cannot be read.
    """
    return Settings.read(config_path())


def environment() -> Mapping[str, str]:
    """The variables that may name an account."""
    return os.environ

"""From what a call gives to a connected engine terminal."""

from __future__ import annotations

import functools
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mt5web_async.connection.connection import ConnectionOptions
from mt5web_async.connection.credentials import Credentials
from mt5web_async.connection.session import SessionOptions
from mt5web_async.connection.transport import TransportOptions
from mt5web_async.errors import JournalFailed
from mt5web_async.terminal.bars import BarsOptions
from mt5web_async.terminal.market_watch import shown_by_default
from mt5web_async.terminal.terminal import Terminal, TerminalOptions
from mt5web_async.terminal.ticks import TickFiles

from . import embedded
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
    login = account.login or server.login
    own = login == server.login and account.password is None
    password = server.password if own else account.password or ""
    return Target(server.url, Credentials(login=login, password=password), SIMULATOR)


def connect(target: Target, options: Options, timeout: float) -> Terminal:
    """Connect and log in, and show the symbols of a fresh Market Watch.

    Args:
        target: where, and as whom.
        options: how the terminal behaves.
        timeout: s.

    Raises:
        EngineError: it did not work.
    """
    return runtime().run(_open(target, options, timeout))


async def _open(target: Target, options: Options, timeout: float) -> Terminal:
    transport = TransportOptions(allow_insecure=options.allow_insecure)
    connection = ConnectionOptions(session=SessionOptions(transport=transport))
    bars = BarsOptions(max_bars=options.max_bars)
    terminal = Terminal(
        target.url,
        target.who,
        TerminalOptions(
            bars=bars,
            connection=connection,
            journal=journal(journal_path(options)),
            trade_timeout=options.trade_timeout,
            trade_wait=options.trade_wait,
        ),
    )
    await terminal.open(timeout)
    try:
        kept = os.environ.get("MT5WEB_TICKS") or options.ticks
        if kept is not None:
            server = terminal.model.holdings.account.server_name
            terminal.ticks.keep(TickFiles(Path(kept), server))
        names = terminal.model.symbols.names
        shown = shown_by_default(names, options.symbols)
        await terminal.show(shown)
        await terminal.quoted([*shown, *terminal.conversions(shown)])
    except BaseException:
        await terminal.close()
        raise
    return terminal


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

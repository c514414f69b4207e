"""From what a call gives to a connected engine terminal."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import logging
import os
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from mt5web_async.calculation.one_time import one_time_password
from mt5web_async.connection.credentials import Credentials
from mt5web_async.errors import (
    ConnectionFailed,
    ConnectionLost,
    EngineError,
    InsecureConnection,
    JournalFailed,
    ProtocolViolation,
    RequestTimeout,
)
from mt5web_async.terminal.bars import BarsOptions
from mt5web_async.terminal.default_symbols import shown_by_default
from mt5web_async.terminal.loading import held_symbols
from mt5web_async.terminal.terminal import Terminal, TerminalOptions
from mt5web_async.terminal.ticks import TickFiles
from mt5web_async.waiting import Deadline

from . import embedded
from .addresses import Address, address_instead_of, address_of, discovery_for
from .installation import client_id
from .journal import Journal
from .runtime import runtime
from .settings import (
    SIMULATOR,
    Account,
    Settings,
    complete,
    config_path,
    failed,
    journal_path,
    tick_folder,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mt5web_async.connection.session import SessionOptions

    from .settings import Options

log = logging.getLogger("mt5web")

EVERY_SERVER = "MT5WEB_EVERY_SERVER"
"""Environment variable: the server for every login, whatever a script names."""

EVERY_PASSWORD = "MT5WEB_EVERY_PASSWORD"  # noqa: S105 - its name
"""Environment variable: the password at that server for logins that name none."""


_DOUBTFUL: Final = (ConnectionFailed, ConnectionLost, ProtocolViolation)
"""What an older host may do to those whom it did not announce."""

_PROOF_KEY: Final = os.urandom(32)


class Visited(NamedTuple):
    """A target that was connected to; it holds no password.

    Attributes:
        proof: differs for another password.
    """

    url: str
    login: int
    server: str
    proof: bytes


class Target(NamedTuple):
    """Where to connect, and as whom.

    Attributes:
        url: address of the WebSocket.
        who: the account.
        server: its server as the call or the settings name it.
        page: of an older host, which announces every connection; "": it is none.
    """

    url: str
    who: Credentials
    server: str
    page: str = ""

    def visited(self) -> Visited:
        """What may be kept once the connection is there."""
        password = self.who.password.encode("utf-8", "surrogatepass")
        proof = hashlib.blake2b(password, key=_PROOF_KEY).digest()
        return Visited(self.url, self.who.login, self.server, proof)


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
    url, page = address_of(server, settings)
    if url == SIMULATOR:
        return _simulated(account)
    who = Credentials(
        login=account.login or 0,
        password=account.password or "",
        otp=_one_time_password(account),
    )
    return Target(url, who, server, page)


def another_way(
    target: Target, failure: EngineError, settings: Settings, timeout: float
) -> Target:
    """Where to connect to instead, as the page of the host tells.

    Args:
        target: that could not be connected to.
        failure: what came of it.
        settings: how hosts are reached.
        timeout: s for asking.

    Raises:
        EngineError: the failure, or what the page tells about it: there is no other
            way.
    """
    secure = not isinstance(failure, InsecureConnection)
    if not (secure and isinstance(failure, _DOUBTFUL) and timeout > 0):
        raise failure
    if target.server == SIMULATOR:
        raise failure
    tried = Address(target.url, target.page)
    url, page = address_instead_of(tried, failure, settings, timeout)
    return target._replace(url=url, page=page)


def _one_time_password(account: Account) -> str:
    """The one given, or the one that the generator shows now."""
    if account.otp or not account.otp_secret:
        return account.otp or ""
    try:
        return one_time_password(account.otp_secret, time.time())
    except ValueError as exc:
        raise failed(f"otp_secret, MT5WEB_OTP_SECRET: {exc}") from None


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


def session_options(target: Target, settings: Settings) -> SessionOptions:
    """How a single connection to a target behaves."""
    announce = None
    if target.page:
        announce = partial(discovery_for(settings).announce, target.page)
    return settings.connection.session(
        allow_insecure=settings.options.allow_insecure,
        client_id=client_id(),
        announce=announce,
    )


async def _make(target: Target, settings: Settings) -> Terminal:
    options = settings.options
    session = session_options(target, settings)
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
    folder = tick_folder(options)
    if folder is not None:
        server = terminal.model.holdings.account.server_name
        terminal.ticks.keep(TickFiles(folder, server))
    shown = shown_by_default(terminal.model.symbols.names, options.symbols)
    shown += held_symbols(terminal.model)
    await terminal.show(shown)
    await terminal.valued(shown)


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

"""From what a call gives to a connected engine terminal."""

from __future__ import annotations

import functools
import logging
import os
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mt5web_async.calculation.one_time import one_time_password
from mt5web_async.connection.connection import ConnectionOptions
from mt5web_async.connection.credentials import Credentials
from mt5web_async.connection.session import SessionOptions
from mt5web_async.connection.transport import TransportOptions
from mt5web_async.errors import (
    ConnectionFailed,
    ConnectionLost,
    InsecureConnection,
    JournalFailed,
    ProtocolViolation,
)
from mt5web_async.terminal.bars import BarsOptions
from mt5web_async.terminal.market_watch import shown_by_default
from mt5web_async.terminal.terminal import Terminal, TerminalOptions
from mt5web_async.terminal.ticks import TickFiles
from mt5web_async.waiting import Deadline

from . import embedded
from .addresses import Address, address_of, another_way, discovery_for, proxy_of
from .journal import Journal
from .runtime import runtime
from .settings import SIMULATOR, Account, Settings, complete, config_path, failed

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
        page: of an older host, which announces every connection; "": it is none.
    """

    url: str
    who: Credentials
    server: str
    page: str = ""


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
    named = settings.named(server)
    if named == SIMULATOR:
        return _simulated(account)
    url, page = address_of(named, settings.options)
    who = Credentials(
        login=account.login or 0,
        password=account.password or "",
        otp=_one_time_password(account),
    )
    return Target(url, who, server, page)


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
    login = account.login or server.login
    own = login == server.login and account.password is None
    password = server.password if own else account.password or ""
    return Target(server.url, Credentials(login=login, password=password), SIMULATOR)


def connect(target: Target, options: Options, timeout: float) -> Terminal:
    """Connect and log in, and show the symbols of a fresh Market Watch.

    A host that does not answer like a newer one is asked whether it is an older one.

    Args:
        target: where, and as whom.
        options: how the terminal behaves.
        timeout: s.

    Raises:
        EngineError: it did not work.
    """
    deadline = Deadline(timeout)
    try:
        return runtime().run(_open(target, options, timeout))
    except InsecureConnection:
        raise
    except (ConnectionFailed, ConnectionLost, ProtocolViolation) as exc:
        left = deadline.left() or 0.0
        if target.server == SIMULATOR or not left:
            raise
        address = another_way(Address(target.url, target.page), exc, options, left)
    target = target._replace(url=address.url, page=address.page)
    return runtime().run(_open(target, options, deadline.left() or 0.0))


def session_options(target: Target, options: Options) -> SessionOptions:
    """How a connection to a target behaves."""
    announce = None
    if target.page:
        announce = partial(discovery_for(options).announce, target.page)
    transport = TransportOptions(
        allow_insecure=options.allow_insecure,
        ca_file=options.ca_file,
        proxy=proxy_of(options),
    )
    return SessionOptions(announce=announce, transport=transport)


async def _open(target: Target, options: Options, timeout: float) -> Terminal:
    connection = ConnectionOptions(session=session_options(target, options))
    bars = BarsOptions(max_bars=options.max_bars)
    terminal = Terminal(
        target.url,
        target.who,
        TerminalOptions(bars=bars, connection=connection, journal=journal()),
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


@functools.cache
def journal() -> Journal | None:
    """The journal of this process; None where its folder cannot be used."""
    try:
        return Journal(read_tags=True)
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

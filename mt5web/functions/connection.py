"""Connecting, logging in, and what is connected."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, Never, TypedDict, Unpack

from mt5web.arguments import (
    PASSWORD_LIMIT,
    PATH_LIMIT,
    SERVER_LIMIT,
    U32,
    U64,
    Rejected,
    c_bool,
    integer,
    named,
    text,
)
from mt5web.calling import (
    FALSE,
    NONE,
    NUMBER,
    Answers,
    anything,
    no_arguments,
    with_keywords,
)
from mt5web.constants import RES_E_UNSUPPORTED
from mt5web.official import official
from mt5web.session import Session

if TYPE_CHECKING:
    from mt5web.backend import Version
    from mt5web.outcome import LastError
    from mt5web.structs import AccountInfo, TerminalInfo

DEFAULT_TIMEOUT_MS: Final = 60_000

UNSUPPORTED_LOGIN: Final = {
    RES_E_UNSUPPORTED: (
        "Unsupported authorization mode, OTP or certificate password needed"
    )
}


class Credentials(TypedDict, total=False):
    """Keywords that `initialize` and `login` share."""

    login: int
    password: str
    server: str
    timeout: int


class Start(Credentials, total=False):
    """Keywords of `initialize`."""

    path: str
    portable: bool


@official(
    'initialize([path],[server="SERVER"],[login=LOGIN],[password="PASSWORD"])',
    "Establish connection to MetaTrader 5 terminal",
    takes=anything,
    answers=FALSE,
    texts=UNSUPPORTED_LOGIN,
    level=logging.WARNING,
    secret=True,
)
def initialize(
    session: Session,
    path: str = "",
    /,
    *surplus: Never,
    **options: Unpack[Start],
) -> bool:
    """Connect, log in and wait until everything about the account is known.

    A connection that is open already is closed first, even when an argument then
    turns out to be wrong: calling again reconnects, or switches the account. Without
    arguments the account comes from the settings. Unknown keywords are ignored, None
    is no value.

    Args:
        path: the terminal to use, also as a keyword, which counts when both are given.
            There is no terminal here: the settings may give an account to a path, and
            otherwise it makes no difference.
        login: account number.
        password: of the account.
        server: name or address of the trade server.
        timeout: the longest wait, in milliseconds; 0 and the default are 60 seconds.
        portable: accepted, as the original does; it changes nothing.

    Returns:
        True when connected and logged in, else False.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: wrong type or number of arguments, a text that is too
            long (path 257, password and server 253 UTF-16 units).
        RES_E_AUTH_FAILED: login or password refused.
        RES_E_UNSUPPORTED: the account needs a one-time password: the settings give
            one, MT5WEB_OTP or otp_secret. Or the one given was wrong, or the account
            has to be given a generator first; the log says which.
        RES_E_INTERNAL_FAIL_INIT: no connection to the server; the text says why.
        RES_E_INTERNAL_FAIL_TIMEOUT: not ready within the time limit.

    Raises:
        SystemError: login or timeout is negative or too large, or portable has no
            truth value.

    Example:
        >>> mt5.initialize(
        ...     login=server.login, password=server.password, server=server.url
        ... )
        True
        >>> mt5.initialize(login=5001, password="secret", server="Nowhere")
        False
        >>> mt5.last_error()[0] == mt5.RES_E_INTERNAL_FAIL_INIT
        True
    """
    session.backend.shutdown()
    if surplus:
        raise Rejected(NUMBER)
    place = text(path, PATH_LIMIT, "Invalid 1st unnamed argument")
    login, server, password, timeout_ms = _credentials(options)
    place = text(options.get("path", place), PATH_LIMIT, named("path"))
    portable = c_bool(options.get("portable", False), named("portable"))
    session.open().initialize(
        place or None, login or None, password, server, timeout_ms, portable
    )
    session.was_ready = True
    return True


@official(
    'login(login,[server="SERVER"],[password="PASSWORD"])',
    "Log in to specific account",
    takes=with_keywords(3, NUMBER),
    answers=FALSE,
    texts=UNSUPPORTED_LOGIN,
    level=logging.WARNING,
    secret=True,
)
def login(
    session: Session,
    login: int = 0,
    password: str = "",
    server: str = "",
    /,
    **options: Unpack[Credentials],
) -> bool:
    """Switch the open connection to an account.

    By position the order is login, password, server, whatever the line above says;
    keywords count when both are given. After a failure the connection stays open.

    Args:
        login: account number, above 0.
        password: of the account; by default the one in the settings.
        server: name or address of the trade server; by default the present one.
        timeout: the longest wait, in milliseconds; keyword only. 0 and the default
            are 60 seconds.

    Returns:
        True when logged in, else False.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: login is missing or 0, wrong type or number of arguments,
            a text of more than 253 UTF-16 units.
        RES_E_AUTH_FAILED: login or password refused, or no password or address is
            known; the log tells which.
        RES_E_UNSUPPORTED: the account needs a one-time password.
        RES_E_INTERNAL_FAIL_CONNECT: `initialize` has to succeed first.
        RES_E_INTERNAL_FAIL_TIMEOUT: not ready within the time limit.

    Raises:
        SystemError: login or timeout is negative or too large.

    Example:
        >>> second = server.add_account("Second-1", currency="EUR")
        >>> mt5.login(second, password="Second-1")
        True
        >>> mt5.account_info().currency
        'EUR'
    """
    from mt5web_async.hidden import hidden

    given: Credentials = {
        "login": integer(login, U64, "Invalid 1st unnamed argument"),
        "password": hidden(
            text(password, PASSWORD_LIMIT, "Invalid 2nd unnamed argument")
        ),
        "server": text(server, SERVER_LIMIT, "Invalid 3rd unnamed argument"),
    }
    number, place, secret, timeout_ms = _credentials({**given, **options})
    if number == 0:
        raise Rejected(named("login"))
    session.backend.login(number, secret, place, timeout_ms)
    return True


@official(
    "shutdown()",
    "Disconnect from MetaTrader 5 terminal",
    takes=no_arguments,
    answers=FALSE,
)
def shutdown(session: Session) -> bool:
    """Close the connection. What was returned before stays valid.

    Returns:
        True, also when nothing was connected.

    Example:
        >>> mt5.shutdown()
        True
        >>> mt5.account_info() is None, mt5.last_error()
        (True, (-10004, 'No IPC connection'))
    """
    session.backend.shutdown()
    return True


@official(
    "version()",
    "Get MetaTrader 5 terminal version",
    takes=no_arguments,
    answers=Answers(misuse=(0, 0, ""), failure=(0, 0, "")),
)
def version(session: Session) -> Version:
    """Tell which terminal is connected.

    Returns:
        Version, build and release date, as (500, 3428, "14 Sep 2022"). On failure
        (0, 0, ""), where the original's documentation says None.

    Errors (see last_error):
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Example:
        >>> mt5.version()[:2]
        (500, 5687)
    """
    return session.backend.version()


@official(
    "last_error()",
    "Return last error code and description",
    takes=no_arguments,
    answers=Answers(misuse=(0, ""), failure=(0, "")),
    records=False,
)
def last_error(session: Session) -> LastError:
    """Tell how the call that ended last went.

    There is one such place for all threads, as in the original. Asking does not
    change it.

    Returns:
        Code and text: (1, "Success") after a success, (0, "") before the first call.

    Example:
        >>> mt5.symbol_info("NOSUCH") is None, mt5.last_error()
        (True, (-4, 'Terminal: Not found'))
    """
    return session.outcome.last_error


@official(
    "terminal_info()",
    "Get parameters of MetaTrader 5 terminal",
    takes=no_arguments,
    answers=NONE,
)
def terminal_info(session: Session) -> TerminalInfo:
    """Describe the program that is connected.

    Returns:
        The state of the connection, whether programs may trade, the round trip in
        microseconds, existing and writable folders. None on failure.

    Errors (see last_error):
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Example:
        >>> info = mt5.terminal_info()
        >>> info.connected, info.trade_allowed, info.name
        (True, True, 'mt5web')
    """
    return session.backend.terminal_info()


@official(
    "account_info()",
    "Return information on the current account",
    takes=no_arguments,
    answers=NONE,
)
def account_info(session: Session) -> AccountInfo:
    """Describe the account that is logged in.

    Returns:
        Balance, equity, margin and the rest, money in the deposit currency. Equity,
        margin and floating profit belong to one and the same moment. None on failure.

    Errors (see last_error):
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Example:
        >>> account = mt5.account_info()
        >>> account.currency, account.leverage, account.equity == account.balance
        ('USD', 100, True)
    """
    return session.backend.account_info()


def _credentials(options: Credentials) -> tuple[int, str | None, str | None, int]:
    """Login, server, password and time-out, checked in this order."""
    from mt5web_async.hidden import hidden

    login = integer(options.get("login", 0), U64, named("login"))
    server = text(options.get("server", ""), SERVER_LIMIT, named("server"))
    password = hidden(
        text(options.get("password", ""), PASSWORD_LIMIT, named("password"))
    )
    timeout_ms = integer(options.get("timeout", 0), U32, named("timeout"))
    return login, server or None, password or None, timeout_ms or DEFAULT_TIMEOUT_MS

"""The engine of mt5web: a login to an MT5 trade server, for asyncio programs.

::

    async with await connect(url, login, password) as terminal:
        print(terminal.model.holdings.account.balance)

From the bottom up:

* :mod:`~mt5web_async.protocol`: bytes to records and back.
* :mod:`~mt5web_async.connection`: one WebSocket, paired answers, reconnection.
* :mod:`~mt5web_async.terminal`: the live model of a login, and requests.
* :mod:`~mt5web_async.calculation`: profit, margin, account state, checks; pure.
* :mod:`~mt5web_async.simulator`: a trade server that speaks the same protocol.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .terminal.terminal import Terminal as Terminal
    from .terminal.terminal import TerminalOptions as TerminalOptions

_LAZY = ("Terminal", "TerminalOptions")


async def connect(
    url: str,
    login: int,
    password: str,
    *,
    otp: str = "",
    options: TerminalOptions | None = None,
    timeout: float = 60.0,
) -> Terminal:
    """Log in and load the model; afterwards the terminal stays connected.

    Args:
        url: address of the server's WebSocket, ``wss://host/terminal``.
        login: number of the account.
        password: its password; forgotten after the login unless the options keep it.
        otp: one-time password, for accounts that want one.
        options: how the terminal behaves.
        timeout: s that it may take.

    Returns:
        The terminal; close it, or use it in ``async with``.

    Raises:
        ConnectionFailed: the server could not be reached.
        AuthenticationFailed: the login was refused.
        RequestTimeout: it took too long.

    Example:
        >>> import asyncio
        >>> from mt5web_async.simulator import Simulator
        >>> async def balance(server):
        ...     joining = connect(server.url, server.login, server.password)
        ...     async with await joining as terminal:
        ...         return terminal.model.holdings.account.balance
        >>> with Simulator() as server:
        ...     asyncio.run(balance(server))
        10000.0
    """
    from .connection.credentials import Credentials
    from .hidden import hidden
    from .terminal.terminal import Terminal

    password, otp = hidden(password), hidden(otp)
    who = Credentials(login=login, password=password, otp=otp)
    terminal = Terminal(url, who, options)
    await terminal.open(timeout)
    return terminal


def __getattr__(name: str) -> Any:
    """What costs time to import, when it is asked for."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .terminal import terminal

    return getattr(terminal, name)

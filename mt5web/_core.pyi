"""API Connector to MetaTrader 5 Terminal.

The official functions as editors and type checkers see them. Docstrings are those of
the functions: `python -m tests.facade.stub` brings them here.
"""
# ruff: noqa: D402, D415, E501, F403, F405, PYI021 - their docstrings are for editors

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .backend import Version
from .constants import *
from .dates import Date
from .outcome import LastError
from .structs import *

def initialize(
    path: str = "",
    *,
    login: int = 0,
    password: str = "",
    server: str = "",
    timeout: int = 60_000,
    portable: bool = False,
) -> bool:
    """initialize([path],[server="SERVER"],[login=LOGIN],[password="PASSWORD"])

    Establish connection to MetaTrader 5 terminal

    Connect, log in and wait until everything about the account is known.

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

def login(
    login: int,
    password: str = "",
    server: str = "",
    *,
    timeout: int = 60_000,
) -> bool:
    """login(login,[server="SERVER"],[password="PASSWORD"])

    Log in to specific account

    Switch the open connection to an account.

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

def shutdown() -> bool:
    """shutdown()

    Disconnect from MetaTrader 5 terminal

    Close the connection. What was returned before stays valid.

    Returns:
        True, also when nothing was connected.

    Example:
        >>> mt5.shutdown()
        True
        >>> mt5.account_info() is None, mt5.last_error()
        (True, (-10004, 'No IPC connection'))
    """

def version() -> Version:
    """version()

    Get MetaTrader 5 terminal version

    Tell which terminal is connected.

    Returns:
        Version, build and release date, as (500, 3428, "14 Sep 2022"). On failure
        (0, 0, ""), where the original's documentation says None.

    Errors (see last_error):
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Example:
        >>> mt5.version()[:2]
        (500, 5687)
    """

def last_error() -> LastError:
    """last_error()

    Return last error code and description

    Tell how the call that ended last went.

    There is one such place for all threads, as in the original. Asking does not
    change it.

    Returns:
        Code and text: (1, "Success") after a success, (0, "") before the first call.

    Example:
        >>> mt5.symbol_info("NOSUCH") is None, mt5.last_error()
        (True, (-4, 'Terminal: Not found'))
    """

def terminal_info() -> TerminalInfo | None:
    """terminal_info()

    Get parameters of MetaTrader 5 terminal

    Describe the program that is connected.

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

def account_info() -> AccountInfo | None:
    """account_info()

    Return information on the current account

    Describe the account that is logged in.

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

def symbols_total() -> int | None:
    """symbols_total()

    Return the number of all available symbols

    Count the symbols of the server, shown in the Market Watch or not.

    Returns:
        Their number; None on failure.

    Errors (see last_error):
        RES_E_INVALID_VERSION: `initialize` has not succeeded yet.
        RES_E_INTERNAL_FAIL_CONNECT: not connected any more.

    Example:
        >>> mt5.symbols_total() == len(mt5.symbols_get())
        True
    """

def symbols_get(group: str = "") -> tuple[SymbolInfo, ...] | None:
    """symbols_get([group="GROUP"])

    Return all available symbols or filtred by group

    List symbols.

    Args:
        group: masks of names, separated by commas, by position or as a keyword, which
            counts when both are given. "*" stands for any characters, "!" excludes:
            "*USD*,!*EUR*". Upper and lower case differ. "" stands for all symbols.

    Returns:
        All symbols of the server, shown in the Market Watch or not, or those of the
        group; () when there is none. None on failure, but False for bad arguments.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: group is no str, or more than 1997 UTF-16 units long.
        RES_E_INVALID_VERSION: `initialize` has not succeeded yet.
        RES_E_INTERNAL_FAIL_CONNECT: not connected any more.

    Example:
        >>> [info.name for info in mt5.symbols_get("X*USD,!*XAG*")]
        ['XAUUSD']
    """

def symbol_info(symbol: str, /) -> SymbolInfo | None:
    """symbol_info(symbol)

    Return full information for specified symbol

    Describe a symbol: how it is traded, and what it costs now.

    Args:
        symbol: its exact name; it need not be in the Market Watch.

    Returns:
        Everything known about it: spread and stops level in points, volumes in lots,
        times in seconds on the trade server's clock; fields the server has no value
        for are 0 or "". None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: symbol is no str, or more than 29 UTF-16 units long.
        RES_E_NOT_FOUND: no such symbol.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Example:
        >>> info = mt5.symbol_info("EURUSD")
        >>> info.digits, info.point, info.volume_min, info.trade_contract_size
        (5, 1e-05, 0.01, 100000.0)
    """

def symbol_info_tick(symbol: str, /) -> Tick | None:
    """symbol_info_tick(symbol)

    Return current prices of specified symbol

    Tell the latest prices of a symbol.

    Args:
        symbol: its exact name.

    Returns:
        The latest tick: time (s) and time_msc (ms) on the trade server's clock; bid,
        ask, last (price); volume (whole part) and volume_real; flags (TICK_FLAG_...
        bits of what changed). None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: symbol is no str, or more than 29 UTF-16 units long.
        RES_E_NOT_FOUND: no such symbol, or no quote of it.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Example:
        >>> tick = mt5.symbol_info_tick("EURUSD")
        >>> tick.bid, tick.ask
        (1.1, 1.10012)
    """

def symbol_select(symbol: str, enable: object = True, /) -> bool:
    """symbol_select(symbol,[enable])

    Select symbol in Market Watch window or remove symbol from the window

    Show a symbol in the Market Watch, or hide it.

    Args:
        symbol: its exact name.
        enable: True to show it, False to hide it; any object counts by its truth.

    Returns:
        True when done. False on failure, also for a symbol that cannot be hidden
        because a position or order needs it.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: symbol is no str, or more than 29 UTF-16 units long.
        RES_E_FAIL: no such symbol, or it cannot be hidden.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: enable has no truth value.

    Example:
        >>> mt5.symbol_select("USDNOK"), mt5.symbol_info("USDNOK").visible
        (True, True)
        >>> mt5.symbol_select("USDNOK", False), mt5.symbol_info("USDNOK").visible
        (True, False)
    """

def market_book_add(symbol: str, /) -> bool | None:
    """market_book_add(symbol)

    Opens Depth of Market for a selected symbol

    Begin to receive the depth of market of a symbol.

    Args:
        symbol: its exact name.

    Returns:
        True when done. False on failure, without a reason: like the original it
        leaves last_error() at (1, "Success"), also when not connected. None for bad
        arguments.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: symbol is no str, or more than 29 UTF-16 units long.

    Example:
        >>> mt5.market_book_add("EURUSD"), mt5.market_book_add("NOSUCH")
        (True, False)
    """

def market_book_get(symbol: str, /) -> tuple[BookInfo, ...] | None:
    """market_book_get(symbol)

    Returns Depth of Market structures of a specified symbol

    List the depth of market of a symbol, after `market_book_add`.

    The first call waits for the first levels, for up to 3 seconds; others never wait.

    Args:
        symbol: its exact name.

    Returns:
        Rows of type (BOOK_TYPE_...), price, volume (lots, whole part) and volume_dbl
        (lots): sells first, then buys, each by falling price; () when there is none,
        or none has come yet. None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: symbol is no str, or more than 29 UTF-16 units long.
        RES_E_NOT_FOUND: `market_book_add` has not been called for the symbol.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Example:
        >>> mt5.market_book_get("GBPUSD") is None  # not without market_book_add
        True
        >>> mt5.market_book_add("EURUSD")
        True
        >>> all(row.volume_dbl > 0 for row in mt5.market_book_get("EURUSD"))
        True
    """

def market_book_release(symbol: str, /) -> bool | None:
    """market_book_release(symbol)

    Closes Depth of Market for a selected symbol

    End what `market_book_add` began.

    Args:
        symbol: its exact name.

    Returns:
        True when done. False on failure, without a reason: like the original it
        leaves last_error() at (1, "Success"), also when not connected. None for bad
        arguments.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: symbol is no str, or more than 29 UTF-16 units long.

    Example:
        >>> mt5.market_book_add("EURUSD"), mt5.market_book_release("EURUSD")
        (True, True)
    """

def copy_rates_from(
    symbol: str, timeframe: int, date_from: Date, count: int, /
) -> NDArray[np.void] | None:
    """copy_rates_from(symbol, timeframe, date_from, count)

    Get bars starting from specific date

    Get the last bars up to a moment.

    Args:
        symbol: its exact name.
        timeframe: a TIMEFRAME_... value.
        date_from: the newest bar wanted opened then or before: seconds on the trade
            server's clock, or a datetime; a naive one is local time.
        count: the most bars wanted.

    Returns:
        Structured array of shape (n,), n <= count, read-only, oldest bar first: time
        (s), open, high, low, close (price), tick_volume (number of price changes),
        spread (points), real_volume (0 off exchange). None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: wrong number or type of arguments, symbol of more than
            29 UTF-16 units, no such timeframe, count below 1 or at the terminal's
            maxbars.
        RES_E_NOT_FOUND: no such symbol.
        RES_E_FAIL: no bars there.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: timeframe or count is no integer of 32 bits, date_from an int
            beyond 32 bits or a datetime without a timestamp.

    Example:
        >>> noon = 1773144000  # 10 March 2026, 12:00 on the trade server's clock
        >>> bars = mt5.copy_rates_from("GBPUSD", mt5.TIMEFRAME_H1, noon, 2)
        >>> bars["time"].tolist()
        [1773140400, 1773144000]
        >>> bars.dtype.names[:5]
        ('time', 'open', 'high', 'low', 'close')
    """

def copy_rates_from_pos(
    symbol: str, timeframe: int, start_pos: int, count: int, /
) -> NDArray[np.void] | None:
    """copy_rates_from_pos(symbol, timeframe, start_pos, count)

    Get bars starting from specified position

    Get bars counted back from the current one.

    Args:
        symbol: its exact name.
        timeframe: a TIMEFRAME_... value.
        start_pos: the newest bar wanted; 0 is the bar still forming.
        count: the most bars wanted.

    Returns:
        Structured array of shape (n,), n <= count, read-only, oldest bar first: time
        (s), open, high, low, close (price), tick_volume (number of price changes),
        spread (points), real_volume (0 off exchange). None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: wrong number or type of arguments, symbol of more than
            29 UTF-16 units, no such timeframe, start_pos below 0, count below 1 or at
            the terminal's maxbars.
        RES_E_FAIL: no such symbol, or no bars there.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: timeframe, start_pos or count is no integer of 32 bits.

    Example:
        >>> bars = mt5.copy_rates_from_pos("GBPUSD", mt5.TIMEFRAME_M15, 0, 100)
        >>> bars.shape, bool((bars["high"] >= bars["low"]).all())
        ((100,), True)
    """

def copy_rates_range(
    symbol: str, timeframe: int, date_from: Date, date_to: Date, /
) -> NDArray[np.void] | None:
    """copy_rates_range(symbol, timeframe, date_from, date_to)

    Get bars from specified period

    Get the bars between two moments.

    Args:
        symbol: its exact name.
        timeframe: a TIMEFRAME_... value.
        date_from: the oldest bar wanted opened then or later: seconds on the trade
            server's clock, or a datetime; a naive one is local time.
        date_to: the newest bar wanted opened then or before.

    Returns:
        Structured array of shape (n,), read-only, oldest bar first, empty when no bar
        opened in between: time (s), open, high, low, close (price), tick_volume
        (number of price changes), spread (points), real_volume (0 off exchange). None
        on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: wrong number or type of arguments, symbol of more than
            29 UTF-16 units, no such timeframe, as many bars as the terminal's maxbars.
        RES_E_NOT_FOUND: no such symbol.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: timeframe is no integer of 32 bits, a date an int beyond 32 bits
            or a datetime without a timestamp.

    Example:
        >>> day = 1773100800  # 10 March 2026, 00:00 on the trade server's clock
        >>> bars = mt5.copy_rates_range("GBPUSD", mt5.TIMEFRAME_H4, day, day + 8 * 3600)
        >>> ((bars["time"] - day) // 3600).tolist()
        [0, 4, 8]
    """

def copy_ticks_from(
    symbol: str, date_from: Date, count: int, flags: int, /
) -> NDArray[np.void] | None:
    """copy_ticks_from(symbol, date_from, count, flags)

    Get ticks starting from specific date

    Get the first ticks since a moment.

    Args:
        symbol: its exact name.
        date_from: seconds on the trade server's clock, or a datetime; a naive one is
            local time. What is less than a second is cut off.
        count: the most ticks wanted.
        flags: a COPY_TICKS_... value.

    Returns:
        Structured array of shape (n,), n <= count, read-only, oldest tick first, empty
        when there is none: time (s), bid, ask, last (price), volume (whole part),
        time_msc (ms), flags (TICK_FLAG_... bits), volume_real. None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: wrong number or type of arguments, symbol of more than
            29 UTF-16 units, count below 1.
        RES_E_NOT_FOUND: no such symbol.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: count or flags is no integer of 32 bits, date_from an int beyond
            32 bits or a datetime without a timestamp.

    Example:
        >>> ticks = mt5.copy_ticks_from("EURUSD", 0, 1000, mt5.COPY_TICKS_ALL)
        >>> ticks[["bid", "ask"]][-1].item()
        (1.1, 1.10012)
    """

def copy_ticks_range(
    symbol: str, date_from: Date, date_to: Date, flags: int, /
) -> NDArray[np.void] | None:
    """copy_ticks_range(symbol, date_from, date_to, flags)

    Get ticks from specified period

    Get the ticks between two moments.

    Args:
        symbol: its exact name.
        date_from: seconds on the trade server's clock, or a datetime; a naive one is
            local time. What is less than a second is cut off.
        date_to: the same for the other end.
        flags: a COPY_TICKS_... value.

    Returns:
        Structured array of shape (n,), read-only, oldest tick first, empty when there
        is none: time (s), bid, ask, last (price), volume (whole part), time_msc (ms),
        flags (TICK_FLAG_... bits), volume_real. None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: wrong number or type of arguments, symbol of more than
            29 UTF-16 units.
        RES_E_NOT_FOUND: no such symbol.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: flags is no integer of 32 bits, a date an int beyond 32 bits or a
            datetime without a timestamp.

    Example:
        >>> mt5.copy_ticks_range("EURUSD", 0, 3600, mt5.COPY_TICKS_ALL).shape
        (0,)
    """

def positions_total() -> int | None:
    """positions_total()

    Return the number of open positions

    Count the open positions.

    Returns:
        Their number; None on failure.

    Errors (see last_error):
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Example:
        >>> mt5.positions_total() == len(mt5.positions_get())
        True
    """

def positions_get(
    *, symbol: str = ..., ticket: int = ..., group: str = ...
) -> tuple[TradePosition, ...] | None:
    """positions_get([symbol="SYMBOL"],[ticket=TICKET],[group="GROUP"])

    Return all open positions, can be filtered by symbol, group or ticket

    List open positions.

    Only one filter acts: ticket before symbol before group. Unknown keywords are
    ignored, None is no value.

    Args:
        ticket: of one position.
        symbol: exact name.
        group: masks of symbol names, separated by commas; "*" stands for any
            characters, "!" excludes: "*USD*,!*EUR*". "" selects nothing.

    Returns:
        The positions by rising ticket; () when there is none. None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: a positional argument, a wrong type, a text that is too
            long (symbol 29, group 1997 UTF-16 units).
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: ticket is negative or beyond 64 bits.

    Example:
        >>> bought = mt5.Buy("EURUSD", 0.1)
        >>> [position.volume for position in mt5.positions_get(ticket=bought.order)]
        [0.1]
        >>> mt5.positions_get(symbol="USDNOK")
        ()
    """

def orders_total() -> int | None:
    """orders_total()

    Return the number of orders

    Count the pending orders.

    Returns:
        Their number; None on failure.

    Errors (see last_error):
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Example:
        >>> mt5.orders_total() == len(mt5.orders_get())
        True
    """

def orders_get(
    *, symbol: str = ..., ticket: int = ..., group: str = ...
) -> tuple[TradeOrder, ...] | None:
    """orders_get([symbol="SYMBOL"],[ticket=TICKET],[group="GROUP"])

    Return all orders, can be filtered by symbol, group or ticket

    List pending orders.

    Only one filter acts: ticket before symbol before group. Unknown keywords are
    ignored, None is no value.

    Args:
        ticket: of one order.
        symbol: exact name.
        group: masks of symbol names, separated by commas; "*" stands for any
            characters, "!" excludes: "*USD*,!*EUR*". "" selects nothing.

    Returns:
        The orders by rising ticket; () when there is none. None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: a positional argument, a wrong type, a text that is too
            long (symbol 29, group 1997 UTF-16 units).
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: ticket is negative or beyond 64 bits.

    Example:
        >>> placed = mt5.order_send(
        ...     action=mt5.TRADE_ACTION_PENDING,
        ...     symbol="EURUSD",
        ...     volume=0.1,
        ...     type=mt5.ORDER_TYPE_BUY_LIMIT,
        ...     price=1.09,
        ... )
        >>> (order,) = mt5.orders_get(ticket=placed.order)
        >>> order.price_open, order.volume_current
        (1.09, 0.1)
    """

def history_orders_total(date_from: Date, date_to: Date, /) -> int | None:
    """history_orders_total(date_from, date_to)

    Return the number of orders in selected range from history

    Count the orders of a time that were executed, cancelled or refused.

    Args:
        date_from: seconds on the trade server's clock, or a datetime; a naive one is
            local time.
        date_to: the same for the other end.

    Returns:
        Their number; None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: wrong number or type of arguments.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: a date is an int beyond 32 bits, or a datetime without a
            timestamp.

    Example:
        >>> mt5.history_orders_total(0, 86400)  # 1 January 1970
        0
    """

def history_orders_get(
    date_from: Date = ...,
    date_to: Date = ...,
    /,
    *,
    group: str = ...,
    ticket: int = ...,
    position: int = ...,
) -> tuple[TradeOrder, ...] | None:
    """history_orders_get([date_from, date_to, [group="GROUP"]],[position=POSITION],[ticket=TICKET])

    Return orders in selected range from history or filtered by position id, ticket

    List orders that were executed, cancelled or refused.

    Three forms: (date_from, date_to[, group=]), (ticket=) and (position=). With dates
    ticket and position are ignored, and ticket goes before position.

    Args:
        date_from: seconds on the trade server's clock, or a datetime; a naive one is
            local time. By position only.
        date_to: the same for the other end.
        group: masks of symbol names, separated by commas; "*" stands for any
            characters, "!" excludes: "*USD*,!*EUR*". "" selects nothing.
        ticket: of one order.
        position: ticket of a position; its orders at any time.

    Returns:
        The orders; () when there is none. None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: none of the three forms, a wrong type, group of more than
            1997 UTF-16 units.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: ticket or position is negative or beyond 64 bits, a date is an
            int beyond 32 bits or a datetime without a timestamp.

    Example:
        >>> bought = mt5.Buy("EURUSD", 0.1)
        >>> (order,) = mt5.history_orders_get(ticket=bought.order)
        >>> order.state == mt5.ORDER_STATE_FILLED, order.volume_initial
        (True, 0.1)
    """

def history_deals_total(date_from: Date, date_to: Date, /) -> int | None:
    """history_deals_total(date_from, date_to)

    Return the number of deals in selected range from history

    Count the deals of a time, changes of the balance included.

    Args:
        date_from: seconds on the trade server's clock, or a datetime; a naive one is
            local time.
        date_to: the same for the other end.

    Returns:
        Their number; None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: wrong number or type of arguments.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: a date is an int beyond 32 bits, or a datetime without a
            timestamp.

    Example:
        >>> mt5.history_deals_total(0, 2**31 - 1) > 0  # the first deposit is one
        True
    """

def history_deals_get(
    date_from: Date = ...,
    date_to: Date = ...,
    /,
    *,
    group: str = ...,
    ticket: int = ...,
    position: int = ...,
) -> tuple[TradeDeal, ...] | None:
    """history_deals_get([date_from, date_to, [group="GROUP"]],[position=POSITION],[ticket=TICKET])

    Return deals in selected range from history or filtered by position id, ticket

    List deals and changes of the balance.

    Three forms: (date_from, date_to[, group=]), (ticket=) and (position=). With dates
    ticket and position are ignored, and ticket goes before position.

    Args:
        date_from: seconds on the trade server's clock, or a datetime; a naive one is
            local time. By position only.
        date_to: the same for the other end.
        group: masks of symbol names, separated by commas; "*" stands for any
            characters, "!" excludes: "*USD*,!*EUR*". "" selects nothing. The symbol
            of a change of the balance is "": "*" selects it.
        ticket: of an order, whose first deal then comes, or of a deal.
        position: ticket of a position; its deals at any time.

    Returns:
        The deals; () when there is none. None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: none of the three forms, a wrong type, group of more than
            1997 UTF-16 units.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: ticket or position is negative or beyond 64 bits, a date is an
            int beyond 32 bits or a datetime without a timestamp.

    Example:
        >>> bought = mt5.Buy("EURUSD", 0.1)
        >>> mt5.Close("EURUSD", ticket=bought.order)
        True
        >>> deals = mt5.history_deals_get(position=bought.order)
        >>> [(deal.entry, deal.volume) for deal in deals]
        [(0, 0.1), (1, 0.1)]
    """

def order_check(
    request: dict[str, Any] = ..., /, **fields: Any
) -> OrderCheckResult | None:
    """order_check(request)

    Check if there are enough funds to execute required trading operation

    Find out what a trade request would do to the account, without sending it.

    Args:
        request: the fields of the request, see `order_send`.
        fields: the same as keyword arguments, instead of a dict.

    Returns:
        The account as it would be, money in the deposit currency and margin_level in
        percent; retcode is 0, not TRADE_RETCODE_DONE, when the request could be sent.
        None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: a field of the wrong type; its name is in the text.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: a number is negative or too large for its field.

    Example:
        >>> check = mt5.order_check(
        ...     action=mt5.TRADE_ACTION_DEAL,
        ...     symbol="EURUSD",
        ...     volume=1.0,
        ...     type=mt5.ORDER_TYPE_BUY,
        ...     price=mt5.symbol_info_tick("EURUSD").ask,
        ... )
        >>> check.retcode, check.comment, check.margin
        (0, 'Done', 1100.12)
    """

def order_send(
    request: dict[str, Any] = ..., /, **fields: Any
) -> OrderSendResult | None:
    """order_send(request)

    Send trading requests to server

    Send a trade request, once, and wait for its result.

    Fields, all of which may be left out; other keys are ignored:

    * action, type, type_filling, type_time: one of TRADE_ACTION_..., ORDER_TYPE_...,
      ORDER_FILLING_... and ORDER_TIME_...;
    * symbol and comment: str of at most 29 UTF-16 units;
    * volume (lots), price, stoplimit, sl, tp: float;
    * deviation (points), magic (the number of your program): int;
    * order, position, position_by: int, tickets;
    * expiration: int, seconds on the trade server's clock; no datetime.

    An int is no float here, and a numpy integer is no int; None is no value.

    Args:
        request: the fields of the request.
        fields: the same as keyword arguments, instead of a dict.

    Returns:
        What became of it. A refusal is a result too: look at retcode. The outcome is
        not known when that is TRADE_RETCODE_TIMEOUT: look at positions and orders
        before you send anything again, or ask `mt5web.sent_requests`. None when
        nothing was sent.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: a field of the wrong type; its name is in the text.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: a number is negative or too large for its field.

    Example:
        >>> result = mt5.order_send(
        ...     {
        ...         "action": mt5.TRADE_ACTION_DEAL,
        ...         "symbol": "EURUSD",
        ...         "volume": 0.1,
        ...         "type": mt5.ORDER_TYPE_BUY,
        ...         "price": mt5.symbol_info_tick("EURUSD").ask,
        ...         "type_filling": mt5.ORDER_FILLING_IOC,
        ...     }
        ... )
        >>> result.retcode == mt5.TRADE_RETCODE_DONE, result.comment
        (True, 'Request executed')
    """

def order_calc_margin(
    action: int, symbol: str, volume: float, price: float, /
) -> float | None:
    """order_calc_margin(action, symbol, volume, price,)

    Calculate margin required for specified order

    Calculate the margin of a deal or order on its own, whatever else is open.

    Args:
        action: an ORDER_TYPE_... value but ORDER_TYPE_CLOSE_BY.
        symbol: its exact name.
        volume: lots.
        price: of the deal.

    Returns:
        The margin in the deposit currency; None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: wrong number of arguments, symbol no str or of more than
            29 UTF-16 units, no such action, no volume.
        RES_E_NOT_FOUND: no such symbol.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: action is no int, volume or price no number.

    Example:
        >>> mt5.order_calc_margin(mt5.ORDER_TYPE_BUY, "EURUSD", 1.0, 1.1)
        1100.0
    """

def order_calc_profit(
    action: int,
    symbol: str,
    volume: float,
    price_open: float,
    price_close: float,
    /,
) -> float | None:
    """order_calc_profit(action, symbol, volume, price_open, price_close)

    Calculate profit for the current account in the current market conditions based on parameters passed

    Calculate the profit of a deal and its opposite, without costs.

    Args:
        action: ORDER_TYPE_BUY or ORDER_TYPE_SELL.
        symbol: its exact name.
        volume: lots.
        price_open: of the deal.
        price_close: of the opposite deal.

    Returns:
        The profit in the deposit currency, at present rates; None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: wrong number of arguments, symbol no str or of more than
            29 UTF-16 units, no such action, no volume.
        RES_E_NOT_FOUND: no such symbol.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: action is no int, volume or a price no number.

    Example:
        >>> mt5.order_calc_profit(mt5.ORDER_TYPE_BUY, "EURUSD", 1.0, 1.1, 1.1025)
        250.0
    """

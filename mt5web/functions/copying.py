"""Bars and ticks, as numpy arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from mt5web.arguments import c_int
from mt5web.arguments import symbol as checked
from mt5web.calling import NONE, positional
from mt5web.constants import RES_E_NO_MEMORY
from mt5web.dates import Date, milliseconds, seconds
from mt5web.official import official
from mt5web.session import Session

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows: TypeAlias = NDArray[np.void]

NO_MEMORY: Final = {RES_E_NO_MEMORY: "No memory"}


@official(
    "copy_rates_from(symbol, timeframe, date_from, count)",
    "Get bars starting from specific date",
    takes=positional(4, 4),
    answers=NONE,
    texts=NO_MEMORY,
)
def copy_rates_from(
    session: Session, symbol: str, timeframe: int, date_from: Date, count: int, /
) -> Rows:
    """Get the last bars up to a moment.

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
    timeframe, count = c_int(timeframe), c_int(count)
    return session.backend.copy_rates_from(
        checked(symbol), timeframe, seconds(date_from), count
    )


@official(
    "copy_rates_from_pos(symbol, timeframe, start_pos, count)",
    "Get bars starting from specified position",
    takes=positional(4, 4),
    answers=NONE,
    texts=NO_MEMORY,
)
def copy_rates_from_pos(
    session: Session, symbol: str, timeframe: int, start_pos: int, count: int, /
) -> Rows:
    """Get bars counted back from the current one.

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
    timeframe, start_pos, count = c_int(timeframe), c_int(start_pos), c_int(count)
    return session.backend.copy_rates_from_pos(
        checked(symbol), timeframe, start_pos, count
    )


@official(
    "copy_rates_range(symbol, timeframe, date_from, date_to)",
    "Get bars from specified period",
    takes=positional(4, 4),
    answers=NONE,
    texts=NO_MEMORY,
)
def copy_rates_range(
    session: Session, symbol: str, timeframe: int, date_from: Date, date_to: Date, /
) -> Rows:
    """Get the bars between two moments.

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
    timeframe = c_int(timeframe)
    return session.backend.copy_rates_range(
        checked(symbol), timeframe, seconds(date_from), seconds(date_to)
    )


@official(
    "copy_ticks_from(symbol, date_from, count, flags)",
    "Get ticks starting from specific date",
    takes=positional(4, 4),
    answers=NONE,
    texts=NO_MEMORY,
)
def copy_ticks_from(
    session: Session, symbol: str, date_from: Date, count: int, flags: int, /
) -> Rows:
    """Get the first ticks since a moment.

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
    count, flags = c_int(count), c_int(flags)
    return session.backend.copy_ticks_from(
        checked(symbol), milliseconds(date_from), count, flags
    )


@official(
    "copy_ticks_range(symbol, date_from, date_to, flags)",
    "Get ticks from specified period",
    takes=positional(4, 4),
    answers=NONE,
    texts=NO_MEMORY,
)
def copy_ticks_range(
    session: Session, symbol: str, date_from: Date, date_to: Date, flags: int, /
) -> Rows:
    """Get the ticks between two moments.

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
    flags = c_int(flags)
    return session.backend.copy_ticks_range(
        checked(symbol), milliseconds(date_from), milliseconds(date_to), flags
    )

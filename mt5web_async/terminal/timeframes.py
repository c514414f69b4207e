"""The official timeframes: when their bars open, and how long bars follow from short.

Everything goes by server time. Bars of minutes and hours open at multiples of their
length since midnight, weeks on Sunday, months on the 1st. A bar carries the time of
its opening even when its first price came later.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mt5web_async.enums import Period

_DAY: Final = 86_400
_WEEK: Final = 7 * _DAY
_SUNDAY: Final = 3 * _DAY  # 1970-01-04
_IN_HOURS: Final = 0x4000
_IN_WEEKS: Final = 0x8000


class Timeframe(IntEnum):
    """The 21 official timeframes."""

    M1 = 1
    M2 = 2
    M3 = 3
    M4 = 4
    M5 = 5
    M6 = 6
    M10 = 10
    M12 = 12
    M15 = 15
    M20 = 20
    M30 = 30
    H1 = 16385
    H2 = 16386
    H3 = 16387
    H4 = 16388
    H6 = 16390
    H8 = 16392
    H12 = 16396
    D1 = 16408
    W1 = 32769
    MN1 = 49153

    @property
    def seconds(self) -> int:
        """Length of a bar, s; of the shortest month for MN1."""
        if self is Timeframe.MN1:
            return 28 * _DAY
        if self & _IN_WEEKS:
            return _WEEK
        unit = 3600 if self & _IN_HOURS else 60
        return unit * (self & ~_IN_HOURS)

    @property
    def base(self) -> Period:
        """The period that the server has and that makes this one.

        It is the longest that fits; a timeframe that the server has is its own.

        Example:
            >>> Timeframe.M20.base.name, Timeframe.H3.base.name
            ('M5', 'H1')
        """
        return _BASES[self]


def _base(timeframe: Timeframe) -> Period:
    periods = {Timeframe(period): period for period in Period}
    if timeframe in periods:
        return periods[timeframe]
    fitting = [one for one in periods if timeframe.seconds % one.seconds == 0]
    return periods[max(fitting, key=lambda one: one.seconds)]


_BASES: Final = {timeframe: _base(timeframe) for timeframe in Timeframe}


def openings(timeframe: Timeframe, times: NDArray[np.int64]) -> NDArray[np.int64]:
    """When the bars open that hold these times; shape (n,), s of server time.

    Example:
        >>> openings(Timeframe.W1, np.array([1773138960])).tolist()  # a Tuesday
        [1772928000]
    """
    if timeframe is Timeframe.MN1:
        months = times.astype("datetime64[s]").astype("datetime64[M]")
        return months.astype("datetime64[s]").astype(np.int64)
    first = _SUNDAY if timeframe is Timeframe.W1 else 0
    length = timeframe.seconds
    return (times - first) // length * length + first


def opening(timeframe: Timeframe, time: int) -> int:
    """When the bar opens that holds this time, s of server time."""
    return int(openings(timeframe, np.array([time], np.int64))[0])


def next_opening(timeframe: Timeframe, time: int) -> int:
    """When the bar opens that follows the one that holds this time."""
    if timeframe is Timeframe.MN1:
        return opening(timeframe, opening(timeframe, time) + 31 * _DAY)
    return opening(timeframe, time) + timeframe.seconds


def merged(timeframe: Timeframe, rates: NDArray[np.void]) -> NDArray[np.void]:
    """The bars of a longer timeframe.

    Args:
        timeframe: the longer one.
        rates: rows of a timeframe that fits into it, oldest first; shape (n,).

    Returns:
        New rows of the same structure, oldest first; the first and the last bar are
        as whole as the given rows make them.
    """
    if not len(rates):
        return rates.copy()
    opens = openings(timeframe, np.ascontiguousarray(rates["time"]))
    first = np.flatnonzero(np.diff(opens, prepend=opens[0] - 1))
    last = np.append(first[1:], len(opens)) - 1
    bars = np.empty(len(first), rates.dtype)
    bars["time"] = opens[first]
    bars["open"] = rates["open"][first]
    bars["high"] = np.maximum.reduceat(rates["high"], first)
    bars["low"] = np.minimum.reduceat(rates["low"], first)
    bars["close"] = rates["close"][last]
    bars["spread"] = rates["spread"][last]
    for volume in ("tick_volume", "real_volume"):
        bars[volume] = np.add.reduceat(rates[volume], first)
    return bars

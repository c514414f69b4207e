"""When bars begin, and how longer bars follow from shorter ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mt5web_async.enums import Period

_SECONDS: Final = {
    Period.M1: 60,
    Period.M5: 300,
    Period.M15: 900,
    Period.M30: 1800,
    Period.H1: 3600,
    Period.H4: 14_400,
    Period.D1: 86_400,
}
_WEEK: Final = 7 * 86_400
_SHORTEST_MONTH: Final = 28 * 86_400
_SUNDAY: Final = 3 * 86_400  # 1970-01-04


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars as columns of shape (n,), oldest first.

    Attributes:
        time: s since 1970, server time, of the bar's start.
        open: price in points (x 10**digits), and so the three after it.
        high: likewise.
        low: likewise.
        close: likewise.
        ticks: tick volume.
        volume: whole units of traded volume.
    """

    time: NDArray[np.int64]
    open: NDArray[np.int64]
    high: NDArray[np.int64]
    low: NDArray[np.int64]
    close: NDArray[np.int64]
    ticks: NDArray[np.int64]
    volume: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.time)

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.intp] | slice) -> Bars:
        """The bars that a mask, a slice or numbers choose."""
        return Bars(
            self.time[chosen],
            self.open[chosen],
            self.high[chosen],
            self.low[chosen],
            self.close[chosen],
            self.ticks[chosen],
            self.volume[chosen],
        )


_NONE: Final = np.empty(0, np.int64)
NO_BARS: Final = Bars(_NONE, _NONE, _NONE, _NONE, _NONE, _NONE, np.empty(0))


def seconds(period: Period) -> int:
    """How long a bar of this period takes at least.

    Example:
        >>> seconds(Period.M5), seconds(Period.MN1)
        (300, 2419200)
    """
    if period in _SECONDS:
        return _SECONDS[period]
    return _WEEK if period is Period.W1 else _SHORTEST_MONTH


def period_starts(period: Period, times: NDArray[np.int64]) -> NDArray[np.int64]:
    """The starts of the bars that hold these times (s, server time).

    Example:
        >>> period_starts(Period.W1, np.array([1773138960])).tolist()  # a Tuesday
        [1772928000]
    """
    if period in _SECONDS:
        length = _SECONDS[period]
        return times // length * length
    if period is Period.W1:
        return (times - _SUNDAY) // _WEEK * _WEEK + _SUNDAY
    months = times.view("datetime64[s]").astype("datetime64[M]")
    return months.astype("datetime64[s]").view(np.int64)


def period_start(period: Period, time: int) -> int:
    """The start of the bar that holds this time (s, server time)."""
    return int(period_starts(period, np.array([time], np.int64))[0])


def joined(parts: Sequence[Bars]) -> Bars:
    """Runs of bars as one run."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return NO_BARS
    return Bars(
        np.concatenate([part.time for part in parts]),
        np.concatenate([part.open for part in parts]),
        np.concatenate([part.high for part in parts]),
        np.concatenate([part.low for part in parts]),
        np.concatenate([part.close for part in parts]),
        np.concatenate([part.ticks for part in parts]),
        np.concatenate([part.volume for part in parts]),
    )


def merged(period: Period, bars: Bars) -> Bars:
    """The bars of a longer period.

    Args:
        period: the longer one.
        bars: of a period that fits into it, oldest first.
    """
    if not len(bars):
        return NO_BARS
    starts = period_starts(period, bars.time)
    first = np.flatnonzero(np.diff(starts, prepend=starts[0] - 1))
    last = np.append(first[1:], len(starts)) - 1
    return Bars(
        starts[first],
        bars.open[first],
        np.maximum.reduceat(bars.high, first),
        np.minimum.reduceat(bars.low, first),
        bars.close[last],
        np.add.reduceat(bars.ticks, first),
        np.add.reduceat(bars.volume, first),
    )

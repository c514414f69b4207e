"""The bars of years back, made when asked for and kept for a while."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mt5web_async.enums import Period
from mt5web_async.protocol.responses import Schedule

from .periods import Bars, joined, merged
from .quoting import Minutes, Quoting
from .recent import Recent

_BLOCK_H: Final = 8 * 24
_BLOCK_S: Final = _BLOCK_H * 3600
_WEEK_MIN: Final = 7 * 1440
_SUNDAY_MIN: Final = 3 * 1440  # 1970-01-04
_KEPT: Final = {Period.M1: 32, Period.H1: 512, Period.D1: 16_384}

_BASE: Final = {
    Period.M1: Period.M1,
    Period.M5: Period.M1,
    Period.M15: Period.M1,
    Period.M30: Period.M1,
    Period.H1: Period.H1,
    Period.H4: Period.H1,
    Period.D1: Period.D1,
    Period.W1: Period.D1,
    Period.MN1: Period.D1,
}


def base_of(period: Period) -> Period:
    """The period that is kept (M1, H1 or D1) and makes this one."""
    return _BASE[period]


class Hours:
    """The minutes of the week in which a symbol is quoted.

    Args:
        schedule: its quote sessions count.
    """

    def __init__(self, schedule: Schedule) -> None:
        self._open = np.zeros(_WEEK_MIN, np.bool_)
        for day, sessions in enumerate(schedule.quotes):
            for session in sessions:
                start = day * 1440
                self._open[start + session.open : start + session.close] = True
        self.always = bool(self._open.all())

    def open_at(self, minutes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of these minutes (since 1970) are within a session."""
        return self._open[(minutes - _SUNDAY_MIN) % _WEEK_MIN]

    def is_open(self, time_ms: int) -> bool:
        """Whether there are quotes at this time (ms, server time)."""
        return bool(self._open[(time_ms // 60_000 - _SUNDAY_MIN) % _WEEK_MIN])

    def within(self, minutes: Minutes) -> Minutes:
        """The same minutes without ticks outside the sessions."""
        if self.always:
            return minutes
        numbers = minutes.first + np.arange(len(minutes.number))
        open_ones = self.open_at(numbers)
        return minutes._replace(number=np.where(open_ones, minutes.number, 0))


class Archive:
    """Bars of all symbols as the price process makes them, whatever the time is.

    Args:
        start: s, server time, of a midnight; there is nothing before it.
    """

    def __init__(self, start: int) -> None:
        self.start = start
        self._kept: dict[Period, Recent[tuple[str, int], Bars]]
        self._kept = {period: Recent(most) for period, most in _KEPT.items()}

    def bars(
        self, name: str, quoting: Quoting, hours: Hours, base: Period, span: range
    ) -> Bars:
        """Bars of a period that is kept.

        Args:
            name: of the symbol.
            quoting: its quotes.
            hours: when it is quoted.
            base: M1, H1 or D1.
            span: seconds of server time in which the bars open.
        """
        first, end = max(span.start, self.start), span.stop
        if first >= end:
            return joined([])
        blocks = range(first // _BLOCK_S, (end - 1) // _BLOCK_S + 1)
        parts = [self._block(name, quoting, hours, base, block) for block in blocks]
        bars = joined(parts)
        left, right = np.searchsorted(bars.time, [first, end])
        return bars.where(slice(int(left), int(right)))

    def _block(
        self, name: str, quoting: Quoting, hours: Hours, base: Period, block: int
    ) -> Bars:
        def make() -> Bars:
            if base is Period.M1:
                minutes = hours.within(quoting.minutes(block * _BLOCK_H, _BLOCK_H))
                return quoting.bars(minutes)
            finer = Period.M1 if base is Period.H1 else Period.H1
            return merged(base, self._block(name, quoting, hours, finer, block))

        return self._kept[base].get((name, block), make)

"""The bars of one symbol up to now: the archive, and what really was sent today.

As long as the price process alone makes the ticks, bars follow from it. Where quotes
were set by hand, the bars are made of those instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mt5web_async.enums import ChartMode, Period, TickFields
from mt5web_async.simulator.clock import DAY_S, MS

from .archive import Archive, base_of
from .periods import NO_BARS, Bars, joined, merged, period_start
from .ticks import UNIT, LiveTick, Source

_LAST: Final = int(TickFields.LAST)
_BID: Final = int(TickFields.BID)
_MINUTE_MS: Final = 60_000
_LONGEST_S: Final = 31 * DAY_S
_MAX_RECORDED: Final = 500_000  # minutes


@dataclass(frozen=True, slots=True)
class ChartPrice:
    """Which price of a tick makes bars.

    Args:
        mode: the symbol's chart mode.
        depth: whether the symbol has a depth of market.
    """

    mode: int
    depth: bool

    def of(self, tick: LiveTick) -> int:
        """The price, points; 0 when the tick carries none."""
        last = tick.last if tick.fields & _LAST else 0
        bid = tick.bid if tick.fields & _BID else 0
        if self.mode == ChartMode.LAST:
            return last
        if self.mode == ChartMode.DEFAULT:
            return last or (0 if self.depth else bid)
        return bid


@dataclass(slots=True)
class _Forming:
    """A recorded bar, prices in points."""

    open: int
    high: int
    low: int
    close: int
    ticks: int = 0
    volume: float = 0.0

    def add(self, price: int, volume: float) -> None:
        self.high = max(self.high, price)
        self.low = min(self.low, price)
        self.close = price
        self.ticks += 1
        self.volume += volume


@dataclass(frozen=True, slots=True)
class Past:
    """The part of an answer that comes out of the archive.

    Attributes:
        bars: of the base period.
        cut: s, server time; what opens before it is complete.
    """

    bars: Bars
    cut: int


class Chart:
    """Bars of one symbol.

    Args:
        name: of the symbol.
        source: its automatic ticks.
        price: which price makes bars.
        archive: the bars of years back.
    """

    def __init__(
        self, name: str, source: Source, price: ChartPrice, archive: Archive
    ) -> None:
        self.price = price
        self._name = name
        self._source = source
        self._archive = archive
        self._recorded: dict[int, _Forming] = {}
        self._spans: list[range] = []  # minutes whose bars are the recorded ones
        self._since: int | None = None  # first minute of a span that goes on

    def take_over(self, time: int) -> None:
        """From `time` (ms) on, only recorded ticks make bars."""
        if self._since is not None:
            return
        minute = time // _MINUTE_MS
        if not self._covered(minute):
            for tick in self._source.until(time):
                self._add(tick)
        self._since = minute

    def hand_back(self, time: int) -> None:
        """After the minute of `time` (ms), the price process makes the bars again."""
        if self._since is not None:
            self._spans.append(range(self._since, time // _MINUTE_MS + 1))
            self._since = None

    def record(self, tick: LiveTick) -> None:
        """A tick was sent."""
        if self._covered(tick.time // _MINUTE_MS):
            self._add(tick)

    def past(self, period: Period, start: int, end: int, now: int) -> Past:
        """What the archive knows of an answer; may run in any thread.

        Args:
            period: of the bars.
            start: s, server time, of the first opening.
            end: s, server time, of the last opening.
            now: ms, server time.
        """
        cut = self._cut(now)
        first = period_start(period, start)
        span = range(first, min(cut, end + _LONGEST_S))
        hours, quoting = self._source.hours, self._source.quoting
        base = base_of(period)
        bars = self._archive.bars(self._name, quoting, hours, base, span)
        return Past(bars, cut)

    def finished(
        self, past: Past, period: Period, start: int, end: int, now: int
    ) -> Bars:
        """The answer: the past with what has happened since.

        Args:
            past: of the same request.
            period: of the bars.
            start: s, server time, of the first opening.
            end: s, server time, of the last opening.
            now: ms, server time; ticks up to then are in.
        """
        cut = min(past.cut, self._cut(now))
        parts = [past.bars.where(past.bars.time < cut)]
        if end + _LONGEST_S >= cut:
            parts.append(merged(base_of(period), self._fresh(cut, start, now)))
        bars = merged(period, joined(parts))
        left = np.searchsorted(bars.time, start, "left")
        right = np.searchsorted(bars.time, end, "right")
        return bars.where(slice(int(left), int(right)))

    def bars(self, period: Period, start: int, end: int, now: int) -> Bars:
        """Bars that open from `start` to `end`, both included, as of `now`.

        Args:
            period: of the bars.
            start: s, server time.
            end: s, server time.
            now: ms, server time.
        """
        past = self.past(period, start, end, now)
        return self.finished(past, period, start, end, now)

    def _cut(self, now: int) -> int:
        """The midnight (s) before which bars come from the archive alone."""
        minutes = [now // _MINUTE_MS]
        minutes += [span.start for span in self._spans[:1]]
        if not self._spans and self._since is not None:
            minutes.append(self._since)
        return min(minutes) * 60 // DAY_S * DAY_S

    def _fresh(self, cut: int, start: int, now: int) -> Bars:
        """M1 bars since `cut`, as far as they matter for what opens at `start`."""
        minute = now // _MINUTE_MS
        first = max(cut, (start - _LONGEST_S) // DAY_S * DAY_S)
        made = self._archive.bars(
            self._name,
            self._source.quoting,
            self._source.hours,
            Period.M1,
            range(first, minute * 60),
        )
        for span in [*self._spans, *self._open_span(minute)]:
            at = np.searchsorted(made.time, [span.start * 60, span.stop * 60])
            made = joined([made.where(slice(0, at[0])), made.where(slice(at[1], None))])
        recorded = self._recorded_bars(first // 60)
        running = NO_BARS if self._covered(minute) else self._running(now)
        every = joined([made, recorded, running])
        return every if not len(recorded) else every.where(np.argsort(every.time))

    def _open_span(self, minute: int) -> list[range]:
        return [] if self._since is None else [range(self._since, minute + 1)]

    def _covered(self, minute: int) -> bool:
        if self._since is not None and minute >= self._since:
            return True
        return any(minute in span for span in self._spans[-2:])

    def _add(self, tick: LiveTick) -> None:
        price = self.price.of(tick)
        if not price:
            return
        minute = tick.time // _MINUTE_MS
        bar = self._recorded.get(minute)
        if bar is None:
            bar = self._recorded[minute] = _Forming(price, price, price, price)
            if len(self._recorded) > _MAX_RECORDED:
                del self._recorded[next(iter(self._recorded))]
        marked = tick.fields & TickFields.VOLUME
        bar.add(price, tick.volume / UNIT if marked else 0.0)

    def _running(self, now: int) -> Bars:
        """The bar that the price process is forming."""
        ticks = self._source.until(now)
        prices = [price for tick in ticks if (price := self.price.of(tick))]
        if not prices:
            return NO_BARS
        volume = sum(tick.volume for tick in ticks) / UNIT
        bar = _Forming(prices[0], max(prices), min(prices), prices[-1], len(prices))
        bar.volume = volume
        return _columns({now // _MINUTE_MS: bar})

    def _recorded_bars(self, first: int) -> Bars:
        return _columns({m: bar for m, bar in self._recorded.items() if m >= first})


def day_start(time: int) -> int:
    """The midnight (s) of the server's day that holds `time` (ms)."""
    return time // MS // DAY_S * DAY_S


def _columns(bars: dict[int, _Forming]) -> Bars:
    if not bars:
        return NO_BARS

    def column(values: list[int]) -> NDArray[np.int64]:
        return np.array(values, np.int64)

    rows = list(bars.values())
    return Bars(
        column(list(bars)) * 60,
        column([bar.open for bar in rows]),
        column([bar.high for bar in rows]),
        column([bar.low for bar in rows]),
        column([bar.close for bar in rows]),
        column([bar.ticks for bar in rows]),
        np.array([bar.volume for bar in rows]),
    )

"""Bars that are kept: what is known of each symbol and timeframe, within a limit.

Only bars that cannot change any more are kept as known; the bar still forming stands
beside them. Nothing here is changed in place: whoever reads sees one state.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from .live_bars import Running
from .rates import Rates, joined
from .timeframes import Timeframe

_SMALL: Final = 8192  # rows


class Series(NamedTuple):
    """Bars of one symbol and timeframe."""

    symbol: str
    timeframe: Timeframe

    def __str__(self) -> str:
        return f"{self.symbol} {self.timeframe.name}"


@dataclass(frozen=True)
class Stretch:
    """A span of time of which every bar is known.

    Attributes:
        start: s, server time: every bar that opens from here
        end: to here, both included, is among the rows.
        chunks: the rows, oldest first; no chunk is empty.
    """

    start: int
    end: int
    chunks: tuple[Rates, ...]

    def cut(self, start: int, end: int) -> Stretch:
        """The part from `start` to `end`, both included."""
        chunks = within(self.chunks, start, end)
        return Stretch(max(start, self.start), min(end, self.end), chunks)

    def followed_by(self, other: Stretch) -> Stretch:
        """This stretch and the one that begins where it ends."""
        chunks = (*self.chunks, *other.chunks)
        seam = slice(max(len(self.chunks) - 1, 0), len(self.chunks) + 1)
        if sum(map(len, chunks[seam])) <= _SMALL and len(chunks[seam]) > 1:
            chunks = (*chunks[: seam.start], joined(chunks[seam]), *chunks[seam.stop :])
        return Stretch(self.start, other.end, chunks)


def within(chunks: Sequence[Rates], start: int, end: int) -> tuple[Rates, ...]:
    """The rows that open from `start` to `end`, both included; no empty chunks."""
    parts = []
    for chunk in chunks:
        if chunk["time"][0] >= start and chunk["time"][-1] <= end:
            parts.append(chunk)
            continue
        times = chunk["time"]
        part = chunk[bisect_left(times, start) : bisect_right(times, end)]
        if len(part):
            parts.append(part)
    return tuple(parts)


def newest(
    chunks: Sequence[Rates], count: int, *, skipped: int = 0
) -> tuple[Rates, ...]:
    """The last `count` rows before the last `skipped` ones, or all there are."""
    parts: list[Rates] = []
    for chunk in reversed(chunks):
        left = max(len(chunk) - skipped, 0)
        part = chunk[max(left - count, 0) : left]
        skipped -= len(chunk) - left
        count -= len(part)
        if len(part):
            parts.append(part)
    return tuple(reversed(parts))


@dataclass(frozen=True)
class Known:
    """What is known of one series.

    Attributes:
        stretches: that do not touch each other, oldest first.
        running: the newest bar, which may still change; None: not asked for yet.
    """

    stretches: tuple[Stretch, ...] = ()
    running: Running | None = None

    @property
    def size(self) -> int:
        """Bytes of rows."""
        return sum(c.nbytes for stretch in self.stretches for c in stretch.chunks)

    def at(self, time: int) -> Stretch | None:
        """The stretch that holds a moment."""
        return next((s for s in self.stretches if s.start <= time <= s.end), None)

    def below(self, time: int) -> int:
        """The end of the last stretch before a moment; -1: there is none."""
        return max((s.end for s in self.stretches if s.end < time), default=-1)

    def with_stretch(self, added: Stretch) -> Known:
        """The same and more; where both know something, the added one counts."""
        parts = [added]
        for one in self.stretches:
            if one.start < added.start:
                parts.append(one.cut(one.start, min(one.end, added.start - 1)))
            if one.end > added.end:
                parts.append(one.cut(max(one.start, added.end + 1), one.end))
        merged: list[Stretch] = []
        for part in sorted(parts, key=lambda one: one.start):
            if merged and merged[-1].end + 1 == part.start:
                merged[-1] = merged[-1].followed_by(part)
            else:
                merged.append(part)
        return replace(self, stretches=tuple(merged))

    def with_running(self, running: Running | None) -> Known:
        """The same with another newest bar."""
        return replace(self, running=running)

    def at_most(self, size: int) -> Known:
        """The same without its oldest chunks, so that `size` bytes are enough."""
        over = self.size - size
        stretches = []
        for stretch in self.stretches:
            chunks = stretch.chunks
            start = stretch.start
            while over > 0 and chunks:
                over -= chunks[0].nbytes
                start = int(chunks[0]["time"][-1]) + 1
                chunks = chunks[1:]
            if chunks or start <= stretch.end:
                stretches.append(Stretch(start, stretch.end, chunks))
        return replace(self, stretches=tuple(stretches))


_NOTHING: Final = Known()


class BarCache:
    """What is known of all series; those not used for longest make room.

    Args:
        limit: bytes of rows.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._known: OrderedDict[Series, Known] = OrderedDict()
        self._size = 0
        self._generation = 0
        self._table_lock = threading.Lock()

    @property
    def size(self) -> int:
        """Bytes of rows that are kept."""
        return self._size

    @property
    def generation(self) -> int:
        """How often everything was forgotten."""
        return self._generation

    def get(self, series: Series) -> Known:
        """What is known of a series."""
        with self._table_lock:
            known = self._known.get(series, _NOTHING)
            if known is not _NOTHING:
                self._known.move_to_end(series)
        return known

    def put(self, series: Series, known: Known, generation: int) -> None:
        """Keep what is known now, unless all was forgotten since `generation`."""
        with self._table_lock:
            if generation != self._generation:
                return
            known = known.at_most(self._limit)
            self._size += known.size - self._known.get(series, _NOTHING).size
            self._known[series] = known
            self._known.move_to_end(series)
            while self._size > self._limit:
                _, dropped = self._known.popitem(last=False)
                self._size -= dropped.size

    def clear(self) -> None:
        """Forget everything."""
        with self._table_lock:
            self._generation += 1
            self._known.clear()
            self._size = 0

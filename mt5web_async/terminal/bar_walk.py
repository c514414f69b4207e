"""One call's way back through the bars of a series."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from .bar_cache import Known, Series, Stretch, newest, within
from .bar_source import LAST_SECOND, Answer, when
from .live_bars import Running
from .rates import NO_RATES, Rates
from .timeframes import Timeframe, next_opening, opening

log = logging.getLogger("mt5web_async.terminal")

DAY: Final = 86_400
NEAR: Final = 4 * 3600
"""s before now: a call for bars up to there looks for the newest bar as well."""

LONG_GAP: Final = 4 * DAY
"""A request that found nothing in so many s missed more than a weekend."""

FEWEST: Final = 500
MOST: Final = 1 << 17
"""Bounds of a request, in bars that its span has room for."""

_LONGEST_MONTH: Final = 31 * DAY
_USUAL: Final = 0.66  # five days of the week, and a bar missing here and there
_THINNEST: Final = 1e-3
_NOTEWORTHY: Final = 10_000  # bars


class Span(NamedTuple):
    """Which bars a call wants: from the newest one back.

    Attributes:
        start: s, server time: none that opens before.
        end: s, server time: none that opens later.
        most: so many bars.
        skipped: of the newest ones, these are counted but not wanted.
    """

    start: int
    end: int
    most: int
    skipped: int = 0


class Fetch(Protocol):
    """Asks for a span; as :meth:`.bar_source.BarSource.fetch`."""

    async def __call__(
        self, symbol: str, timeframe: Timeframe, start: int, end: int
    ) -> Answer:
        """The bars that open from `start` to `end`, both included."""


class Walk:
    """Gathers bars from the newest wanted one back, out of memory or of the server.

    It goes in windows as large as seem to be needed. A window without bars is no end:
    months tell whether there are older bars, and where. What was fetched is kept at
    once, so that a walk that fails has not been in vain.

    Attributes:
        asked: how often the server was asked.

    Args:
        series: whose bars.
        known: what is known of it.
        fetch: asks the server.
        keep: is given what is known after each answer.
        now: s, server time, as far as it is known.
        seen: s, server time of the newest bar or tick of the symbol; 0: none yet.
        clock: s of a clock that never goes back.
    """

    def __init__(
        self,
        series: Series,
        known: Known,
        fetch: Fetch,
        keep: Callable[[Known], None],
        *,
        now: int,
        seen: int,
        clock: Callable[[], float],
    ) -> None:
        self.asked = 0
        self._series = series
        self._timeframe = series.timeframe
        self._known = known
        self._fetch = fetch
        self._keep = keep
        self._now = min(max(now, 0), LAST_SECOND)
        self._seen = seen
        self._clock = clock
        self._parts: list[Rates] = []  # newest first
        self._wanted = Span(0, 0, 0)
        self._missing = 0
        self._looks_for_newest = False
        self._began = clock()
        self._density = 0.0  # bars where there is room for one; 0: not known yet
        self._empty = 0  # windows without bars, in succession

    async def gather(self, wanted: Span, running: Running | None) -> tuple[Rates, ...]:
        """The bars wanted, in parts that belong to others; oldest first.

        Args:
            wanted: which.
            running: the newest bar of all, up to date; None: it is to be asked for.
        """
        self._wanted = wanted = wanted._replace(start=max(wanted.start, 0))
        self._missing = wanted.most + wanted.skipped
        to = await self._begin(running)
        while to >= wanted.start and self._missing > 0:
            to = await self._step(to)
        chunks = tuple(reversed(self._parts))
        return newest(chunks, wanted.most, skipped=wanted.skipped)

    async def _begin(self, running: Running | None) -> int:
        """Take the newest bar if it is wanted; where to go on from."""
        end, before = self._wanted.end, self._known.running
        # the same all day and for all timeframes made of the same bars, since equal
        # answers should belong to equal requests: the last second of tomorrow
        midnight = max(self._now, self._seen) // DAY * DAY
        far = min(midnight + 2 * DAY - 1, LAST_SECOND)
        if before is None:
            self._looks_for_newest = end >= self._now - NEAR
            return far if self._looks_for_newest else end
        if end < before.time:
            return end
        if running is not None:
            self._take(running.row)
            self._remember(self._known.with_running(running))
            return running.time - 1
        self._looks_for_newest = True
        rows = await self._ask(before.time, far)
        if len(rows) and rows["time"][0] == before.time:
            return before.time - 1
        log.warning("%s: the server's bars are others than before", self._series)
        self._remember(Known())
        self._parts, self._missing = [], self._wanted.most + self._wanted.skipped
        self._looks_for_newest = True
        return far

    async def _step(self, to: int) -> int:
        """Take what is before a moment; where to go on from."""
        stretch = self._known.at(to)
        if stretch is not None:
            if stretch.chunks:
                self._looks_for_newest = False
            for chunk in reversed(within(stretch.chunks, self._wanted.start, to)):
                self._take(chunk)
            return stretch.start - 1
        floor = max(self._wanted.start, self._known.below(to) + 1)
        since = max(self._window(to), floor)
        rows = await self._ask(since, to)
        if len(rows):
            return since - 1
        self._empty += 1
        if since == floor or (self._empty == 1 and to - since < LONG_GAP):
            return since - 1
        return await self._cross_gap(since - 1)

    async def _cross_gap(self, to: int) -> int:
        """There may be no bars for long: months tell."""
        unknown = self._known.below(to) + 1
        floor = max(self._wanted.start, unknown)
        months = await self._fetch(self._series.symbol, Timeframe.MN1, 0, to)
        # the bars of the newest month may all be newer than what is looked for
        for month in reversed(months.rows["time"][-2:].tolist()):
            end = next_opening(Timeframe.MN1, month) - 1
            if end < to:
                self._nothing(max(end + 1, unknown), to)
                to = end
            if to < floor:
                return to
            # a week's bar may open in the month before
            since = max(month - Timeframe.W1.seconds, floor)
            rows = await self._ask(since, to)
            to = since - 1
            if len(rows) or since == floor:
                return to
        # a server may leave out the month in the midst of which it begins
        rows = await self._ask(max(to - _LONGEST_MONTH, floor), to)
        if len(rows):
            return max(to - _LONGEST_MONTH, floor) - 1
        return self._nothing(unknown, to)

    def _window(self, to: int) -> int:
        """Since when to ask, so that what is missing should be found."""
        unit = self._timeframe.seconds
        most = MOST * Timeframe(self._timeframe.base).seconds // unit
        density = self._density or (_USUAL if self._missing < _NOTEWORTHY else 1)
        room = int(self._missing / density * 1.02) + 2
        anchor = min(to, self._seen or self._now)
        since = anchor - unit * min(max(room, FEWEST), most)
        if self._empty:
            since = min(since, to - LONG_GAP)
        return max(opening(self._timeframe, since), 0)

    async def _ask(self, since: int, to: int) -> Rates:
        """Fetch a window, keep it, and take what is wanted."""
        self.asked += 1
        answer = await self._fetch(self._series.symbol, self._timeframe, since, to)
        rows = answer.rows
        self._seen = max(self._seen, answer.first.seen)
        if len(rows):
            last = int(rows["time"][-1])
            self._seen = max(self._seen, last)
            self._empty = 0
            room = (min(to, self._seen) - since) // self._timeframe.seconds + 1
            self._density = max(len(rows) / room, _THINNEST)
        known = self._with_final(since, to, rows)
        if len(rows) and self._looks_for_newest:
            self._looks_for_newest = False
            end = next_opening(self._timeframe, last)
            running = Running(rows[-1:].copy(), end, answer.last.mark, self._clock())
            known = known.with_running(running)
        self._remember(known)
        self._take(rows)
        if len(rows) and self._missing > 0 and since > self._wanted.start:
            self._report(rows)
        return rows

    def _report(self, rows: Rates) -> None:
        """Show that a long walk goes on."""
        found = sum(map(len, self._parts))
        if found >= _NOTEWORTHY or self._clock() - self._began > 1:
            log.info("%s: %d bars so far, back to %s", self._series, found, when(rows))

    def _nothing(self, since: int, to: int) -> int:
        """There are no bars in a span; where to go on from."""
        self._remember(self._with_final(since, to, NO_RATES))
        return since - 1

    def _with_final(self, since: int, to: int, rows: Rates) -> Known:
        """What is known with the bars of a window that cannot change any more."""
        end = min(to, opening(self._timeframe, self._seen) - 1)
        if end < since:
            return self._known
        chunks = within((rows,), since, end) if len(rows) else ()
        return self._known.with_stretch(Stretch(since, end, chunks))

    def _remember(self, known: Known) -> None:
        self._known = known
        self._keep(known)

    def _take(self, rows: Rates) -> None:
        """Add what is wanted of some rows; they are older than all before."""
        if not len(rows):
            return
        for part in within((rows,), self._wanted.start, self._wanted.end):
            self._parts.append(part)
            self._missing -= len(part)

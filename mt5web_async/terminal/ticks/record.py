"""The record of ticks: what `copy_ticks_from` and `copy_ticks_range` answer from."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from mt5web_async.calculation.quotes import Quote
from mt5web_async.errors import InvalidArgument

from .files import TickFiles
from .rows import OPAQUE, TICKS, Rows, joined, part, rows_of, wanted_bits
from .series import FAR, Series, Snapshot
from .writer import TickWriter

log = logging.getLogger("mt5web_async.terminal.ticks")


WAITING: Final = 1024
"""Most ticks that are put aside before they are sorted in."""


@dataclass(frozen=True, kw_only=True)
class TickLimits:
    """How many ticks are held in memory; a tick takes 60 bytes.

    Attributes:
        per_symbol: kept of one symbol at least, once they came, as long as the total
            allows it: 63 MB. Up to 65,536 more may be.
        total: of all symbols: 252 MB. Beyond it, the symbol that has most loses its
            oldest. Only memory for 64 ticks of each symbol is taken at any rate.
    """

    per_symbol: int = 1 << 20
    total: int = 1 << 22


class TickRecord:
    """The ticks of all symbols since they were subscribed to.

    One thread at a time adds ticks. They are sorted into the symbols' series, under a
    lock, when somebody asks for ticks, or when many wait.

    Args:
        limits: of memory.

    Example:
        >>> record = TickRecord()
        >>> record.take("EURUSD", Quote(bid=1.1, ask=1.2, time_msc=5000, changed=3))
        >>> record.copy_range("EURUSD", 0, 9000, -1).tolist()
        [(5, 1.1, 1.2, 0.0, 0, 5000, 6, 0.0)]
    """

    def __init__(self, limits: TickLimits | None = None) -> None:
        self._limits = limits or TickLimits()
        self._series: dict[str, Series] = {}
        self._allocated = 0
        self._arrived: deque[tuple[str, Quote | Rows]] = deque()
        self._writing_lock = threading.Lock()
        self._past_lock = threading.Lock()
        self._writer: TickWriter | None = None
        self._warned: set[str] = set()

    def take(self, name: str, quote: Quote) -> None:
        """Add a tick that changed a quote: records quotes."""
        self._arrive(name, quote)

    def take_rows(self, name: str, rows: Rows) -> None:
        """Add ticks of a symbol, as the official package hands them out."""
        self._arrive(name, rows)
        if len(rows) >= WAITING:
            self._sort_in()

    def keep(self, files: TickFiles) -> None:
        """Write the ticks into files, too, and answer from these as well."""
        self._sort_in()
        writer = TickWriter(files, self._sort_in)
        with self._writing_lock:
            before, self._writer = self._writer, writer
            for name, series in self._series.items():
                for rows in series.now().between(0, FAR):
                    writer.add(name, rows)
        if before is not None:
            before.close()

    def flush(self) -> None:
        """Return when all ticks so far are in the files."""
        self._sort_in()
        if self._writer is not None:
            self._writer.flush()

    def close(self) -> None:
        """End the keeping in files; idempotent. What is in memory can be asked for."""
        self._sort_in()
        with self._writing_lock:
            writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def copy_from(self, name: str, from_msc: int, count: int, flags: int) -> Rows:
        """The first ticks from a time on.

        Args:
            name: of the symbol.
            from_msc: server time, ms.
            count: the most rows wanted.
            flags: a COPY_TICKS_... value.

        Returns:
            Rows of the official ticks structure, oldest first: shape (n,), n <= count,
            memory of their own.

        Raises:
            InvalidArgument: the count is below 1.
        """
        if count < 1:
            raise InvalidArgument(f"{count} ticks; 1 or more can be asked for")
        pieces = self._pieces(name, from_msc, FAR)
        return joined(pieces, wanted_bits(flags), count)

    def copy_range(self, name: str, from_msc: int, to_msc: int, flags: int) -> Rows:
        """The ticks from one time to another, both included; see `copy_from`."""
        return joined(self._pieces(name, from_msc, to_msc), wanted_bits(flags))

    def start(self, name: str) -> int | None:
        """Server time that the record of a symbol begins at, ms; None: no ticks."""
        self._sort_in()
        series = self._known(name)
        return None if series is None else self._start(name, series.now())

    def _start(self, name: str, held: Snapshot) -> int:
        writer = self._writer
        if writer is None or not held.evicted:
            return held.oldest
        start = writer.files.start(name)
        return held.oldest if start is None else min(start, held.oldest)

    def _arrive(self, name: str, ticks: Quote | Rows) -> None:
        """Put aside what the server's pace leaves no time for."""
        self._arrived.append((name, ticks))
        if len(self._arrived) >= WAITING:
            self._sort_in()
        elif self._writer is not None:
            self._writer.wake()

    def _sort_in(self) -> None:
        """Give all that was put aside to the series and the writer."""
        with self._writing_lock:
            sorted_in: dict[str, list[Quote | Rows]] = {}
            for _ in range(len(self._arrived)):
                name, ticks = self._arrived.popleft()
                sorted_in.setdefault(name, []).append(ticks)
            for name, pieces in sorted_in.items():
                self._add(name, _rows(pieces))

    def _add(self, name: str, rows: Rows) -> None:
        """Ticks of a symbol; under the lock."""
        series = self._series.get(name)
        if series is None:
            series = self._series[name] = Series(self._limits.per_symbol)
        rows = series.fresh(rows)
        done = 0
        while done < len(rows):
            before = series.allocated
            room = self._limits.total - self._allocated
            done += series.extend(rows[done:], room)
            if series.allocated != before:
                self._account(series.allocated - before)
        if self._writer is not None:
            self._writer.add(name, rows)

    def _pieces(self, name: str, start: int, end: int) -> list[Rows]:
        self._sort_in()
        series = self._known(name)
        if series is None:
            self._tell(name, "%s: no ticks are recorded", name)
            return []
        held, writer = series.now(), self._writer
        if held.oldest <= start and not (held.evicted and held.oldest == start):
            return held.between(start, end)
        if (begin := self._start(name, held)) > start:
            told = "%s: ticks since %s were asked for, the record begins at %s"
            asked, known = np.datetime64(start, "ms"), np.datetime64(begin, "ms")
            self._tell(name, told, name, asked, known)
        if writer is None or not held.evicted:
            return held.between(start, end)
        writer.flush()
        # some rows of the oldest time itself may be gone from memory
        older = writer.files.between(name, start, min(end, held.oldest))
        return [*older, *held.between(held.oldest + 1, end)]

    def _known(self, name: str) -> Series | None:
        """The series of a symbol, after a first look at what files hold of it."""
        writer = self._writer
        if writer is not None:
            with self._past_lock:
                self._read_back(name, writer)
        return self._series.get(name)

    def _read_back(self, name: str, writer: TickWriter) -> None:
        series = self._series.get(name)
        if series is not None and series.past_known:
            return
        writer.flush()
        until = FAR if series is None else series.oldest
        past, complete = writer.files.newest(name, until, self._limits.per_symbol)
        if not past and series is None:
            return
        with self._writing_lock:
            series = self._series.setdefault(name, Series(self._limits.per_symbol))
            held = series.allocated
            # what came meanwhile may be in the files already
            pieces = [part(rows, 0, series.oldest) for rows in past]
            series.prepend([rows for rows in pieces if len(rows)])
            series.evicted = series.evicted or not complete
            series.past_known = True
            self._account(series.allocated - held)

    def _account(self, change: int) -> None:
        """Memory was taken; let old ticks go if it is too much."""
        self._allocated += change
        while self._allocated > self._limits.total:
            largest = max(self._series.values(), key=_spare)
            held = largest.allocated
            if not largest.evict():
                return
            self._allocated -= held - largest.allocated

    def _tell(self, name: str, text: str, *values: object) -> None:
        """Log it; as a warning only the first time for a symbol."""
        level = logging.INFO if name in self._warned else logging.WARNING
        self._warned.add(name)
        log.log(level, text, *values)


def _rows(pieces: Iterable[Quote | Rows]) -> Rows:
    """What arrived of a symbol, as rows."""
    parts: list[Rows] = []
    quotes: list[Quote] = []
    for piece in pieces:
        if isinstance(piece, Quote):
            quotes.append(piece)
            continue
        if quotes:
            parts.append(rows_of(quotes))
            quotes = []
        parts.append(piece)
    if quotes:
        parts.append(rows_of(quotes))
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([part.view(OPAQUE) for part in parts]).view(TICKS)


def _spare(series: Series) -> int:
    """Rows that memory is held for, if some of it can be let go."""
    return series.allocated if len(series.blocks) > 1 else 0

"""Puts ticks into files, on a thread of its own: disks may be slow."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from .files import RECORD_SIZE, TickFiles, pack_rows
from .rows import Rows

log = logging.getLogger("mt5web_async.terminal.ticks")

INTERVAL: Final = 0.25
"""s that ticks wait at most before they are written."""

PENDING_LIMIT: Final = 64 << 20
"""Bytes that may wait; what comes while a disk is slower than that is not kept."""


class TickWriter:
    """Collects records and appends them to files, many at once.

    Args:
        files: where to.
        collect: called before writing, in the writer's thread; adds what there is.
        interval: s between writing.
    """

    def __init__(
        self,
        files: TickFiles,
        collect: Callable[[], None],
        interval: float = INTERVAL,
    ) -> None:
        self.files = files
        self._collect = collect
        self._interval = interval
        self._pending: dict[tuple[str, int], bytearray] = {}
        self._size = 0
        self._lost = 0
        self._pending_lock = threading.Lock()
        self._file_lock = threading.Lock()
        self._arrived = threading.Event()
        self._closing = threading.Event()
        self._failing: set[str] = set()
        self._thread = threading.Thread(
            target=self._run, name="mt5web-ticks", daemon=True
        )
        self._thread.start()

    def wake(self) -> None:
        """There is something to collect."""
        if not self._arrived.is_set():
            self._arrived.set()

    def add(self, symbol: str, rows: Rows) -> None:
        """Have ticks written soon."""
        for day, records in pack_rows(rows):
            with self._pending_lock:
                if self._size + len(records) > PENDING_LIMIT:
                    self._lost += len(records) // RECORD_SIZE
                    continue
                self._size += len(records)
                waiting = self._pending.setdefault((symbol, day), bytearray())
                waiting.extend(records)
        self.wake()

    def flush(self) -> None:
        """Write what waits; it is in the files when this returns."""
        with self._file_lock:
            with self._pending_lock:
                pending, self._pending = self._pending, {}
                lost, self._lost = self._lost, 0
                self._size = 0
            if lost:
                log.warning("%d ticks were not written: the disk is too slow", lost)
            for (symbol, day), records in pending.items():
                self._append(symbol, day, bytes(records))

    def close(self) -> None:
        """Write what waits and end; idempotent."""
        self._closing.set()
        self._arrived.set()
        self._thread.join()
        self.flush()

    def _append(self, symbol: str, day: int, records: bytes) -> None:
        try:
            self.files.append(symbol, day, records)
        except OSError as exc:
            level = logging.DEBUG if symbol in self._failing else logging.WARNING
            self._failing.add(symbol)
            log.log(level, "%s: ticks were not written: %s", symbol, exc)
        else:
            self._failing.discard(symbol)

    def _run(self) -> None:
        while not self._closing.is_set():
            self._arrived.wait()
            self._arrived.clear()
            self._closing.wait(self._interval)
            self._collect()
            self.flush()

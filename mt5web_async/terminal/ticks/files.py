"""Ticks in files: one a day and symbol, which only grow.

::

    FOLDER/SERVER/SYMBOL/2026-03-10.ticks

A file is a head of 16 bytes and packed records of 37, a tick each. Whole records are
appended under a lock, so that a process may be killed at any moment and several may
write: at worst the last record is cut, which readers leave out and the next writer
cuts off.
"""

from __future__ import annotations

import logging
import os
import re
import string
import struct
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote

import numpy as np

from .lock import locked
from .rows import OPAQUE, TICKS, UNITS, Rows, in_order, part

log = logging.getLogger("mt5web_async.terminal.ticks")

DAY: Final = 86_400_000
"""ms."""

SUFFIX: Final = ".ticks"

_EPOCH: Final = date(1970, 1, 1).toordinal()
_HEAD: Final = struct.Struct("<8sHHi")  # what it is, version, size of a record, day
_KIND: Final = b"MT5TICKS"
_VERSION: Final = 1
_RECORD: Final = struct.Struct("<IdddQB")  # ms of the day ... TICK_FLAG_... bits
RECORD_SIZE: Final = _RECORD.size
"""Bytes of a tick."""

_PACKED: Final[np.dtype[np.void]] = np.dtype(
    [
        ("ms", "<u4"),
        ("bid", "<f8"),
        ("ask", "<f8"),
        ("last", "<f8"),
        ("volume", "<u8"),
        ("flags", "u1"),
    ]
)


class Recorded(NamedTuple):
    """What there is of a symbol.

    Attributes:
        first, last: days since 1970.
        ticks: records.
        size: bytes.
    """

    symbol: str
    first: int
    last: int
    ticks: int
    size: int


def pack_rows(rows: Rows) -> Iterator[tuple[int, bytes]]:
    """Records of files for rows of ticks: each day's, with its number since 1970."""
    days = rows["time_msc"] // DAY
    for day in np.unique(days).tolist():
        chosen = rows.view(OPAQUE)[days == day].view(TICKS)
        packed = np.empty(len(chosen), _PACKED)
        packed["ms"] = chosen["time_msc"] % DAY
        for name in ("bid", "ask", "last", "flags"):
            packed[name] = chosen[name]
        # a large real volume may have been rounded up to the next whole one
        fraction = np.rint((chosen["volume_real"] - chosen["volume"]) * UNITS)
        fraction = np.clip(fraction, 0, UNITS - 1).astype(np.uint64)
        packed["volume"] = chosen["volume"] * np.uint64(UNITS) + fraction
        yield day, packed.tobytes()


def day_name(day: int) -> str:
    """The date of a day since 1970.

    >>> day_name(20522)
    '2026-03-10'
    """
    return date.fromordinal(day + _EPOCH).isoformat()


def servers(folder: Path) -> list[str]:
    """The servers that a folder has ticks of."""
    if not folder.is_dir():
        return []
    return sorted(_unquoted(one.name) for one in folder.iterdir() if one.is_dir())


class TickFiles:
    """The files of one server.

    Args:
        folder: of all servers; it is made when it is needed.
        server: its name.
    """

    def __init__(self, folder: Path, server: str) -> None:
        self._folder = folder / _quoted(server)
        self._seen: dict[tuple[str, int], _Seen] = {}

    def append(self, symbol: str, day: int, records: bytes) -> None:
        """Add records, but none that another process has added already.

        Args:
            symbol: its name.
            day: days since 1970.
            records: see :func:`pack_rows`; of that day.

        Raises:
            OSError: it cannot be written, or is no file of ticks.
        """
        path = self._path(symbol, day)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            with locked(descriptor):
                size = _mended(descriptor, path, day)
                seen = self._seen_of(symbol, day)
                if seen.size > size:  # somebody took the file away
                    seen = self._seen[symbol, day] = _Seen()
                if seen.size < size:
                    seen.look(path, since=min(map(_time, _split(records))))
                fresh = seen.fresh(records)
                _write(descriptor, fresh)
                seen.size = size + len(fresh)
        finally:
            os.close(descriptor)

    def symbols(self) -> list[str]:
        """The symbols that there are ticks of."""
        if not self._folder.is_dir():
            return []
        names = (_unquoted(o.name) for o in self._folder.iterdir() if o.is_dir())
        return sorted(name for name in names if self.days(name))

    def recorded(self, symbol: str) -> Recorded:
        """What there is of a symbol."""
        days = self.days(symbol)
        sizes = [self._path(symbol, day).stat().st_size for day in days]
        ticks = sum(max(size - _HEAD.size, 0) // _RECORD.size for size in sizes)
        return Recorded(symbol, days[0], days[-1], ticks, sum(sizes))

    def days(self, symbol: str) -> list[int]:
        """The days that there are ticks of, since 1970, ascending."""
        folder = self._folder / _quoted(symbol)
        if not folder.is_dir():
            return []
        days = (_day(one.name) for one in folder.iterdir())
        return sorted(day for day in days if day is not None)

    def read(self, symbol: str, day: int, count: int = -1) -> Rows:
        """The ticks of a day in the official structure, by ascending time.

        A file that cannot be read has none, and the log says so.

        Args:
            symbol: its name.
            day: since 1970.
            count: so many from the beginning of the file; -1: all.
        """
        path = self._path(symbol, day)
        try:
            with path.open("rb") as file:
                _check(file.read(_HEAD.size), path, day)
                body = file.read(max(count * _RECORD.size, -1))
        except FileNotFoundError:
            return np.empty(0, TICKS)
        except OSError as exc:
            log.warning("%s: %s", symbol, exc)
            return np.empty(0, TICKS)
        whole = len(body) - len(body) % _RECORD.size
        return _official(np.frombuffer(body[:whole], _PACKED), day)

    def between(self, symbol: str, start: int, end: int) -> Iterator[Rows]:
        """The ticks from one time to another, both included, ms, a day at a time."""
        for day in self.days(symbol):
            if start // DAY <= day <= end // DAY:
                found = part(self.read(symbol, day), start, end)
                if len(found):
                    yield found

    def newest(self, symbol: str, until: int, count: int) -> tuple[list[Rows], bool]:
        """The newest ticks: whole days back until there are so many.

        Args:
            symbol: its name.
            until: ms; those of later times are left out.
            count: ticks.

        Returns:
            The rows of each day, oldest first, and whether these are all there are.
        """
        found: list[Rows] = []
        total = 0
        days = self.days(symbol)
        while days and total < count:
            rows = part(self.read(symbol, days.pop()), 0, until)
            if len(rows):
                found.insert(0, rows)
                total += len(rows)
        return found, not days

    def start(self, symbol: str) -> int | None:
        """Time of the first tick, ms; None: there is none."""
        for day in self.days(symbol):
            rows = self.read(symbol, day, 1)
            if len(rows):
                return int(rows["time_msc"][0])
        return None

    def _seen_of(self, symbol: str, day: int) -> _Seen:
        seen = self._seen.get((symbol, day))
        if seen is None:
            seen = self._seen[symbol, day] = _Seen()
            for other in [key for key in self._seen if key[0] == symbol]:
                if other[1] < day - 1:  # nothing comes so late
                    del self._seen[other]
        return seen

    def _path(self, symbol: str, day: int) -> Path:
        return self._folder / _quoted(symbol) / (day_name(day) + SUFFIX)


class _Seen:
    """What one writer has seen of a file.

    Another process that sees the same ticks may write them sooner or later than this
    one, so what it wrote is kept in mind until this one would write it too.

    Attributes:
        size: bytes of the file that were looked at.
    """

    def __init__(self) -> None:
        self.size = _HEAD.size
        self._others: Counter[bytes] = Counter()  # by all but the flags

    def look(self, path: Path, since: int) -> None:
        """Take notice of what others wrote, of a time of the day or later, ms."""
        with path.open("rb") as file:
            file.seek(self.size)
            others = np.frombuffer(file.read(), _PACKED)
        recent = others[others["ms"] >= since]
        self._others.update(map(_key, _split(recent.tobytes())))

    def fresh(self, records: bytes) -> bytes:
        """The records that no other process has written."""
        if not self._others:
            return records
        fresh = []
        for record in _split(records):
            key = _key(record)
            if self._others[key] > 0:
                self._others[key] -= 1
            else:
                fresh.append(record)
        newest = max(map(_time, _split(records)))
        self._others = Counter(
            {k: n for k, n in self._others.items() if n > 0 and _time(k) >= newest}
        )
        return b"".join(fresh)


_SAFE: Final = frozenset(
    " #!&+,;=@()[]{}$'~^-_." + string.ascii_letters + string.digits
)
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for itself."""


def _quoted(name: str) -> str:
    """A name as a file can have it, whatever a server calls its symbols."""
    last = len(name) - 1
    risky = {0} if name.startswith(".") or _DEVICES.fullmatch(name) else set()
    if name.endswith((".", " ")):
        risky.add(last)
    return (
        "".join(
            char if _plain(char) and index not in risky else _percent(char)
            for index, char in enumerate(name)
        )
        or "%"
    )


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode())


def _plain(char: str) -> bool:
    return char in _SAFE or (not char.isascii() and char.isprintable())


def _unquoted(name: str) -> str:
    return "" if name == "%" else unquote(name)


def _day(name: str) -> int | None:
    try:
        return date.fromisoformat(name.removesuffix(SUFFIX)).toordinal() - _EPOCH
    except ValueError:
        return None


def _check(head: bytes, path: Path, day: int) -> None:
    if len(head) < _HEAD.size:
        return  # killed while it was made: there are no ticks
    if _HEAD.unpack(head) != (_KIND, _VERSION, _RECORD.size, day):
        raise OSError(f"{path} is no file of ticks of that day")


def _mended(descriptor: int, path: Path, day: int) -> int:
    """Cut off what a killed writer left of a record; the size of the file then."""
    size = os.fstat(descriptor).st_size
    if size < _HEAD.size:
        os.ftruncate(descriptor, 0)
        _write(descriptor, _HEAD.pack(_KIND, _VERSION, _RECORD.size, day))
        return _HEAD.size
    os.lseek(descriptor, 0, os.SEEK_SET)
    _check(os.read(descriptor, _HEAD.size), path, day)
    torn = (size - _HEAD.size) % _RECORD.size
    if torn:
        os.ftruncate(descriptor, size - torn)
    return size - torn


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _split(records: bytes) -> Iterator[bytes]:
    size = _RECORD.size
    return (records[at : at + size] for at in range(0, len(records), size))


def _key(record: bytes) -> bytes:
    """All but the flags: they differ in the first tick after subscribing."""
    return record[:-1]


def _time(record: bytes) -> int:
    return int.from_bytes(record[:4], "little")


def _official(packed: Rows, day: int) -> Rows:
    """Records in the official structure; what no tick can be is left out."""
    sound = (packed["flags"] != 0) & (packed["ms"] < DAY)
    if not sound.all():
        packed = packed[sound]
    rows = np.empty(len(packed), TICKS)
    rows["time_msc"] = packed["ms"].astype("<i8") + day * DAY
    rows["time"] = rows["time_msc"] // 1000
    for name in ("bid", "ask", "last", "flags"):
        rows[name] = packed[name]
    rows["volume"] = packed["volume"] // UNITS
    rows["volume_real"] = packed["volume"] / UNITS
    return in_order(rows)

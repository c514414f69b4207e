"""Ticks as the official package hands them out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mt5web_async.calculation.quotes import Quote

TICKS: Final[np.dtype[np.void]] = np.dtype(
    [
        ("time", "<i8"),
        ("bid", "<f8"),
        ("ask", "<f8"),
        ("last", "<f8"),
        ("volume", "<u8"),
        ("time_msc", "<i8"),
        ("flags", "<u4"),
        ("volume_real", "<f8"),
    ]
)
"""A row of the official package: 60 bytes, packed."""

OPAQUE: Final = f"V{TICKS.itemsize}"
"""Rows moved as blocks of bytes: several times faster than field by field."""

UNITS: Final = 100_000_000
"""Volumes of ticks come in parts of this."""

QUOTED: Final = 2 | 4
"""TICK_FLAG_BID and TICK_FLAG_ASK."""

DEALT: Final = 8 | 16
"""TICK_FLAG_LAST and TICK_FLAG_VOLUME."""

Rows: TypeAlias = NDArray[np.void]


def rows_of(quotes: Sequence[Quote]) -> Rows:
    """What the newest ticks of some quotes of one symbol made of it, one after another.

    A row says what was known at its time: a deal that comes late, after newer prices,
    has the time of those prices.

    >>> rows_of([Quote(1.1, 1.2, time_msc=5000, changed=3)]).tolist()
    [(5, 1.1, 1.2, 0.0, 0, 5000, 6, 0.0)]
    """
    rows = np.empty(len(quotes), TICKS)
    times = [max(q.time_msc, q.time_bidask_msc, q.time_last_msc) for q in quotes]
    rows["time_msc"] = times
    rows["time"] = rows["time_msc"] // 1000
    for name in ("bid", "ask", "last"):
        rows[name] = [getattr(quote, name) for quote in quotes]
    volumes = [max(quote.volume, 0) for quote in quotes]
    rows["volume"] = [volume // UNITS for volume in volumes]
    rows["volume_real"] = [volume / UNITS for volume in volumes]
    rows["flags"] = [(quote.changed & 15) << 1 for quote in quotes]
    return rows


def without_repeats(rows: Rows) -> Rows:
    """The rows but those that are the same tick again as the one before them.

    Servers send the last tick again on subscribing, with other flags. Two deals may be
    alike in all their values, so what marks no bid or ask is always a tick of its own.
    """
    times = rows["time_msc"]
    again = times[1:] == times[:-1]
    if not again.any():
        return rows
    again &= rows["flags"][1:] & QUOTED != 0
    for name in ("bid", "ask", "last", "volume_real"):
        again &= rows[name][1:] == rows[name][:-1]
    kept: Rows = rows.view(OPAQUE)[np.concatenate([[True], ~again])]
    return kept.view(TICKS)


def wanted_bits(flags: int) -> int:
    """The TICK_FLAG_... bits that a COPY_TICKS_... value asks for.

    >>> wanted_bits(-1), wanted_bits(1), wanted_bits(2)
    (30, 6, 24)
    """
    return (QUOTED if flags & 1 else 0) | (DEALT if flags & 2 else 0)


def joined(pieces: Sequence[Rows], bits: int, limit: int | None = None) -> Rows:
    """The rows of all pieces that have one of the bits, read-only memory of their own.

    Args:
        pieces: contiguous arrays of rows.
        bits: see :func:`wanted_bits`.
        limit: the most rows wanted; None: all.
    """
    chosen: list[tuple[Rows, NDArray[np.bool_] | None]] = []
    total = 0
    for piece in pieces:
        mask = _mask(piece, bits)
        count = len(piece) if mask is None else int(np.count_nonzero(mask))
        found = piece
        if limit is not None and total + count > limit:
            end = limit - total
            if mask is not None:
                end = int(np.flatnonzero(mask)[end])
                mask = mask[:end]
            found, count = found[:end], limit - total
        chosen.append((found, mask))
        total += count
        if total == limit:
            break
    return _copied(chosen, total)


def _mask(rows: Rows, bits: int) -> NDArray[np.bool_] | None:
    """Which rows have one of the bits; None: all."""
    if bits == QUOTED | DEALT:
        return None
    mask = rows["flags"] & bits != 0
    return None if mask.all() else mask


def _copied(
    chosen: Sequence[tuple[Rows, NDArray[np.bool_] | None]], total: int
) -> Rows:
    rows = np.empty(total, TICKS)
    target, start = rows.view(OPAQUE), 0
    for piece, mask in chosen:
        source = piece.view(OPAQUE)
        if mask is None:
            end = start + len(source)
            target[start:end] = source
        else:
            end = start + int(np.count_nonzero(mask))
            np.compress(mask, source, out=target[start:end])
        start = end
    rows.flags.writeable = False
    return rows


def part(rows: Rows, start: int, end: int) -> Rows:
    """The rows from one time to another, both included, of rows in order; a view."""
    times = rows["time_msc"]
    first = bisect_left(times, start)
    return rows[first : bisect_right(times, end, first)]


def in_order(rows: Rows) -> Rows:
    """The rows by ascending time; those of one time as they came."""
    times = rows["time_msc"]
    if len(rows) < 2 or bool(np.all(times[:-1] <= times[1:])):
        return rows
    order = np.argsort(times, kind="stable")
    return rows.view(OPAQUE)[order].view(TICKS)

"""Rows of bars as the official package hands them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mt5web_async.protocol.records import BAR
from mt5web_async.protocol.wire import Buffer

Rates: TypeAlias = NDArray[np.void]
"""Rows of :data:`RATES`, shape (n,)."""

RATES: Final[np.dtype[np.void]] = np.dtype(
    [
        ("time", "<i8"),
        ("open", "<f8"),
        ("high", "<f8"),
        ("low", "<f8"),
        ("close", "<f8"),
        ("tick_volume", "<u8"),
        ("spread", "<i4"),
        ("real_volume", "<u8"),
    ]
)
"""A row of the official package: 60 bytes, packed."""

NO_RATES: Final[Rates] = np.empty(0, RATES)

_ROW: Final = np.dtype(f"V{RATES.itemsize}")
"""A row as a block of bytes: numpy moves it 20 times faster than its fields."""

MOST_SPARE: Final = 16 * 1024 * 1024
"""Bytes of memory that are made ready at most."""

_LARGE: Final = 1024 * 1024
_PAGE: Final = 4096
_AT_A_TIME: Final = 8192
_VOLUME_LIMIT: Final = 2.0**64

_PRICES = "V32"
"""Four prices that lie side by side in both records, moved as one block."""

_FROM: Final[np.dtype[np.void]] = np.dtype(
    {
        "names": ["time", "prices", "tick_volume", "real_volume"],
        "formats": ["<i4", _PRICES, "<u4", "<f8"],
        "itemsize": BAR.size,
    }
)

_TO: Final[np.dtype[np.void]] = np.dtype(
    {
        "names": ["time", "prices", "tick_volume", "spread", "real_volume"],
        "formats": ["<i8", _PRICES, "<u8", "<i4", "<u8"],
        "itemsize": RATES.itemsize,
    }
)


def joined(parts: Sequence[Rates], into: Rates | None = None) -> Rates:
    """Runs of rows as one.

    Args:
        parts: in their order.
        into: memory for exactly so many rows; None: new memory.
    """
    rates = np.empty(sum(map(len, parts)), RATES) if into is None else into
    blocks, done = rates.view(_ROW), 0
    for part in parts:
        blocks[done : done + len(part)] = part.view(_ROW)
        done += len(part)
    return rates


class SpareMemory:
    """Memory for the next large result, made ready while nobody waits.

    The first touch of new memory takes longer than copying bars into it, and who asks
    again still holds the result before.
    """

    def __init__(self) -> None:
        self._ready: dict[int, Rates] = {}  # by rows; one at most
        # glibc gives blocks larger than any it has seen freed back to the system, and
        # fetching them anew costs more than filling them; now it has seen a large one
        np.empty(MOST_SPARE, np.uint8)

    def prepare(self, rows: int) -> None:
        """Another result of so many rows is likely to be asked for."""
        if not _LARGE <= rows * RATES.itemsize <= MOST_SPARE or rows in self._ready:
            return
        rates = np.empty(rows, RATES)
        rates.view(np.uint8)[::_PAGE] = 0
        self._ready = {rows: rates}

    def take(self, rows: int) -> Rates | None:
        """The memory, if there is some of that size; it is the caller's then."""
        return self._ready.pop(rows, None)


def to_rates(bars: Buffer | NDArray[np.void]) -> Rates:
    """Bars of the wire in the official structure: shape (n,), memory of its own.

    The spread is 0, as servers send none. The real volume is the whole part of the
    server's; one that is negative, no number or beyond 64 bits becomes 0.

    >>> from mt5web_async.protocol.records import Bar
    >>> bar = Bar(60, 1.1, 1.3, 1.0, 1.2, tick_volume=7, real_volume=2.5)
    >>> to_rates(BAR.write(bar)).tolist()
    [(60, 1.1, 1.3, 1.0, 1.2, 7, 0, 2)]

    Args:
        bars: the body of an answer, or rows of the BAR layout.

    Raises:
        MalformedMessage: the body is no run of whole bars.
    """
    rows = bars if isinstance(bars, np.ndarray) else BAR.rows(bars)
    rates = np.empty(rows.shape, RATES)
    source, target = rows.view(_FROM), rates.view(_TO)
    moved = [(target[f], source[f]) for f in ("time", "prices", "tick_volume")]
    spreads, volumes = target["spread"], target["real_volume"]
    # so many at a time stay in the processor's cache from one field to the next
    for first in range(0, len(rows), _AT_A_TIME):
        some = slice(first, first + _AT_A_TIME)
        for to, from_ in moved:
            to[some] = from_[some]
        spreads[some] = 0
        volumes[some] = _whole(np.ascontiguousarray(source["real_volume"][some]))
    return rates


def _whole(volumes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Volumes that fit 64 bits without a sign; what does not becomes 0."""
    if volumes.size and volumes.min() >= 0 and volumes.max() < _VOLUME_LIMIT:
        return volumes
    fits = (volumes >= 0) & (volumes < _VOLUME_LIMIT)
    return np.where(fits, volumes, 0.0)

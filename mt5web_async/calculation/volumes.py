"""Volumes: whole numbers of 1e-8 lot, lots, and units of the underlying (1.2)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from mt5web_async.errors import InvalidArgument

from .rounding import normalize

LOT: Final = 100_000_000
"""One lot as volumes travel: a volume is a whole number of 1e-8 lot."""


def lots(volume: int) -> float:
    """Lots of a volume: `N(volume / 1e8, 8)`.

    >>> lots(1_000_000)
    0.01
    """
    return normalize(volume / LOT, 8)


def volume(of_lots: float) -> int:
    """The volume of so many lots: `N(lots, 8) * 1e8`, a whole number.

    Raises:
        InvalidArgument: infinity or NaN.

    >>> volume(0.29)
    29000000
    """
    try:
        return round(normalize(of_lots, 8) * LOT)
    except (OverflowError, ValueError):
        raise InvalidArgument(f"{of_lots} lots; a finite number is right") from None


@lru_cache(maxsize=4096)  # the same positions are valued at every tick
def size(of_volume: int, contract_size: float) -> float:
    """Units of the underlying: `N(lots * contract size, 8)`.

    >>> size(150_000_000, 100_000.0)
    150000.0
    """
    return normalize(lots(of_volume) * contract_size, 8)

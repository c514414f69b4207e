"""Which symbols a fresh terminal shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

DEFAULT_SYMBOLS: Final = (
    "EURUSD",
    "GBPUSD",
    "USDJPY",
    "USDCHF",
    "AUDUSD",
    "USDCAD",
    "NZDUSD",
    "XAUUSD",
)


def shown_by_default(
    names: Iterable[str], wanted: Iterable[str] = DEFAULT_SYMBOLS
) -> list[str]:
    """The server's names for the wanted symbols, with whatever it puts around them.

    Where a server has a symbol under several names, the plain name is taken, else the
    shortest.

    >>> shown_by_default(["EURUSD.m", "mXAUUSD", "GBPUSD", "GBPUSD.pro"])
    ['EURUSD.m', 'GBPUSD', 'mXAUUSD']
    """
    known = list(names)
    shown = []
    for symbol in wanted:
        candidates = [name for name in known if symbol in name]
        if candidates:
            shown.append(min(candidates, key=lambda name: (len(name), name)))
    return shown

"""The latest tick and the depth of market."""

from __future__ import annotations

from typing import Final

from mt5web.structs import BookInfo, Tick
from mt5web.structseq import maker
from mt5web_async.calculation.quotes import Quote
from mt5web_async.terminal.depth import Book

UNITS: Final = 100_000_000
"""Volumes of ticks come in parts of this."""

# TickFields 1, 2, 4, 8; each TICK_FLAG_... is twice of them
_KNOWN: Final = 1 | 2 | 4 | 8
_new: Final = tuple.__new__  # without the checks of the constructor
_book_row: Final = maker(BookInfo)


def tick(quote: Quote) -> Tick:
    """The prices of the moment."""
    bid, ask, last, volume, time_msc, _, _, _, _, changed, _, _ = quote
    return _new(
        Tick,
        (
            time_msc // 1000,
            bid,
            ask,
            last,
            volume // UNITS,
            time_msc,
            (changed & _KNOWN) << 1,
            volume / UNITS,
        ),
    )


class LastTicks:
    """The tick of each symbol, made once for each of its quotes.

    Programs ask many times for what has not changed.
    """

    def __init__(self) -> None:
        self._made: dict[str, tuple[Quote, Tick]] = {}

    def of(self, symbol: str, quote: Quote) -> Tick:
        """The symbol's quote as a tick."""
        made = self._made.get(symbol)
        if made is None or made[0] is not quote:
            made = self._made[symbol] = quote, tick(quote)
        return made[1]


def book_rows(book: Book) -> tuple[BookInfo, ...]:
    """The depth of market: sells, then buys, each by falling price."""
    return tuple(
        _book_row((int(level.type), level.price, int(level.volume), level.volume))
        for level in book.levels
    )

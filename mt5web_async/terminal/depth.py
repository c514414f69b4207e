"""The depth of market: levels that a server's differences are added up to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from mt5web_async.calculation.rounding import normalize, scaled
from mt5web_async.enums import BookType, Side
from mt5web_async.errors import MalformedMessage
from mt5web_async.protocol.records import BookLevel, FullSymbol
from mt5web_async.protocol.responses import BookChange

MAX_LEVELS: Final = 10_000
"""Most levels of one book; a server that sends more is not believed."""

CLEAR_BOOK: Final = 2
"""Flag of a change that says: forget the levels first."""

_BOOK_ALLOWED: Final = 1  # of permissions_flags
_UNITS_PER_VOLUME: Final = 1e8
_VOLUME_DIGITS: Final = 8

_SIDES: Final[Mapping[int, Side]] = {
    BookType.SELL: Side.SELL,
    BookType.BUY: Side.BUY,
    BookType.SELL_MARKET: Side.SELL,
    BookType.BUY_MARKET: Side.BUY,
}

_Place: TypeAlias = tuple[Side, int]
"""A side of the book, and a price x 10**digits on it."""


class Level(NamedTuple):
    """What is offered or asked for at one price."""

    type: int  # BookType
    price: float
    volume: float  # lots


@dataclass(frozen=True, slots=True)
class Book:
    """The depth of market of one symbol at one time; nothing in it ever changes.

    Attributes:
        time_msc: time of the last change, in ms of server time.
        levels: sells, then buys, each by falling price.
        sums: what the next differences are added to.
    """

    time_msc: int = 0
    levels: tuple[Level, ...] = ()
    sums: Mapping[_Place, BookLevel] = field(
        default_factory=lambda: MappingProxyType({}), repr=False
    )

    def apply(self, change: BookChange, digits: int, contract_size: float) -> Book:
        """The book after a change.

        Volumes are differences: each adds to what the book holds at its price.

        >>> from mt5web_async.protocol.records import BookHeader, BookLevel
        >>> bid = BookLevel(type=BookType.BUY, price=10001, volume=500 * 10**8)
        >>> first = BookChange(BookHeader(flags=CLEAR_BOOK), (bid,))
        >>> book = Book().apply(first, digits=2, contract_size=100.0)
        >>> book.levels
        (Level(type=2, price=100.01, volume=5.0),)
        >>> more = BookChange(BookHeader(), (bid._replace(volume=100 * 10**8),))
        >>> book.apply(more, digits=2, contract_size=100.0).levels
        (Level(type=2, price=100.01, volume=6.0),)

        Args:
            change: what the server sent for this symbol.
            digits: the symbol's digits, which scale the prices.
            contract_size: units of the underlying in a lot; one that is not
                positive counts as 1.

        Raises:
            MalformedMessage: the book would grow beyond `MAX_LEVELS`.
        """
        header = change.header
        sums = {} if header.flags & CLEAR_BOOK else dict(self.sums)
        for level in change.levels:
            _add(sums, level)
        if len(sums) > MAX_LEVELS:
            raise MalformedMessage(f"book of {len(sums)} levels, limit {MAX_LEVELS}")
        return Book(
            time_msc=header.time * 1000 + header.time_ms,
            levels=tuple(_shown(sums, digits, contract_size)),
            sums=MappingProxyType(sums),
        )


def book_depth(symbol: FullSymbol) -> int:
    """Rows that the depth of market of a symbol may have; 0: there is none."""
    trade = symbol.trade
    if not trade.permissions_flags & _BOOK_ALLOWED:
        return 0
    allowed = trade.permissions_book_depth or symbol.ticks_book_depth
    return min(symbol.ticks_book_depth, allowed)


def _add(sums: dict[_Place, BookLevel], level: BookLevel) -> None:
    """Add a difference where it belongs; levels of an unknown type are ignored."""
    if level.type == BookType.RESET:
        sums.clear()
    elif (side := _SIDES.get(level.type)) is not None:
        place = side, level.price
        before = sums.get(place)
        volume = level.volume + (before.volume if before else 0)
        if level.volume == 0 or volume <= 0:
            sums.pop(place, None)
        else:
            sums[place] = level._replace(volume=volume)


def _shown(
    sums: Mapping[_Place, BookLevel], digits: int, contract_size: float
) -> Iterator[Level]:
    units_per_lot = contract_size if contract_size > 0 else 1.0
    for side, price in sorted(sums, key=_rank):
        level = sums[side, price]
        lots = level.volume / _UNITS_PER_VOLUME / units_per_lot
        yield Level(
            int(level.type), scaled(price, digits), normalize(lots, _VOLUME_DIGITS)
        )


def _rank(place: _Place) -> tuple[bool, int]:
    side, price = place
    return side == Side.BUY, -price

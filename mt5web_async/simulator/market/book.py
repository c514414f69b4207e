"""Depth of market: what levels there are, and how changes to them are sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from mt5web_async.enums import BookType
from mt5web_async.protocol.records import BookHeader, BookLevel
from mt5web_async.protocol.responses import BookChange
from mt5web_async.simulator.clock import MS

from .noise import key, words
from .quotes import Depth, DepthLevel
from .ticks import LiveTick

CLEAR: Final = 2
"""Header flag: the book is to be emptied first."""

MINUTE_MS: Final = 60_000


class Place(NamedTuple):
    """Where volume waits: the side and the price in points."""

    side: BookType
    price: int


Levels = Mapping[Place, int]
"""Volume at every place, 1e-8 units of the underlying."""

EMPTY: Final[Levels] = MappingProxyType({})


def snapshot(symbol_id: int, time: int, levels: Levels) -> BookChange:
    """The whole book.

    Args:
        symbol_id: of the symbol.
        time: ms, server time.
        levels: all that there are.
    """
    return _change(symbol_id, time, CLEAR, _differences(EMPTY, levels))


def difference(
    symbol_id: int, time: int, before: Levels, levels: Levels
) -> BookChange | None:
    """What changed; None when nothing did."""
    changes = _differences(before, levels)
    return _change(symbol_id, time, 0, changes) if changes else None


def levels_of(
    bids: Sequence[tuple[float, float]],
    asks: Sequence[tuple[float, float]],
    *,
    digits: int,
    contract: float,
) -> Levels:
    """A book out of plain prices and lots.

    Args:
        bids: price and volume in lots of those who buy.
        asks: likewise of those who sell.
        digits: of the prices.
        contract: units of the underlying in a lot.

    Raises:
        ValueError: a price or volume is not above 0, or a price comes twice.
    """
    sides = ((BookType.BUY, bids), (BookType.SELL, asks))
    levels: dict[Place, int] = {}
    for side, pairs in sides:
        for price, lots in pairs:
            place = Place(side, round(price * 10**digits))
            if price <= 0 or lots <= 0 or place in levels:
                raise ValueError(
                    f"level {price} with {lots} lots: prices and volumes must be "
                    "above 0, and every price may come once on a side"
                )
            levels[place] = _units(lots, contract)
    return levels


def depth_of(levels: Levels, *, scale: float, contract: float) -> Depth:
    """The same book in plain prices and lots, as orders are filled from it.

    Args:
        levels: all that there are.
        scale: 10**digits of the symbol.
        contract: units of the underlying in a lot.
    """

    def side(wanted: BookType) -> list[DepthLevel]:
        return [
            DepthLevel(place.price / scale, round(volume / contract))
            for place, volume in levels.items()
            if place.side == wanted
        ]

    return Depth.of(side(BookType.BUY), side(BookType.SELL))


class AutomaticBook:
    """Levels around a quote, the same for the same quote and minute.

    Args:
        seed: of the whole market.
        name: of the symbol.
        depth: levels on each side.
        tick: smallest price step, points.
        contract: units of the underlying in a lot.
        step: smallest volume, lots.
    """

    def __init__(
        self,
        seed: int,
        name: str,
        *,
        depth: int,
        tick: int,
        contract: float,
        step: float,
    ) -> None:
        self._stream = key(seed, name, "book")
        self._depth = depth
        self._tick = tick
        self._unit = _units(step, contract)

    def levels(self, quote: LiveTick) -> Levels:
        """The book that goes with a quote; empty while it lacks a side."""
        if not (quote.bid and quote.ask):
            return EMPTY
        asks = quote.ask + np.arange(self._depth) * self._tick
        bids = quote.bid - np.arange(self._depth) * self._tick
        return {
            **self._side(BookType.SELL, asks, quote.time),
            **self._side(BookType.BUY, bids[bids > 0], quote.time),
        }

    def _side(
        self,
        side: BookType,
        prices: np.ndarray[tuple[int], np.dtype[np.int64]],
        time: int,
    ) -> Levels:
        index = (time // MINUTE_MS * 2**24 + prices) * 2 + (side == BookType.SELL)
        volumes = 1 + (words(self._stream, index) >> np.uint64(32)) % np.uint64(500)
        return {
            Place(side, price): volume * self._unit
            for price, volume in zip(prices.tolist(), volumes.tolist(), strict=True)
        }


def _units(lots: float, contract: float) -> int:
    return round(lots * contract * 100_000_000)


def _change(
    symbol_id: int, time: int, flags: int, levels: Sequence[BookLevel]
) -> BookChange:
    header = BookHeader(
        symbol_id, time // MS, time % MS, flags=flags, levels=len(levels)
    )
    return BookChange(header, tuple(levels))


def _differences(before: Levels, after: Levels) -> list[BookLevel]:
    gone = [
        BookLevel(type=place.side, price=place.price)
        for place in before
        if place not in after
    ]
    moved = [
        BookLevel(
            type=place.side, price=place.price, volume=volume - before.get(place, 0)
        )
        for place, volume in after.items()
        if volume != before.get(place, 0)
    ]
    return gone + moved

"""The depth of market as clients see it and as orders are filled from it: one book."""

from __future__ import annotations

from collections.abc import Sequence

from .clients.quote_desk import QuoteDesk
from .market.book import Levels, depth_of, levels_of
from .market.instrument import Instrument
from .market.listing import LOT
from .trading.exchange import Exchange

Side = Sequence[tuple[float, float]]
"""Prices and lots."""


class Depths:
    """Keeps what the quote desk shows and what the exchange deals in agreement.

    Args:
        exchange: fills orders.
        desk: shows books to clients.
        dealt: orders are filled from the depth, level by level.
    """

    def __init__(self, exchange: Exchange, desk: QuoteDesk, *, dealt: bool) -> None:
        self._exchange = exchange
        self._desk = desk
        self._dealt = dealt

    def quoted(self, instrument: Instrument) -> None:
        """A new quote moves an automatic book."""
        symbol = instrument.symbol
        if self._dealt and symbol.ticks_book_depth and not instrument.book_set:
            self._put(instrument, instrument.levels)

    def set(self, instrument: Instrument, bids: Side, asks: Side) -> None:
        """Set a book by hand.

        Raises:
            ValueError: a price or volume is not above 0, or a price comes twice.
        """
        levels = _levels(instrument, bids, asks)
        instrument.set_levels(levels)
        self._put(instrument, levels)
        self._desk.reshaped(instrument)

    def release(self, instrument: Instrument) -> None:
        """Let the book follow the quote again."""
        instrument.set_levels(None)
        self._exchange.set_depth(instrument.symbol.name, None)
        self.quoted(instrument)
        self._desk.reshaped(instrument)

    def traded(self, instrument: Instrument) -> None:
        """What was dealt is gone from a book that was set by hand."""
        depth = self._exchange.depth(instrument.symbol.name)
        if self._dealt and instrument.book_set and depth is not None:
            bids, asks = (
                [(level.price, level.volume / LOT) for level in side if level.volume]
                for side in depth
            )
            instrument.set_levels(_levels(instrument, bids, asks))
            self._desk.reshaped(instrument)

    def _put(self, instrument: Instrument, levels: Levels) -> None:
        symbol = instrument.symbol
        depth = depth_of(levels, scale=instrument.scale, contract=symbol.contract_size)
        self._exchange.set_depth(symbol.name, depth)


def _levels(instrument: Instrument, bids: Side, asks: Side) -> Levels:
    symbol = instrument.symbol
    return levels_of(bids, asks, digits=symbol.digits, contract=symbol.contract_size)

"""Prices as the market gives them, before any account's mark-up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mt5web_async.enums import TickFields


class RawQuote(NamedTuple):
    """One tick, or what all ticks so far left behind; plain prices.

    Attributes:
        bid: 0 is no price.
        ask: likewise.
        last: price of the last trade, on exchanges.
        volume: of that trade, 1e-8 units.
        fields: which of them are new, :class:`TickFields`.
    """

    bid: float = 0.0
    ask: float = 0.0
    last: float = 0.0
    volume: int = 0
    fields: int = TickFields.BID | TickFields.ASK

    def then(self, tick: RawQuote) -> RawQuote:
        """The quote after a tick: what the tick does not bring stays.

        Example:
            >>> quote = RawQuote(1.1, 1.2).then(RawQuote(ask=1.3, fields=2))
            >>> quote.bid, quote.ask
            (1.1, 1.3)
        """
        return RawQuote(
            _newer(self.bid, tick.bid, tick.fields & TickFields.BID),
            _newer(self.ask, tick.ask, tick.fields & TickFields.ASK),
            _newer(self.last, tick.last, tick.fields & TickFields.LAST),
            tick.volume if tick.fields & TickFields.VOLUME else self.volume,
            tick.fields,
        )


def _newer(before: float, now: float, marked: int) -> float:
    return now if marked and now else before


class DepthLevel(NamedTuple):
    """Volume that waits at a price."""

    price: float
    volume: int  # 1e-8 lots


class Depth(NamedTuple):
    """The depth of market, best price first on both sides."""

    bids: tuple[DepthLevel, ...] = ()
    asks: tuple[DepthLevel, ...] = ()

    @classmethod
    def of(cls, bids: Sequence[DepthLevel], asks: Sequence[DepthLevel]) -> Depth:
        """The depth with these levels, in whatever order they come."""
        return cls(
            tuple(sorted(bids, key=lambda level: -level.price)),
            tuple(sorted(asks, key=lambda level: level.price)),
        )

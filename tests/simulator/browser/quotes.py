"""Quotes and books, as ticks, figures of the day and changes make them."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from mt5web_async.calculation.quotes import Quote, apply_statistics, apply_tick
from mt5web_async.calculation.rounding import align
from mt5web_async.calculation.spread import Pricing
from mt5web_async.enums import BookType, TickFields
from mt5web_async.protocol.records import FullSymbol, Statistics, Tick
from mt5web_async.protocol.responses import BookChange

CLEAR: Final = 2
_BOTH: Final = int(TickFields.BID | TickFields.ASK)
_PRICES: Final = (
    (TickFields.BID, "bid"),
    (TickFields.ASK, "ask"),
    (TickFields.LAST, "last"),
)


class Quotes:
    """Quotes by symbol.

    Attributes:
        told: how many figures of the day came of a symbol.
    """

    def __init__(self) -> None:
        self.by_name: dict[str, Quote] = {}
        self.told: defaultdict[str, int] = defaultdict(int)

    def tick(self, symbol: FullSymbol, tick: Tick) -> None:
        """Take a tick that a terminal would neither drop nor stumble over."""
        before = self.by_name.get(symbol.name)
        assert 0 < tick.fields < 16
        assert 0 <= tick.time_ms < 1000
        for mark, side in _PRICES:
            assert not tick.fields & mark or on_tick(symbol, getattr(tick, side))
        if before is None:
            assert tick.fields & _BOTH == _BOTH
            before = Quote()
        time = tick.time * 1000 + tick.time_ms
        assert time >= max(before.time_bidask_msc, before.time_last_msc)
        quote = apply_tick(before, tick, Pricing.of(symbol))
        assert 0 < quote.raw_bid <= quote.raw_ask
        self.by_name[symbol.name] = quote

    def figures(self, symbol: FullSymbol, record: Statistics) -> None:
        """Take the figures of the day; they repeat what the ticks have told."""
        before = self.by_name.get(symbol.name, Quote())
        assert record.digits == symbol.digits
        after = apply_statistics(before, record, Pricing.of(symbol))
        if before.time_msc:
            assert (after.raw_bid, after.raw_ask) == (before.raw_bid, before.raw_ask)
            assert after.last == before.last
        assert record.bid_low <= record.bid <= record.bid_high
        assert record.ask_low <= record.ask <= record.ask_high
        self.by_name[symbol.name] = after
        self.told[symbol.name] += 1


def on_tick(symbol: FullSymbol, points: float) -> bool:
    """Whether a transmitted price is one at which a terminal would trade."""
    price = points / symbol.multiply
    aligned = align(price, symbol.tick_size, symbol.digits)
    return points > 0 and abs(aligned - price) < symbol.point / 10


class Book(dict[tuple[BookType, int], int]):
    """Volume by side and price."""

    def hear(self, change: BookChange) -> None:
        """Add the differences that came."""
        if change.header.flags & CLEAR:
            self.clear()
        for level in change.levels:
            if level.type == 0:
                self.clear()
                continue
            side = BookType.SELL if level.type % 2 else BookType.BUY
            key = side, level.price
            volume = self.get(key, 0) + level.volume
            if level.volume == 0 or volume <= 0:
                del self[key]
            else:
                self[key] = volume

"""The market as each account sees it: quotes with its mark-up, and the depth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from mt5web_async.calculation import spread
from mt5web_async.calculation.quotes import Quote
from mt5web_async.calculation.settings import negative_prices_allowed
from mt5web_async.calculation.spread import Pricing
from mt5web_async.enums import Side, TickFields
from mt5web_async.protocol.records import FullSymbol
from mt5web_async.simulator.market.quotes import Depth, DepthLevel, RawQuote


class _Key(NamedTuple):
    symbol: str
    pricing: Pricing


class Prices:
    """Quotes and depth of all symbols.

    Args:
        quotes: what is known from before.
    """

    def __init__(self, quotes: Mapping[str, RawQuote]) -> None:
        self._raw = dict(quotes)
        self._quotes: dict[_Key, Quote] = {}
        self._depth: dict[str, Depth] = {}
        self._moved: set[str] = set()

    def tick(self, symbol: FullSymbol, tick: RawQuote) -> bool:
        """Take a tick; False when nothing in it counts."""
        tick = _filtered(symbol, tick)
        if not tick.fields:
            return False
        name = symbol.name
        self._raw[name] = self._raw.get(name, RawQuote(fields=0)).then(tick)
        self._moved.add(name)
        for key in [key for key in self._quotes if key.symbol == name]:
            self._quotes[key] = _priced(self._raw[name], key, self._quotes[key])
        return True

    def quote(self, symbol: FullSymbol) -> Quote | None:
        """The prices of a symbol with these settings; None until both are known.

        Where the mark-up would make bid and ask cross, the prices before stay.
        """
        key = _Key(symbol.name, Pricing.of(symbol))
        if key not in self._quotes:
            if symbol.name not in self._raw:
                return None
            self._quotes[key] = _priced(self._raw[symbol.name], key, Quote())
        quote = self._quotes[key]
        return quote if quote.bid and quote.ask else None

    def set_depth(self, symbol: str, depth: Depth | None) -> None:
        """Replace the depth of market; None: any volume can be had."""
        if depth is None:
            self._depth.pop(symbol, None)
        else:
            self._depth[symbol] = depth

    def depth(self, symbol: str) -> Depth | None:
        """The depth of market, plain prices; None: any volume can be had."""
        return self._depth.get(symbol)

    def consume(self, symbol: str, side: Side, volume: int) -> None:
        """Volume that an order of this side met is no longer there."""
        depth = self._depth.get(symbol)
        if depth is None:
            return
        if side == Side.BUY:
            left = depth._replace(asks=tuple(_rest(depth.asks, volume)))
        else:
            left = depth._replace(bids=tuple(_rest(depth.bids, volume)))
        self._depth[symbol] = left

    @contextmanager
    def undone_on_failure(self) -> Iterator[None]:
        """Give back what was consumed inside when an exception leaves it."""
        before = dict(self._depth)
        try:
            yield
        except BaseException:
            self._depth = before
            raise

    def moved(self) -> list[tuple[str, RawQuote]]:
        """Quotes that changed since this was last asked."""
        moved = [(name, self._raw[name]) for name in sorted(self._moved)]
        self._moved.clear()
        return moved


class BidAsk(Protocol):
    """Anything that has both prices."""

    @property
    def bid(self) -> float:
        """What sellers get."""

    @property
    def ask(self) -> float:
        """What buyers pay."""


def price_of(quote: BidAsk, side: int) -> float:
    """What an order of this side gets at the market."""
    return quote.ask if side == Side.BUY else quote.bid


def raw_price_of(quote: Quote, side: int) -> float:
    """The same before the account's mark-up."""
    return quote.raw_ask if side == Side.BUY else quote.raw_bid


def _filtered(symbol: FullSymbol, tick: RawQuote) -> RawQuote:
    fields = tick.fields
    lowest = float("-inf") if negative_prices_allowed(symbol) else 0.0
    for price, mark in (
        (tick.bid, TickFields.BID),
        (tick.ask, TickFields.ASK),
        (tick.last, TickFields.LAST),
    ):
        if price == 0 or price < lowest:
            fields &= ~mark
    return tick._replace(fields=fields)


def _priced(raw: RawQuote, key: _Key, before: Quote) -> Quote:
    prices = spread.adjusted(spread.Prices(raw.bid, raw.ask), key.pricing)
    return Quote(
        bid=prices.bid if prices else before.bid,
        ask=prices.ask if prices else before.ask,
        last=raw.last,
        volume=raw.volume,
        raw_bid=raw.bid,
        raw_ask=raw.ask,
    )


def _rest(levels: tuple[DepthLevel, ...], volume: int) -> Iterator[DepthLevel]:
    for level in levels:
        taken = min(level.volume, volume)
        volume -= taken
        if level.volume > taken:
            yield level._replace(volume=level.volume - taken)

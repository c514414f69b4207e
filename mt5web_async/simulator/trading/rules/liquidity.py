"""What the market has on offer for an order."""

from __future__ import annotations

from collections.abc import Sequence

from mt5web_async.calculation.rounding import normalize
from mt5web_async.enums import Side
from mt5web_async.protocol.records import FullSymbol
from mt5web_async.simulator.market.quotes import DepthLevel

from .desk import Desk
from .prices import price_of, raw_price_of


def levels(
    desk: Desk, symbol: FullSymbol, side: Side, volume: int, limit: float | None = None
) -> tuple[DepthLevel, ...]:
    """Prices and volumes that an order of this side would meet, best first.

    Without a known depth the market takes any volume at its price.

    Args:
        desk: the account's.
        symbol: what is traded.
        side: of the order.
        volume: 1e-8 lots; no more than that is returned, less where there is less.
        limit: the worst price to be had; None: any.
    """
    found = []
    for level in _on_offer(desk, symbol, side, volume):
        if not volume or (limit is not None and _worse(side, level.price, limit)):
            break
        taken = min(level.volume, volume)
        found.append(level._replace(volume=taken))
        volume -= taken
    return tuple(found)


def take(desk: Desk, symbol: FullSymbol, side: Side, volume: int) -> None:
    """Volume was dealt: it is no longer on offer."""
    if desk.switches.book_depth:
        desk.floor.prices.consume(symbol.name, side, volume)


def total(found: Sequence[DepthLevel]) -> int:
    """Volume of some levels together."""
    return sum(level.volume for level in found)


def _on_offer(
    desk: Desk, symbol: FullSymbol, side: Side, volume: int
) -> Sequence[DepthLevel]:
    quote = desk.quote(symbol)
    if quote is None:
        return ()
    price = price_of(quote, side)
    depth = desk.floor.prices.depth(symbol.name) if desk.switches.book_depth else None
    if depth is None:
        return (DepthLevel(price, volume),)
    shift = price - raw_price_of(quote, side)
    waiting = depth.asks if side == Side.BUY else depth.bids
    return [
        level._replace(price=normalize(level.price + shift, symbol.digits))
        for level in waiting
    ]


def _worse(side: Side, price: float, limit: float) -> bool:
    return price > limit if side == Side.BUY else price < limit

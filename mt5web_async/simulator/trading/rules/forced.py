"""Positions that the server closes by itself: stop loss, take profit, stop out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mt5web_async.enums import Filling, Reason
from mt5web_async.protocol.records import FullSymbol, Position
from mt5web_async.simulator.market.quotes import DepthLevel

from . import liquidity, valuation
from .dealing import market_type, opposite
from .desk import Desk
from .filling import fill
from .orders import blank_order, with_ticket


class Closing(NamedTuple):
    """Why and how a position is closed.

    Attributes:
        reason: of the order and the deal.
        comment: likewise.
        volume: 1e-8 lots.
        price_order: the level that was reached; 0: none.
        fill_price: the price to be dealt at; None: the market's.
    """

    reason: Reason
    comment: str
    volume: int
    price_order: float = 0.0
    fill_price: float | None = None


def close(desk: Desk, position: Position, closing: Closing) -> bool:
    """Close a position or a part of it; False when there is no such volume."""
    symbol = desk.symbol(position.symbol)
    found = _found(desk, symbol, position, closing)
    if liquidity.total(found) < closing.volume:
        return False
    side = opposite(position.action)
    order = blank_order(desk, symbol)._replace(
        type=market_type(side),
        type_filling=Filling.FOK,
        reason=closing.reason,
        price_order=closing.price_order,
        price_current=found[0].price,
        volume_initial=closing.volume,
        volume_current=closing.volume,
        position_id=position.expert_position_id,
        comment=closing.comment,
        margin_rate=valuation.margin_rate(desk, symbol, side, found[0].price),
    )
    order = with_ticket(desk, order)
    desk.add_order(order)
    fill(desk, order, found)
    return True


def _found(
    desk: Desk, symbol: FullSymbol, position: Position, closing: Closing
) -> Sequence[DepthLevel]:
    found = liquidity.levels(desk, symbol, opposite(position.action), closing.volume)
    if closing.fill_price is None or not found:
        return found
    return (DepthLevel(closing.fill_price, liquidity.total(found)),)

"""Deals: volume of an order is exchanged at a price, positions and money follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mt5web_async.calculation.orders import MARKET_TYPES, order_side
from mt5web_async.calculation.rounding import normalize
from mt5web_async.enums import DealEntry, OrderType, Side
from mt5web_async.protocol.records import Deal, FullSymbol, Order, Position
from mt5web_async.simulator.market.quotes import DepthLevel

from . import commissions, liquidity, positions, valuation
from .desk import Desk
from .positions import Change, Fill
from .prices import price_of

_EXTRA_DIGITS = 3


class Dealt(NamedTuple):
    """What was dealt of an order.

    Attributes:
        order: the order with what is left of its volume.
        deal: ticket of the last deal; 0: there was none.
        volume: dealt, 1e-8 lots.
        price: the average.
    """

    order: Order
    deal: int = 0
    volume: int = 0
    price: float = 0.0


def opposite(side: int) -> Side:
    """The other side."""
    return Side.SELL if side == Side.BUY else Side.BUY


def market_type(side: int) -> OrderType:
    """The market order of a side."""
    return OrderType.BUY if side == Side.BUY else OrderType.SELL


def deal_levels(desk: Desk, order: Order, levels: Sequence[DepthLevel]) -> Dealt:
    """Deal every level, best first; each makes a deal of its own."""
    ticket = 0
    worth = 0.0
    for level in levels:
        order, ticket = _deal(desk, order, level)
        worth += level.price * level.volume
    volume = liquidity.total(levels)
    digits = order.digits + _EXTRA_DIGITS
    price = normalize(worth / volume, digits) if volume else 0.0
    return Dealt(order, ticket, volume, price)


def target(desk: Desk, order: Order) -> Position | None:
    """The position that a deal of the order changes; None: it opens one."""
    if not desk.hedging:
        return netting_position(desk, order.symbol)
    return desk.position(order.position_id or order.order)


def netting_position(desk: Desk, symbol: str) -> Position | None:
    """The one position of a symbol."""
    return next(iter(desk.positions_of(symbol)), None)


def _deal(desk: Desk, order: Order, level: DepthLevel) -> tuple[Order, int]:
    symbol = desk.symbol(order.symbol)
    side = order_side(order.type)
    rate = valuation.margin_rate(desk, symbol, side, level.price)
    fill = Fill(
        order, symbol, side, level.volume, level.price, rate, desk.seconds, desk.ms
    )
    before = target(desk, order)
    change = _change(before, fill, desk.digits)
    deal = _record(desk, fill, before, change)
    deal = commissions.charged(desk, symbol, deal, change)
    book(desk, deal, change)
    left = order._replace(
        volume_current=order.volume_current - level.volume,
        price_current=_price_shown(desk, fill),
        position_id=change.position.expert_position_id,
    )
    return left, deal.deal


def _price_shown(desk: Desk, fill: Fill) -> float:
    """The present price in a dealt order: of its deal, or where the market reached it.

    A waiting limit order may be dealt at another price than the market has.
    """
    quote = desk.quote(fill.symbol)
    if fill.order.type in MARKET_TYPES or quote is None:
        return fill.price
    return price_of(quote, fill.side)


def book(desk: Desk, deal: Deal, change: Change) -> None:
    """Write a deal with its positions, and tell."""
    desk.record_deal(deal)
    for gone in change.gone:
        desk.keep_position(gone)
    position = valuation.at_market(desk, change.position)
    desk.keep_position(position)
    desk.tell_deal(deal, position, positions=change.gone)


def _change(before: Position | None, fill: Fill, digits: int) -> Change:
    if before is None:
        return positions.opened(fill, digits)
    if before.action == fill.side:
        return positions.added(before, fill)
    if fill.volume <= before.volume:
        return positions.reduced(before, fill)
    return positions.reversed_(before, fill)


def _record(desk: Desk, fill: Fill, before: Position | None, change: Change) -> Deal:
    deal = blank_deal(desk, fill.symbol, fill.order)._replace(
        action=fill.side,
        entry=change.entry,
        price_open=fill.price,
        sl=fill.order.sl,
        tp=fill.order.tp,
        volume=fill.volume,
        rate_margin=change.position.rate_margin,
        position_id=change.position.expert_position_id,
    )
    if before is None or change.entry == DealEntry.IN:
        rate = valuation.profit_rate(desk, fill.symbol, fill.side, fill.price)
        return deal._replace(rate_profit=rate)
    levels = fill.order if change.entry == DealEntry.INOUT else before
    result = valuation.realised(
        desk, fill.symbol, before._replace(volume=change.closed), fill.price
    )
    return deal._replace(
        price_close=before.price_open,
        sl=levels.sl,
        tp=levels.tp,
        profit=result.profit,
        rate_profit=result.rate,
        storage=change.storage,
    )


def blank_deal(desk: Desk, symbol: FullSymbol, order: Order) -> Deal:
    """A deal with a ticket of its own and all that it takes from its order."""
    return Deal(
        deal=desk.ledger.deal_tickets.take(),
        order=order.order,
        time_create=desk.seconds,
        time_update=desk.seconds,
        symbol=symbol.name,
        expert=order.expert,
        comment=order.comment,
        contract_size=symbol.contract_size,
        digits=symbol.digits,
        digits_currency=desk.digits,
        reason=order.reason,
        time_create_ms=desk.ms,
        time_update_ms=desk.ms,
    )

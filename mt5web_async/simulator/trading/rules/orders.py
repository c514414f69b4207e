"""Order records, made from requests."""

from __future__ import annotations

from mt5web_async.calculation.orders import STOP_LIMIT_TYPES, order_side
from mt5web_async.enums import OrderState, Reason, TypeFlags
from mt5web_async.protocol.records import FullSymbol, Order, TradeRequest

from . import comments, commissions, expiry, valuation
from .dealing import market_type
from .desk import Desk
from .prices import price_of


def market_order(
    desk: Desk, request: TradeRequest, symbol: FullSymbol, price: float
) -> Order:
    """The order of a deal that was asked for, without a ticket.

    Args:
        desk: the account's.
        request: what was asked for.
        symbol: its symbol.
        price: what one unit costs at present.
    """
    side = order_side(request.type)
    return blank_order(desk, symbol)._replace(
        type=market_type(side),
        type_filling=request.type_filling,
        reason=reason_of(request),
        price_order=request.price_order,
        price_current=price,
        sl=request.sl,
        tp=request.tp,
        volume_initial=request.volume,
        volume_current=request.volume,
        position_id=request.position if desk.hedging else 0,
        comment=comments.cut(request.comment),
        margin_rate=valuation.margin_rate(desk, symbol, side, price),
    )


def pending_order(desk: Desk, request: TradeRequest, symbol: FullSymbol) -> Order:
    """The pending order that was asked for, without a ticket."""
    order = blank_order(desk, symbol)._replace(
        type=request.type,
        type_filling=request.type_filling,
        reason=reason_of(request),
        volume_initial=request.volume,
        volume_current=request.volume,
        comment=comments.cut(request.comment),
    )
    return with_terms(desk, order, request, symbol)


def with_terms(
    desk: Desk, order: Order, request: TradeRequest, symbol: FullSymbol
) -> Order:
    """The pending order with what a request may change of it."""
    side = order_side(order.type)
    quote = desk.quote(symbol)
    order = order._replace(
        type_time=request.type_time,
        time_expiration=expiry.shown(
            request.type_time, request.time_expiration, desk.seconds
        ),
        price_order=request.price_order,
        price_trigger=request.price_trigger if order.type in STOP_LIMIT_TYPES else 0.0,
        price_current=price_of(quote, side) if quote else order.price_current,
        sl=request.sl,
        tp=request.tp,
    )
    price = order.price_trigger or order.price_order
    order = order._replace(margin_rate=valuation.margin_rate(desk, symbol, side, price))
    return commissions.with_blocked(desk, symbol, order)


def blank_order(desk: Desk, symbol: FullSymbol) -> Order:
    """An order as all begin."""
    return Order(
        symbol=symbol.name,
        time_setup=desk.seconds,
        time_setup_ms=desk.ms,
        state=OrderState.STARTED,
        contract_size=symbol.contract_size,
        digits=symbol.digits,
        digits_currency=desk.digits,
    )


def with_ticket(desk: Desk, order: Order) -> Order:
    """The order with the server's next ticket."""
    return order._replace(order=desk.ledger.order_tickets.take())


def reason_of(request: TradeRequest) -> Reason:
    """Why the order exists: who sent the request."""
    if request.type_flags & TypeFlags.EXPERT:
        return Reason.EXPERT
    if request.type_flags & TypeFlags.SIGNAL:
        return Reason.SIGNAL
    return Reason.WEB

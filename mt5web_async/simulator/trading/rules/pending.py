"""Pending orders: placing, changing, deleting, activation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mt5web_async.calculation.orders import (
    LIMIT_TYPES,
    MARKET_TYPES,
    STOP_LIMIT_TYPES,
    order_side,
)
from mt5web_async.calculation.quotes import Quote, market_prices
from mt5web_async.enums import ExecutionMode, Filling, OrderType, Retcode, Side
from mt5web_async.protocol.records import FullSymbol, Order, TradeRequest
from mt5web_async.simulator.market.quotes import DepthLevel
from mt5web_async.simulator.trading.order_states import OrderEvent, next_state

from . import funds, liquidity, permissions
from .case import Case
from .desk import Desk, is_waiting
from .filling import fill
from .orders import pending_order, with_terms, with_ticket
from .prices import price_of
from .results import Outcome, refused

_LIMIT_OF: Final = {
    OrderType.BUY_STOP_LIMIT: OrderType.BUY_LIMIT,
    OrderType.SELL_STOP_LIMIT: OrderType.SELL_LIMIT,
}


def place(case: Case) -> Outcome:
    """Place the pending order of a request.

    A limit order on an exchange may meet the market at once.
    """
    desk, request, symbol = case.desk, case.request, case.the_symbol
    order = with_ticket(desk, pending_order(desk, request, symbol))
    meets = _on_exchange(symbol) and order.type in LIMIT_TYPES
    if meets and not _tolerates(order, _found(desk, symbol, order, fresh=True)):
        desk.add_order(order)
        desk.end_order(order, OrderEvent.REJECT)
        return refused(request, Retcode.REJECT)
    placed = order._replace(state=next_state(order.state, OrderEvent.PLACE))
    desk.add_order(placed)
    if meets:
        _meet(desk, symbol, placed, fresh=True)
    retcode = Retcode.PLACED if desk.switches.pending_as_placed else Retcode.DONE
    return Outcome(retcode, request, order=order.order, volume=request.volume)


def change(case: Case) -> Outcome:
    """Give a pending order the prices, levels and expiry of a request."""
    desk, order = case.desk, case.the_order
    changed = with_terms(desk, order, case.request, case.the_symbol)
    desk.change_order(changed, OrderEvent.CHANGE)
    return Outcome(Retcode.DONE, _accepted(case), order=order.order)


def remove(case: Case) -> Outcome:
    """Delete an order."""
    order = case.the_order
    case.desk.end_order(order, OrderEvent.CANCEL)
    return Outcome(Retcode.DONE, _accepted(case), order=order.order)


def activate_due(desk: Desk, symbol: FullSymbol, quote: Quote) -> None:
    """Activate the orders of a symbol whose price has come, oldest first."""
    for order in desk.orders_of(symbol.name):
        if is_waiting(order):
            _activate(desk, symbol, quote, order)


def is_due(order: Order, symbol: FullSymbol, quote: Quote) -> bool:
    """Whether the market is where a waiting order waits for it."""
    side = order_side(order.type)
    if order.type in MARKET_TYPES:
        return True
    if order.type in LIMIT_TYPES:
        return _affords(side, order.price_order, price_of(quote, side))
    price = price_of(market_prices(symbol, quote), side)
    return price != 0 and _affords(side, price, order.price_order)


def _affords(side: Side, limit: float, price: float) -> bool:
    """Whether a price is no worse than a limit."""
    return price <= limit if side == Side.BUY else price >= limit


def _activate(desk: Desk, symbol: FullSymbol, quote: Quote, order: Order) -> None:
    if not is_due(order, symbol, quote):
        return
    if order.type not in STOP_LIMIT_TYPES:
        _meet(desk, symbol, order, fresh=False)
        return
    limit = _turned_into_limit(desk, order)
    if _on_exchange(symbol) or is_due(limit, symbol, quote):
        _meet(desk, symbol, limit, fresh=True)


def _turned_into_limit(desk: Desk, order: Order) -> Order:
    limit = order._replace(
        type=_LIMIT_OF[OrderType(order.type)],
        price_order=order.price_trigger,
        price_trigger=0.0,
    )
    return desk.change_order(limit, OrderEvent.TRIGGER)


def _meet(desk: Desk, symbol: FullSymbol, order: Order, *, fresh: bool) -> None:
    """Bring an order that is due to the market, as far as its filling allows it.

    Args:
        desk: the account's.
        symbol: the order's.
        order: an open order.
        fresh: the order comes to the market only now, rather than having stood there.
    """
    if _is_pointless(desk, order):
        desk.end_order(order, OrderEvent.CANCEL)
        return
    if not permissions.may_activate(desk, symbol, order):
        return
    found = _found(desk, symbol, order, fresh=fresh)
    tolerated = not (fresh and _on_exchange(symbol)) or _tolerates(order, found)
    if not tolerated or (found and not _affordable(desk, order, found)):
        desk.end_order(order, OrderEvent.REJECT)
    elif found:
        fill(desk, order, found)


def _found(
    desk: Desk, symbol: FullSymbol, order: Order, *, fresh: bool
) -> Sequence[DepthLevel]:
    """Volume for the order at the prices that it would be dealt at.

    A limit order that stands in the market is dealt at its own price; one that comes
    to an exchange gets what the market has, no worse than that.
    """
    side, volume = order_side(order.type), order.volume_current
    if order.type not in LIMIT_TYPES:
        return liquidity.levels(desk, symbol, side, volume)
    found = liquidity.levels(desk, symbol, side, volume, order.price_order)
    if desk.switches.limit_at_market or (fresh and _on_exchange(symbol)):
        return found
    volume = liquidity.total(found)
    return (DepthLevel(order.price_order, volume),) if volume else ()


def _tolerates(order: Order, found: Sequence[DepthLevel]) -> bool:
    """Whether the order's filling allows it to meet this much of the market."""
    volume = liquidity.total(found)
    if order.type_filling == Filling.FOK:
        return volume == order.volume_current
    if order.type_filling == Filling.IOC:
        return volume > 0
    return order.type_filling != Filling.BOC or volume == 0


def _affordable(desk: Desk, order: Order, found: Sequence[DepthLevel]) -> bool:
    if desk.hedging and order.position_id:
        return True
    return funds.suffice_to_activate(desk, order, found[0].price)


def _is_pointless(desk: Desk, order: Order) -> bool:
    """Whether the position that the order closes is gone."""
    closing = desk.hedging and order.position_id != 0
    return closing and desk.position(order.position_id) is None


def _on_exchange(symbol: FullSymbol) -> bool:
    return symbol.trade.execution_mode == ExecutionMode.EXCHANGE


def _accepted(case: Case) -> TradeRequest:
    order = case.the_order
    return case.request._replace(symbol=order.symbol, type=order.type)

"""Orders that meet volume: deals, and what becomes of the order."""

from __future__ import annotations

from collections.abc import Sequence

from mt5web_async.calculation.orders import order_side
from mt5web_async.enums import Filling
from mt5web_async.protocol.records import Order
from mt5web_async.simulator.market.quotes import DepthLevel
from mt5web_async.simulator.trading.order_states import OrderEvent, next_state

from . import liquidity
from .dealing import Dealt, deal_levels
from .desk import Desk


def fill(desk: Desk, order: Order, found: Sequence[DepthLevel]) -> Dealt:
    """Deal what was found for an open order, at most its volume.

    An order that is filled ends. Of one that is not, the rest stays open where its
    filling is Return, and is dropped otherwise.
    """
    volume = liquidity.total(found)
    liquidity.take(desk, desk.symbol(order.symbol), order_side(order.type), volume)
    if volume == order.volume_current:
        return _whole(desk, order, found)
    if order.type_filling == Filling.RETURN:
        return _part(desk, order, found)
    return _dropping_rest(desk, order, found)


def _whole(desk: Desk, order: Order, found: Sequence[DepthLevel]) -> Dealt:
    dealt = deal_levels(desk, order, found)
    return dealt._replace(order=desk.end_order(dealt.order, OrderEvent.FILL))


def _part(desk: Desk, order: Order, found: Sequence[DepthLevel]) -> Dealt:
    rest = order.volume_current - liquidity.total(found)
    left = desk.change_order(order._replace(volume_current=rest), OrderEvent.FILL_PART)
    return deal_levels(desk, order, found)._replace(order=left)


def _dropping_rest(desk: Desk, order: Order, found: Sequence[DepthLevel]) -> Dealt:
    dealt = deal_levels(desk, order, found)
    state = next_state(order.state, OrderEvent.FILL_PART)
    left = desk.end_order(dealt.order._replace(state=state), OrderEvent.DROP_REST)
    return dealt._replace(order=left)

"""What the server does when a day ends."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from mt5web_async.enums import ActivationMode, GtcMode, OrderTime
from mt5web_async.protocol.records import Order
from mt5web_async.simulator.trading.order_states import OrderEvent

from . import commissions, swaps
from .desk import Desk, is_waiting
from .expiry import DAY, ends, midnight

_MS: Final = 1000
_MINUTE: Final = 60 * _MS
_DAY: Final = DAY * _MS
_NOON: Final = 12 * 60


def next_run(after: int, minute: int) -> int:
    """When the next day ends, later than a moment.

    Args:
        after: server time, ms.
        minute: of the server's day at which days end.

    Example:
        >>> next_run(1773136800_000, 0)  # 10 March 2026, 10:00
        1773187200000
    """
    today = after - after % _DAY + minute * _MINUTE
    return today if today > after else today + _DAY


def ended_day(moment: int, minute: int) -> datetime:
    """The date that ended: that of the run, or the one before if it is early."""
    seconds = midnight(moment // _MS)
    return datetime.fromtimestamp(seconds if minute >= _NOON else seconds - DAY, UTC)


def run(desk: Desk, minute: int) -> None:
    """End the day for one account.

    Orders expire first, then commissions are booked, then swaps are posted, then
    positions lose levels that are for a day only. Profit of the day that was blocked
    until now is free, which nothing but the account's record can tell.
    """
    ended = ended_day(desk.now, minute)
    _expire_day_orders(desk)
    commissions.settle(desk, commissions.DAILY)
    if _is_last_of_month(ended):
        commissions.settle(desk, commissions.MONTHLY)
    swaps.post(desk, (ended.weekday() + 1) % 7)
    _remove_day_levels(desk)
    if desk.account.account_profit:
        desk.put_account(desk.account._replace(account_profit=0.0))
        desk.tell_account()


def expire_due(desk: Desk) -> None:
    """End the orders whose second has come."""
    for order in desk.orders:
        moment = ends(order)
        if is_waiting(order) and moment is not None and moment <= desk.seconds:
            expire(desk, order)


def expire(desk: Desk, order: Order) -> None:
    """End an order because its time is over."""
    order = order._replace(activation_mode=ActivationMode.EXPIRATION)
    desk.end_order(order, OrderEvent.EXPIRE)


def _expire_day_orders(desk: Desk) -> None:
    for order in desk.orders:
        by_symbol = _gtc_mode(desk, order.symbol) != GtcMode.GTC
        if is_waiting(order) and (order.type_time == OrderTime.DAY or by_symbol):
            expire(desk, order)


def _remove_day_levels(desk: Desk) -> None:
    for position in desk.positions:
        levels = position.sl or position.tp
        if levels and _gtc_mode(desk, position.symbol) == GtcMode.DAILY:
            desk.change_position(position._replace(sl=0.0, tp=0.0))


def _gtc_mode(desk: Desk, symbol: str) -> int:
    return desk.symbol(symbol).gtc_mode


def _is_last_of_month(date: datetime) -> bool:
    return datetime.fromtimestamp(date.timestamp() + DAY, UTC).day == 1

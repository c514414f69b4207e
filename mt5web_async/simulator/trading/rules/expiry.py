"""When pending orders end."""

from __future__ import annotations

from typing import Final

from mt5web_async.enums import OrderTime
from mt5web_async.protocol.records import Order

DAY: Final = 86_400


def midnight(seconds: int) -> int:
    """The beginning of the server's day that holds a moment, s.

    Example:
        >>> midnight(1773136800) == 1773100800
        True
    """
    return seconds - seconds % DAY


def shown(type_time: int, wanted: int, now: int) -> int:
    """What the order's record shows as its expiration, s.

    Args:
        type_time: an :class:`OrderTime`.
        wanted: the expiration that was asked for, s.
        now: s.
    """
    if type_time == OrderTime.GTC:
        return 0
    if type_time == OrderTime.DAY:
        return midnight(now)
    return wanted


def moment(type_time: int, expiration: int) -> int | None:
    """The second at which the order ends, apart from the end of the day.

    Args:
        type_time: an :class:`OrderTime`.
        expiration: as its record shows it, s.

    Returns:
        None for orders that time alone does not end; those of the day end with it.

    Example:
        >>> moment(OrderTime.SPECIFIED_DAY, 1773327600)  # 12 March 2026, 15:00
        1773360000
    """
    if type_time == OrderTime.SPECIFIED:
        return expiration
    if type_time == OrderTime.SPECIFIED_DAY:
        return midnight(expiration) + DAY
    return None


def ends(order: Order) -> int | None:
    """The second at which an order ends, apart from the end of the day."""
    return moment(order.type_time, order.time_expiration)

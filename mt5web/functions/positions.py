"""Open positions and pending orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from mt5web.calling import NONE, UNNAMED, no_arguments, with_keywords
from mt5web.functions import filters
from mt5web.official import official
from mt5web.session import Session

if TYPE_CHECKING:
    from mt5web.structs import TradeOrder, TradePosition


@official(
    "positions_total()",
    "Return the number of open positions",
    takes=no_arguments,
    answers=NONE,
)
def positions_total(session: Session) -> int:
    """Count the open positions.

    Returns:
        Their number; None on failure.

    Errors (see last_error):
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Example:
        >>> mt5.positions_total() == len(mt5.positions_get())
        True
    """
    return session.backend.positions_total()


@official(
    'positions_get([symbol="SYMBOL"],[ticket=TICKET],[group="GROUP"])',
    "Return all open positions, can be filtered by symbol, group or ticket",
    takes=with_keywords(0, UNNAMED),
    answers=NONE,
)
def positions_get(
    session: Session, /, **choice: Unpack[filters.Choice]
) -> tuple[TradePosition, ...]:
    """List open positions.

    Only one filter acts: ticket before symbol before group. Unknown keywords are
    ignored, None is no value.

    Args:
        ticket: of one position.
        symbol: exact name.
        group: masks of symbol names, separated by commas; "*" stands for any
            characters, "!" excludes: "*USD*,!*EUR*". "" selects nothing.

    Returns:
        The positions by rising ticket; () when there is none. None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: a positional argument, a wrong type, a text that is too
            long (symbol 29, group 1997 UTF-16 units).
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: ticket is negative or beyond 64 bits.

    Example:
        >>> bought = mt5.Buy("EURUSD", 0.1)
        >>> [position.volume for position in mt5.positions_get(ticket=bought.order)]
        [0.1]
        >>> mt5.positions_get(symbol="USDNOK")
        ()
    """
    return filters.chosen(choice, session.backend.positions_get)


@official(
    "orders_total()",
    "Return the number of orders",
    takes=no_arguments,
    answers=NONE,
)
def orders_total(session: Session) -> int:
    """Count the pending orders.

    Returns:
        Their number; None on failure.

    Errors (see last_error):
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Example:
        >>> mt5.orders_total() == len(mt5.orders_get())
        True
    """
    return session.backend.orders_total()


@official(
    'orders_get([symbol="SYMBOL"],[ticket=TICKET],[group="GROUP"])',
    "Return all orders, can be filtered by symbol, group or ticket",
    takes=with_keywords(0, UNNAMED),
    answers=NONE,
)
def orders_get(
    session: Session, /, **choice: Unpack[filters.Choice]
) -> tuple[TradeOrder, ...]:
    """List pending orders.

    Only one filter acts: ticket before symbol before group. Unknown keywords are
    ignored, None is no value.

    Args:
        ticket: of one order.
        symbol: exact name.
        group: masks of symbol names, separated by commas; "*" stands for any
            characters, "!" excludes: "*USD*,!*EUR*". "" selects nothing.

    Returns:
        The orders by rising ticket; () when there is none. None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: a positional argument, a wrong type, a text that is too
            long (symbol 29, group 1997 UTF-16 units).
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: ticket is negative or beyond 64 bits.

    Example:
        >>> placed = mt5.order_send(
        ...     action=mt5.TRADE_ACTION_PENDING,
        ...     symbol="EURUSD",
        ...     volume=0.1,
        ...     type=mt5.ORDER_TYPE_BUY_LIMIT,
        ...     price=1.09,
        ... )
        >>> (order,) = mt5.orders_get(ticket=placed.order)
        >>> order.price_open, order.volume_current
        (1.09, 0.1)
    """
    return filters.chosen(choice, session.backend.orders_get)

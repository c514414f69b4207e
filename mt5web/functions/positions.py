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
        >>> [position.ticket for position in mt5.positions_get(symbol="EURUSD") or ()]
        [11]
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
    """
    return filters.chosen(choice, session.backend.orders_get)

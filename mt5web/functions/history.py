"""Orders and deals of the past."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypedDict, TypeVar, Unpack

from mt5web.arguments import INVALID, Rejected
from mt5web.backend import ByPosition, ByTicket, DateRange, HistoryQuery
from mt5web.calling import NONE, UNNAMED, Convention, positional
from mt5web.dates import Date, seconds
from mt5web.functions import filters
from mt5web.official import official
from mt5web.session import Session

if TYPE_CHECKING:
    from mt5web.structs import TradeDeal, TradeOrder

T = TypeVar("T", bound=filters.OfSymbol)

NOT_GIVEN: Final[Any] = object()


class Choice(TypedDict, total=False):
    """Keywords of `history_orders_get` and `history_deals_get`."""

    group: str
    ticket: int
    position: int


def _dates_or_number(
    _name: str, args: tuple[object, ...], keywords: Mapping[str, object]
) -> None:
    """Either two dates by position, or a ticket or position by keyword."""
    if len(args) == 2:
        return
    if "ticket" not in keywords and "position" not in keywords:
        raise Rejected(INVALID)
    if args:
        raise Rejected(UNNAMED)


dates_or_number: Final = Convention(range(2, 3), _dates_or_number)


@official(
    "history_orders_total(date_from, date_to)",
    "Return the number of orders in selected range from history",
    takes=positional(2, 2),
    answers=NONE,
)
def history_orders_total(session: Session, date_from: Date, date_to: Date, /) -> int:
    """Count the orders of a time that were executed, cancelled or refused.

    Args:
        date_from: seconds on the trade server's clock, or a datetime; a naive one is
            local time.
        date_to: the same for the other end.

    Returns:
        Their number; None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: wrong number or type of arguments.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: a date is an int beyond 32 bits, or a datetime without a
            timestamp.

    Example:
        >>> mt5.history_orders_total(0, 86400)  # 1 January 1970
        0
    """
    return session.backend.history_orders_total(_period(date_from, date_to))


@official(
    'history_orders_get([date_from, date_to, [group="GROUP"]],'
    "[position=POSITION],[ticket=TICKET])",
    "Return orders in selected range from history or filtered by position id, ticket",
    takes=dates_or_number,
    answers=NONE,
)
def history_orders_get(
    session: Session,
    date_from: Date = NOT_GIVEN,
    date_to: Date = NOT_GIVEN,
    /,
    **choice: Unpack[Choice],
) -> tuple[TradeOrder, ...]:
    """List orders that were executed, cancelled or refused.

    Three forms: (date_from, date_to[, group=]), (ticket=) and (position=). With dates
    ticket and position are ignored, and ticket goes before position.

    Args:
        date_from: seconds on the trade server's clock, or a datetime; a naive one is
            local time. By position only.
        date_to: the same for the other end.
        group: masks of symbol names, separated by commas; "*" stands for any
            characters, "!" excludes: "*USD*,!*EUR*". "" selects nothing.
        ticket: of one order.
        position: ticket of a position; its orders at any time.

    Returns:
        The orders; () when there is none. None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: none of the three forms, a wrong type, group of more than
            1997 UTF-16 units.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: ticket or position is negative or beyond 64 bits, a date is an
            int beyond 32 bits or a datetime without a timestamp.

    Example:
        >>> bought = mt5.Buy("EURUSD", 0.1)
        >>> (order,) = mt5.history_orders_get(ticket=bought.order)
        >>> order.state == mt5.ORDER_STATE_FILLED, order.volume_initial
        (True, 0.1)
    """
    return _chosen((date_from, date_to), choice, session.backend.history_orders_get)


@official(
    "history_deals_total(date_from, date_to)",
    "Return the number of deals in selected range from history",
    takes=positional(2, 2),
    answers=NONE,
)
def history_deals_total(session: Session, date_from: Date, date_to: Date, /) -> int:
    """Count the deals of a time, changes of the balance included.

    Args:
        date_from: seconds on the trade server's clock, or a datetime; a naive one is
            local time.
        date_to: the same for the other end.

    Returns:
        Their number; None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: wrong number or type of arguments.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: a date is an int beyond 32 bits, or a datetime without a
            timestamp.

    Example:
        >>> mt5.history_deals_total(0, 2**31 - 1) > 0  # the first deposit is one
        True
    """
    return session.backend.history_deals_total(_period(date_from, date_to))


@official(
    'history_deals_get([date_from, date_to, [group="GROUP"]],'
    "[position=POSITION],[ticket=TICKET])",
    "Return deals in selected range from history or filtered by position id, ticket",
    takes=dates_or_number,
    answers=NONE,
)
def history_deals_get(
    session: Session,
    date_from: Date = NOT_GIVEN,
    date_to: Date = NOT_GIVEN,
    /,
    **choice: Unpack[Choice],
) -> tuple[TradeDeal, ...]:
    """List deals and changes of the balance.

    Three forms: (date_from, date_to[, group=]), (ticket=) and (position=). With dates
    ticket and position are ignored, and ticket goes before position.

    Args:
        date_from: seconds on the trade server's clock, or a datetime; a naive one is
            local time. By position only.
        date_to: the same for the other end.
        group: masks of symbol names, separated by commas; "*" stands for any
            characters, "!" excludes: "*USD*,!*EUR*". "" selects nothing. The symbol
            of a change of the balance is "": "*" selects it.
        ticket: of an order, whose first deal then comes, or of a deal.
        position: ticket of a position; its deals at any time.

    Returns:
        The deals; () when there is none. None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: none of the three forms, a wrong type, group of more than
            1997 UTF-16 units.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: ticket or position is negative or beyond 64 bits, a date is an
            int beyond 32 bits or a datetime without a timestamp.

    Example:
        >>> bought = mt5.Buy("EURUSD", 0.1)
        >>> mt5.Close("EURUSD", ticket=bought.order)
        True
        >>> deals = mt5.history_deals_get(position=bought.order)
        >>> [(deal.entry, deal.volume) for deal in deals]
        [(0, 0.1), (1, 0.1)]
    """
    return _chosen((date_from, date_to), choice, session.backend.history_deals_get)


def _chosen(
    dates: tuple[Date, Date],
    choice: Choice,
    get: Callable[[HistoryQuery], tuple[T, ...]],
) -> tuple[T, ...]:
    """Check the form that acts, and apply it."""
    if dates[0] is not NOT_GIVEN:
        return _between(_period(*dates), choice, get)
    if "ticket" in choice:
        ticket = filters.number(choice["ticket"], "ticket")
        return filters.none_if_not_found(lambda: get(ByTicket(ticket)))
    return get(ByPosition(filters.number(choice["position"], "position")))


def _between(
    period: DateRange, choice: Choice, get: Callable[[HistoryQuery], tuple[T, ...]]
) -> tuple[T, ...]:
    if "group" not in choice:
        return get(period)
    group = filters.masks(choice["group"])
    return filters.of_group(group, get(period))


def _period(date_from: object, date_to: object) -> DateRange:
    return DateRange(seconds(date_from), seconds(date_to))

"""Whether what a request names is there and in the state that it takes."""

from __future__ import annotations

from mt5web_async.calculation.orders import MARKET_TYPES
from mt5web_async.enums import ExecutionMode, Retcode, TradeAction
from mt5web_async.simulator.trading.rules.case import Case
from mt5web_async.simulator.trading.rules.desk import is_waiting


def opposite_positions(case: Case) -> Retcode | None:
    """Close by: both positions exist and are opposite ones of one symbol."""
    first, other = case.position, case.other
    if first is None or other is None:
        return Retcode.INVALID
    opposite = first.symbol == other.symbol and first.action != other.action
    return None if opposite else Retcode.INVALID


def position_there(case: Case) -> Retcode | None:
    """Levels: there is a position to give them to."""
    return None if case.position is not None else Retcode.POSITION_CLOSED


def closable_position(case: Case) -> Retcode | None:
    """Deals on hedging accounts: the named position can be closed so."""
    request, position = case.request, case.position
    if not case.desk.hedging or not request.position:
        return None
    if position is None:
        return Retcode.POSITION_CLOSED
    if position.action == case.side:
        return Retcode.INVALID
    too_large = request.volume > position.volume
    return Retcode.INVALID_CLOSE_VOLUME if too_large else None


def no_order_in_work(case: Case) -> Retcode | None:
    """Hedging accounts: no order is closing the named positions already."""
    named = [one.position_id for one in (case.position, case.other) if one is not None]
    closing = any(
        order.position_id in named
        for order in case.desk.orders_of(case.the_symbol.name)
        if order.position_id
    )
    return Retcode.CLOSE_ORDER_EXIST if case.desk.hedging and closing else None


def changeable_order(case: Case) -> Retcode | None:
    """Changes and deletions: the order exists and still waits."""
    order = case.order
    if order is None:
        return Retcode.INVALID
    if order.type in MARKET_TYPES and not _deletes_on_exchange(case):
        return Retcode.INVALID
    return None if is_waiting(order) else Retcode.ORDER_CHANGED


def _deletes_on_exchange(case: Case) -> bool:
    mode = case.the_symbol.trade.execution_mode
    return mode == ExecutionMode.EXCHANGE and case.request.action == TradeAction.REMOVE

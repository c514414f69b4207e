"""What the group limits: modes, counts, directions, margin."""

from __future__ import annotations

from mt5web_async.calculation.orders import order_side
from mt5web_async.enums import GroupFlags, Retcode, TradeAction
from mt5web_async.protocol.records import Order, Position
from mt5web_async.simulator.trading.rules import funds, permissions
from mt5web_async.simulator.trading.rules.case import Case
from mt5web_async.simulator.trading.rules.desk import is_waiting
from mt5web_async.simulator.trading.rules.orders import (
    market_order,
    pending_order,
    with_terms,
)
from mt5web_async.simulator.trading.rules.prices import price_of


def direction_allowed(case: Case) -> Retcode | None:
    """The symbol's trade mode allows the direction."""
    return permissions.mode_refusal(
        case.the_symbol, case.side, closes=case.closes or _pending_would_close(case)
    )


def no_hedge(case: Case) -> Retcode | None:
    """Where opposite positions are prohibited, none would come to be."""
    desk = case.desk
    prohibited = desk.hedging and desk.flags & GroupFlags.HEDGE_PROHIBIT
    if not prohibited or case.closes:
        return None
    name = case.the_symbol.name
    sides = {one.action for one in desk.positions_of(name)}
    sides |= {order_side(one.type) for one in desk.orders_of(name)}
    return Retcode.HEDGE_PROHIBITED if sides - {case.side} else None


def oldest_first(case: Case) -> Retcode | None:
    """Where positions are closed by age, those named are the oldest of their side."""
    if not case.desk.hedging or not case.desk.flags & GroupFlags.FIFO_CLOSE:
        return None
    named = [one for one in (case.position, case.other) if one is not None]
    first = all(_is_oldest(case, one) for one in named)
    return None if first else Retcode.FIFO_CLOSE


def order_count_kept(case: Case) -> Retcode | None:
    """The account may have one more pending order."""
    desk = case.desk
    limits = (desk.terms.order_limit, desk.switches.order_limit)
    full = _is_full(len(_pending(case)), limits)
    return Retcode.LIMIT_ORDERS if full else None


def position_count_kept(case: Case) -> Retcode | None:
    """The account may have one more position.

    On hedging accounts pending orders count as the positions that they may become.
    """
    desk = case.desk
    limits = (desk.terms.position_limit, desk.switches.position_limit)
    if desk.hedging:
        count = len(desk.positions) + len(_pending(case))
        opens = not case.closes
    else:
        count = len(desk.positions)
        opens = case.position is None and case.request.action != TradeAction.PENDING
    return Retcode.LIMIT_POSITIONS if opens and _is_full(count, limits) else None


def margin_there(case: Case) -> Retcode | None:
    """The account's money carries the order."""
    if case.closes or funds.suffice(case.desk, _order(case)):
        return None
    return Retcode.NO_MONEY


def _order(case: Case) -> Order:
    """The order as margin is computed for it."""
    desk, request, symbol = case.desk, case.request, case.the_symbol
    if request.action == TradeAction.PENDING:
        return pending_order(desk, request, symbol)
    if request.action == TradeAction.MODIFY:
        return with_terms(desk, case.the_order, request, symbol)
    price = price_of(case.quote, case.side)
    return market_order(desk, request._replace(price_order=price), symbol, price)


def _pending_would_close(case: Case) -> bool:
    if case.request.action != TradeAction.PENDING or case.desk.hedging:
        return False
    held = case.position
    if held is None or held.action == case.side:
        return False
    return case.request.volume <= held.volume


def _is_oldest(case: Case, position: Position) -> bool:
    same = case.desk.positions_of(position.symbol)
    return all(
        one.position_id >= position.position_id
        for one in same
        if one.action == position.action
    )


def _pending(case: Case) -> list[Order]:
    return [order for order in case.desk.orders if is_waiting(order)]


def _is_full(count: int, limits: tuple[int, ...]) -> bool:
    return any(limit and count >= limit for limit in limits)

"""Stop out: an account that runs out of margin loses orders, then positions."""

from __future__ import annotations

from collections.abc import Iterable

from mt5web_async.calculation.account import AccountFigures, StopOut
from mt5web_async.enums import (
    ActivationMode,
    DealType,
    GroupFlags,
    MarginFlags,
    Reason,
    Rights,
    Side,
    StopOutMode,
)
from mt5web_async.protocol.records import Position
from mt5web_async.simulator.trading.order_states import OrderEvent

from . import comments, funds, money, permissions, valuation
from .desk import Desk, is_waiting
from .forced import Closing, close


def enforce(desk: Desk) -> None:
    """Take from the account what its margin no longer carries, one piece at a time.

    Everything is computed anew after each piece; it ends when the level is back or
    nothing is left that can be taken.
    """
    if not desk.account.rights & Rights.ENABLED:
        return
    closed, passed_over = False, set[int]()
    while (figures := funds.figures(desk)).stop_out == StopOut.STOP_OUT:
        if _delete_order(desk, figures):
            continue
        position = _next_position(desk, passed_over)
        if position is None:
            break
        if _close_position(desk, position, figures):
            closed = True
        else:
            passed_over.add(position.position_id)
    if closed:
        _compensate(desk)


def _delete_order(desk: Desk, figures: AccountFigures) -> bool:
    """Delete the pending order with the largest margin; False: none needs any."""
    order = max(
        filter(is_waiting, desk.orders),
        key=lambda order: (funds.order_margin(desk, order), order.order),
        default=None,
    )
    if order is None or funds.order_margin(desk, order) <= 0:
        return False
    stopped = order._replace(
        activation_mode=ActivationMode.STOP_OUT, comment=_comment(desk, figures)
    )
    desk.end_order(stopped, OrderEvent.CANCEL)
    return True


def _next_position(desk: Desk, passed_over: set[int]) -> Position | None:
    """The position with the largest loss; of equal ones that with the higher ticket."""
    candidates = [
        valuation.at_market(desk, position)
        for position in desk.positions
        if position.position_id not in passed_over and _may_be_closed(desk, position)
    ]
    if desk.flags & GroupFlags.FIFO_CLOSE:
        candidates = _oldest_losers(candidates) or candidates
    return min(candidates, key=lambda one: (one.profit, -one.position_id), default=None)


def _oldest_losers(positions: Iterable[Position]) -> list[Position]:
    """The oldest position with a loss of each symbol."""
    oldest: dict[str, Position] = {}
    for position in positions:
        if position.profit < 0:
            oldest.setdefault(position.symbol, position)
    return list(oldest.values())


def _may_be_closed(desk: Desk, position: Position) -> bool:
    symbol = desk.symbol(position.symbol)
    excluded = symbol.trade.margin_flags & MarginFlags.EXCLUDE_LONG_PROFIT
    if excluded and position.action == Side.BUY:
        return False
    return permissions.is_traded_now(desk, symbol)


def _close_position(desk: Desk, position: Position, figures: AccountFigures) -> bool:
    """Close a position at the market, or of a large netting one a piece."""
    most = desk.symbol(position.symbol).trade.volume_max
    in_pieces = not desk.hedging and 0 < most < position.volume
    volume = most if in_pieces else position.volume
    closing = Closing(Reason.SO, _comment(desk, figures), volume)
    if not in_pieces:
        return close(desk, position, closing)
    marked = position._replace(comment=comments.stopped_out(_level(desk, figures)))
    desk.keep_position(marked)
    done = close(desk, marked, closing)
    if not done:
        desk.keep_position(position)
    return done


def _compensate(desk: Desk) -> None:
    """Make good a balance, and a credit, that the stop out left below zero."""
    if not desk.flags & GroupFlags.SO_COMPENSATION:
        return
    account = desk.account
    if account.balance < 0:
        kind = DealType.STOP_OUT_COMPENSATION
        money.post(desk, kind, -account.balance, "", Reason.SO)
    if account.credit < 0:
        kind = DealType.STOP_OUT_COMPENSATION_CREDIT
        money.post(desk, kind, -account.credit, "", Reason.SO)


def _comment(desk: Desk, figures: AccountFigures) -> str:
    return comments.stop_out(
        _level(desk, figures), figures.equity, figures.margin, desk.digits
    )


def _level(desk: Desk, figures: AccountFigures) -> str:
    if desk.account.margin_so_mode == StopOutMode.MONEY:
        return f"{figures.equity:.{desk.digits}f}"
    return f"{figures.margin_level:.{desk.digits}f}%"

"""Whether a volume is one that the symbol takes."""

from __future__ import annotations

from mt5web_async.calculation.orders import order_side
from mt5web_async.enums import Retcode, TradeAction
from mt5web_async.simulator.trading.rules.case import Case
from mt5web_async.simulator.trading.rules.desk import is_waiting


def volume_valid(case: Case) -> Retcode | None:
    """The volume is within the symbol's bounds and on its step.

    A deal that only closes may be smaller than the minimum, and so may the volume that
    prices are asked for.
    """
    settings, volume = case.the_symbol.trade, case.request.volume
    small = volume < settings.volume_min and not _minimum_waived(case)
    large = 0 < settings.volume_max < volume
    off_step = settings.volume_step > 0 and volume % settings.volume_step != 0
    return Retcode.INVALID_VOLUME if not volume or small or large or off_step else None


def volume_limit_kept(case: Case) -> Retcode | None:
    """Position and pending orders of one direction stay within the symbol's limit."""
    limit = case.the_symbol.trade.volume_limit
    if not limit or case.closes:
        return None
    over = _held(case) + _waiting(case) + case.request.volume > limit
    return Retcode.LIMIT_VOLUME if over else None


def _minimum_waived(case: Case) -> bool:
    return case.closes or case.request.action == TradeAction.PRICES


def _held(case: Case) -> int:
    """Volume held in the direction; a netting deal closes the other one first."""
    volume = 0
    for position in case.desk.positions_of(case.the_symbol.name):
        if position.action == case.side:
            volume += position.volume
        elif not case.desk.hedging and case.request.action != TradeAction.PENDING:
            volume -= position.volume
    return volume


def _waiting(case: Case) -> int:
    return sum(
        order.volume_current
        for order in case.desk.orders_of(case.the_symbol.name)
        if is_waiting(order) and order_side(order.type) == case.side
    )

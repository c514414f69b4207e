"""What is checked before a request is carried out, in the order of the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from mt5web_async.enums import Retcode, TradeAction
from mt5web_async.simulator.trading.rules.case import Case
from mt5web_async.simulator.trading.rules.results import DEALS

from . import access, fillings, limits, prices, stops, targets, volumes

Check: TypeAlias = Callable[[Case], Retcode | None]

_A = TradeAction
_ALL: Final = frozenset(TradeAction)
_DEALS: Final = frozenset(DEALS)
_PENDING: Final = frozenset({_A.PENDING})
_PLACED: Final = _DEALS | _PENDING
_SLTP: Final = frozenset({_A.SLTP})
_MODIFY: Final = frozenset({_A.MODIFY})
_REMOVE: Final = frozenset({_A.REMOVE})
_CLOSE_BY: Final = frozenset({_A.CLOSE_BY})
_PRICES: Final = frozenset({_A.PRICES})


class _Step(NamedTuple):
    check: Check
    actions: frozenset[TradeAction]


CHECKS: Final = (
    _Step(targets.opposite_positions, _CLOSE_BY),
    _Step(access.symbol_enabled, _ALL),
    _Step(access.market_open, _ALL),
    _Step(access.quoted, _ALL),
    _Step(fillings.filling_allowed, _PLACED),
    _Step(access.order_type_allowed, _ALL - _REMOVE - _PRICES),
    _Step(access.account_allowed, _ALL),
    _Step(targets.position_there, _SLTP),
    _Step(targets.no_order_in_work, _DEALS | _CLOSE_BY),
    _Step(targets.closable_position, _DEALS),
    _Step(targets.changeable_order, _MODIFY | _REMOVE),
    _Step(volumes.volume_valid, _PLACED | _PRICES),
    _Step(prices.deal_prices_valid, _DEALS),
    _Step(prices.order_prices_valid, _PENDING | _MODIFY),
    _Step(prices.levels_valid, _SLTP),
    _Step(stops.deal_levels_apart, _DEALS),
    _Step(stops.position_levels_apart, _SLTP),
    _Step(stops.order_prices_apart, _PENDING | _MODIFY),
    _Step(stops.position_not_frozen, _DEALS | _SLTP | _CLOSE_BY),
    _Step(stops.order_not_frozen, _MODIFY | _REMOVE),
    _Step(stops.levels_differ, _SLTP),
    _Step(stops.order_differs, _MODIFY),
    _Step(prices.expiration_valid, _PENDING | _MODIFY),
    _Step(limits.direction_allowed, _PLACED),
    _Step(limits.no_hedge, _PLACED),
    _Step(limits.oldest_first, _DEALS | _CLOSE_BY),
    _Step(limits.order_count_kept, _PENDING),
    _Step(limits.position_count_kept, _PLACED),
    _Step(volumes.volume_limit_kept, _PLACED),
    _Step(limits.margin_there, _PLACED | _MODIFY),
)
"""Every check with the actions that it is made for."""


def refusal(case: Case) -> Retcode | None:
    """Why a request is refused: the first check that it fails; None: it passes all."""
    action = TradeAction(case.request.action)
    for step in CHECKS:
        if action in step.actions:
            code = step.check(case)
            if code is not None:
                return code
    return None

"""Trade requests: checked, then carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from mt5web_async.enums import Retcode, TradeAction
from mt5web_async.protocol.records import FullSymbol, TradeRequest, TradeResult

from . import close_by, market_deals, pending, protection
from .case import Case, open_case
from .checks import fillings, refusal
from .desk import Desk
from .results import DEALS, Outcome, refused, report

_CARRIED_OUT: Final[Mapping[TradeAction, Callable[[Case], Outcome]]] = {
    TradeAction.PRICES: market_deals.tell_prices,
    **dict.fromkeys(DEALS, market_deals.deal),
    TradeAction.PENDING: pending.place,
    TradeAction.SLTP: protection.change,
    TradeAction.MODIFY: pending.change,
    TradeAction.REMOVE: pending.remove,
    TradeAction.CLOSE_BY: close_by.close_by,
}


class Handled(NamedTuple):
    """What became of a request.

    Attributes:
        result: the record that tells of it.
        checked: it passed all checks and was to be carried out.
    """

    result: TradeResult
    checked: bool


def handle(desk: Desk, request: TradeRequest, rights: int) -> Handled:
    """Check a request of a known action and carry it out.

    Args:
        desk: the account's.
        request: as it came.
        rights: what the sender may do, :class:`Rights`.
    """
    case = open_case(desk, request, rights)
    if case is None:
        return _refused(desk, request, Retcode.INVALID, _named_symbol(desk, request))
    code = refusal(case)
    if code is not None:
        return _refused(desk, request, code, case.symbol)
    outcome = _CARRIED_OUT[TradeAction(request.action)](_repaired(case))
    return Handled(report(desk, outcome, case.symbol), checked=True)


def failed(desk: Desk, request: TradeRequest) -> Handled:
    """What is told of a request that the server could not carry out."""
    return _refused(desk, request, Retcode.ERROR, _named_symbol(desk, request))


def _refused(
    desk: Desk, request: TradeRequest, code: int, symbol: FullSymbol | None
) -> Handled:
    return Handled(report(desk, refused(request, code), symbol), checked=False)


def _named_symbol(desk: Desk, request: TradeRequest) -> FullSymbol | None:
    known = request.symbol in desk.floor.symbols
    return desk.symbol(request.symbol) if known else None


def _repaired(case: Case) -> Case:
    """The case with the filling that the order really gets."""
    if case.request.action not in (*DEALS, TradeAction.PENDING):
        return case
    filling = fillings.filling_of(case.request, case.the_symbol)
    return case.with_filling(case.request.type_filling if filling is None else filling)

"""The filling that an order has in the symbol's way of execution."""

from __future__ import annotations

from typing import Final

from mt5web_async.calculation.orders import STOP_TYPES
from mt5web_async.enums import (
    ExecutionMode,
    FillFlags,
    Filling,
    Retcode,
    TradeAction,
)
from mt5web_async.protocol.records import FullSymbol, TradeRequest
from mt5web_async.simulator.trading.rules.case import Case

_FLAGS: Final = {
    Filling.FOK: FillFlags.FOK,
    Filling.IOC: FillFlags.IOC,
    Filling.BOC: FillFlags.BOC,
}


def filling_allowed(case: Case) -> Retcode | None:
    """The filling is one that the symbol takes, or can be replaced by one."""
    filling = filling_of(case.request, case.the_symbol)
    return None if filling is not None else Retcode.INVALID_FILL


def filling_of(request: TradeRequest, symbol: FullSymbol) -> Filling | None:
    """The filling that the order of a deal or pending request gets; None: refused.

    Off exchanges pending orders always return their rest to the market, and deals by
    request or at an instant price are always made whole.
    """
    mode = ExecutionMode(symbol.trade.execution_mode)
    wanted = Filling(request.type_filling)
    if request.action == TradeAction.PENDING:
        if mode != ExecutionMode.EXCHANGE or request.type in STOP_TYPES:
            return Filling.RETURN
    elif mode in (ExecutionMode.REQUEST, ExecutionMode.INSTANT):
        return Filling.FOK
    elif mode == ExecutionMode.MARKET and wanted not in (Filling.FOK, Filling.IOC):
        return None
    return wanted if _allows(symbol, wanted) else None


def _allows(symbol: FullSymbol, filling: Filling) -> bool:
    if filling == Filling.RETURN:
        return True
    return bool(symbol.trade.fill_flags & _FLAGS[filling])

"""Whether the symbol and the account can be traded at all."""

from __future__ import annotations

from typing import Final

from mt5web_async.calculation.orders import ORDER_FLAGS
from mt5web_async.calculation.settings import trade_enabled
from mt5web_async.enums import OrderFlags, OrderType, Retcode, Rights, TradeAction
from mt5web_async.simulator.trading.rules import permissions
from mt5web_async.simulator.trading.rules.case import Case

_BARRED: Final = (
    Rights.TRADE_DISABLED | Rights.INVESTOR | Rights.READ_ONLY | Rights.RESET_PASSWORD
)

_FLAGS: Final = {**ORDER_FLAGS, OrderType.CLOSE_BY: OrderFlags.CLOSE_BY}


def symbol_enabled(case: Case) -> Retcode | None:
    """There is trading in the symbol."""
    if case.symbol is None or trade_enabled(case.symbol):
        return None
    return Retcode.TRADE_DISABLED


def market_open(case: Case) -> Retcode | None:
    """The symbol is in one of its trading sessions."""
    if case.symbol is None or permissions.is_open(case.symbol, case.desk.seconds):
        return None
    return Retcode.MARKET_CLOSED


def quoted(case: Case) -> Retcode | None:
    """The symbol has prices."""
    if case.symbol is None or case.desk.quote(case.symbol) is not None:
        return None
    return Retcode.PRICE_OFF


def order_type_allowed(case: Case) -> Retcode | None:
    """The symbol allows the type of order, and the levels that are asked for."""
    if case.symbol is None:
        return None
    needed = _order_flags(case)
    if case.request.sl:
        needed |= OrderFlags.SL
    if case.request.tp:
        needed |= OrderFlags.TP
    allowed = case.symbol.trade.order_flags & needed == needed
    return None if allowed else Retcode.INVALID_ORDER


def account_allowed(case: Case) -> Retcode | None:
    """The account may trade, and so may who sent the request."""
    enabled = case.rights & Rights.ENABLED and not case.rights & _BARRED
    return None if enabled else Retcode.TRADE_DISABLED


def _order_flags(case: Case) -> OrderFlags:
    if case.request.action == TradeAction.SLTP:
        return OrderFlags.MARKET
    if case.request.action == TradeAction.CLOSE_BY:
        return OrderFlags.CLOSE_BY
    named = case.order.type if case.order is not None else case.request.type
    return _FLAGS[OrderType(named)]

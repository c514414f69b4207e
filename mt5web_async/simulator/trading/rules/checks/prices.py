"""Whether prices and expirations are ones that the symbol takes."""

from __future__ import annotations

from typing import Final

from mt5web_async.calculation.orders import LIMIT_TYPES
from mt5web_async.calculation.rounding import compare
from mt5web_async.calculation.stops import Levels, refused_prices
from mt5web_async.enums import (
    GroupFlags,
    OrderTime,
    Retcode,
    TimeFlags,
    TradeAction,
)
from mt5web_async.protocol.records import FullSymbol
from mt5web_async.simulator.trading.rules import expiry
from mt5web_async.simulator.trading.rules.case import Case

_AT_A_PRICE: Final = (TradeAction.REQUEST, TradeAction.INSTANT)

_TIME_FLAGS: Final = {
    OrderTime.GTC: TimeFlags.GTC,
    OrderTime.DAY: TimeFlags.DAY,
    OrderTime.SPECIFIED: TimeFlags.SPECIFIED,
    OrderTime.SPECIFIED_DAY: TimeFlags.SPECIFIED_DAY,
}


def deal_prices_valid(case: Case) -> Retcode | None:
    """The levels are prices, and so is the price of a deal that names one."""
    request = case.request
    levels = Levels(sl=request.sl, tp=request.tp)
    if request.action in _AT_A_PRICE:
        if not request.price_order:
            return Retcode.INVALID_PRICE
        levels = levels._replace(price=request.price_order)
    return refused_prices(case.the_symbol, levels)


def order_prices_valid(case: Case) -> Retcode | None:
    """A pending order's prices are prices, and a limit is within those of the day."""
    request, symbol = case.request, case.the_symbol
    levels = Levels(request.price_order, request.price_trigger, request.sl, request.tp)
    limited = request.action == TradeAction.PENDING and request.type in LIMIT_TYPES
    if limited and not _within_limits(symbol, request.price_order):
        return Retcode.INVALID_PRICE
    return refused_prices(symbol, levels)


def levels_valid(case: Case) -> Retcode | None:
    """Stop loss and take profit are prices."""
    levels = Levels(sl=case.request.sl, tp=case.request.tp)
    return refused_prices(case.the_symbol, levels)


def expiration_valid(case: Case) -> Retcode | None:
    """The symbol and the group allow the expiry, and it is yet to come."""
    request = case.request
    kind = OrderTime(request.type_time)
    allowed = case.the_symbol.trade.time_flags & _TIME_FLAGS[kind]
    expires = kind != OrderTime.GTC
    if not allowed or (expires and not case.desk.flags & GroupFlags.EXPIRATION):
        return Retcode.INVALID_EXPIRATION
    ends = expiry.moment(kind, request.time_expiration)
    past = ends is not None and ends <= case.desk.seconds
    return Retcode.INVALID_EXPIRATION if past else None


def _within_limits(symbol: FullSymbol, price: float) -> bool:
    low, high = symbol.price_limit_min, symbol.price_limit_max
    above = not low or compare(price, low, symbol.digits) >= 0
    return above and (not high or compare(price, high, symbol.digits) <= 0)

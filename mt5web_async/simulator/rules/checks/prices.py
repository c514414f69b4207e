"""Whether prices and expirations are ones that the symbol takes."""

from __future__ import annotations

from math import fmod
from typing import Final

from mt5web_async.calculation.orders import LIMIT_TYPES
from mt5web_async.calculation.rounding import compare, normalize
from mt5web_async.calculation.settings import negative_prices_allowed
from mt5web_async.enums import (
    GroupFlags,
    OrderTime,
    Retcode,
    TimeFlags,
    TradeAction,
)
from mt5web_async.protocol.records import FullSymbol
from mt5web_async.simulator.rules import expiry
from mt5web_async.simulator.rules.case import Case

_LARGEST: Final = 1e9

_AT_A_PRICE: Final = (TradeAction.REQUEST, TradeAction.INSTANT)

_TIME_FLAGS: Final = {
    OrderTime.GTC: TimeFlags.GTC,
    OrderTime.DAY: TimeFlags.DAY,
    OrderTime.SPECIFIED: TimeFlags.SPECIFIED,
    OrderTime.SPECIFIED_DAY: TimeFlags.SPECIFIED_DAY,
}


def deal_price_valid(case: Case) -> Retcode | None:
    """A deal that names its price names one; others are dealt at the market's."""
    if case.request.action not in _AT_A_PRICE:
        return None
    price, symbol = case.request.price_order, case.the_symbol
    valid = is_price(symbol, price) and price != 0
    return None if valid else Retcode.INVALID_PRICE


def order_prices_valid(case: Case) -> Retcode | None:
    """A pending order's prices are prices, and within the day's limits."""
    request, symbol = case.request, case.the_symbol
    valid = is_price(symbol, request.price_order) and is_price(
        symbol, request.price_trigger
    )
    limited = case.request.action == TradeAction.PENDING and request.type in LIMIT_TYPES
    if not valid or (limited and not _within_limits(symbol, request.price_order)):
        return Retcode.INVALID_PRICE
    return None


def levels_valid(case: Case) -> Retcode | None:
    """Stop loss and take profit are prices."""
    request, symbol = case.request, case.the_symbol
    valid = is_price(symbol, request.sl) and is_price(symbol, request.tp)
    return None if valid else Retcode.INVALID_STOPS


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


def is_price(symbol: FullSymbol, price: float) -> bool:
    """Whether a number is a price of the symbol; 0 stands for none and is one."""
    if price > _LARGEST or (price < 0 and not negative_prices_allowed(symbol)):
        return False
    if not symbol.tick_size or not price:
        return True
    rest = abs(fmod(normalize(price, symbol.digits), symbol.tick_size))
    rest = normalize(rest, symbol.digits)
    return rest <= 10.0 ** -(symbol.digits + 1) or rest >= symbol.tick_size


def _within_limits(symbol: FullSymbol, price: float) -> bool:
    low, high = symbol.price_limit_min, symbol.price_limit_max
    above = not low or compare(price, low, symbol.digits) >= 0
    return above and (not high or compare(price, high, symbol.digits) <= 0)

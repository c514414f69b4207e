"""Distances to the market: the stops level, the freeze level, and no change at all."""

from __future__ import annotations

from typing import NamedTuple

from mt5web_async.calculation.orders import (
    LIMIT_TYPES,
    MARKET_TYPES,
    STOP_LIMIT_TYPES,
    order_side,
)
from mt5web_async.calculation.rounding import normalize
from mt5web_async.calculation.settings import negative_prices_allowed
from mt5web_async.enums import ExecutionMode, Retcode, Side
from mt5web_async.protocol.records import FullSymbol, Position
from mt5web_async.simulator.rules import expiry
from mt5web_async.simulator.rules.case import Case
from mt5web_async.simulator.rules.dealing import opposite
from mt5web_async.simulator.rules.prices import price_of
from mt5web_async.simulator.rules.results import DEALS


class _Levels(NamedTuple):
    """What was there before: a price or level that stays is not looked at."""

    price: float = 0.0
    sl: float = 0.0
    tp: float = 0.0


def deal_levels_apart(case: Case) -> Retcode | None:
    """The levels of a deal are beyond the market, and away from it."""
    held, request = case.position, case.request
    before = _Levels()
    if held is not None and not case.desk.hedging:
        closes = held.action != case.side and request.volume >= held.volume
        before = before if closes else _Levels(sl=held.sl, tp=held.tp)
    return _market_levels(case, case.side, before)


def position_levels_apart(case: Case) -> Retcode | None:
    """So are those that a position is given."""
    held = case.the_position
    return _market_levels(case, Side(held.action), _Levels(sl=held.sl, tp=held.tp))


def order_prices_apart(case: Case) -> Retcode | None:
    """A pending order's price is on its side of the market, and away from it."""
    request, symbol = case.request, case.the_symbol
    kind = case.order.type if case.order is not None else request.type
    needed = (request.price_order, request.price_trigger)
    needed = needed if kind in STOP_LIMIT_TYPES else needed[:1]
    if not negative_prices_allowed(symbol) and any(price <= 0 for price in needed):
        return Retcode.INVALID_PRICE
    apart = _order_price_apart(case, kind) and _limit_apart(case, kind)
    return None if apart else Retcode.INVALID_PRICE


def order_levels_apart(case: Case) -> Retcode | None:
    """Its levels are beyond its price, and away from it."""
    request, order = case.request, case.order
    kind = order.type if order is not None else request.type
    stop_limit = kind in STOP_LIMIT_TYPES
    price = request.price_trigger if stop_limit else request.price_order
    before = _Levels()
    if order is not None and not stop_limit and order.price_order == price:
        before = _Levels(sl=order.sl, tp=order.tp)
    return _levels(case, order_side(kind), (price, price), before)


def position_not_frozen(case: Case) -> Retcode | None:
    """The market is not about to close the position by one of its levels."""
    frozen = any(
        _is_frozen(case.the_symbol, one, price_of(case.quote, opposite(one.action)))
        for one in _touched(case)
    )
    return Retcode.FROZEN if frozen else None


def order_not_frozen(case: Case) -> Retcode | None:
    """The market is not about to activate the order."""
    order, symbol = case.the_order, case.the_symbol
    level = _distance(symbol, symbol.trade.freeze_level)
    if not level or order.type in MARKET_TYPES:
        return None
    away = _ahead(case, order.type, order.price_order)
    return Retcode.FROZEN if away <= level else None


def levels_differ(case: Case) -> Retcode | None:
    """A position's levels would change."""
    held, request = case.the_position, case.request
    same = (held.sl, held.tp) == (request.sl, request.tp)
    return Retcode.NO_CHANGES if same else None


def order_differs(case: Case) -> Retcode | None:
    """An order's prices, levels or expiry would change."""
    order, request = case.the_order, case.request
    expiration = expiry.shown(
        request.type_time, request.time_expiration, case.desk.seconds
    )
    trigger = request.price_trigger if order.type in STOP_LIMIT_TYPES else 0.0
    wanted = (request.price_order, trigger, request.sl, request.tp)
    present = (order.price_order, order.price_trigger, order.sl, order.tp)
    times = (request.type_time, expiration) == (order.type_time, order.time_expiration)
    return Retcode.NO_CHANGES if wanted == present and times else None


def _market_levels(case: Case, side: Side, before: _Levels) -> Retcode | None:
    """Levels of a deal or position: a buyer's are held against the bid."""
    price = price_of(case.quote, opposite(side))
    return _levels(case, side, (price, price), before)


def _levels(
    case: Case, side: Side, prices: tuple[float, float], before: _Levels
) -> Retcode | None:
    """Stop loss below and take profit above the prices for who buys, else reversed."""
    symbol, request = case.the_symbol, case.request
    level = _distance(symbol, symbol.trade.stops_level)
    sign = 1 if side == Side.BUY else -1
    digits = symbol.digits
    loss = normalize(sign * (prices[0] - request.sl), digits)
    gain = normalize(sign * (request.tp - prices[1]), digits)
    wrong_loss = request.sl and request.sl != before.sl and loss < level
    wrong_gain = request.tp and request.tp != before.tp and gain < level
    return Retcode.INVALID_STOPS if wrong_loss or wrong_gain else None


def _order_price_apart(case: Case, kind: int) -> bool:
    request, symbol = case.request, case.the_symbol
    if case.order is not None and case.order.price_order == request.price_order:
        return True
    if kind in LIMIT_TYPES and _on_exchange(symbol):
        return True
    return _ahead(case, kind, request.price_order) >= _distance(
        symbol, symbol.trade.stops_level
    )


def _limit_apart(case: Case, kind: int) -> bool:
    """The limit of a stop limit order is on the better side of its stop."""
    request, symbol = case.request, case.the_symbol
    if kind not in STOP_LIMIT_TYPES or _on_exchange(symbol):
        return True
    sign = 1 if order_side(kind) == Side.BUY else -1
    away = normalize(
        sign * (request.price_order - request.price_trigger), symbol.digits
    )
    return away >= _distance(symbol, symbol.trade.stops_level)


def _ahead(case: Case, kind: int, price: float) -> float:
    """How far the market has to go to where a pending order waits."""
    side = order_side(kind)
    up = (side == Side.BUY) != (kind in LIMIT_TYPES)
    way = price - price_of(case.quote, side)
    return normalize(way if up else -way, case.the_symbol.digits)


def _touched(case: Case) -> list[Position]:
    """The positions that the request changes or closes; not one that it adds to."""
    named = [one for one in (case.position, case.other) if one is not None]
    if case.request.action not in DEALS:
        return named
    return [one for one in named if one.action != case.side]


def _is_frozen(symbol: FullSymbol, position: Position, market: float) -> bool:
    level = _distance(symbol, symbol.trade.freeze_level)
    return level > 0 and any(
        normalize(abs(market - one), symbol.digits) <= level
        for one in (position.sl, position.tp)
        if one
    )


def _distance(symbol: FullSymbol, points: int) -> float:
    return normalize(symbol.point * points, symbol.digits)


def _on_exchange(symbol: FullSymbol) -> bool:
    return symbol.trade.execution_mode == ExecutionMode.EXCHANGE

"""Distances to the market: the stops level, the freeze level, and no change at all."""

from __future__ import annotations

from mt5web_async.calculation.orders import (
    LIMIT_TYPES,
    MARKET_TYPES,
    STOP_LIMIT_TYPES,
    order_side,
)
from mt5web_async.calculation.rounding import normalize
from mt5web_async.calculation.stops import Levels, refused_stops
from mt5web_async.enums import Retcode, Side
from mt5web_async.protocol.records import FullSymbol, Order, Position
from mt5web_async.simulator.trading.rules import expiry
from mt5web_async.simulator.trading.rules.case import Case
from mt5web_async.simulator.trading.rules.dealing import market_type, opposite
from mt5web_async.simulator.trading.rules.prices import price_of
from mt5web_async.simulator.trading.rules.results import DEALS


def deal_levels_apart(case: Case) -> Retcode | None:
    """The levels of a deal are beyond the market, and away from it."""
    held, request = case.position, case.request
    before = Levels()
    if held is not None and not case.desk.hedging:
        closes = held.action != case.side and request.volume >= held.volume
        before = before if closes else Levels(sl=held.sl, tp=held.tp)
    return _market_levels(case, case.side, before)


def position_levels_apart(case: Case) -> Retcode | None:
    """So are those that a position is given."""
    held = case.the_position
    return _market_levels(case, held.action, Levels(sl=held.sl, tp=held.tp))


def order_prices_apart(case: Case) -> Retcode | None:
    """A pending order's prices are on their side of the market, its levels of them."""
    request, order = case.request, case.order
    kind, before = request.type, Levels()
    if order is not None:
        kind = order.type
        before = Levels(order.price_order, order.price_trigger, order.sl, order.tp)
    wanted = Levels(request.price_order, request.price_trigger, request.sl, request.tp)
    return refused_stops(case.the_symbol, case.quote, kind, wanted, before)


def position_not_frozen(case: Case) -> Retcode | None:
    """The market is not about to close the position by one of its levels."""
    frozen = any(
        _is_frozen(case.the_symbol, one, price_of(case.quote, opposite(one.action)))
        for one in _touched(case)
    )
    return Retcode.FROZEN if frozen else None


def order_not_frozen(case: Case) -> Retcode | None:
    """The market is not about to activate the order."""
    order, level = case.the_order, _freeze_distance(case.the_symbol)
    if not level or order.type in MARKET_TYPES:
        return None
    return Retcode.FROZEN if _way_to_go(case, order) <= level else None


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


def _market_levels(case: Case, side: int, before: Levels) -> Retcode | None:
    """Levels of a deal or position; the price itself is what the market gives."""
    request, price = case.request, price_of(case.quote, side)
    wanted = Levels(price, sl=request.sl, tp=request.tp)
    kind = market_type(side)
    return refused_stops(case.the_symbol, case.quote, kind, wanted, before)


def _touched(case: Case) -> list[Position]:
    """The positions that the request changes or closes; not one that it adds to."""
    named = [one for one in (case.position, case.other) if one is not None]
    if case.request.action not in DEALS:
        return named
    return [one for one in named if one.action != case.side]


def _is_frozen(symbol: FullSymbol, position: Position, market: float) -> bool:
    distance = _freeze_distance(symbol)
    return distance > 0 and any(
        normalize(abs(market - level), symbol.digits) <= distance
        for level in (position.sl, position.tp)
        if level
    )


def _way_to_go(case: Case, order: Order) -> float:
    """How far the market has to go to where a pending order waits."""
    side = order_side(order.type)
    up = (side == Side.BUY) != (order.type in LIMIT_TYPES)
    way = order.price_order - price_of(case.quote, side)
    return normalize(way if up else -way, case.the_symbol.digits)


def _freeze_distance(symbol: FullSymbol) -> float:
    return normalize(symbol.point * symbol.trade.freeze_level, symbol.digits)

"""What a client checks before it sends a trade request (sections 9 and 10).

The first check that fails gives the code. Checks also complete the request: action by
execution mode, filling, symbol and digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from mt5web_async.enums import (
    ExecutionMode,
    MarginMode,
    OrderFlags,
    OrderState,
    OrderType,
    Retcode,
    Side,
    TradeAction,
    TradeMode,
    TypeFlags,
)

from . import checks
from .checks import MAX_I32, Levels
from .market import Market
from .orders import MARKET_TYPES, order_side
from .quotes import Quote
from .settings import margin_mode
from .values import FullSymbol, Order, Position

if TYPE_CHECKING:
    from mt5web_async.protocol.records import TradeRequest

_DEALS: Final = (
    TradeAction.REQUEST,
    TradeAction.INSTANT,
    TradeAction.MARKET,
    TradeAction.EXCHANGE,
)
_CHANGEABLE: Final = (OrderState.PLACED, OrderState.PARTIAL)


class Refused(Exception):
    """A check failed.

    Attributes:
        retcode: the result code.
    """

    def __init__(self, retcode: Retcode) -> None:
        super().__init__(retcode)
        self.retcode = retcode


class Held(NamedTuple):
    """What the account has open.

    Attributes:
        positions: by ticket.
        orders: by ticket.
    """

    positions: Mapping[int, Position]
    orders: Mapping[int, Order]


class Target(NamedTuple):
    """What a request is about.

    Attributes:
        symbol: with the settings that count.
        position: the position concerned; None: none.
    """

    symbol: FullSymbol
    position: Position | None = None

    def closes(self, order_type: int, volume: int) -> bool:
        """Whether so much of this side only closes what is there."""
        held = self.position
        if held is None or held.action == order_side(order_type):
            return False
        return held.volume >= volume


def deal_action(symbol: FullSymbol, volume: int) -> TradeAction:
    """The action by which a symbol deals a volume (1e-8 lots)."""
    mode, most = symbol.trade.execution_mode, symbol.trade.instant_volume
    if mode == ExecutionMode.MARKET:
        return TradeAction.MARKET
    if mode == ExecutionMode.EXCHANGE:
        return TradeAction.EXCHANGE
    if mode == ExecutionMode.INSTANT and not 0 < most < volume:
        return TradeAction.INSTANT
    return TradeAction.REQUEST


def checked(market: Market, held: Held, request: TradeRequest) -> TradeRequest:
    """The request as it may be sent.

    Args:
        market: account, symbols and quotes.
        held: open positions and orders.
        request: a record of the wire; of deals any of the actions 1 to 4.

    Raises:
        Refused: a check failed.
    """
    check = _CHECKS.get(request.action)
    if check is None:
        raise Refused(Retcode.INVALID)
    return check(market, held, request)


_Check = Callable[[Market, "Held", "TradeRequest"], "TradeRequest"]


def _deal(market: Market, held: Held, request: TradeRequest) -> TradeRequest:
    target = _target(market, held, request)
    symbol = target.symbol
    request = _addressed(request, symbol)
    request = request._replace(action=deal_action(symbol, request.volume))
    filling = checks.deal_filling(symbol, request.type_filling)
    if filling is None:
        raise Refused(Retcode.INVALID_FILL)
    closing = target.closes(request.type, request.volume)
    if not checks.volume_valid(symbol, request.volume, closing=closing):
        raise Refused(Retcode.INVALID_VOLUME)
    _deal_prices(market, target, request)
    _refuse(checks.mode_permits(symbol, order_side(request.type), closing=closing))
    if request.action == TradeAction.INSTANT and request.deviation > MAX_I32:
        raise Refused(Retcode.TRADE_DISABLED)
    if not checks.type_allowed(symbol, request.type):
        raise Refused(Retcode.INVALID_ORDER)
    request = request._replace(type_filling=filling)
    if request.action == TradeAction.EXCHANGE:
        flags = request.type_flags | TypeFlags.MARKET
        request = request._replace(type_flags=flags, price_order=0.0)
    return request


def _deal_prices(market: Market, target: Target, request: TradeRequest) -> None:
    symbol, held = target.symbol, target.position
    new = _levels(request)
    _refuse(checks.prices_valid(symbol, new))
    against = held is not None and held.action != order_side(request.type)
    if held is None or (against and request.volume >= held.volume):
        old = Levels(0.0 if held is None else held.price_close)
    else:
        old = Levels(held.price_close, 0.0, held.sl, held.tp)
    quote = _quote(market, symbol)
    _refuse(checks.stops_valid(symbol, quote, request.type, new, old))


def _pending(market: Market, held: Held, request: TradeRequest) -> TradeRequest:
    target = _target(market, held, request)
    symbol = target.symbol
    request = _addressed(request, symbol)
    if request.type in MARKET_TYPES or request.type > OrderType.SELL_STOP_LIMIT:
        raise Refused(Retcode.INVALID)
    if not checks.expiry_valid(symbol, request.type_time, request.time_expiration):
        raise Refused(Retcode.INVALID_EXPIRATION)
    closing = target.closes(request.type, request.volume)
    if not checks.volume_valid(symbol, request.volume, closing=closing):
        raise Refused(Retcode.INVALID_VOLUME)
    new = _levels(request)
    _refuse(checks.prices_valid(symbol, new))
    quote = _quote(market, symbol)
    _refuse(checks.stops_valid(symbol, quote, request.type, new, Levels()))
    if not checks.limit_price_within(symbol, request.type, request.price_order):
        raise Refused(Retcode.INVALID_PRICE)
    _refuse(checks.mode_permits(symbol, order_side(request.type), closing=closing))
    terms = checks.pending_filling(
        symbol, request.type, request.type_filling, request.type_time
    )
    if terms is None:
        raise Refused(Retcode.INVALID_FILL)
    if not checks.type_allowed(symbol, request.type):
        raise Refused(Retcode.INVALID_ORDER)
    return request._replace(type_filling=terms[0], type_time=terms[1])


def _levels_change(market: Market, held: Held, request: TradeRequest) -> TradeRequest:
    target = _target(market, held, request)
    symbol, position = target.symbol, target.position
    if position is None or not position.volume:
        raise Refused(Retcode.POSITION_CLOSED)
    new = Levels(position.price_close, 0.0, request.sl, request.tp)
    if not (checks.price_valid(symbol, new.sl) and checks.price_valid(symbol, new.tp)):
        raise Refused(Retcode.INVALID_STOPS)
    quote = _quote(market, symbol)
    side = OrderType.BUY if position.action == Side.BUY else OrderType.SELL
    old = Levels(position.price_close, 0.0, position.sl, position.tp)
    _refuse(checks.stops_valid(symbol, quote, side, new, old))
    if (new.sl, new.tp) == (position.sl, position.tp):
        raise Refused(Retcode.NO_CHANGES)
    if not symbol.trade.order_flags & OrderFlags.MARKET:
        raise Refused(Retcode.INVALID_ORDER)
    return _addressed(request, symbol)._replace(
        price_order=position.price_close, type=side
    )


def _modify(market: Market, held: Held, request: TradeRequest) -> TradeRequest:
    order = _order(held, request)
    symbol = _symbol(market, order.symbol)
    if order.type in MARKET_TYPES or order.state not in _CHANGEABLE:
        raise Refused(Retcode.INVALID)
    new = _levels(request)
    old = Levels(order.price_order, order.price_trigger, order.sl, order.tp)
    _refuse(checks.prices_valid(symbol, new))
    quote = _quote(market, symbol)
    _refuse(checks.stops_valid(symbol, quote, order.type, new, old))
    terms = request.type_time, request.time_expiration
    if new == old and terms == (order.type_time, order.time_expiration):
        raise Refused(Retcode.NO_CHANGES)
    if not checks.type_allowed(symbol, order.type):
        raise Refused(Retcode.INVALID_ORDER)
    return _addressed(request, symbol)._replace(type=order.type)


def _remove(market: Market, held: Held, request: TradeRequest) -> TradeRequest:
    order = _order(held, request)
    symbol = _symbol(market, order.symbol)
    _tradable(symbol)
    exchange = symbol.trade.execution_mode == ExecutionMode.EXCHANGE
    if order.type in MARKET_TYPES and not exchange:
        raise Refused(Retcode.INVALID)
    if order.state not in _CHANGEABLE:
        raise Refused(Retcode.INVALID)
    return _addressed(request, symbol)._replace(type=order.type)


def _close_by(market: Market, held: Held, request: TradeRequest) -> TradeRequest:
    first = held.positions.get(request.position)
    other = held.positions.get(request.position_by)
    if margin_mode(market.account) != MarginMode.HEDGING or not first or not other:
        raise Refused(Retcode.INVALID)
    if first.symbol != other.symbol or first.action == other.action:
        raise Refused(Retcode.INVALID)
    symbol = _symbol(market, first.symbol)
    _tradable(symbol)
    if not symbol.trade.order_flags & OrderFlags.CLOSE_BY:
        raise Refused(Retcode.INVALID_ORDER)
    return _addressed(request, symbol)._replace(volume=first.volume)


_CHECKS: Final[Mapping[int, _Check]] = {
    **dict.fromkeys(_DEALS, _deal),
    TradeAction.PENDING: _pending,
    TradeAction.SLTP: _levels_change,
    TradeAction.MODIFY: _modify,
    TradeAction.REMOVE: _remove,
    TradeAction.CLOSE_BY: _close_by,
}


def _target(market: Market, held: Held, request: TradeRequest) -> Target:
    position = _position(market, held, request)
    name = position.symbol if position is not None else request.symbol
    symbol = _symbol(market, name)
    _tradable(symbol)
    return Target(symbol, position)


def _position(market: Market, held: Held, request: TradeRequest) -> Position | None:
    if margin_mode(market.account) != MarginMode.HEDGING:
        return position_of(held.positions.values(), request.symbol) or (
            held.positions.get(request.position) if not request.symbol else None
        )
    if not request.position:
        return None
    position = held.positions.get(request.position)
    if position is None:
        gone = request.action == TradeAction.SLTP
        raise Refused(Retcode.POSITION_CLOSED if gone else Retcode.INVALID)
    if request.action in _DEALS:
        if request.volume > position.volume:
            raise Refused(Retcode.INVALID_VOLUME)
        if position.action == order_side(request.type):
            raise Refused(Retcode.INVALID)
    return position


def position_of(positions: Iterable[Position], symbol: str) -> Position | None:
    """The one position of a symbol on a netting account."""
    return next((p for p in positions if symbol and p.symbol == symbol), None)


def _symbol(market: Market, name: str) -> FullSymbol:
    symbol = market.symbols.get(name)
    if symbol is None:
        raise Refused(Retcode.INVALID)
    return symbol


def _tradable(symbol: FullSymbol) -> None:
    if symbol.trade.trade_mode == TradeMode.DISABLED:
        raise Refused(Retcode.TRADE_DISABLED)


def _order(held: Held, request: TradeRequest) -> Order:
    order = held.orders.get(request.order)
    if order is None:
        raise Refused(Retcode.INVALID)
    return order


def _quote(market: Market, symbol: FullSymbol) -> Quote:
    quote = market.quote(symbol)
    if quote is None:
        raise Refused(Retcode.PRICE_OFF)
    return quote


def _levels(request: TradeRequest) -> Levels:
    return Levels(request.price_order, request.price_trigger, request.sl, request.tp)


def _addressed(request: TradeRequest, symbol: FullSymbol) -> TradeRequest:
    return request._replace(symbol=symbol.name, digits=symbol.digits)


def _refuse(retcode: Retcode | None) -> None:
    if retcode is not None:
        raise Refused(retcode)

"""From a request in the words of the Python API to the one that travels (10, 11.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple, TypeVar

from mt5web_async.enums import (
    OrderTime,
    OrderType,
    Retcode,
    Side,
    TradeAction,
    TypeFlags,
)
from mt5web_async.errors import InvalidArgument

from .cases import deal_action, target_position
from .checks import Checked, check_request
from .market import Market
from .orders import MARKET_TYPES, order_side
from .rounding import align, normalize
from .settings import trading_allowed
from .values import ApiRequest, FullSymbol, Order, Position, TradeRequest
from .volumes import volume
from .worth import live_price

RequestT = TypeVar("RequestT", bound=TradeRequest)

DEAL: Final = 1
PENDING: Final = 5
SLTP: Final = 6
MODIFY: Final = 7
REMOVE: Final = 8
CLOSE_BY: Final = 10
"""Actions of the Python API, TRADE_ACTION_...: these alone have a meaning."""

COMMENT_LENGTH: Final = 32
"""Most characters of a comment, as UTF-16 counts them."""

_U32: Final = 2**32 - 1
_PENDING_TYPES: Final = tuple(OrderType)[OrderType.BUY_LIMIT : OrderType.CLOSE_BY]
_EXPIRING: Final = (OrderTime.SPECIFIED, OrderTime.SPECIFIED_DAY)


def prepared(
    market: Market,
    given: ApiRequest,
    blank: RequestT,
    positions: Iterable[Position],
    orders: Iterable[Order],
) -> Checked[RequestT]:
    """A request of the Python API, translated and tested.

    Args:
        market: account, symbols and quotes.
        given: as the program made it.
        blank: a trade request record to be filled in.
        positions: all open positions.
        orders: all open orders.

    Returns:
        What is to be sent, or the code of the test that it fails.
    """
    held, waiting = tuple(positions), tuple(orders)
    if not trading_allowed(market.account):
        return Checked(Retcode.TRADE_DISABLED, blank)
    request = wire_request(market, given, blank, held, waiting)
    if isinstance(request, Retcode):
        return Checked(request, blank)
    return check_request(market, request, held, waiting)


def wire_request(
    market: Market,
    given: ApiRequest,
    blank: RequestT,
    positions: Iterable[Position],
    orders: Iterable[Order],
) -> RequestT | Retcode:
    """A request of the Python API as it travels, not tested yet.

    Prices go as they are given; only those of an order that is deleted are written
    anew, on its tick. What the program leaves out of a change or deletion comes from
    the order or position concerned. The magic
    number has no place in a trade request.

    Returns:
        `blank` filled in, or the code for what cannot be expressed.
    """
    fill = _FILLERS.get(given.action)
    if fill is None:
        return Retcode.INVALID
    try:
        size = volume(given.volume)
    except InvalidArgument:
        return Retcode.INVALID_VOLUME
    fields = fill(market, _Known(given, size, tuple(positions), tuple(orders)))
    return fields if isinstance(fields, Retcode) else blank._replace(**fields)


def acceptable(symbol: FullSymbol, request: TradeRequest, offered: float) -> bool:
    """Whether an offered price is at most the deviation worse than the one wanted.

    >>> from mt5web_async.protocol.records import FullSymbol, TradeRequest
    >>> symbol, buy = FullSymbol(digits=2, point=0.01), TradeRequest(price_order=10.0)
    >>> acceptable(symbol, buy, 9.5), acceptable(symbol, buy, 10.01)
    (True, False)
    >>> acceptable(symbol, buy._replace(deviation=1), 10.01)
    True
    """
    sign = 1 if order_side(request.type) == Side.BUY else -1
    worse = normalize(sign * (offered - request.price_order), symbol.digits)
    return worse <= normalize(symbol.point * request.deviation, symbol.digits)


class _Known(NamedTuple):
    """A request, its volume, and what it may be about."""

    given: ApiRequest
    volume: int
    positions: tuple[Position, ...]
    orders: tuple[Order, ...]

    def position(self, ticket: int) -> Position | None:
        return next((p for p in self.positions if p.position_id == ticket), None)

    def order(self) -> Order | None:
        return next((o for o in self.orders if o.order == self.given.order), None)


_Fields = dict[str, object]
_Filler = Callable[[Market, _Known], _Fields | Retcode]


def _deal(market: Market, known: _Known) -> _Fields | Retcode:
    given = known.given
    name = _symbol_of(known)
    if given.type not in MARKET_TYPES or name is None:
        return Retcode.INVALID
    symbol = market.symbols.get(name)
    action = TradeAction.MARKET if symbol is None else deal_action(symbol, known.volume)
    closing = TypeFlags.CLOSING if given.position else 0
    return _placing(market, known, name) | {
        "action": int(action),
        "type_flags": int(TypeFlags.MARKET | closing),
        "deviation": min(given.deviation, _U32),
        "position": given.position,
    }


def _pending(market: Market, known: _Known) -> _Fields | Retcode:
    given = known.given
    if given.type not in _PENDING_TYPES:
        return Retcode.INVALID
    return _placing(market, known, given.symbol) | {
        "action": int(TradeAction.PENDING),
        "type_flags": int(TypeFlags.MARKET),
        "price_trigger": given.stoplimit,
        **_expiry(given),
    }


def _placing(market: Market, known: _Known, name: str) -> _Fields:
    """What deals and new orders have in common."""
    given = known.given
    return {
        "symbol": name,
        "digits": _digits(market, name),
        "volume": known.volume,
        "type": given.type,
        "type_filling": given.type_filling,
        "price_order": given.price,
        "sl": given.sl,
        "tp": given.tp,
        "comment": _comment(given.comment),
    }


def _symbol_of(known: _Known) -> str | None:
    """The symbol of the position, or the one named; None if they contradict.

    The prices of such a request are those of another symbol than its position's.
    """
    named, held = known.given.symbol, known.position(known.given.position)
    if held is None:
        return named
    return held.symbol if named in {"", held.symbol} else None


def _digits(market: Market, name: str) -> int:
    symbol = market.symbols.get(name)
    return 0 if symbol is None else symbol.digits


def _comment(text: str) -> str:
    units = text.encode("utf-16-le", "replace")[: 2 * COMMENT_LENGTH]
    return units.decode("utf-16-le", "ignore")


def _expiry(given: ApiRequest) -> _Fields:
    """Expiry type and moment; a moment that cannot travel is none."""
    fits = 0 <= given.expiration <= _U32
    return {
        "type_time": given.type_time,
        "time_expiration": given.expiration if fits else 0,
    }


def _sltp(market: Market, known: _Known) -> _Fields | Retcode:
    given, name = known.given, _symbol_of(known)
    if name is None:
        return Retcode.INVALID
    fields: _Fields = {
        "action": int(TradeAction.SLTP),
        "symbol": name,
        "digits": _digits(market, name),
        "position": given.position,
        "sl": given.sl,
        "tp": given.tp,
        "comment": _comment(given.comment),
    }
    held = target_position(market, given.position, name, known.positions)
    return fields if held is None else fields | {"volume": held.volume}


def _modify(market: Market, known: _Known) -> _Fields | Retcode:
    given, order = known.given, known.order()
    if order is None or given.symbol not in {"", order.symbol}:
        return Retcode.INVALID
    return _of_order(market, order) | {
        "action": int(TradeAction.MODIFY),
        "price_order": given.price,
        "price_trigger": given.stoplimit,
        "sl": given.sl,
        "tp": given.tp,
        **_expiry(given),
        "comment": _comment(given.comment),
    }


def _remove(market: Market, known: _Known) -> _Fields | Retcode:
    order = known.order()
    if order is None:
        return Retcode.INVALID
    symbol = market.symbols.get(order.symbol)

    def on_tick(price: float) -> float:
        """A price of the order, as the terminal writes it."""
        return (
            price if symbol is None else align(price, symbol.tick_size, symbol.digits)
        )

    return _of_order(market, order) | {
        "action": int(TradeAction.REMOVE),
        "type_time": order.type_time,
        "time_expiration": order.time_expiration,
        "price_order": on_tick(order.price_order),
        "price_trigger": on_tick(order.price_trigger),
        "sl": on_tick(order.sl),
        "tp": on_tick(order.tp),
        "comment": _comment(known.given.comment),
    }


def _of_order(market: Market, order: Order) -> _Fields:
    return {
        "symbol": order.symbol,
        "digits": _digits(market, order.symbol),
        "volume": order.volume_initial,
        "type": order.type,
        "order": order.order,
    }


def _close_by(market: Market, known: _Known) -> _Fields | Retcode:
    given = known.given
    first, second = known.position(given.position), known.position(given.position_by)
    if first is None or second is None:
        return Retcode.INVALID
    symbol = market.symbols.get(first.symbol)
    if symbol is None:
        return Retcode.INVALID
    opposite = Side.SELL if first.action == Side.BUY else Side.BUY
    return {
        "action": int(TradeAction.CLOSE_BY),
        "symbol": first.symbol,
        "digits": symbol.digits,
        "volume": min(first.volume, second.volume),
        "type": int(opposite),
        "type_flags": int(TypeFlags.CLOSING | TypeFlags.MARKET),
        "price_order": live_price(market, symbol, first),
        "position": first.position_id,
        "position_by": second.position_id,
        "comment": _comment(given.comment),
    }


_FILLERS: Final[Mapping[int, _Filler]] = {
    DEAL: _deal,
    PENDING: _pending,
    SLTP: _sltp,
    MODIFY: _modify,
    REMOVE: _remove,
    CLOSE_BY: _close_by,
}

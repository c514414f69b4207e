"""A trade request with all that it is about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isnan
from typing import Final, TypeVar

from mt5web_async.calculation.orders import order_side
from mt5web_async.calculation.quotes import Quote
from mt5web_async.enums import (
    ExecutionMode,
    Filling,
    OrderTime,
    OrderType,
    Side,
    TradeAction,
)
from mt5web_async.errors import EngineError
from mt5web_async.protocol.records import FullSymbol, Order, Position, TradeRequest

from .dealing import netting_position
from .desk import Desk
from .results import DEALS


@dataclass(frozen=True, slots=True)
class Case:
    """A request, and the records that it names as they are now.

    Attributes:
        desk: the account's.
        request: the request, well formed.
        rights: what the sender may do, :class:`Rights`.
        symbol: the symbol concerned, with its effective settings; None: unknown.
        position: the position concerned: named, or on netting accounts the symbol's.
        other: the position that closes it.
        order: the order concerned.
    """

    desk: Desk
    request: TradeRequest
    rights: int
    symbol: FullSymbol | None = None
    position: Position | None = None
    other: Position | None = None
    order: Order | None = None

    @property
    def the_symbol(self) -> FullSymbol:
        """The symbol, where the checks have made sure that there is one."""
        return _present(self.symbol, "symbol")

    @property
    def the_position(self) -> Position:
        """The position, likewise."""
        return _present(self.position, "position")

    @property
    def the_other(self) -> Position:
        """The position that closes it, likewise."""
        return _present(self.other, "position_by")

    @property
    def the_order(self) -> Order:
        """The order, likewise."""
        return _present(self.order, "order")

    @property
    def quote(self) -> Quote:
        """The prices of the symbol, likewise."""
        return _present(self.desk.quote(self.the_symbol), "quote")

    @property
    def side(self) -> Side:
        """Whether the request buys or sells."""
        return order_side(self.request.type)

    def with_filling(self, filling: int) -> Case:
        """The same with another filling asked for."""
        return replace(self, request=self.request._replace(type_filling=filling))

    @property
    def closes(self) -> bool:
        """Whether it is a deal that only closes, in part or whole."""
        if self.request.action not in DEALS:
            return False
        if self.desk.hedging:
            return self.request.position != 0
        held = self.position
        if held is None or held.action == self.side:
            return False
        return self.request.volume <= held.volume


def open_case(desk: Desk, request: TradeRequest, rights: int) -> Case | None:
    """The case of a request; None when the request makes no sense by itself."""
    if not _well_formed(desk, request):
        return None
    position, other, order = _targets(desk, request)
    named = position or order
    name = named.symbol if named else request.symbol
    if name not in desk.floor.symbols:
        # what a request without a symbol is about may simply be gone
        known = not name and request.action in _BY_TICKET
        return Case(desk, request, rights) if known else None
    symbol = desk.symbol(name)
    case = Case(desk, request, rights, symbol, position, other, order)
    return case if _fits(request, symbol) else None


_BY_TICKET: Final = (TradeAction.SLTP, TradeAction.MODIFY, TradeAction.REMOVE)
_BOTH_SIDES: Final = (OrderType.BUY, OrderType.SELL)
_PENDING: Final = tuple(OrderType)[OrderType.BUY_LIMIT : OrderType.CLOSE_BY]

_TYPES: Final = {
    TradeAction.PRICES: _BOTH_SIDES,
    **dict.fromkeys(DEALS, _BOTH_SIDES),
    TradeAction.PENDING: _PENDING,
}

_DEALS_OF_MODE: Final = {
    ExecutionMode.REQUEST: (TradeAction.REQUEST,),
    ExecutionMode.INSTANT: (TradeAction.INSTANT, TradeAction.REQUEST),
    ExecutionMode.MARKET: (TradeAction.MARKET,),
    ExecutionMode.EXCHANGE: (TradeAction.EXCHANGE,),
}


def _well_formed(desk: Desk, request: TradeRequest) -> bool:
    """Whether the numbers have a meaning and nothing needed is missing."""
    prices = (
        request.price_order,
        request.price_trigger,
        request.sl,
        request.tp,
        request.price_top,
        request.price_bottom,
    )
    known = (
        request.type in tuple(OrderType)
        and request.type_filling in tuple(Filling)
        and request.type_time in tuple(OrderTime)
    )
    types = _TYPES.get(TradeAction(request.action), tuple(OrderType))
    return (
        known
        and not any(map(isnan, prices))
        and request.type in types
        and _names_its_targets(desk, request)
    )


def _names_its_targets(desk: Desk, request: TradeRequest) -> bool:
    if request.action in (TradeAction.MODIFY, TradeAction.REMOVE):
        return request.order != 0
    if request.action == TradeAction.SLTP and desk.hedging:
        return request.position != 0
    if request.action == TradeAction.CLOSE_BY:
        return desk.hedging and request.position != 0 and request.position_by != 0
    return request.action != TradeAction.TRANSFER


def _targets(
    desk: Desk, request: TradeRequest
) -> tuple[Position | None, Position | None, Order | None]:
    if request.action in (TradeAction.MODIFY, TradeAction.REMOVE):
        return None, None, desk.order(request.order)
    if request.action == TradeAction.CLOSE_BY:
        return desk.position(request.position), desk.position(request.position_by), None
    if desk.hedging:
        return desk.position(request.position), None, None
    if not request.symbol:
        return desk.position(request.position), None, None
    return netting_position(desk, request.symbol), None, None


def _fits(request: TradeRequest, symbol: FullSymbol) -> bool:
    """Whether the symbol is the one named, and deals as the request asks for."""
    if request.action not in (*DEALS, TradeAction.PRICES, TradeAction.PENDING):
        return True
    if request.symbol not in ("", symbol.name):
        return False
    mode = ExecutionMode(symbol.trade.execution_mode)
    large = request.volume > symbol.trade.instant_volume > 0
    if request.action == TradeAction.PRICES:
        by_request = mode == ExecutionMode.INSTANT and large
        return mode == ExecutionMode.REQUEST or by_request
    if request.action == TradeAction.INSTANT and large:
        return False
    return request.action == TradeAction.PENDING or (
        request.action in _DEALS_OF_MODE[mode]
    )


_T = TypeVar("_T")


def _present(value: _T | None, name: str) -> _T:
    if value is None:
        raise EngineError(f"the checks let a request pass that has no {name}")
    return value

"""A trade request with what it is about: symbol, position, order (section 9.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final, TypeAlias

from mt5web_async.enums import (
    ExecutionMode,
    MarginMode,
    Retcode,
    Side,
    TradeAction,
    TradeMode,
)

from .market import Market
from .orders import order_side, position_side
from .quotes import Quote
from .settings import margin_mode
from .stops import Levels
from .values import FullSymbol, Order, Position, TradeRequest
from .worth import live_price

DEALS: Final = (
    TradeAction.REQUEST,
    TradeAction.INSTANT,
    TradeAction.MARKET,
    TradeAction.EXCHANGE,
)


class Relation(Enum):
    """What a deal does to the position that it meets."""

    OPEN = auto()
    CLOSE = auto()
    REVERSE = auto()


def deal_action(symbol: FullSymbol, volume: int) -> TradeAction:
    """The action of a deal by the symbol's execution mode (9.1).

    >>> from mt5web_async.protocol.records import FullSymbol, TradeSettings
    >>> deal_action(FullSymbol(trade=TradeSettings(execution_mode=2)), 1_000_000)
    <TradeAction.MARKET: 3>
    """
    trade = symbol.trade
    if trade.execution_mode == ExecutionMode.INSTANT:
        large = above_instant(symbol, volume)
        return TradeAction.REQUEST if large else TradeAction.INSTANT
    if trade.execution_mode == ExecutionMode.MARKET:
        return TradeAction.MARKET
    if trade.execution_mode == ExecutionMode.EXCHANGE:
        return TradeAction.EXCHANGE
    return TradeAction.REQUEST


def above_instant(symbol: FullSymbol, volume: int) -> bool:
    """Whether a volume is above what the symbol deals instantly."""
    return volume > symbol.trade.instant_volume > 0


@dataclass(frozen=True, slots=True)
class Case:
    """A request with what it is about.

    Attributes:
        market: account, symbols and quotes.
        request: as repaired so far.
        symbol: the symbol concerned.
        position: the position concerned; None: there is none.
        order: the order concerned; None: there is none.
    """

    market: Market
    request: TradeRequest
    symbol: FullSymbol
    position: Position | None = None
    order: Order | None = None

    @property
    def mode(self) -> int:
        """The symbol's execution mode."""
        return self.symbol.trade.execution_mode

    @property
    def quote(self) -> Quote | None:
        """The quote that counts for the symbol."""
        return self.market.quote(self.symbol)

    @property
    def price_close(self) -> float:
        """What would close the position now; 0 without one."""
        if self.position is None:
            return 0.0
        return live_price(self.market, self.symbol, self.position)

    @property
    def levels(self) -> Levels:
        """The prices of the request."""
        request = self.request
        return Levels(
            request.price_order, request.price_trigger, request.sl, request.tp
        )

    @property
    def relation(self) -> Relation:
        """What the request does to the position; no position is an empty long one."""
        held = self.position
        side = Side.BUY if held is None else position_side(held)
        if order_side(self.request.type) == side:
            return Relation.OPEN
        covered = held is not None and held.volume >= self.request.volume
        return Relation.CLOSE if covered else Relation.REVERSE

    def changed(self, **fields: object) -> Case:
        """The case with some fields of its request changed."""
        return replace(self, request=self.request._replace(**fields))


Found: TypeAlias = Case | Retcode
"""The case of a request, or why it has none."""


def _by_id(positions: Iterable[Position], ticket: int) -> Position | None:
    return next((one for one in positions if one.position_id == ticket), None)


def find_target(
    market: Market,
    request: TradeRequest,
    positions: Iterable[Position],
    orders: Iterable[Order],  # noqa: ARG001 - the same for all finders
) -> Found:
    """The position and the symbol that a request is for."""
    held = _aimed_at(market, request, positions)
    if isinstance(held, Retcode):
        return held
    symbol = market.symbols.get(held.symbol if held else request.symbol)
    if symbol is None:
        return Retcode.INVALID
    if symbol.trade.trade_mode == TradeMode.DISABLED:
        return Retcode.TRADE_DISABLED
    case = Case(market, request, symbol, held)
    return case.changed(symbol=symbol.name, digits=symbol.digits)


def _aimed_at(
    market: Market, request: TradeRequest, positions: Iterable[Position]
) -> Position | Retcode | None:
    held = target_position(market, request.position, request.symbol, positions)
    if margin_mode(market.account) != MarginMode.HEDGING or request.position == 0:
        return held
    if held is None:
        return Retcode.INVALID
    if request.action in DEALS:
        if request.volume > held.volume:
            return Retcode.INVALID_VOLUME
        if order_side(request.type) == position_side(held):
            return Retcode.INVALID
    return held


def target_position(
    market: Market, ticket: int, symbol: str, positions: Iterable[Position]
) -> Position | None:
    """The position that a request is for; None: there is none.

    On hedging accounts it is the one of the ticket, on others that of the symbol.
    """
    if margin_mode(market.account) == MarginMode.HEDGING:
        return _by_id(positions, ticket) if ticket else None
    return next((one for one in positions if one.symbol == symbol), None)


def find_order(
    market: Market,
    request: TradeRequest,
    positions: Iterable[Position],  # noqa: ARG001 - the same for all finders
    orders: Iterable[Order],
) -> Found:
    """The order that a request is for, and its symbol."""
    order = next((one for one in orders if one.order == request.order), None)
    symbol = None if order is None else market.symbols.get(order.symbol)
    if order is None or symbol is None:
        return Retcode.INVALID
    return Case(market, request, symbol, order=order)


def find_both(
    market: Market,
    request: TradeRequest,
    positions: Iterable[Position],
    orders: Iterable[Order],  # noqa: ARG001 - the same for all finders
) -> Found:
    """Two opposite positions of one symbol."""
    if margin_mode(market.account) != MarginMode.HEDGING:
        return Retcode.INVALID
    held = tuple(positions)
    first, second = _by_id(held, request.position), _by_id(held, request.position_by)
    if first is None or second is None:
        return Retcode.INVALID
    symbol = market.symbols.get(first.symbol)
    opposite = first.symbol == second.symbol and first.action != second.action
    if not opposite or symbol is None:
        return Retcode.INVALID
    return Case(market, request, symbol, first)

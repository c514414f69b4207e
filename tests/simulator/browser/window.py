"""The order window: requests as it makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mt5web_async.calculation.rounding import align
from mt5web_async.calculation.worth import live_price
from mt5web_async.enums import (
    ExecutionMode,
    FillFlags,
    Filling,
    OrderType,
    Side,
    TradeAction,
)
from mt5web_async.protocol.records import FullSymbol, Order, Position, TradeRequest

if TYPE_CHECKING:
    from .terminal import Browser

LOT: Final = 100_000_000
_PRICED: Final = (ExecutionMode.REQUEST, ExecutionMode.INSTANT)
_ACTIONS: Final = {
    ExecutionMode.REQUEST: TradeAction.REQUEST,
    ExecutionMode.INSTANT: TradeAction.INSTANT,
    ExecutionMode.MARKET: TradeAction.MARKET,
    ExecutionMode.EXCHANGE: TradeAction.EXCHANGE,
}


class Window:
    """Makes requests out of what the terminal shows."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    def deal(self, name: str, side: int, lots: float, **more: Any) -> TradeRequest:
        """Open a position."""
        symbol = self._browser.symbol(name)
        mode = ExecutionMode(symbol.trade.execution_mode)
        return self._request(
            name,
            action=int(_ACTIONS[mode]),
            volume=round(lots * LOT),
            type=int(side),
            type_filling=int(filling(symbol)),
            type_flags=2,
            price_order=self._browser.price(name, side) if mode in _PRICED else 0.0,
            **more,
        )

    def prices(self, name: str, side: int, lots: float) -> TradeRequest:
        """Ask for prices."""
        asked = self.deal(name, side, lots)
        return asked._replace(action=int(TradeAction.PRICES), price_order=0.0)

    def close(self, position: Position, lots: float | None = None) -> TradeRequest:
        """Close a position or a part of it."""
        symbol = self._browser.symbol(position.symbol)
        mode = ExecutionMode(symbol.trade.execution_mode)
        return self._request(
            position.symbol,
            action=int(_ACTIONS[mode]),
            volume=position.volume if lots is None else round(lots * LOT),
            type=int(opposite(position)),
            type_filling=int(filling(symbol)),
            type_flags=3,
            price_order=live_price(self._browser.market, symbol, position),
            deviation=1 if mode == ExecutionMode.INSTANT else 0,
            position=position.position_id,
        )

    def close_by(self, first: Position, other: Position) -> TradeRequest:
        """Close two positions by each other."""
        return self._request(
            first.symbol,
            action=int(TradeAction.CLOSE_BY),
            volume=min(first.volume, other.volume),
            type=int(opposite(first)),
            type_flags=3,
            price_order=first.price_close,
            position=first.position_id,
            position_by=other.position_id,
        )

    def place(
        self, name: str, kind: OrderType, lots: float, price: float, **more: Any
    ) -> TradeRequest:
        """Place a pending order."""
        more.setdefault("type_filling", int(Filling.RETURN))
        return self._request(
            name,
            action=int(TradeAction.PENDING),
            volume=round(lots * LOT),
            type=int(kind),
            type_flags=2,
            price_order=self.aligned(name, price),
            **more,
        )

    def change(self, order: Order, price: float) -> TradeRequest:
        """Give a pending order another price."""
        return self.delete(order)._replace(
            action=int(TradeAction.MODIFY), price_order=price
        )

    def delete(self, order: Order) -> TradeRequest:
        """Delete a pending order."""
        return self._request(
            order.symbol,
            action=int(TradeAction.REMOVE),
            volume=order.volume_initial,
            order=order.order,
            type=order.type,
            price_order=order.price_order,
            price_trigger=order.price_trigger,
            sl=order.sl,
            tp=order.tp,
            type_time=order.type_time,
            time_expiration=order.time_expiration,
        )

    def levels(self, position: Position, sl: float, tp: float) -> TradeRequest:
        """Give a position other levels."""
        return self._request(
            position.symbol,
            action=int(TradeAction.SLTP),
            volume=position.volume,
            position=position.position_id,
            sl=sl,
            tp=tp,
        )

    def aligned(self, name: str, price: float) -> float:
        """A price on the tick size."""
        symbol = self._browser.symbol(name)
        return align(price, symbol.tick_size, symbol.digits)

    def _request(self, name: str, **fields: Any) -> TradeRequest:
        digits = self._browser.symbol(name).digits
        return TradeRequest(symbol=name, digits=digits, **fields)


def opposite(position: Position) -> Side:
    """The side that closes a position."""
    return Side.SELL if position.action == Side.BUY else Side.BUY


def filling(symbol: FullSymbol) -> Filling:
    """What the window has chosen for a deal."""
    mode, flags = symbol.trade.execution_mode, symbol.trade.fill_flags
    if mode != ExecutionMode.MARKET:
        return Filling.RETURN if mode == ExecutionMode.EXCHANGE else Filling.FOK
    if flags & FillFlags.IOC:
        return Filling.IOC
    return Filling.FOK if flags & FillFlags.FOK else Filling.RETURN

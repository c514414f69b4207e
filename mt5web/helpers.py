"""Market deals in one call: what the official package has beside its functions.

Each takes a trader first: a `Terminal`, whose methods they are, or the package itself.
"""

from __future__ import annotations

from typing import Any, Final, Literal, Protocol, TypeAlias

from .constants import (
    ORDER_TYPE_BUY,
    ORDER_TYPE_SELL,
    TRADE_ACTION_DEAL,
    TRADE_RETCODE_DONE,
    TRADE_RETCODE_PRICE_OFF,
    TRADE_RETCODE_REQUOTE,
)
from .structs import OrderSendResult, Tick, TradePosition

ATTEMPTS: Final = 10
DEVIATION: Final = 10
TRY_AGAIN: Final = (TRADE_RETCODE_REQUOTE, TRADE_RETCODE_PRICE_OFF)
"""Results that say for sure that nothing was executed."""

Closed: TypeAlias = Literal["Partially"] | bool | None


class GetTick(Protocol):
    """`symbol_info_tick`."""

    def __call__(self, symbol: str, /) -> Tick | None:
        """Tell the latest prices of a symbol."""


class SendOrder(Protocol):
    """`order_send`."""

    def __call__(self, request: dict[str, Any], /) -> OrderSendResult | None:
        """Send a trade request."""


class GetPositions(Protocol):
    """`positions_get`."""

    def __call__(
        self, *, ticket: int = ..., symbol: str = ...
    ) -> tuple[TradePosition, ...] | None:
        """List open positions."""


class Trader(Protocol):
    """What the helpers use."""

    @property
    def symbol_info_tick(self) -> GetTick:
        """Where prices come from."""

    @property
    def order_send(self) -> SendOrder:
        """Where requests go."""

    @property
    def positions_get(self) -> GetPositions:
        """Where positions come from."""


class NoTick(AttributeError):
    """There is no tick to deal at; the original stumbles over its None likewise."""


def buy(
    trader: Trader,
    symbol: str,
    volume: float,
    price: float | None = None,
    *,
    comment: str | None = None,
    ticket: int | None = None,
) -> OrderSendResult | None:
    """Buy at a price, or at the market; see `Terminal.Buy`."""
    order = trader, ORDER_TYPE_BUY, symbol, volume
    if price is None:
        return at_market(*order, comment, ticket)
    return raw_order(*order, price, comment, ticket)


def sell(
    trader: Trader,
    symbol: str,
    volume: float,
    price: float | None = None,
    *,
    comment: str | None = None,
    ticket: int | None = None,
) -> OrderSendResult | None:
    """Sell at a price, or at the market; see `Terminal.Sell`."""
    order = trader, ORDER_TYPE_SELL, symbol, volume
    if price is None:
        return at_market(*order, comment, ticket)
    return raw_order(*order, price, comment, ticket)


def close(
    trader: Trader,
    symbol: str,
    *,
    comment: str | None = None,
    ticket: int | None = None,
) -> Closed:
    """Close positions by opposite deals at the market; see `Terminal.Close`."""
    if ticket is not None:
        found = trader.positions_get(ticket=ticket)
    else:
        found = trader.positions_get(symbol=symbol)
    if found is None:
        raise TypeError("there are no positions to go through: see last_error()")
    try:
        return _closed(trader, symbol, comment, found)
    except NoTick:
        return None


def _closed(
    trader: Trader,
    symbol: str,
    comment: str | None,
    positions: tuple[TradePosition, ...],
) -> Closed:
    done = 0
    for position in positions:
        side = ORDER_TYPE_SELL if position.type == ORDER_TYPE_BUY else ORDER_TYPE_BUY
        order = trader, side, symbol, position.volume
        result = at_market(*order, comment, position.ticket)
        if result is None:
            return None
        done += result.retcode == TRADE_RETCODE_DONE
    if done and done < len(positions):
        return "Partially"
    return done > 0


def at_market(
    trader: Trader,
    order_type: int,
    symbol: str,
    volume: float,
    comment: str | None,
    ticket: int | None,
) -> OrderSendResult | None:
    """Deal at the market, with up to ten attempts.

    Raises:
        NoTick: there is no tick of the symbol.
    """
    for _ in range(ATTEMPTS):
        tick = trader.symbol_info_tick(symbol)
        if tick is None:
            raise NoTick(f"no tick of {symbol!r}: see last_error()")
        price = tick.ask if order_type == ORDER_TYPE_BUY else tick.bid
        result = raw_order(trader, order_type, symbol, volume, price, comment, ticket)
        if result is None or result.retcode not in TRY_AGAIN:
            break
    return result


def raw_order(
    trader: Trader,
    order_type: int,
    symbol: str,
    volume: float,
    price: float,
    comment: str | None = None,
    ticket: int | None = None,
) -> OrderSendResult | None:
    """Send one market deal at a price, with a deviation of 10 points.

    Args:
        trader: what to trade with.
        order_type: ORDER_TYPE_BUY or ORDER_TYPE_SELL.
        symbol: its exact name.
        volume: lots.
        price: at which to deal.
        comment: left out when None.
        ticket: of the position to close; left out when None.

    Returns:
        What `order_send` returned.
    """
    optional = {"comment": comment, "position": ticket}
    return trader.order_send(
        {
            "action": TRADE_ACTION_DEAL,
            "symbol": symbol,
            "volume": volume,
            "type": order_type,
            "price": price,
            "deviation": DEVIATION,
        }
        | {name: value for name, value in optional.items() if value is not None}
    )

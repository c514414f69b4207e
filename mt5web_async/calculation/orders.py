"""What an order is: its side, its type once activated, the market price it meets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mt5web_async.enums import ActivationMode, OrderFlags, OrderType, Side

from .market import Market
from .quotes import market_prices
from .settings import negative_prices_allowed
from .spread import Prices
from .values import FullSymbol, Order, Position

MARKET_TYPES: Final = (OrderType.BUY, OrderType.SELL)
LIMIT_TYPES: Final = (OrderType.BUY_LIMIT, OrderType.SELL_LIMIT)
STOP_TYPES: Final = (OrderType.BUY_STOP, OrderType.SELL_STOP)
STOP_LIMIT_TYPES: Final = (OrderType.BUY_STOP_LIMIT, OrderType.SELL_STOP_LIMIT)

ORDER_FLAGS: Final[Mapping[int, OrderFlags]] = {
    OrderType.BUY: OrderFlags.MARKET,
    OrderType.SELL: OrderFlags.MARKET,
    OrderType.BUY_LIMIT: OrderFlags.LIMIT,
    OrderType.SELL_LIMIT: OrderFlags.LIMIT,
    OrderType.BUY_STOP: OrderFlags.STOP,
    OrderType.SELL_STOP: OrderFlags.STOP,
    OrderType.BUY_STOP_LIMIT: OrderFlags.LIMIT | OrderFlags.STOP_LIMIT,
    OrderType.SELL_STOP_LIMIT: OrderFlags.LIMIT | OrderFlags.STOP_LIMIT,
}
"""What a symbol must allow for orders of a type."""

_ACTIVATED: Final[dict[tuple[int, int], int]] = {
    (ActivationMode.PENDING, OrderType.BUY_LIMIT): OrderType.BUY,
    (ActivationMode.PENDING, OrderType.BUY_STOP): OrderType.BUY,
    (ActivationMode.PENDING, OrderType.SELL_LIMIT): OrderType.SELL,
    (ActivationMode.PENDING, OrderType.SELL_STOP): OrderType.SELL,
    (ActivationMode.STOP_LIMIT, OrderType.BUY_STOP_LIMIT): OrderType.BUY_LIMIT,
    (ActivationMode.STOP_LIMIT, OrderType.SELL_STOP_LIMIT): OrderType.SELL_LIMIT,
}


def order_side(order_type: int) -> Side:
    """The side of an order type 0 to 7: even ones buy, odd ones sell."""
    return Side.SELL if order_type % 2 else Side.BUY


def position_side(position: Position) -> Side:
    """The side of a position."""
    return Side.SELL if position.action == Side.SELL else Side.BUY


def activated_type(order: Order) -> int:
    """The type an order has once what its `activation_mode` says has come (6.4).

    A limit or stop order becomes a market order, a stop limit a limit order.
    """
    key = (order.activation_mode, order.type)
    return _ACTIVATED.get(key, order.type)


def side_price(prices: Prices, order_type: int) -> float:
    """What the market asks or bids: ask for buy types, bid for sell types."""
    return prices.ask if order_side(order_type) == Side.BUY else prices.bid


def live_order_price(market: Market, symbol: FullSymbol, order: Order) -> float:
    """The market price of an order's side; without one, what its record has (5.1)."""
    quote = market.quote(symbol)
    if quote is None:
        return order.price_current
    price = side_price(market_prices(symbol, quote), order.type)
    if price > 0 or (price < 0 and negative_prices_allowed(symbol)):
        return price
    return order.price_current


def working_price(order: Order, price_current: float) -> float:
    """The price that an order is valued at (6.2).

    That of the order; of a stop limit the price of its limit order; of a market order
    without a price the market's, which is given.
    """
    if order.type in STOP_LIMIT_TYPES:
        return order.price_trigger
    if order.price_order == 0 and order.type in MARKET_TYPES:
        return price_current
    return order.price_order

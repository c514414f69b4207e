"""What a deal would bring or need: the planning functions of the API (section 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mt5web_async.enums import MarginMode, OrderState, OrderType, Side, TradeAction

from .account import AccountFigures, account_figures
from .conversion import margin_rate
from .margin import Kind, margin_factor
from .market import Market
from .orders import STOP_LIMIT_TYPES, order_side
from .profit import Holding, converted_profit, gross_profit, profit_rates
from .rounding import normalize
from .settings import margin_mode
from .values import FullSymbol
from .volumes import LOT, volume

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mt5web_async.protocol.records import Order, Position, TradeRequest


class TickValues(NamedTuple):
    """What one tick is worth to one lot, account currency; 0: not known.

    Attributes:
        profit: when it wins.
        loss: when it loses.
    """

    profit: float = 0.0
    loss: float = 0.0


def tick_values(market: Market, symbol: FullSymbol) -> TickValues:
    """What one tick size is worth to a position of one lot."""
    size = symbol.tick_size or symbol.point
    rates = profit_rates(market, symbol)
    if not (size and rates.known):
        return TickValues()
    worth = _tick_worth(symbol, size)
    return TickValues(worth * rates.sell, worth * rates.buy)


def _tick_worth(symbol: FullSymbol, size: float) -> float:
    """Profit of a lot over one tick size, profit currency, not rounded to money."""
    holding = Holding(Side.BUY, LOT, symbol.contract_size, 0.0)
    scale = 10.0**6  # far more ticks than rounding to money can hide
    return gross_profit(symbol, holding, size * scale) / scale


def profit_of(
    market: Market,
    symbol: FullSymbol,
    side: Side,
    lots: float,
    price_open: float,
    price_close: float,
) -> float | None:
    """Profit of a deal from one price to another, account currency (11.1).

    A pair that converts its own profit does so at the closing price.

    Returns:
        The profit, or None while a rate is not quoted.
    """
    rates = profit_rates(market, symbol, price_close)
    if not rates.known:
        return None
    rate = margin_rate(market, symbol, side, price_open)
    holding = Holding(side, volume(lots), symbol.contract_size, price_open, rate)
    return converted_profit(market, symbol, holding, price_close, rates)[0]


def margin_of(
    market: Market, symbol: FullSymbol, order_type: int, lots: float, price: float
) -> float | None:
    """Margin of an order as if there were nothing else, account currency (11.2).

    Args:
        market: account, symbols and quotes.
        symbol: of the order.
        order_type: 0 to 7.
        lots: its volume.
        price: its price; 0: the market's, of market orders only.

    Returns:
        The margin, or None while a rate or price is not quoted.
    """
    side = order_side(order_type)
    if price <= 0:
        quote = market.quote(symbol)
        if order_type > OrderType.SELL or quote is None:
            return None
        price = quote.ask if side == Side.BUY else quote.bid
    if margin_factor(symbol, order_type, Kind.INITIAL) <= 0:
        return 0.0
    rate = margin_rate(market, symbol, side, price)
    if price <= 0 or rate <= 0:
        return None
    order = _order(market, symbol, order_type, volume(lots), price)
    order = order._replace(margin_rate=rate)
    return account_figures(market, (), (), checked=order).margin


def _order(
    market: Market, symbol: FullSymbol, order_type: int, size: int, price: float
) -> Order:
    from mt5web_async.protocol.records import Order

    return Order(
        symbol=symbol.name,
        type=order_type,
        state=OrderState.STARTED,
        price_order=price,
        price_current=price,
        price_trigger=price if order_type in STOP_LIMIT_TYPES else 0.0,
        volume_initial=size,
        volume_current=size,
        contract_size=symbol.contract_size,
        digits=symbol.digits,
        digits_currency=market.account.currency_digits,
    )


class Forecast(NamedTuple):
    """An account before and after a request.

    Attributes:
        before: its figures as they are.
        after: its figures with the request carried out.
    """

    before: AccountFigures
    after: AccountFigures

    @property
    def affordable(self) -> bool:
        """Whether margin does not grow, or some stays free (11.3)."""
        grows = self.after.margin > self.before.margin
        return not grows or self.after.margin_free >= 0


def forecast(
    market: Market,
    positions: Iterable[Position],
    orders: Iterable[Order],
    request: TradeRequest,
) -> Forecast:
    """The account with a checked request as the order being checked (11.3).

    Args:
        market: account, symbols and quotes.
        positions: all open positions.
        orders: all open orders.
        request: as it would be sent.
    """
    held, waiting = tuple(positions), tuple(orders)
    before = account_figures(market, held, waiting)
    order = _requested(market, waiting, request)
    if order is None:
        return Forecast(before, before)
    if request.action == TradeAction.REMOVE:
        rest = tuple(one for one in waiting if one.order != request.order)
        return Forecast(before, account_figures(market, held, rest))
    return Forecast(before, account_figures(market, held, waiting, checked=order))


def _requested(
    market: Market, orders: Iterable[Order], request: TradeRequest
) -> Order | None:
    """The order that a request comes to; None: it changes no margin."""
    if request.action in (TradeAction.SLTP, TradeAction.CLOSE_BY):
        return None
    if request.action in (TradeAction.MODIFY, TradeAction.REMOVE):
        old = next((one for one in orders if one.order == request.order), None)
        return None if old is None else _replaced(old, request)
    hedging = margin_mode(market.account) == MarginMode.HEDGING
    if hedging and request.position:
        return None
    symbol = market.symbols[request.symbol]
    order = _order(market, symbol, request.type, request.volume, request.price_order)
    if request.action != TradeAction.PENDING:
        order = order._replace(price_order=_deal_price(market, symbol, request))
    else:
        order = order._replace(price_trigger=request.price_trigger)
    price = order.price_trigger or order.price_order
    rate = margin_rate(market, symbol, order_side(request.type), price)
    return order._replace(margin_rate=rate)


def _replaced(old: Order, request: TradeRequest) -> Order:
    return old._replace(
        price_order=request.price_order, price_trigger=request.price_trigger
    )


def _deal_price(market: Market, symbol: FullSymbol, request: TradeRequest) -> float:
    quote = market.quote(symbol)
    if request.price_order or quote is None:
        return request.price_order
    buying = order_side(request.type) == Side.BUY
    return normalize(quote.ask if buying else quote.bid, symbol.digits)

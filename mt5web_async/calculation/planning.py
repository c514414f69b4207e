"""What a deal would bring or need: the planning functions of the API (section 11)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Self, TypeVar

from mt5web_async.enums import (
    ActivationMode,
    MarginMode,
    OrderState,
    OrderTime,
    OrderType,
    Retcode,
    Side,
    TradeAction,
)

from .account import AccountFigures, account_figures, combined
from .conversion import margin_rate
from .exchange import Group
from .margin import Kind, margin_factor
from .market import Market
from .orders import STOP_LIMIT_TYPES, order_side, working_price
from .profit import (
    Holding,
    Rates,
    converted_profit,
    profit_rates,
    tick_worth,
)
from .requests import prepared
from .settings import is_collateral, margin_mode
from .symbol_figures import SymbolGroup, symbol_figures
from .values import ApiRequest, FullSymbol, Order, Position, TradeRequest
from .volumes import volume

RequestT = TypeVar("RequestT", bound=TradeRequest)


class TickValues(NamedTuple):
    """What one tick is worth to one lot, account currency; 0: not known.

    Attributes:
        profit: when it wins.
        loss: when it loses.
    """

    profit: float = 0.0
    loss: float = 0.0


def tick_values(market: Market, symbol: FullSymbol) -> TickValues:
    """What a move by one tick size is worth to a position of one lot.

    A win is converted at the cheap rate, a loss at the dear one.
    """
    worth, rates = tick_worth(symbol), profit_rates(market, symbol)
    return TickValues(worth * rates.sell, worth * rates.buy)


def profit_of(
    market: Market,
    symbol: FullSymbol,
    side: Side,
    lots: float,
    price_open: float,
    price_close: float,
) -> float | None:
    """Profit of a deal from one price to another, account currency (11.1).

    A pair that converts its own profit does so at the closing price. There is no
    opening rate: stocks and bonds are converted at the closing rate alone.

    Returns:
        The profit without swap and commission, or None while a rate is not quoted.
    """
    rates = profit_rates(market, symbol, price_close)
    return planned_profit(market, symbol, side, lots, price_open, price_close, rates)


def planned_profit(
    market: Market,
    symbol: FullSymbol,
    side: Side,
    lots: float,
    price_open: float,
    price_close: float,
    rates: Rates,
) -> float | None:
    """:func:`profit_of` at given rates from profit to account currency.

    Collateral is not dealt in and never gains.
    """
    if is_collateral(symbol):
        return 0.0
    closing = rates.sell if side == Side.BUY else rates.buy
    size = volume(lots)
    holding = Holding(side, size, symbol.contract_size, price_open, closing)
    profit, rate = converted_profit(market, symbol, holding, price_close, rates)
    return profit if rate else None


def margin_of(
    market: Market, symbol: FullSymbol, order_type: int, lots: float, price: float
) -> float | None:
    """Margin of an order as if there were nothing else, account currency (11.2).

    Args:
        market: account, symbols and quotes.
        symbol: of the order.
        order_type: 0 to 7.
        lots: its volume.
        price: its price, of a stop limit that of the limit order; 0 for market orders:
            the market's.

    Returns:
        The margin, or None while a rate or price is not quoted.
    """
    side = order_side(order_type)
    if margin_factor(symbol, order_type, Kind.INITIAL) <= 0:
        return 0.0
    price = price if price > 0 else _market_price(market, symbol, order_type)
    if price <= 0 or margin_rate(market, symbol, side, price) <= 0:
        return None
    order = PlannedOrder.of(symbol, order_type, volume(lots), price, price)
    alone = SymbolGroup[Position, Order](symbol.name, (), (order,))
    needed = symbol_figures(market, alone, checking=True)
    if margin_mode(market.account) != MarginMode.EXCHANGE:
        return combined(market, [needed], checking=True).margin
    if Group.of(symbol) is Group.OTHER:
        return 0.0 - needed.margin.liabilities
    # valued in profit currency, at the price of the last deal
    return needed.margin.margin if profit_rates(market, symbol).known else None


def _market_price(market: Market, symbol: FullSymbol, order_type: int) -> float:
    """What a market order deals at; 0 for others and without a quote."""
    quote = market.quote(symbol)
    if quote is None or order_type not in (OrderType.BUY, OrderType.SELL):
        return 0.0
    return quote.ask if order_type == OrderType.BUY else quote.bid


class PlannedOrder(NamedTuple):
    """An order that does not exist yet, with what margins are computed from."""

    symbol: str
    type: int
    volume_initial: int
    volume_current: int
    contract_size: float
    price_order: float = 0.0
    price_trigger: float = 0.0
    price_current: float = 0.0
    sl: float = 0.0
    tp: float = 0.0
    order: int = 0
    position_id: int = 0
    type_time: int = OrderTime.GTC
    time_expiration: int = 0
    state: int = OrderState.STARTED
    margin_rate: float = 0.0
    activation_mode: int = ActivationMode.NONE
    commission_daily: float = 0.0
    commission_monthly: float = 0.0
    comment: str = ""

    @classmethod
    def of(
        cls,
        symbol: FullSymbol,
        order_type: int,
        size: int,
        price: float,
        trigger: float,
        position: int = 0,
    ) -> Self:
        """An order of a volume of 1e-8 lots.

        Args:
            symbol: its contract size is taken.
            order_type: 0 to 7.
            size: 1e-8 lots.
            price: its price; 0: the market's.
            trigger: the limit price, used for stop limits only.
            position: ticket of the position that it closes; 0: none.
        """
        limit = trigger if order_type in STOP_LIMIT_TYPES else 0.0
        return cls(
            symbol.name,
            order_type,
            size,
            size,
            symbol.contract_size,
            price,
            limit,
            price_current=price,
            position_id=position,
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
        """Whether margin does not grow, or some stays free."""
        grows = self.after.margin > self.before.margin
        return not grows or self.after.margin_free >= 0


def forecast(
    market: Market,
    positions: Iterable[Position],
    orders: Iterable[Order],
    request: TradeRequest,
) -> Forecast:
    """The account with a request as the order being checked (11.3).

    A deal that closes on a hedging account, a change of levels and a close by leave
    the figures as they are.

    Args:
        market: account, symbols and quotes.
        positions: all open positions.
        orders: all open orders.
        request: as it would be sent.
    """
    held, waiting = tuple(positions), tuple(orders)
    before = account_figures(market, held, waiting)
    if request.action == TradeAction.REMOVE:
        rest = tuple(one for one in waiting if one.order != request.order)
        return Forecast(before, account_figures(market, held, rest))
    order = _requested(market, waiting, request)
    if order is None:
        return Forecast(before, before)
    return Forecast(before, account_figures(market, held, waiting, checked=order))


def _requested(
    market: Market, orders: Iterable[Order], request: TradeRequest
) -> Order | None:
    """The order that a request comes to; None: it changes no margin."""
    if request.action in (TradeAction.SLTP, TradeAction.CLOSE_BY, TradeAction.PRICES):
        return None
    if request.action == TradeAction.MODIFY:
        old = next((one for one in orders if one.order == request.order), None)
        return None if old is None else _changed(market, old, request)
    return PlannedOrder.of(
        market.symbols[request.symbol],
        request.type,
        request.volume,
        request.price_order,
        request.price_trigger,
        0 if request.action == TradeAction.PENDING else request.position,
    )


def _changed(market: Market, order: Order, request: TradeRequest) -> Order:
    """An order at its new prices, its rate too."""
    moved = order._replace(
        price_order=request.price_order, price_trigger=request.price_trigger
    )
    symbol, price = market.symbols[order.symbol], working_price(moved, 0.0)
    rate = margin_rate(market, symbol, order_side(order.type), price)
    return moved._replace(margin_rate=rate)


class OrderCheck(NamedTuple):
    """What a request would do to the account; money in account currency.

    Attributes:
        retcode: 0: it may be sent and is affordable.
        balance: as it is.
        equity: balance, credit and floating result.
        profit: floating result, swaps included.
        margin: of everything, the request included.
        margin_free: what would be left.
        margin_level: percent, not rounded.
    """

    retcode: int = 0
    balance: float = 0.0
    equity: float = 0.0
    profit: float = 0.0
    margin: float = 0.0
    margin_free: float = 0.0
    margin_level: float = 0.0


def order_check(
    market: Market,
    given: ApiRequest,
    blank: RequestT,
    positions: Iterable[Position],
    orders: Iterable[Order],
) -> OrderCheck:
    """Test a request of the Python API and forecast the account (11.3).

    Args:
        market: account, symbols and quotes.
        given: as the program made it.
        blank: a trade request record, as for :func:`.requests.prepared`.
        positions: all open positions.
        orders: all open orders.

    Returns:
        The figures after the request, with code 0 or "no money"; or the code of the
        test that it fails, with zeros.
    """
    held, waiting = tuple(positions), tuple(orders)
    retcode, request = prepared(market, given, blank, held, waiting)
    if retcode is not None:
        return OrderCheck(int(retcode))
    plan = forecast(market, held, waiting, request)
    after = plan.after
    return OrderCheck(
        0 if plan.affordable else int(Retcode.NO_MONEY),
        after.balance,
        after.equity,
        after.floating,
        after.margin,
        after.margin_free,
        after.margin_level,
    )

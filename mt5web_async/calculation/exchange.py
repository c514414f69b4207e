"""Margin of a symbol on exchange accounts, at the price of the last deal (6.7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Final, NamedTuple

from mt5web_async.enums import CalcMode, OrderType, Side

from .margin import Amount, Kind, fixed_margin, margin_factor, record_amount
from .market import Market
from .netting import netting_margin
from .orders import (
    LIMIT_TYPES,
    MARKET_TYPES,
    STOP_LIMIT_TYPES,
    activated_type,
    live_order_price,
    order_side,
    position_side,
)
from .profit import Rates, profit_rates
from .rounding import normalize
from .settings import is_bond, is_collateral
from .valuation import market_value
from .values import FullSymbol, Order, Position
from .worth import live_price


class Group(Enum):
    """How a calculation mode is margined."""

    WHOLE = frozenset({CalcMode.EXCH_STOCKS, CalcMode.EXCH_BONDS})
    MOEX = frozenset({CalcMode.EXCH_STOCKS_MOEX, CalcMode.EXCH_BONDS_MOEX})
    OPTIONS = frozenset({CalcMode.EXCH_OPTIONS, CalcMode.EXCH_OPTIONS_MARGIN})
    OTHER = frozenset[CalcMode]()

    @classmethod
    def of(cls, symbol: FullSymbol) -> Group:
        """The group of a symbol."""
        for group in (cls.WHOLE, cls.MOEX, cls.OPTIONS):
            if symbol.calc_mode in group.value:
                return group
        return cls.OTHER


class ExchangeMargin(NamedTuple):
    """What a symbol adds to the figures of an exchange account, account currency.

    Attributes:
        margin: needed now, orders included.
        initial: needed to open what is open.
        maintenance: needed to keep it.
        assets: worth of what is owned.
        liabilities: worth of what is owed, not positive.
    """

    margin: float = 0.0
    initial: float = 0.0
    maintenance: float = 0.0
    assets: float = 0.0
    liabilities: float = 0.0


class Prices(NamedTuple):
    """Prices of the moment.

    Attributes:
        last: price of the last deal, or what stands for it.
        ask: ask, or `last`.
    """

    last: float
    ask: float


class Waiting(NamedTuple):
    """The orders of one side of a symbol that count.

    Attributes:
        lots: their lots, `V`.
        units: their units, `G` of buy orders, `H` of sell orders.
        bounded: their value where none is better than last: `F`, or `W`.
        own: their value at their own prices, market orders at the ask: `Y`.
        extreme: the furthest price, last or beyond it: `p`.
    """

    lots: float
    units: float
    bounded: float
    own: float
    extreme: float


class Held(NamedTuple):
    """The position of a symbol.

    Attributes:
        size: signed units, `q`.
        initial: `M_init`.
        maintenance: `M_maint`.
    """

    size: float = 0.0
    initial: float = 0.0
    maintenance: float = 0.0


class _Desk(NamedTuple):
    """What every step of one symbol needs."""

    market: Market
    symbol: FullSymbol
    group: Group
    prices: Prices
    rates: Rates
    digits: int

    def value(self, side: Side, amount: Amount, price: float) -> float:
        return market_value(self.market, self.symbol, side, amount, price)

    def rate(self, side: Side) -> float:
        return self.rates.buy if side == Side.BUY else self.rates.sell

    def money(self, amount: float, side: Side) -> float:
        """An amount of profit currency in account currency."""
        return normalize(amount * self.rate(side), self.digits)

    def full_price(self, price: float) -> float:
        """Worth of one unit: of a bond its part of face value, with interest."""
        if not is_bond(self.symbol):
            return price
        return self.symbol.face_value * price / 100 + self.symbol.accrued_interest


def exchange_margin(
    market: Market,
    symbol: FullSymbol,
    positions: Iterable[Position],
    orders: Iterable[Order],
    *,
    checking: bool = False,
) -> ExchangeMargin:
    """What a symbol's position and orders add to an exchange account.

    Stocks, bonds and options are valued at the last price; of everything else the
    margin of section 6.6 is owed.

    Args:
        market: account, symbols and quotes.
        symbol: the symbol, no collateral.
        positions: its position, if any.
        orders: its orders.
        checking: one of the orders is being checked (6.4).
    """
    digits = market.account.currency_digits
    if is_collateral(symbol):
        return ExchangeMargin()
    group = Group.of(symbol)
    if group is Group.OTHER:
        owed = netting_margin(market, symbol, positions, orders, checking=checking)
        return ExchangeMargin(liabilities=0.0 - normalize(owed.margin, digits))
    held, waiting = next(iter(positions), None), tuple(orders)
    prices = _prices(market, symbol, held, waiting)
    rates = profit_rates(market, symbol)
    desk = _Desk(market, symbol, group, prices, rates, digits)
    base = _position(desk, held)
    buys = _waiting(desk, waiting, Side.BUY, checking=checking)
    sells = _waiting(desk, waiting, Side.SELL, checking=checking)
    buying = base.initial if buys is None else _buying(desk, base, buys)
    selling = base.initial if sells is None else _selling(desk, base, sells)
    margin = max(buying, selling) if buying or selling else base.initial
    value = _worth(desk, held)
    return ExchangeMargin(margin, base.initial, base.maintenance, *value)


def _prices(
    market: Market, symbol: FullSymbol, held: Position | None, orders: Sequence[Order]
) -> Prices:
    """Last and ask, or what stands for them where they are missing."""
    quote = market.quote(symbol)
    last = quote.last if quote else 0.0
    if not last and held is not None:
        last = live_price(market, symbol, held)
    for order in orders:
        last = last or live_order_price(market, symbol, order)
    last = last or _tomorrow(market, symbol)
    return Prices(last, (quote.ask if quote else 0.0) or last)


_TODAY: Final = "_TOD"
_TOMORROW: Final = "_TOM"


def tomorrow_name(symbol: FullSymbol) -> str:
    """The same instrument for delivery tomorrow; empty: there is none."""
    if not symbol.name.endswith(_TODAY):
        return ""
    return symbol.name.removesuffix(_TODAY) + _TOMORROW


def _tomorrow(market: Market, symbol: FullSymbol) -> float:
    """The last price of the same instrument for delivery tomorrow."""
    name = tomorrow_name(symbol)
    quote = market.quotes.live(name) if name else None
    return quote.last if quote else 0.0


def _held_amount(desk: _Desk, held: Position) -> Amount:
    return record_amount(desk.symbol, held.volume, held.contract_size)


def _position(desk: _Desk, held: Position | None) -> Held:
    if held is None:
        return Held()
    side, amount = position_side(held), _held_amount(desk, held)
    initial, maintenance = (
        desk.money(_base(desk, side, amount, kind), side)
        for kind in (Kind.INITIAL, Kind.MAINTENANCE)
    )
    units = amount.units if side == Side.BUY else -amount.units
    return Held(units, initial, maintenance)


def _base(desk: _Desk, side: Side, amount: Amount, kind: Kind) -> float:
    """Margin of a position in profit currency."""
    symbol = desk.symbol
    fixed = fixed_margin(symbol, kind)
    factor = margin_factor(symbol, side, kind)
    whole = desk.value(side, amount, desk.prices.last)
    if desk.group is Group.MOEX:
        if fixed > 0:
            return normalize(fixed * amount.lots, desk.digits)
        free = 0.0 if side == Side.BUY else whole
        return normalize(whole * factor if factor else free, desk.digits)
    margin = (fixed * amount.lots if fixed > 0 else whole) * factor
    if desk.group is Group.WHOLE:
        return normalize(margin, symbol.currency_margin_digits)
    return normalize(margin, desk.digits)


def _worth(desk: _Desk, held: Position | None) -> tuple[float, float]:
    """Assets and liabilities that a position stands for."""
    if held is None:
        return 0.0, 0.0
    side = position_side(held)
    value = desk.value(side, _held_amount(desk, held), desk.prices.last)
    liquidity = desk.symbol.trade.margin_rate_liquidity
    if side == Side.BUY:
        return desk.money(value * liquidity, side), 0.0
    if desk.group is Group.OPTIONS:
        value *= liquidity
    return 0.0, 0.0 - desk.money(value, side)


def _waiting(
    desk: _Desk, orders: Iterable[Order], side: Side, *, checking: bool
) -> Waiting | None:
    """The orders of a side together; None: there are none.

    Only market and limit orders count, and what is activated to one.
    """
    total: Waiting | None = None
    for order in orders:
        order_type = activated_type(order) if checking else order.type
        if order_type not in _COUNTED or order_side(order_type) != side:
            continue
        if order.volume_current > 0:
            one = _order(desk, order, order_type)
            total = one if total is None else _together(total, one, side)
    return total


_COUNTED: Final = (*MARKET_TYPES, *LIMIT_TYPES)


def _order(desk: _Desk, order: Order, order_type: int) -> Waiting:
    side, last = order_side(order_type), desk.prices.last
    amount = record_amount(desk.symbol, order.volume_current, order.contract_size)
    if order_type in MARKET_TYPES:
        bounded = last
        own = desk.prices.ask if side == Side.BUY else last
    else:
        stop_limit = order.type in STOP_LIMIT_TYPES
        own = order.price_trigger if stop_limit else order.price_order
        bounded = min(own, last) if side == Side.BUY else max(own, last)
    return Waiting(
        amount.lots,
        amount.units,
        desk.value(side, amount, bounded),
        desk.value(side, amount, own),
        bounded,
    )


def _together(first: Waiting, second: Waiting, side: Side) -> Waiting:
    further = min if side == Side.BUY else max
    return Waiting(
        first.lots + second.lots,
        first.units + second.units,
        first.bounded + second.bounded,
        first.own + second.own,
        further(first.extreme, second.extreme),
    )


def _buying(desk: _Desk, held: Held, orders: Waiting) -> float:
    """Margin once all buy orders are filled."""
    after = held.size + orders.units
    if after <= 0:
        return 0.0
    factor = margin_factor(desk.symbol, OrderType.BUY, Kind.INITIAL)
    if desk.group is Group.OPTIONS:
        return _option_orders(desk, held, orders, Side.BUY, orders.own, factor)
    if factor == 0:
        return desk.money(orders.own, Side.BUY)
    last = desk.full_price(desk.prices.last)
    if desk.group is Group.MOEX:
        return desk.money(after * factor * last, Side.BUY)
    price = desk.full_price(min(orders.extreme, desk.prices.last))
    fall = held.size * (last - price)
    margin = fall + after * price * factor + (orders.bounded - orders.units * price)
    return desk.money(margin, Side.BUY)


def _selling(desk: _Desk, held: Held, orders: Waiting) -> float:
    """Margin once all sell orders are filled."""
    after = held.size - orders.units
    if after >= 0:
        return 0.0
    factor = margin_factor(desk.symbol, OrderType.SELL, Kind.INITIAL)
    if desk.group is Group.OPTIONS:
        return _option_orders(desk, held, orders, Side.SELL, orders.bounded, factor)
    last = desk.full_price(desk.prices.last)
    if desk.group is Group.MOEX:
        return desk.money(-after * (factor or 1.0) * last, Side.SELL)
    if factor == 0:
        return desk.money(orders.bounded, Side.SELL)
    price = desk.full_price(max(orders.extreme, desk.prices.last))
    rise = -held.size * (price - last)
    margin = rise - after * price * factor + (orders.units * price - orders.bounded)
    return desk.money(margin, Side.SELL)


def _option_orders(
    desk: _Desk, held: Held, orders: Waiting, side: Side, value: float, factor: float
) -> float:
    """Margin of options once the orders of a side are filled.

    Orders that add to the position come on top of its margin; of orders that reverse
    it, the part that does is charged.
    """
    fixed = fixed_margin(desk.symbol, Kind.INITIAL)
    full = fixed * orders.lots if fixed > 0 else value
    margin = desk.money(full * factor if factor else value, side)
    along = held.size if side == Side.BUY else -held.size
    if along > 0:
        return normalize(held.initial + margin, desk.digits)
    return normalize((along + orders.units) * margin / orders.units, desk.digits)

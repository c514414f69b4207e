"""Margin of one position or order before hedging and netting (sections 6.1 to 6.4).

`margin = U * k * R`: a unit margin `U` in margin currency, the rate `k` from there to
the account currency, and a factor `R` by order type.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final, NamedTuple

from mt5web_async.enums import CalcMode, MarginMode, OrderType, Side

from .conversion import margin_rate
from .market import Market
from .orders import (
    LIMIT_TYPES,
    STOP_LIMIT_TYPES,
    activated_type,
    live_order_price,
    order_side,
    working_price,
)
from .rounding import normalize
from .settings import is_collateral, margin_mode
from .values import Account, FullSymbol, Order
from .volumes import lots, size


class Kind(Enum):
    """Whose margin: of orders, or of what is already open."""

    INITIAL = auto()
    MAINTENANCE = auto()


class Amount(NamedTuple):
    """How much is traded.

    Attributes:
        lots: `V`.
        units: `Q`, lots x contract size.
    """

    lots: float
    units: float


class Part(NamedTuple):
    """A part of a symbol's margin, as floating leverage and spreads need it (6.9).

    Attributes:
        volume: 1e-8 lots.
        margin: account currency.
        price: average price.
        rate: average rate from margin to account currency.
    """

    volume: int = 0
    margin: float = 0.0
    price: float = 0.0
    rate: float = 0.0


class Requirement(NamedTuple):
    """The margin of a symbol before floating leverage, and what it is made of.

    Attributes:
        margin: account currency, not rounded.
        positions: what is open.
        position_orders: market orders that add to what is open.
        orders: other orders.
        side: the direction that decided.
        volume: volume of that direction, 1e-8 lots.
    """

    margin: float = 0.0
    positions: Part = Part()
    position_orders: Part = Part()
    orders: Part = Part()
    side: Side = Side.BUY
    volume: int = 0


class WorkingOrder(NamedTuple):
    """An order that needs margin.

    Attributes:
        type: its type, or the one it is activated to.
        side: bought or sold.
        volume: 1e-8 lots not yet filled.
        contract_size: units in one lot.
        price: the price it is valued at.
        rate: rate from margin to account currency, `k`.
        factor: `R`.
    """

    type: int
    side: Side
    volume: int
    contract_size: float
    price: float
    rate: float
    factor: float


def margin_factor(symbol: FullSymbol, order_type: int, kind: Kind) -> float:
    """`R`: the factor of an order type; a maintenance factor of 0 is the initial one.

    Types outside 0 to 7 have none.
    """
    if not OrderType.BUY <= order_type <= OrderType.SELL_STOP_LIMIT:
        return 0.0
    if kind is Kind.MAINTENANCE:
        maintenance = symbol.trade.margin_rates_maintenance[order_type]
        if maintenance:
            return maintenance
    return symbol.trade.margin_rates_initial[order_type]


def fixed_margin(symbol: FullSymbol, kind: Kind) -> float:
    """`L`: fixed margin per lot; that of positions is, when 0, that of orders."""
    trade = symbol.trade
    if kind is Kind.MAINTENANCE and trade.margin_maintenance:
        return trade.margin_maintenance
    return trade.margin_initial


def account_leverage(account: Account) -> int:
    """What margins are divided by: 1 on exchange accounts, and where none is set."""
    if margin_mode(account) == MarginMode.EXCHANGE:
        return 1
    return account.leverage or 1


def symbol_amount(symbol: FullSymbol, volume: int) -> Amount:
    """A volume by the contract size of the symbol, as hedging accounts measure."""
    return Amount(lots(volume), size(volume, symbol.contract_size))


def record_amount(symbol: FullSymbol, volume: int, contract_size: float) -> Amount:
    """A volume by the contract size of its own record, as netting accounts measure."""
    units = size(volume, contract_size)
    of_symbol = symbol.contract_size
    return Amount(units / of_symbol if of_symbol else 0.0, units)


def unit_margin(
    symbol: FullSymbol, amount: Amount, price: float, fixed: float, leverage: int
) -> float:
    """`U`: margin in margin currency, before rates (6.2).

    =============================  ================  ================================
    calculation mode               with a fixed `L`  without
    =============================  ================  ================================
    Forex                          `L * V / lev`     `Q / lev`
    Forex no leverage              `L * V`           `Q`
    CFD, stocks, options           `L * V`           `Q * P`
    CFD index                      `L * V`           `Q * P / tick size * tick value`
    CFD leverage                   `L * V / lev`     `Q * P / lev`
    futures, FORTS                 `L * V`           0
    bonds                          `L * V`           `N(Q * face value * P / 100)`
    collateral                     0                 0
    =============================  ================  ================================

    Args:
        symbol: calculation mode, ticks, face value.
        amount: `V` and `Q`.
        price: `P`.
        fixed: `L`, margin currency per lot; 0: there is none.
        leverage: `lev`, not 0.
    """
    mode = symbol.calc_mode
    if mode == CalcMode.SERV_COLLATERAL:
        return 0.0
    full = fixed * amount.lots if fixed > 0 else _by_formula(symbol, amount, price)
    return full / leverage if mode in _LEVERAGED else full


_LEVERAGED: Final = (CalcMode.FOREX, CalcMode.CFD_LEVERAGE)
_FORMULA_FREE: Final = (
    CalcMode.FUTURES,
    CalcMode.EXCH_FUTURES,
    CalcMode.EXCH_FUTURES_FORTS,
)


def _by_formula(symbol: FullSymbol, amount: Amount, price: float) -> float:
    """Unit margin without a fixed one, not yet divided by leverage."""
    units, mode = amount.units, symbol.calc_mode
    if mode in (CalcMode.FOREX, CalcMode.FOREX_NO_LEVERAGE):
        return units
    if mode in _FORMULA_FREE:
        return 0.0
    if mode == CalcMode.CFD_INDEX:
        if symbol.tick_size == 0:
            return 0.0
        return units * price / symbol.tick_size * symbol.tick_value
    if mode in (CalcMode.EXCH_BONDS, CalcMode.EXCH_BONDS_MOEX):
        value = units * symbol.face_value * price / 100
        return normalize(value, symbol.currency_base_digits)
    return units * price


def forts_position_margin(
    symbol: FullSymbol, of_lots: float, side: Side, price: float
) -> float:
    """`U` of a FORTS position on netting and exchange accounts (6.3).

    `V * (collateral + d * tick value / tick size * (1 + 0.01 * currency rate))`, where
    `d` is how far the price is on the losing side of settlement.
    """
    settle = symbol.price_settle
    away = price - settle if side == Side.BUY else settle - price
    return _forts(symbol, of_lots, side, away)


def forts_order_margin(
    symbol: FullSymbol, of_lots: float, order_type: int, price: float
) -> float:
    """`U` of a FORTS order on netting and exchange accounts (6.3).

    Limit and stop limit orders as positions; market and stop orders as if they were
    filled at the limit of the session.
    """
    side = order_side(order_type)
    if order_type in LIMIT_TYPES or order_type in STOP_LIMIT_TYPES:
        return forts_position_margin(symbol, of_lots, side, price)
    limits = symbol.price_limit_max, symbol.price_limit_min
    return forts_position_margin(symbol, of_lots, side, limits[side])


def _forts(symbol: FullSymbol, of_lots: float, side: Side, away: float) -> float:
    if symbol.tick_size == 0:
        return 0.0
    trade = symbol.trade
    collateral = trade.margin_initial if side == Side.BUY else trade.margin_maintenance
    tick_worth = symbol.tick_value / symbol.tick_size
    currency = 1 + 0.01 * trade.margin_rate_currency
    return of_lots * (collateral + away * tick_worth * currency)


def working_order(
    market: Market, symbol: FullSymbol, order: Order, *, checking: bool
) -> WorkingOrder | None:
    """What the margin of an order is computed from; None: it needs none.

    Args:
        market: account, symbols and quotes.
        symbol: the order's symbol.
        order: the order.
        checking: an order is being checked, so that activations count (6.4).
    """
    order_type = activated_type(order) if checking else order.type
    factor = margin_factor(symbol, order_type, Kind.INITIAL)
    if factor <= 0 or order.volume_current <= 0 or is_collateral(symbol):
        return None
    side = order_side(order_type)
    price = working_price(order, live_order_price(market, symbol, order))
    rate = order.margin_rate or margin_rate(market, symbol, side, price)
    if rate <= 0:
        return None
    volume, contract_size = order.volume_current, order.contract_size
    return WorkingOrder(order_type, side, volume, contract_size, price, rate, factor)

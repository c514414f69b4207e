"""Market value of volumes and of collateral (section 6.8)."""

from __future__ import annotations

from typing import NamedTuple

from mt5web_async.enums import CalcMode, Side

from .conversion import profit_rate
from .margin import Amount
from .market import Market
from .profit import Rates
from .rounding import normalize
from .settings import is_bond, is_forex
from .values import FullSymbol
from .volumes import size

_FUTURES = (
    CalcMode.FUTURES,
    CalcMode.EXCH_FUTURES,
    CalcMode.EXCH_FUTURES_FORTS,
)


def market_value(
    market: Market, symbol: FullSymbol, side: Side, amount: Amount, price: float
) -> float:
    """What an amount is worth, in profit currency; of Forex in base currency.

    ============  =====================================================================
    Forex         `Q`
    futures       `N(V * P * tick value / tick size)`, 0 without ticks
    bonds         `N(N(Q * face value * P / 100) * rate) + N(Q * accrued interest)`
    all others    `N(Q * P)`
    ============  =====================================================================

    Args:
        market: quotes for the rate of bonds, base to profit currency.
        symbol: the symbol.
        side: whose rate is taken.
        amount: lots `V` and units `Q`.
        price: `P`.
    """
    digits = symbol.currency_profit_digits
    if is_forex(symbol):
        return amount.units
    if symbol.calc_mode in _FUTURES:
        if not (symbol.tick_value and symbol.tick_size):
            return 0.0
        value = amount.lots * price * symbol.tick_value / symbol.tick_size
        return normalize(value, symbol.currency_base_digits)
    if is_bond(symbol):
        base = symbol.currency_base
        rate = profit_rate(market, symbol, base, symbol.currency_profit, side)
        clean = amount.units * symbol.face_value * price / 100
        clean = normalize(clean, symbol.currency_base_digits)
        interest = normalize(amount.units * symbol.accrued_interest, digits)
        return normalize(clean * rate, digits) + interest
    return normalize(amount.units * price, digits)


class Security(NamedTuple):
    """What a collateral position adds to an account, in account currency.

    Attributes:
        assets: worth of what is owned, not negative.
        liabilities: worth of what is owed, not positive.
    """

    assets: float = 0.0
    liabilities: float = 0.0


def collateral_value(
    symbol: FullSymbol,
    side: Side,
    volume: int,
    contract_size: float,
    price: float,
    rates: Rates,
    digits: int,
) -> Security:
    """Worth of a collateral position.

    Owned: `N(N(Q * P) * liquidity rate * buy rate)`; owed: `-N(N(Q * P) * sell rate)`.

    Args:
        symbol: its liquidity rate.
        side: owned if bought, owed if sold.
        volume: 1e-8 lots.
        contract_size: units in one lot.
        price: `P`.
        rates: from profit to account currency.
        digits: of the account currency.
    """
    value = normalize(size(volume, contract_size) * price, digits)
    if side == Side.BUY:
        liquid = value * symbol.trade.margin_rate_liquidity * rates.buy
        return Security(assets=normalize(liquid, digits))
    return Security(liabilities=0.0 - normalize(value * rates.sell, digits))

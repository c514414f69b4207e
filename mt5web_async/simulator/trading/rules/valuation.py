"""What positions, deals and volumes are worth to an account."""

from __future__ import annotations

from typing import NamedTuple

from mt5web_async.calculation import conversion
from mt5web_async.calculation.margin import record_amount
from mt5web_async.calculation.profit import (
    Holding,
    Rates,
    converted_profit,
    profit_rates,
)
from mt5web_async.calculation.settings import is_forex
from mt5web_async.calculation.valuation import market_value
from mt5web_async.calculation.worth import position_worth
from mt5web_async.enums import Side
from mt5web_async.protocol.records import FullSymbol, Position

from .desk import Desk


class Result(NamedTuple):
    """What closing a position brings.

    Attributes:
        profit: deposit currency.
        rate: from the profit currency to it.
    """

    profit: float
    rate: float


def at_market(desk: Desk, position: Position) -> Position:
    """The position with its closing price and profit as they are now."""
    if not position.volume:
        return position._replace(profit=0.0)
    symbol = desk.symbol(position.symbol)
    worth = position_worth(desk.market, symbol, position)
    return position._replace(
        price_close=worth.price_close,
        profit=worth.profit,
        rate_profit=worth.rate_profit,
    )


def realised(
    desk: Desk, symbol: FullSymbol, position: Position, price: float
) -> Result:
    """The result of closing a whole position at a price.

    A currency pair that converts its own profit does so at that price. Where a rate
    is not quoted, the last known one of the position counts.
    """
    rates = profit_rates(desk.market, symbol, price)
    if not rates.known:
        rates = Rates(position.rate_profit, position.rate_profit)
    holding = Holding(
        Side(position.action),
        position.volume,
        position.contract_size,
        position.price_open,
        position.rate_margin,
    )
    return Result(*converted_profit(desk.market, symbol, holding, price, rates))


def profit_rate(desk: Desk, symbol: FullSymbol, side: Side, price: float) -> float:
    """The rate at which a position of this side would turn a profit to money."""
    rates = profit_rates(desk.market, symbol, price)
    return rates.buy if side == Side.BUY else rates.sell


def margin_rate(desk: Desk, symbol: FullSymbol, side: Side, price: float) -> float:
    """From the margin currency to the deposit currency, for a deal at a price."""
    return conversion.margin_rate(desk.market, symbol, side, price)


def charge_rate(desk: Desk, symbol: FullSymbol, source: str) -> float:
    """From a currency to the deposit currency, at the side that costs more."""
    return _rate(desk, symbol, source, None)


def contract_value(
    desk: Desk, symbol: FullSymbol, side: int, volume: int, price: float
) -> float:
    """What a volume is worth at a price, deposit currency."""
    amount = record_amount(symbol, volume, symbol.contract_size)
    value = market_value(desk.market, symbol, Side(side), amount, price)
    source = symbol.currency_base if is_forex(symbol) else symbol.currency_profit
    return value * _rate(desk, symbol, source, price)


def point_value(desk: Desk, symbol: FullSymbol) -> float:
    """What one point of one lot is worth, deposit currency."""
    worth = symbol.contract_size * symbol.point
    return worth * charge_rate(desk, symbol, symbol.currency_profit)


def _rate(desk: Desk, symbol: FullSymbol, source: str, price: float | None) -> float:
    target = desk.account.currency
    return conversion.profit_rate(desk.market, symbol, source, target, Side.BUY, price)

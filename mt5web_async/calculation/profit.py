"""Profit of positions, from one price to another (section 5).

Profit is computed in the symbol's profit currency and then converted to the account's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple, TypeAlias

from mt5web_async.enums import CalcMode, MarginMode, Side

from .conversion import MARKET_RATES, profit_rate
from .market import Market
from .orders import position_side
from .rounding import normalize
from .settings import (
    is_bond,
    is_collateral,
    is_forex,
    is_stock,
    margin_mode,
    negative_prices_allowed,
)
from .values import FullSymbol, Position
from .volumes import lots, size

LARGEST: Final = 1e11
"""A profit beyond this is taken for a mistake in the data, and is 0."""

_BY_TICKS: Final = frozenset(
    {
        CalcMode.FUTURES,
        CalcMode.EXCH_FUTURES,
        CalcMode.EXCH_OPTIONS,
        CalcMode.EXCH_OPTIONS_MARGIN,
    }
)


class Rates(NamedTuple):
    """Rates from profit to account currency: dear and cheap side; 0: not known."""

    buy: float
    sell: float

    @property
    def known(self) -> bool:
        """Whether both sides are quoted."""
        return bool(self.buy and self.sell)


class Holding(NamedTuple):
    """What of a position decides its profit.

    Attributes:
        side: bought or sold.
        volume: 1e-8 lots.
        contract_size: units in one lot.
        price_open: opening price.
        rate_margin: rate at which its opening value was converted (stocks, bonds).
    """

    side: Side
    volume: int
    contract_size: float
    price_open: float
    rate_margin: float = 0.0

    @classmethod
    def of(cls, position: Position) -> Holding:
        """That of an open position."""
        return cls(
            position_side(position),
            position.volume,
            position.contract_size,
            position.price_open,
            position.rate_margin,
        )


_Formula: TypeAlias = Callable[[FullSymbol, Holding, float], float]
_Valuation: TypeAlias = Callable[
    [FullSymbol, Holding, float, Rates, int], tuple[float, float]
]


def profit_rates(
    market: Market, symbol: FullSymbol, price: float | None = None
) -> Rates:
    """Rates for the profit of a symbol; `price` as in :func:`profit_rate`."""
    source, target = symbol.currency_profit, market.account.currency
    return Rates(
        profit_rate(market, symbol, source, target, Side.BUY, price),
        profit_rate(market, symbol, source, target, Side.SELL, price),
    )


def converted_profit(
    market: Market, symbol: FullSymbol, holding: Holding, close: float, rates: Rates
) -> tuple[float, float]:
    """Profit in account currency, and the rate it was converted at (5.3, 5.4).

    Args:
        market: the account.
        symbol: the symbol.
        holding: the position.
        close: closing price.
        rates: from profit to account currency.
    """
    own = own_rates(market, symbol)
    if own is not None and _closable(symbol, close):
        return own(symbol, holding, close, rates, market.account.currency_digits)
    gains = gross_profits(symbol, (holding,), (close,))
    (rate,) = gain_rates(symbol, (holding,), gains, rates)
    return normalize(gains[0] * rate, market.account.currency_digits), rate


def gain_rates(
    symbol: FullSymbol,
    holdings: Iterable[Holding],
    gains: Iterable[float],
    rates: Rates,
) -> list[float]:
    """The rates that turn gains to account currency (5.3).

    A currency pair is converted at the rate of its own side; anything else at the
    cheap rate when it gains and at the dear rate when it loses.
    """
    if is_forex(symbol) and not symbol.trade_flags & MARKET_RATES:
        return [rates[holding.side] for holding in holdings]
    return [rates.sell if gain > 0 else rates.buy for gain in gains]


def own_rates(market: Market, symbol: FullSymbol) -> _Valuation | None:
    """How a profit is computed whose two values have rates of their own (5.4).

    So it is with bonds, and with stocks on exchange accounts; None: with all others
    the gain is converted as a whole.
    """
    if is_bond(symbol):
        return _bond_profit
    exchange = margin_mode(market.account) == MarginMode.EXCHANGE
    return _stock_profit if exchange and is_stock(symbol) else None


def gross_profits(
    symbol: FullSymbol, holdings: Iterable[Holding], closes: Iterable[float]
) -> list[float]:
    """Profits in profit currency (5.2), `V` lots, `Q = V * contract size` units.

    ======================  ==========================================================
    Forex                   difference of `N(price * Q)`
    futures, options        `(close - open) * V * tick value / tick size`
    FORTS futures           difference of `N(price * tick value / tick size)`, `* V`
    all others              difference of `price * Q`
    ======================  ==========================================================

    One is 0 without a closing price, or when it is beyond 1e11.
    """
    formula = _formula(symbol)
    return [
        _gross(symbol, formula, holding, close)
        if close > 0 or _closable(symbol, close)
        else 0.0
        for holding, close in zip(holdings, closes, strict=True)
    ]


def _gross(
    symbol: FullSymbol, formula: _Formula, holding: Holding, close: float
) -> float:
    gain = formula(symbol, holding, close)
    if abs(gain) > LARGEST:
        return 0.0
    if holding.side == Side.SELL:
        gain = -gain
    return normalize(gain, symbol.currency_profit_digits)


def _closable(symbol: FullSymbol, close: float) -> bool:
    """Whether a closing price is a price."""
    if close == 0:
        return is_collateral(symbol)
    return close > 0 or negative_prices_allowed(symbol)


def _formula(symbol: FullSymbol) -> _Formula:
    """How a symbol's gain is computed, as if it was bought."""
    if is_forex(symbol):
        return _pair_gain
    if symbol.calc_mode == CalcMode.EXCH_FUTURES_FORTS:
        return _forts_gain
    return _tick_gain if symbol.calc_mode in _BY_TICKS else _value_gain


def _pair_gain(symbol: FullSymbol, holding: Holding, close: float) -> float:
    digits = symbol.currency_profit_digits
    units = size(holding.volume, holding.contract_size)
    opened = normalize(holding.price_open * units, digits)
    return normalize(close * units, digits) - opened


def _forts_gain(symbol: FullSymbol, holding: Holding, close: float) -> float:
    digits = symbol.currency_profit_digits
    first = normalize(_by_ticks(symbol, holding.price_open), digits)
    second = normalize(_by_ticks(symbol, close), digits)
    return (second - first) * lots(holding.volume)


def _tick_gain(symbol: FullSymbol, holding: Holding, close: float) -> float:
    by_lots = (close - holding.price_open) * lots(holding.volume) * symbol.tick_value
    return by_lots / symbol.tick_size if symbol.tick_size else by_lots


def _value_gain(symbol: FullSymbol, holding: Holding, close: float) -> float:  # noqa: ARG001
    units = size(holding.volume, holding.contract_size)
    return close * units - holding.price_open * units


def tick_worth(symbol: FullSymbol) -> float:
    """What one lot gains by one tick size, profit currency, not rounded.

    Without a tick size a tick is a point.
    """
    tick = symbol.tick_size or symbol.point
    if symbol.calc_mode in _BY_TICKS or symbol.calc_mode == CalcMode.EXCH_FUTURES_FORTS:
        return symbol.tick_value if symbol.tick_size else tick * symbol.tick_value
    worth = symbol.contract_size * tick
    return worth * symbol.face_value / 100 if is_bond(symbol) else worth


def _by_ticks(symbol: FullSymbol, price: float) -> float:
    worth = price * symbol.tick_value
    return worth / symbol.tick_size if symbol.tick_size else worth


def _stock_profit(
    symbol: FullSymbol, holding: Holding, close: float, rates: Rates, digits: int
) -> tuple[float, float]:
    """A stock on an exchange account: each value at the rate of its own day (5.4)."""
    units = size(holding.volume, holding.contract_size)
    places = symbol.currency_profit_digits
    rate = rates.sell if holding.side == Side.BUY else rates.buy
    opened = normalize(holding.price_open * units * holding.rate_margin, places)
    closed = normalize(close * units * rate, places)
    return _result(holding.side, opened, closed, digits), rate


def _bond_profit(
    symbol: FullSymbol, holding: Holding, close: float, rates: Rates, digits: int
) -> tuple[float, float]:
    """A bond: `N(Q * face value * price / 100 * rate)`, closed less opened (5.4)."""
    units = size(holding.volume, holding.contract_size) * symbol.face_value
    places = symbol.currency_base_digits
    rate = rates.sell if holding.side == Side.BUY else rates.buy
    start = units * holding.price_open / 100
    opened = normalize(start * holding.rate_margin, places)
    closed = normalize(units * close / 100 * rate, places)
    return _result(holding.side, opened, closed, digits), rate


def _result(side: Side, opened: float, closed: float, digits: int) -> float:
    gain = closed - opened
    return normalize(-gain if side == Side.SELL else gain, digits)

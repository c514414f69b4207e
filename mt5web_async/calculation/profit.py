"""What positions are worth (section 5).

Profit is computed in the symbol's profit currency and then converted to the account's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from mt5web_async.enums import CalcMode, MarginMode, Side

from .conversion import MARKET_RATES, profit_rate
from .market import Market
from .orders import position_side
from .quotes import Quote, market_prices
from .rounding import normalize
from .settings import (
    is_bond,
    is_collateral,
    is_forex,
    is_stock,
    margin_mode,
    negative_prices_allowed,
)
from .spread import Prices
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


class Worth(NamedTuple):
    """What a position is worth at the moment.

    Attributes:
        price_close: the price that would close it.
        profit: result so far, account currency, without swap and commission.
        rate_profit: the rate that it was converted at.
    """

    price_close: float
    profit: float
    rate_profit: float


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


def position_worth(market: Market, symbol: FullSymbol, position: Position) -> Worth:
    """Closing price and profit of a position at the quotes of the moment (5.1).

    What cannot be computed for want of quotes stays as the position's record has it.
    """
    return position_worths(market, symbol, (position,))[0]


def position_worths(
    market: Market, symbol: FullSymbol, positions: tuple[Position, ...]
) -> tuple[Worth, ...]:
    """:func:`position_worth` for several positions of one symbol."""
    quote = _usable_quote(market, symbol)
    rates = profit_rates(market, symbol) if quote else Rates(0.0, 0.0)
    if quote is None or not rates.known:
        return tuple([Worth(p.price_close, p.profit, p.rate_profit) for p in positions])
    closing = _closing_prices(market, symbol, quote)
    terms = _Terms.of(market, symbol, rates)
    return tuple([_worth(terms, closing, one) for one in positions])


def _usable_quote(market: Market, symbol: FullSymbol) -> Quote | None:
    """The symbol's quote, unless it lacks a price."""
    quote = market.quote(symbol)
    if quote is None or negative_prices_allowed(symbol):
        return quote
    prices = market_prices(symbol, quote)
    return quote if prices.bid > 0 and prices.ask > 0 else None


def _worth(terms: _Terms, closing: Prices, held: Position) -> Worth:
    side = position_side(held)
    close = closing[side] or held.price_close
    holding = Holding(
        side, held.volume, held.contract_size, held.price_open, held.rate_margin
    )
    profit, rate = terms.profit(holding, close)
    return Worth(close, profit, rate)


def _closing_prices(market: Market, symbol: FullSymbol, quote: Quote) -> Prices:
    """The prices of the moment that close long and short positions; 0: not known."""
    exchange = margin_mode(market.account) == MarginMode.EXCHANGE
    if is_collateral(symbol) and (quote.last or exchange):
        return Prices(quote.last, quote.last)
    return market_prices(symbol, quote)


def live_price(market: Market, symbol: FullSymbol, position: Position) -> float:
    """The price that would close a position, even if its profit is not known."""
    quote = _usable_quote(market, symbol)
    if quote is None:
        return position.price_close
    closing = _closing_prices(market, symbol, quote)
    return closing[position_side(position)] or position.price_close


def converted_profit(
    market: Market, symbol: FullSymbol, holding: Holding, close: float, rates: Rates
) -> tuple[float, float]:
    """Profit in account currency, and the rate it was converted at (5.3, 5.4).

    A currency pair is converted at the rate of its own side; anything else at the
    cheap rate when it gains and at the dear rate when it loses.

    Args:
        market: the account.
        symbol: the symbol.
        holding: the position.
        close: closing price.
        rates: from profit to account currency.
    """
    return _Terms.of(market, symbol, rates).profit(holding, close)


class _Terms(NamedTuple):
    """What counts for every position of a symbol.

    Attributes:
        symbol: the symbol.
        rates: from profit to account currency.
        digits: of the account currency.
        by_side: the side decides which rate is taken, not the gain.
        formula: of the gain before conversion.
        valued: of the profit, where each value has a rate of its own.
    """

    symbol: FullSymbol
    rates: Rates
    digits: int
    by_side: bool
    formula: _Formula
    valued: _Valuation | None

    @classmethod
    def of(cls, market: Market, symbol: FullSymbol, rates: Rates) -> _Terms:
        exchange = margin_mode(market.account) == MarginMode.EXCHANGE
        valued = None
        if is_bond(symbol):
            valued = _bond_profit
        elif exchange and is_stock(symbol):
            valued = _stock_profit
        by_side = is_forex(symbol) and not symbol.trade_flags & MARKET_RATES
        digits = market.account.currency_digits
        return cls(symbol, rates, digits, by_side, _formula(symbol), valued)

    def profit(self, holding: Holding, close: float) -> tuple[float, float]:
        """Profit in account currency, and the rate it was converted at."""
        symbol, rates, digits, by_side, formula, valued = self
        closable = close > 0 or _closable(symbol, close)
        if closable and valued is not None:
            return valued(symbol, holding, close, rates, digits)
        profit = _gross(symbol, formula, holding, close) if closable else 0.0
        dear = holding.side == Side.BUY if by_side else profit <= 0
        rate = rates.buy if dear else rates.sell
        return normalize(profit * rate, digits), rate


def gross_profit(symbol: FullSymbol, holding: Holding, close: float) -> float:
    """Profit in profit currency (5.2), `V` lots, `Q = V * contract size` units.

    ======================  ==========================================================
    Forex                   difference of `N(price * Q)`
    futures, options        `(close - open) * V * tick value / tick size`
    FORTS futures           difference of `N(price * tick value / tick size)`, `* V`
    all others              difference of `price * Q`
    ======================  ==========================================================

    It is 0 without a closing price, or when it is beyond 1e11.
    """
    if not _closable(symbol, close):
        return 0.0
    return _gross(symbol, _formula(symbol), holding, close)


def _gross(
    symbol: FullSymbol, formula: _Formula, holding: Holding, close: float
) -> float:
    profit = formula(symbol, holding, close)
    if abs(profit) > LARGEST:
        return 0.0
    if holding.side == Side.SELL:
        profit = -profit
    return normalize(profit, symbol.currency_profit_digits)


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
        return _by_ticks(symbol, tick)
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

"""What open positions are worth at the quotes of the moment (section 5.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import mul
from typing import Final, NamedTuple

from mt5web_async.enums import MarginMode

from .market import Market
from .orders import position_side
from .profit import (
    Holding,
    Rates,
    converted_profit,
    gain_rates,
    gross_profits,
    own_rates,
    profit_rates,
)
from .quotes import market_prices
from .rounding import normalized
from .settings import is_collateral, margin_mode, negative_prices_allowed
from .spread import Prices
from .values import FullSymbol, Position

UNKNOWN: Final = Rates(0.0, 0.0)


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


class Valued(NamedTuple):
    """The positions of one symbol at one moment; all rows are in their order.

    Attributes:
        closes: the prices that would close them.
        profits: results so far, account currency, without swap and commission.
        factors: the rates that they were converted at.
        gains: results in profit currency.
        holdings: what of them counts.
        closing: the prices that close long and short ones; None: they are not known,
            and all is as the records have it.
        rates: from profit to account currency.
    """

    closes: Sequence[float]
    profits: Sequence[float]
    factors: Sequence[float]
    gains: Sequence[float] = ()
    holdings: Sequence[Holding] = ()
    closing: Prices | None = None
    rates: Rates = UNKNOWN

    def rounded(self, digits: int) -> Sequence[float]:
        """The profits in whole parts of money; those of records may have more."""
        return self.profits if self.closing else normalized(self.profits, digits)


def position_worth(market: Market, symbol: FullSymbol, position: Position) -> Worth:
    """Closing price and profit of one position; see :func:`valued`."""
    alone = valued(market, symbol, (position,))
    return Worth(alone.closes[0], alone.profits[0], alone.factors[0])


def valued(
    market: Market,
    symbol: FullSymbol,
    positions: Sequence[Position],
    before: Valued | None = None,
) -> Valued:
    """Closing prices and profits of a symbol's positions (5.1).

    What cannot be computed for want of quotes stays as the positions' records have it.

    Args:
        market: account, symbols and quotes.
        symbol: the symbol.
        positions: all of this symbol.
        before: the same positions, valued at an earlier moment under the same
            settings; what still holds of it is taken over.
    """
    closing = closing_prices(market, symbol)
    rates = UNKNOWN if closing is None else profit_rates(market, symbol)
    if closing is None or not rates.known:
        return recorded(positions)
    if before is None or before.closing != closing:
        holdings = before.holdings if before else ()
        before = _priced(symbol, positions, closing, holdings)
    if before.rates == rates:
        return before
    return _converted(market, symbol, before, rates)


def recorded(positions: Iterable[Position]) -> Valued:
    """Positions as their records have them."""
    rows = [(one.price_close, one.profit, one.rate_profit) for one in positions]
    closes, profits, factors = zip(*rows, strict=True) if rows else ((), (), ())
    return Valued(closes, profits, factors)


def _priced(
    symbol: FullSymbol,
    positions: Sequence[Position],
    closing: Prices,
    known: Sequence[Holding],
) -> Valued:
    """Positions with their gains, not converted yet."""
    holdings = known or [Holding.of(one) for one in positions]
    pairs = zip(holdings, positions, strict=True)
    closes = [closing[holding.side] or one.price_close for holding, one in pairs]
    gains = gross_profits(symbol, holdings, closes)
    return Valued(closes, (), (), gains, holdings, closing)


def _converted(
    market: Market, symbol: FullSymbol, priced: Valued, rates: Rates
) -> Valued:
    """Positions with their profits at other rates."""
    holdings, gains = priced.holdings, priced.gains
    if own_rates(market, symbol) is None:
        factors = gain_rates(symbol, holdings, gains, rates)
        digits = market.account.currency_digits
        profits = normalized(map(mul, gains, factors), digits)
        return priced._replace(profits=profits, factors=factors, rates=rates)
    results = [
        converted_profit(market, symbol, holding, close, rates)
        for holding, close in zip(holdings, priced.closes, strict=True)
    ]
    return priced._replace(
        profits=[profit for profit, _ in results],
        factors=[rate for _, rate in results],
        rates=rates,
    )


def closing_prices(market: Market, symbol: FullSymbol) -> Prices | None:
    """The prices that close long and short positions; None: not both are known.

    One of them is 0 where negative prices are allowed and it is missing.
    """
    quote = market.quote(symbol)
    if quote is None:
        return None
    prices = market_prices(symbol, quote)
    missing = prices.bid <= 0 or prices.ask <= 0
    if missing and not negative_prices_allowed(symbol):
        return None
    exchange = margin_mode(market.account) == MarginMode.EXCHANGE
    if is_collateral(symbol) and (quote.last or exchange):
        return Prices(quote.last, quote.last)
    return prices


def live_price(market: Market, symbol: FullSymbol, position: Position) -> float:
    """The price that would close a position, even if its profit is not known."""
    closing = closing_prices(market, symbol)
    if closing is None:
        return position.price_close
    return closing[position_side(position)] or position.price_close

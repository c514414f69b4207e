"""Rates between currencies, out of the quotes of currency pairs (section 4).

A *buy* rate is the dear side of a pair, ask or 1 / bid; a *sell* rate the cheap one,
bid or 1 / ask. A rate of 0 means that there are no quotes: what depends on it is not
known, it is not 0.
"""

from __future__ import annotations

from typing import Final

from mt5web_async.enums import Side

from .market import Market, Pairs
from .settings import is_bond, is_forex
from .values import FullSymbol

CROSS: Final = "USD"
"""The currency that two others meet in where they have no pair."""

MARKET_RATES: Final = 1
"""Bit of a symbol's `trade_flags`: its profit is converted at market rates."""

_ROUBLES: Final = frozenset({"RUB", "RUR"})
_CODE: Final = 3
_PAIR: Final = 2 * _CODE


def same_currency(first: str, second: str) -> bool:
    """Whether two currencies are one; the rouble has two codes."""
    return first == second or (first in _ROUBLES and second in _ROUBLES)


def pair_name(first: str, second: str, symbol: FullSymbol) -> str:
    """Name of the pair of two currencies, with the symbol's own suffix (4.1).

    The suffix of a currency pair is what its name has behind 6 characters.
    """
    name = first[:_CODE] + second[:_CODE]
    return name + symbol.name[_PAIR:] if is_forex(symbol) else name


def profit_rate(
    market: Market,
    symbol: FullSymbol,
    source: str,
    target: str,
    side: Side,
    price: float | None = None,
) -> float:
    """Rate from one currency to another, as for the profits of a symbol (4.3).

    Args:
        market: symbols and quotes.
        symbol: its kind and suffix decide which pairs are looked for.
        source: currency of the amount; empty: the rate is 0.
        target: currency wanted.
        side: BUY for the dear side, SELL for the cheap one.
        price: in place of the quote where the pair is the symbol itself, unless the
            symbol is converted at market rates; None: the quote.

    Returns:
        Units of `target` for one of `source`; 0.0 if there are no quotes.
    """
    own = price if is_forex(symbol) and not symbol.trade_flags & MARKET_RATES else None
    return _rate(market, symbol, source, target, side, own)


def margin_rate(
    market: Market, symbol: FullSymbol, side: Side, price: float | None = None
) -> float:
    """Rate from a symbol's margin currency to the account's (4.3).

    Args:
        market: account, symbols and quotes.
        symbol: the symbol.
        side: BUY for buy orders, SELL for sell orders.
        price: in place of the quote where the pair is the symbol itself.
    """
    own = price if is_forex(symbol) else None
    target = market.account.currency
    return _rate(market, symbol, symbol.currency_margin, target, side, own)


def _rate(
    market: Market,
    symbol: FullSymbol,
    source: str,
    target: str,
    side: Side,
    own: float | None,
) -> float:
    if not (source and target):
        return 0.0
    if same_currency(source, target):
        return 1.0
    direct = _direct(market, symbol, source, target, side, own)
    if direct:
        return direct
    first = _direct(market, symbol, source, CROSS, side, own)
    return first and first * _direct(market, symbol, CROSS, target, side, own)


def _direct(
    market: Market,
    symbol: FullSymbol,
    source: str,
    target: str,
    side: Side,
    own: float | None,
) -> float:
    """The rate by one pair, one way round or the other; 0.0 without one."""
    name = pair_name(source, target, symbol)
    if own and name == symbol.name:
        return own
    price = _pair_price(market, symbol, name, side)
    if price:
        return price
    name = pair_name(target, source, symbol)
    if own and name == symbol.name:
        return 1 / own
    price = _pair_price(
        market, symbol, name, Side.SELL if side == Side.BUY else Side.BUY
    )
    return 1 / price if price else 0.0


def _pair_price(market: Market, symbol: FullSymbol, name: str, side: Side) -> float:
    """Ask of a pair for BUY, bid for SELL; 0.0 if it is not quoted (4.2)."""
    for candidate in pair_symbols(market.pairs, symbol, name):
        loaded = market.symbols.get(candidate)
        quote = market.quotes.live(candidate)
        if loaded is None or quote is None or not is_forex(loaded):
            continue
        price = quote.ask if side == Side.BUY else quote.bid
        if price > 0:
            return price
    return 0.0


def pair_symbols(pairs: Pairs, symbol: FullSymbol, name: str) -> tuple[str, ...]:
    """The symbols that may stand for a pair name, best first (4.2).

    First that of the very name, for currency pairs; then the first of all pairs whose
    name begins with the same 6 characters.
    """
    first = pairs.first(name[:_PAIR])
    if first is None:
        return ()
    if first != name and is_forex(symbol) and pairs.first(name) == name:
        return name, first
    return (first,)


def conversion_symbols(
    symbol: FullSymbol,
    account_currency: str,
    pairs: Pairs,
    value_currency: str | None = None,
) -> tuple[str, ...]:
    """The symbols whose quotes the conversions of a symbol may need.

    They must be loaded and subscribed for the symbol's profits and margins to be known:
    pairs of the profit and the margin currency with the account's, and the two pairs
    over the US dollar that step in for a pair without quotes.

    Args:
        symbol: the symbol.
        account_currency: what is converted to.
        pairs: all currency pairs of the server.
        value_currency: the currency that a floating leverage rule for the symbol
            measures values in; None: no such rule.

    Returns:
        Names without repetition, in the order in which they are looked at.
    """
    base, profit = symbol.currency_base, symbol.currency_profit
    routes = [(profit, account_currency), (symbol.currency_margin, account_currency)]
    if is_bond(symbol):
        routes.append((base, profit))
    if value_currency is not None:
        routes.append((base, value_currency or account_currency))
    names: dict[str, None] = {}
    for source, target in routes:
        names.update(dict.fromkeys(route_symbols(symbol, source, target, pairs)))
    return tuple(names)


def route_symbols(
    symbol: FullSymbol, source: str, target: str, pairs: Pairs
) -> tuple[str, ...]:
    """The symbols whose quotes one conversion may need, in the order looked at."""
    if not (source and target) or same_currency(source, target):
        return ()
    legs = [(source, target), (source, CROSS), (CROSS, target)]
    names = [
        name
        for first, second in legs
        if not same_currency(first, second)
        for pair in ((first, second), (second, first))
        for name in pair_symbols(pairs, symbol, pair_name(*pair, symbol))
    ]
    return tuple(dict.fromkeys(names))

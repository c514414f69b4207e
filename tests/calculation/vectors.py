"""Accounts and quotes of the vectors as values."""

from __future__ import annotations

from typing import Any

from mt5web_async.calculation.market import Market, Quotes
from mt5web_async.calculation.quotes import Quote
from mt5web_async.calculation.settings import effective_symbol
from mt5web_async.calculation.spread import Prices, Pricing, adjusted
from mt5web_async.protocol.records import FullSymbol
from tests.names import account_state, full_symbol, load, spread

DELAYED = 512


def market(given: dict[str, Any]) -> Market:
    """What a calc.json entry about an account knows."""
    state = account_state(given["account"])
    symbols = [full_symbol(one) for one in given["symbols"]]
    spreads = [
        spread(one) for owner in given.get("spreads", ()) for one in owner["spreads"]
    ]
    loaded = [effective_symbol(one, state.settings) for one in symbols]
    return Market.of(
        state, symbols, quotes(loaded, given["quotes"]), spreads=tuple(spreads)
    )


def quotes(symbols: list[FullSymbol], shown: dict[str, dict[str, float]]) -> Quotes:
    """Quotes by name, adjusted as the symbols want it."""
    live: dict[str, Quote] = {}
    delayed: dict[str, Quote] = {}
    for symbol in symbols:
        prices = shown.get(symbol.name)
        if prices is not None:
            place = delayed if prices.get("flags", 0) == DELAYED else live
            place[symbol.name] = quote(symbol, prices)
    return Quotes(live, delayed)


def quote(symbol: FullSymbol, prices: dict[str, float]) -> Quote:
    """A quote, adjusted as the symbol wants it."""
    raw = Prices(prices.get("bid", 0.0), prices.get("ask", 0.0))
    effective = adjusted(raw, Pricing.of(symbol)) or raw
    last = prices.get("last", 0.0)
    return Quote(effective.bid, effective.ask, last, raw_bid=raw.bid, raw_ask=raw.ask)


def entries(*kinds: str) -> list[dict[str, Any]]:
    """The calc.json entries of some kinds."""
    return [entry for entry in load("calc.json") if entry["kind"] in kinds]


def account_entries() -> list[dict[str, Any]]:
    """The calc.json entries that compute a whole account."""
    return [
        entry
        for entry in load("calc.json")
        if isinstance(entry["expected"], dict) and "account" in entry["expected"]
    ]

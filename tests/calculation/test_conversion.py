"""Which pairs convert, and at which price."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pytest

from mt5web_async.calculation.conversion import (
    conversion_symbols,
    margin_rate,
    pair_name,
    profit_rate,
)
from mt5web_async.calculation.market import Market, Pairs, Quotes
from mt5web_async.calculation.quotes import Quote
from mt5web_async.enums import CalcMode, Side
from mt5web_async.protocol.records import FullSymbol
from tests.calculation.scenes import account, pair, symbol

EURUSD: Final = pair("EURUSD")
SHARE: Final = symbol("SHARE", CalcMode.CFD, currency_profit="GBP")


def quoted(
    quotes: Mapping[str, tuple[float, float]],
    *others: FullSymbol,
    currency: str = "USD",
    pairs: tuple[str, ...] | None = None,
) -> Market:
    """A market of the pairs that are quoted, and of further symbols."""
    loaded = {name: pair(name) for name in quotes}
    loaded.update({one.name: one for one in others})
    return Market(
        account(currency=currency),
        loaded,
        Quotes({name: Quote(*prices) for name, prices in quotes.items()}),
        Pairs(quotes if pairs is None else pairs),
    )


def rate(moment: Market, source: str, target: str, side: Side = Side.BUY) -> float:
    return profit_rate(moment, EURUSD, source, target, side)


def test_a_currency_is_worth_itself() -> None:
    assert rate(quoted({}), "USD", "USD") == rate(quoted({}), "RUB", "RUR") == 1.0


def test_without_a_currency_or_a_quote_there_is_no_rate() -> None:
    assert rate(quoted({}), "", "USD") == rate(quoted({}), "USD", "") == 0.0
    assert rate(quoted({"EURUSD": (0.0, 0.0)}), "EUR", "USD") == 0.0


@pytest.mark.parametrize(
    ("source", "target", "side", "expected"),
    [
        ("EUR", "USD", Side.BUY, 1.2),
        ("EUR", "USD", Side.SELL, 1.0),
        ("USD", "EUR", Side.BUY, 1 / 1.0),
        ("USD", "EUR", Side.SELL, 1 / 1.2),
    ],
)
def test_a_pair_converts_both_ways(
    source: str, target: str, side: Side, expected: float
) -> None:
    moment = quoted({"EURUSD": (1.0, 1.2)})
    assert rate(moment, source, target, side) == expected


def test_the_direct_way_goes_before_that_through_the_dollar() -> None:
    quotes = {"EURGBP": (0.5, 0.5), "EURUSD": (2.0, 2.0), "GBPUSD": (1.0, 1.0)}
    assert rate(quoted(quotes), "EUR", "GBP") == 0.5
    del quotes["EURGBP"]
    assert rate(quoted(quotes), "EUR", "GBP") == 2.0


def test_half_a_way_through_the_dollar_is_none() -> None:
    assert rate(quoted({"EURUSD": (2.0, 2.0)}), "EUR", "GBP") == 0.0


def test_a_pair_with_a_suffix_looks_for_its_like_first() -> None:
    quotes = {"GBPUSD": (2.0, 2.0), "GBPUSD.m": (3.0, 3.0)}
    moment = quoted(quotes)
    plain, suffixed = pair("EURGBP"), pair("EURGBP.m")
    assert pair_name("GBP", "USD", suffixed) == "GBPUSD.m"
    assert profit_rate(moment, plain, "GBP", "USD", Side.BUY) == 2.0
    assert profit_rate(moment, suffixed, "GBP", "USD", Side.BUY) == 3.0
    assert profit_rate(moment, SHARE, "GBP", "USD", Side.BUY) == 2.0


def test_the_first_name_stands_in_for_a_like_without_quotes() -> None:
    moment = quoted({"GBPUSD": (2.0, 2.0), "GBPUSD.m": (0.0, 0.0)})
    suffixed = pair("EURGBP.m")
    assert profit_rate(moment, suffixed, "GBP", "USD", Side.BUY) == 2.0


def test_only_currency_pairs_convert() -> None:
    imitation = symbol("EURUSD", CalcMode.CFD)
    moment = quoted({"EURUSD": (2.0, 2.0)}, imitation)
    assert rate(moment, "EUR", "USD") == 0.0


def test_a_pair_that_is_not_loaded_yet_converts_nothing() -> None:
    moment = quoted({}, pairs=("EURUSD",))
    assert rate(moment, "EUR", "USD") == 0.0


def test_a_price_of_its_own_replaces_the_quote_of_a_pair() -> None:
    moment = quoted({"EURUSD": (1.0, 1.2)})
    own = profit_rate(moment, EURUSD, "EUR", "USD", Side.BUY, 1.5)
    back = profit_rate(moment, EURUSD, "USD", "EUR", Side.BUY, 2.0)
    assert (own, back) == (1.5, 0.5)


def test_profits_at_market_rates_know_no_price_of_their_own() -> None:
    moment = quoted({"EURUSD": (1.0, 1.2)})
    at_market = EURUSD._replace(trade_flags=1)
    assert profit_rate(moment, at_market, "EUR", "USD", Side.BUY, 1.5) == 1.2
    assert margin_rate(moment, at_market, Side.BUY, 1.5) == 1.5


def test_a_price_of_its_own_serves_on_the_way_through_the_dollar() -> None:
    moment = quoted({"EURUSD": (1.0, 1.2), "GBPUSD": (2.0, 2.0)})
    through = profit_rate(moment, EURUSD, "EUR", "GBP", Side.BUY, 1.5)
    assert through == 1.5 * (1 / 2.0)


def test_delayed_quotes_never_convert() -> None:
    moment = quoted({"EURUSD": (1.0, 1.2)})
    delayed = Quotes({}, {"EURUSD": Quote(1.0, 1.2)})
    late = Market(moment.account, moment.symbols, delayed, moment.pairs)
    assert rate(late, "EUR", "USD") == 0.0


def test_the_symbols_of_a_conversion_are_known_before_they_are_loaded() -> None:
    names = ("EURUSD", "GBPUSD", "USDJPY", "EURGBP", "GBPJPY", "AUDNZD")
    gbpjpy = pair("GBPJPY")
    assert conversion_symbols(gbpjpy, "USD", Pairs(names)) == ("USDJPY", "GBPUSD")
    needed = conversion_symbols(gbpjpy, "EUR", Pairs(names))
    assert needed == ("USDJPY", "EURUSD", "EURGBP", "GBPUSD")


def test_nothing_is_needed_to_convert_a_currency_to_itself() -> None:
    dollars = symbol("GOLD", CalcMode.CFD)
    assert conversion_symbols(dollars, "USD", Pairs(["EURUSD"])) == ()

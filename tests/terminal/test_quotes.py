"""Quotes, as pushes leave them and listeners hear of them."""

from __future__ import annotations

import pytest

from mt5web_async.calculation.quotes import DELAYED_TICK, Quote
from mt5web_async.enums import StatisticsFields, TickFields
from mt5web_async.protocol.records import STATISTICS, TICK, Statistics, Tick
from mt5web_async.terminal.quotes import Quotes
from mt5web_async.terminal.symbols import Symbols
from tests.calculation.scenes import pair

EURUSD = pair("EURUSD")._replace(symbol_id=1)
USDJPY = pair("USDJPY")._replace(symbol_id=2)
LATE = pair("GBPUSD")._replace(symbol_id=3, subscription_status=1)
BOTH = int(TickFields.BID | TickFields.ASK)


@pytest.fixture
def quotes() -> Quotes:
    symbols = Symbols()
    symbols.take_full([EURUSD, USDJPY, LATE])
    return Quotes(symbols)


def tick(symbol_id: int, bid: float, time: int = 100, flags: int = 0) -> Tick:
    return Tick(symbol_id, time, BOTH, bid, bid + 10, flags=flags)


def push(quotes: Quotes, *ticks: Tick) -> None:
    quotes.take_ticks(memoryview(TICK.write_all(ticks)))


def test_all_ticks_of_a_push_count_at_once(quotes: Quotes) -> None:
    heard: list[tuple[Quote | None, Quote | None]] = []
    quotes.listen(lambda *_: heard.append((quotes.get("EURUSD"), quotes.get("USDJPY"))))
    push(quotes, tick(1, 110_000), tick(2, 150_000))
    assert [tuple(q and q.bid for q in both) for both in heard] == [(1.1, 150.0)] * 2


def test_every_tick_of_a_symbol_is_told(quotes: Quotes) -> None:
    heard: list[tuple[str, float]] = []
    quotes.listen(lambda name, quote: heard.append((name, quote.bid)))
    push(quotes, tick(1, 110_000), tick(1, 110_001), tick(1, 110_002, time=99))
    assert heard == [("EURUSD", 1.1), ("EURUSD", 1.10001)]


def test_who_waits_for_a_first_quote_comes_after_the_listeners(quotes: Quotes) -> None:
    heard: list[str] = []
    quotes.first("EURUSD").add_done_callback(lambda _: heard.append("woken"))
    quotes.listen(lambda name, _: heard.append(name))
    push(quotes, tick(1, 110_000))
    assert heard == ["EURUSD", "woken"]


def test_symbols_that_are_not_loaded_are_passed_over(quotes: Quotes) -> None:
    push(quotes, tick(9, 1.0), tick(1, 110_000))
    assert quotes.moment().live_by_name.keys() == {"EURUSD"}


def test_without_a_subscription_the_delayed_quote_counts(quotes: Quotes) -> None:
    push(quotes, tick(3, 120_000), tick(3, 110_000, flags=DELAYED_TICK))
    quote, live = quotes.get("GBPUSD"), quotes.live("GBPUSD")
    assert (quote and quote.bid, live and live.bid) == (1.1, 1.2)


def test_a_moment_does_not_move_on(quotes: Quotes) -> None:
    push(quotes, tick(1, 110_000))
    moment = quotes.moment()
    push(quotes, tick(1, 120_000, time=101))
    quote = moment.live("EURUSD")
    assert quote is not None
    assert quote.bid == 1.1


def test_session_figures_bring_first_prices(quotes: Quotes) -> None:
    first = quotes.first("USDJPY")
    fields = int(StatisticsFields.BID | StatisticsFields.ASK)
    record = Statistics(symbol_id=2, time=50, fields=fields, bid=150_000, ask=150_010)
    quotes.take_statistics(memoryview(STATISTICS.write(record)))
    assert (first.result().bid, first.result().ask) == (150.0, 150.01)


def test_nothing_is_left_of_a_connection_that_ended(quotes: Quotes) -> None:
    push(quotes, tick(1, 110_000))
    quotes.forget()
    assert quotes.get("EURUSD") is None

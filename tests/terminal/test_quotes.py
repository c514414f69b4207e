"""Quotes out of pushes: one tick at a time, and many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt5web_async.calculation.quotes import Quote
from mt5web_async.enums import StatisticsFields
from mt5web_async.protocol.records import (
    STATISTICS,
    SYMBOL,
    TICK,
    FullSymbol,
    Statistics,
    Symbol,
    Tick,
    TradeSettings,
)
from mt5web_async.terminal.quotes import MANY, Quotes
from mt5web_async.terminal.symbols import Symbols
from mt5web_async.terminal.ticks.rows import Rows, joined, rows_of, wanted_bits

NAMES = ("EURUSD", "GBPUSD", "DELAYED", "MARKUP")
BOTH = 3


class Diary:
    """Remembers the ticks it is told of, as rows by symbol."""

    def __init__(self) -> None:
        self._parts: defaultdict[str, list[Rows]] = defaultdict(list)

    def take(self, name: str, quote: Quote) -> None:
        self._parts[name].append(rows_of([quote]))

    def take_rows(self, name: str, rows: Rows) -> None:
        self._parts[name].append(rows)

    @property
    def rows(self) -> dict[str, bytes]:
        bits = wanted_bits(-1)
        return {n: joined(parts, bits).tobytes() for n, parts in self._parts.items()}


def symbols() -> Symbols:
    symbols = Symbols()
    listed = [Symbol(name, symbol_id=i) for i, name in enumerate(NAMES)]
    symbols.take_list(SYMBOL.rows(SYMBOL.write_all(listed)))
    symbols.take_full(
        FullSymbol(
            name=name,
            symbol_id=i,
            digits=5 - i,
            point=10.0 ** (i - 5),
            subscription_status=int(name == "DELAYED"),
            trade=TradeSettings(spread_diff=7 if name == "MARKUP" else 0),
        )
        for i, name in enumerate(NAMES)
    )
    return symbols


def quoting() -> tuple[Quotes, Diary]:
    quotes, diary = Quotes(symbols()), Diary()
    quotes.record(diary)
    return quotes, diary


def push(*ticks: Tick) -> memoryview:
    return memoryview(TICK.write_all(ticks))


def euro(time: int = 100, **given: Any) -> Tick:
    plain = {"bid": 108500.0, "ask": 108510.0, "fields": BOTH}
    return Tick(symbol_id=0, time=time, **{**plain, **given})


prices = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 108500.0, float("nan"), float("inf"), 1e300]),
    st.floats(-1e6, 1e9),
)
ticks = st.lists(
    st.builds(
        Tick,
        symbol_id=st.integers(0, len(NAMES)),
        time=st.integers(100, 103),
        fields=st.sampled_from([1, 2, 3, 3, 3, 4, 8, 12, 15, 0, 16]),
        bid=prices,
        ask=prices,
        last=prices,
        volume=st.integers(-1, 10**10),
        time_ms=st.sampled_from([0, 0, 500]),
        flags=st.sampled_from([0, 0, 0, 512]),
    ),
    max_size=40,
)


@given(st.lists(ticks, min_size=1, max_size=4), st.booleans())
def test_many_ticks_at_once_make_what_they_make_one_by_one(
    pushes: list[list[Tick]], in_order: bool
) -> None:
    one, diary_of_one = quoting()
    many, diary_of_many = quoting()
    for quotes in (one, many):
        fields = int(StatisticsFields.PRICE_CLOSE)
        figures = Statistics(symbol_id=0, fields=fields, price_close=100000.0)
        quotes.take_statistics(memoryview(STATISTICS.write(figures)))
    for number, ticks_sent in enumerate(pushes):
        sent = [tick._replace(time=tick.time + number) for tick in ticks_sent]
        if in_order:
            sent.sort(key=lambda tick: (tick.time, tick.time_ms))
        for tick in sent:
            one.take_ticks(push(tick))
        filler = [Tick(symbol_id=99)] * MANY  # of a symbol that is not loaded
        many.take_ticks(push(*sent, *filler))
        for name in NAMES:
            assert repr(many.live(name)) == repr(one.live(name))
            assert repr(many.delayed(name)) == repr(one.delayed(name))
    assert diary_of_many.rows == diary_of_one.rows


def test_a_listener_hears_of_every_tick_however_many_come() -> None:
    quotes, diary = quoting()
    heard: list[tuple[str, float]] = []
    quotes.listen(lambda name, quote: heard.append((name, quote.bid)))
    bids = [1.0 + i for i in range(3 * MANY)]
    quotes.take_ticks(push(*(euro(bid=bid * 1e5) for bid in bids)))
    assert heard == [("EURUSD", bid) for bid in bids]
    assert len(diary.rows["EURUSD"]) == len(bids) * rows_of([]).itemsize


def test_late_ticks_change_nothing_however_many_come() -> None:
    quotes, diary = quoting()
    sent = [euro(100 + i % 5, bid=108500.0 + i) for i in range(2 * MANY)]
    newest = quotes.take_ticks(push(*sent))
    rows = np.frombuffer(diary.rows["EURUSD"], rows_of([]).dtype)
    assert newest == rows["time_msc"][-1] == 104_000
    assert len(rows) == 5 + (2 * MANY) // 5 - 1
    assert np.all(np.diff(rows["time_msc"]) >= 0)


@pytest.mark.parametrize("count", [1, 2 * MANY])
def test_a_push_tells_how_new_its_quotes_are(count: int) -> None:
    quotes, _ = quoting()
    assert quotes.take_ticks(push(*[Tick(symbol_id=99, time=900)] * count)) == 0
    assert quotes.take_ticks(push(*[euro(107, time_ms=5)] * count)) == 107_005
    delayed = Tick(symbol_id=0, time=300, fields=1, bid=1.0, flags=512)
    assert quotes.take_ticks(push(*[delayed] * count)) == 0


def test_the_quote_that_counts_is_the_delayed_one_where_the_server_says_so() -> None:
    quotes, diary = quoting()
    live = Tick(symbol_id=2, time=100, fields=BOTH, bid=1000.0, ask=1001.0)
    quotes.take_ticks(push(live, live._replace(bid=900.0, ask=901.0, flags=512)))
    counted = quotes.get("DELAYED")
    assert counted is not None
    assert (counted.bid, counted.ask) == (0.9, 0.901)
    assert counted == quotes.delayed("DELAYED")
    assert quotes.live("DELAYED") != counted
    assert len(diary.rows["DELAYED"]) == rows_of([]).itemsize


def test_ticks_of_unknown_symbols_and_partial_ones_are_left_out() -> None:
    quotes, diary = quoting()
    whole = bytes(push(euro(), Tick(symbol_id=77, fields=1, bid=1.0)))
    assert quotes.take_ticks(memoryview(whole + whole[:49])) == 100_000
    assert set(diary.rows) == {"EURUSD"}


@pytest.mark.parametrize("count", [1, MANY])
def test_the_first_quote_is_told_to_who_waits(count: int) -> None:
    quotes, _ = quoting()
    waiting: Sequence[Future[Quote]] = [
        quotes.arrivals.first("EURUSD") for _ in range(3)
    ]
    other = quotes.arrivals.first("GBPUSD")
    quotes.take_ticks(push(*[euro()] * count))
    assert [one.result(0).bid for one in waiting] == [1.085] * 3
    assert quotes.arrivals.first("EURUSD").result(0).bid == 1.085
    assert not other.done()


def test_session_figures_give_a_quiet_symbol_its_first_prices() -> None:
    quotes, diary = quoting()
    waiting = quotes.arrivals.first("EURUSD")
    fields = int(StatisticsFields.BID | StatisticsFields.ASK)
    figures = Statistics(symbol_id=0, time=5, fields=fields, bid=110000.0, ask=110010.0)
    quotes.take_statistics(memoryview(STATISTICS.write(figures)))
    assert waiting.result(0).ask == 1.1001
    assert not diary.rows  # they are no ticks


def test_quotes_of_symbols_that_are_not_sent_any_more_are_forgotten() -> None:
    quotes, _ = quoting()
    pound = Tick(symbol_id=1, time=100, fields=1, bid=12500.0)
    quotes.take_ticks(push(euro(), pound))
    quotes.keep(["GBPUSD", "DELAYED"])
    assert quotes.get("EURUSD") is None
    assert quotes.moment().live("EURUSD") is None
    assert quotes.get("GBPUSD") is not None


@pytest.mark.parametrize("count", [1, MANY])
def test_all_ticks_of_a_push_count_before_anybody_hears_of_one(count: int) -> None:
    quotes, _ = quoting()
    heard: set[tuple[float | None, ...]] = set()

    def listen(*_: object) -> None:
        both = quotes.get("EURUSD"), quotes.get("GBPUSD")
        heard.add(tuple(quote and quote.bid for quote in both))

    quotes.listen(listen)
    pound = Tick(symbol_id=1, time=100, fields=BOTH, bid=12500.0, ask=12501.0)
    quotes.take_ticks(push(*[euro()] * count, pound))
    assert heard == {(1.085, 1.25)}


def test_who_waits_for_a_first_quote_comes_after_the_listeners() -> None:
    quotes, _ = quoting()
    heard: list[str] = []
    quotes.arrivals.first("EURUSD").add_done_callback(lambda _: heard.append("woken"))
    quotes.listen(lambda name, _: heard.append(name))
    quotes.take_ticks(push(euro()))
    assert heard == ["EURUSD", "woken"]


def test_a_moment_does_not_move_on() -> None:
    quotes, _ = quoting()
    quotes.take_ticks(push(euro()))
    moment = quotes.moment()
    quotes.take_ticks(push(euro(101, bid=120000.0)))
    quote = moment.live("EURUSD")
    assert quote is not None
    assert quote.bid == 1.085


def test_nothing_is_left_of_a_connection_that_ended() -> None:
    quotes, _ = quoting()
    quotes.take_ticks(push(euro()))
    quotes.forget()
    assert quotes.get("EURUSD") is None

"""Bars (command 11): the same whenever asked for, and what the ticks make of them."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from mt5web_async.enums import ChartMode, Period, TickFields
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import (
    BAR,
    RATES_REQUEST,
    TICK,
    Bar,
    FullSymbol,
    RatesRequest,
    Tick,
)
from mt5web_async.simulator import Simulator
from mt5web_async.simulator.clock import ManualClock
from mt5web_async.simulator.config import Limits
from mt5web_async.simulator.market.catalogue import Catalogue, standard
from tests.simulator.client import Client, entered, of
from tests.simulator.conftest import TUESDAY, Start, still
from tests.waiting import eventually

DAY = 86_400
LONG = 30 * DAY


def seconds(text: str) -> int:
    """A moment of the server's clock, s."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


NOW = seconds("2026-03-10 10:00")


def some(*names: str, always_open: bool = True) -> Catalogue:
    """The standard catalogue without all other symbols."""
    whole = standard(NOW, always_open=always_open)
    listings = (one for one in whole.listings if one.symbol.name in names)
    return Catalogue(whole.assets, tuple(listings))


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    with Simulator(still()) as running:
        yield running


MINUTES = {
    Period.M1: 1,
    Period.M5: 5,
    Period.M15: 15,
    Period.M30: 30,
    Period.H1: 60,
    Period.H4: 240,
}


@cache
def start_of_day(period: Period, day: int) -> int:
    """When the bar begins that holds a day's midnight, by the calendar."""
    midnight = datetime.fromtimestamp(day * DAY, UTC)
    if period is Period.MN1:
        midnight = midnight.replace(day=1)
    if period is Period.W1:
        midnight -= timedelta(days=midnight.isoweekday() % 7)
    return int(midnight.timestamp())


def start_of(period: Period, time: int) -> int:
    """When the bar begins that holds a time."""
    start = start_of_day(period, time // DAY)
    if period in MINUTES:
        length = MINUTES[period] * 60
        start += (time - start) // length * length
    return start


def resampled(period: Period, bars: Iterable[Bar]) -> list[Bar]:
    """Longer bars out of shorter ones, one by one."""
    made: dict[int, list[Bar]] = {}
    for bar in bars:
        made.setdefault(start_of(period, bar.time), []).append(bar)
    return [
        Bar(
            start,
            parts[0].open,
            max(part.high for part in parts),
            min(part.low for part in parts),
            parts[-1].close,
            sum(part.tick_volume for part in parts),
            sum(part.real_volume for part in parts),
        )
        for start, parts in made.items()
    ]


@pytest.mark.parametrize("always_open", [True, False], ids=["always", "hours"])
@pytest.mark.parametrize("name", ["EURUSD", "US500F"])
def test_bars_of_every_period_are_what_the_minutes_make(
    start: Start, name: str, always_open: bool
) -> None:
    server = start(catalogue=some(name, always_open=always_open))
    begin = seconds("2026-02-01 00:00")  # a Sunday: a week and a month begin
    with entered(server) as client:
        minutes = client.bars(name, Period.M1, begin, NOW)
        for period in Period:
            bars = client.bars(name, period, begin, NOW)
            assert bars == resampled(period, minutes)


def test_bars_are_the_same_for_every_server_and_time(start: Start) -> None:
    begin, end = NOW - LONG, NOW - LONG + DAY
    later = ManualClock(TUESDAY + timedelta(days=90))
    servers = [start(), start(), start(clock=later), start(seed=2)]
    answers = []
    for server in servers:
        with entered(server) as client:
            answers.append(client.bars("EURJPY", Period.M1, begin, end))
    assert answers[0] == answers[1] == answers[2] != answers[3]
    assert len(answers[0]) == 1441


def test_the_order_of_questions_does_not_matter(start: Start) -> None:
    begin = NOW - 3 * DAY
    answers = []
    for periods in (list(Period), list(reversed(Period))):
        with entered(start()) as client:
            answers.append({p: client.bars("GBPUSD", p, begin, NOW) for p in periods})
    assert answers[0] == answers[1]


def test_what_was_today_stays_as_it_was_when_it_is_long_past(start: Start) -> None:
    server = start(catalogue=some("EURUSD"))
    begin = NOW - 12 * 3600
    with entered(server) as client:
        today = client.bars("EURUSD", Period.M1, begin, NOW - 60)
        server.advance(0.6 * DAY)
        assert client.bars("EURUSD", Period.M1, begin, NOW - 60) == today


def test_both_ends_of_a_span_are_included(client: Client) -> None:
    times = [bar.time for bar in client.bars("EURUSD", Period.M5, NOW - 900, NOW - 300)]
    assert times == [NOW - 900, NOW - 600, NOW - 300]


def test_a_bar_counts_by_its_start(client: Client) -> None:
    times = [bar.time for bar in client.bars("EURUSD", Period.H1, NOW - 3600, NOW)]
    assert times == [NOW - 3600]
    assert client.bars("EURUSD", Period.H1, NOW - 3599, NOW) == []


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (NOW, NOW - DAY),
        (NOW + DAY, NOW + 2 * DAY),
        (seconds("2015-01-01 00:00"), seconds("2015-12-20 00:00") - 1),
        (-(2**31), 0),
    ],
    ids=["backward", "future", "before history", "long ago"],
)
def test_where_there_is_nothing_the_answer_is_empty(
    client: Client, begin: int, end: int
) -> None:
    for period in Period:
        assert client.bars("EURUSD", period, begin, end) == []


def test_history_begins_where_it_is_configured(start: Start) -> None:
    begin = datetime(2025, 6, 15, 12, 0)  # noqa: DTZ001
    with entered(start(history_start=begin)) as client:
        days = client.bars("EURUSD", Period.D1, -(2**31), 2**31 - 1)
        months = client.bars("EURUSD", Period.MN1, -(2**31), 2**31 - 1)
    assert months[0].time == seconds("2025-06-01 00:00")
    assert days[0].time == seconds("2025-06-15 00:00")
    assert days[-1].time == seconds("2026-03-10 00:00")
    assert len(days) == (days[-1].time - days[0].time) // DAY + 1


def test_of_too_many_bars_the_newest_are_sent(start: Start) -> None:
    server = start(limits=Limits(bars=100), always_open=False)
    with entered(server) as client:
        for name in ("EURUSD", "ACME"):
            all_of_them = client.bars(name, Period.H1, -(2**31), 2**31 - 1)
            assert len(all_of_them) == 100
            begin = all_of_them[0].time
            assert client.bars(name, Period.H1, begin, NOW) == all_of_them


@pytest.mark.parametrize(("name", "period"), [("NOSUCH", 1), ("EURUSD", 7), ("", 1)])
def test_what_does_not_exist_is_refused(client: Client, name: str, period: int) -> None:
    payload = RATES_REQUEST.write(RatesRequest(name, period, NOW - DAY, NOW))
    answer = client.ask(Command.RATES, payload)
    assert (answer.result, len(answer.payload)) == (1, 0)


def test_answers_come_in_the_order_of_the_questions(client: Client) -> None:
    spans = [LONG, 60, DAY, 600]
    for span in spans:
        wanted = RatesRequest("USDCHF", Period.M1, NOW - span, NOW - 60)
        client.send(Command.RATES, RATES_REQUEST.write(wanted))
    lengths = [len(client.answer(Command.RATES).payload) // BAR.size for _ in spans]
    assert lengths == [span // 60 for span in spans]


def test_requests_that_nobody_waits_for_any_more_are_dropped(start: Start) -> None:
    server = start()
    wanted = RATES_REQUEST.write(RatesRequest("EURUSD", Period.H1, 0, NOW))
    with entered(server) as client:
        for _ in range(30):
            client.send(Command.RATES, wanted)
    eventually(lambda: server.do(lambda broker: len(broker.audience)) == 0)
    server.stop()
    gc.collect()  # a coroutine that was never awaited would be told here


def test_bars_are_made_of_prices_that_can_be(client: Client) -> None:
    for name in ("EURUSD", "USDJPY", "DE40", "ACME", "US500F"):
        symbol = client.symbol(name)
        for bar in client.bars(name, Period.M15, NOW - 3 * DAY, NOW):
            assert bar.high >= max(bar.open, bar.close)
            assert 0 < bar.low <= min(bar.open, bar.close)
            assert bar.tick_volume > 0
            for price in bar[1:5]:
                assert lies_on_tick(symbol, price)


def lies_on_tick(symbol: FullSymbol, price: float) -> bool:
    """Whether a price is a multiple of the tick size, and a clean decimal number."""
    steps = price / symbol.tick_size
    return abs(steps - round(steps)) < 1e-6 and price == round(price, symbol.digits)


def test_outside_market_hours_there_are_no_bars(start: Start) -> None:
    with entered(start(always_open=False)) as client:
        currency = client.bars("EURUSD", Period.H1, NOW - 30 * DAY, NOW)
        share = client.bars("ACME", Period.M30, NOW - 30 * DAY, NOW)
    assert {datetime.fromtimestamp(b.time, UTC).weekday() for b in currency} == {
        *range(5)
    }
    hours = {datetime.fromtimestamp(bar.time, UTC).hour for bar in share}
    assert hours <= {*range(16, 23)}


def test_only_what_is_traded_has_a_real_volume(client: Client) -> None:
    (currency,) = client.bars("EURUSD", Period.H1, NOW - 3600, NOW - 3600)
    (share,) = client.bars("ACME", Period.H1, NOW - 3600, NOW - 3600)
    assert currency.real_volume == 0
    assert share.real_volume > share.tick_volume


# live


def made_of(symbol: FullSymbol, ticks: Iterable[Tick]) -> list[Bar]:
    """M1 bars as a client makes them of the ticks that it gets."""
    mark, place = TickFields.BID, 3
    if symbol.chart_mode == ChartMode.LAST:
        mark, place = TickFields.LAST, 5
    made: list[Bar] = []
    for tick in ticks:
        if tick.symbol_id != symbol.symbol_id or not tick.fields & mark:
            continue
        price: float = round(tick[place] / symbol.multiply, symbol.digits)
        units = tick.volume / 1e8 if tick.fields & TickFields.VOLUME else 0.0
        bar = Bar(tick.time // 60 * 60, price, price, price, price, 1, units)
        made = [*made[:-1], *resampled(Period.M1, [*made[-1:], bar])]
    return made


@pytest.mark.parametrize("name", ["EURUSD", "USDJPY", "ACME", "US500F"])
def test_live_bars_agree_with_the_ticks_sent(start: Start, name: str) -> None:
    server = start(catalogue=some(name))
    with entered(server) as client:
        symbol = client.symbol(name)
        client.quote(symbol.symbol_id)
        client.drain()
        ticks: list[Tick] = []
        for _ in range(8):
            server.advance(23.7)
            ticks += of(client.drain(), Command.TICKS, TICK.records)
            live = client.bars(name, Period.M1, NOW + 60, NOW + DAY)
            made = [bar for bar in made_of(symbol, ticks) if bar.time > NOW]
            assert live == made
        assert len(live) >= 2


def test_a_minute_that_has_just_begun_has_no_bar_before_its_first_tick(
    start: Start,
) -> None:
    server = start(catalogue=some("EURUSD"), automatic=False)
    with entered(server) as client:
        server.quote("EURUSD", bid=1.1)
        server.advance(60)
        bars = client.bars("EURUSD", Period.M1, NOW, NOW + DAY)
    assert [bar.time for bar in bars] == [NOW]


def test_quotes_by_hand_make_the_bars_from_then_on(start: Start) -> None:
    server = start(catalogue=some("EURUSD"))
    with entered(server) as client:
        before = client.bars("EURUSD", Period.M1, NOW - 600, NOW - 60)
        server.advance(120)
        for bid in (1.2, 1.25, 1.15, 1.21):
            server.quote("EURUSD", bid=bid, ask=bid + 0.0002)
            server.advance(10)
        (bar,) = client.bars("EURUSD", Period.M1, NOW + 120, NOW + DAY)
        assert client.bars("EURUSD", Period.M1, NOW - 600, NOW - 60) == before
    assert bar[1:6] == (1.2, 1.25, 1.15, 1.21, 4)


def test_an_ask_alone_makes_no_bar(start: Start) -> None:
    server = start(catalogue=some("EURUSD"), automatic=False)
    with entered(server) as client:
        server.quote("EURUSD", ask=1.3)
        assert client.bars("EURUSD", Period.M1, NOW, NOW + DAY) == []


def test_longer_bars_hold_what_was_quoted_by_hand(start: Start) -> None:
    server = start(catalogue=some("EURUSD"))
    with entered(server) as client:
        server.quote("EURUSD", bid=2.0, ask=2.1)
        for period in Period:
            bar = client.bars("EURUSD", period, NOW - 40 * DAY, NOW)[-1]
            assert (bar.high, bar.close) == (2.0, 2.0)


def test_released_symbols_go_on_where_the_price_process_is(start: Start) -> None:
    server, other = start(), start()
    with entered(server) as client, entered(other) as undisturbed:
        server.quote("EURUSD", bid=2.0, ask=2.1)
        server.advance(30)
        server.release("EURUSD")
        server.advance(150)
        other.advance(180)
        bars, others = (
            one.bars("EURUSD", Period.M1, NOW, NOW + DAY)
            for one in (client, undisturbed)
        )
    assert bars[0].high == 2.0
    assert [bar for bar in bars if bar.time > NOW][:2] == [
        bar for bar in others if bar.time > NOW
    ][:2]

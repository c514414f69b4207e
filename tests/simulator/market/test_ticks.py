"""Ticks and statistics: who gets which, and what they say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from mt5web_async.enums import Period, StatisticsFields, TickFields
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import STATISTICS, TICK, Statistics, Tick
from mt5web_async.simulator import Simulator
from mt5web_async.simulator.clock import ManualClock
from tests.simulator.client import Client, entered, of
from tests.simulator.conftest import Start, still
from tests.waiting import eventually

from .test_bars import DAY, NOW, some

QUOTED = TickFields.BID | TickFields.ASK
TRADED = QUOTED | TickFields.LAST | TickFields.VOLUME


@pytest.fixture
def server() -> Iterator[Simulator]:
    with Simulator(still(catalogue=some("EURUSD", "USDJPY", "ACME", "DE40"))) as one:
        yield one


def heard(client: Client) -> list[Tick]:
    """All ticks sent until now."""
    ticks: list[Tick] = of(client.drain(), Command.TICKS, TICK.records)
    return ticks


def told(client: Client) -> list[Statistics]:
    """All statistics sent until now."""
    return of(client.drain(), Command.STATISTICS, STATISTICS.records)


def test_without_a_subscription_nothing_is_sent(
    server: Simulator, client: Client
) -> None:
    server.advance(60)
    assert client.drain() == []


def test_a_subscription_begins_with_the_present_quote(client: Client) -> None:
    euro, share = client.symbol("EURUSD"), client.symbol("ACME")
    client.quote(euro.symbol_id, share.symbol_id)
    first, second = client.ticks()
    assert (first.symbol_id, first.fields) == (euro.symbol_id, QUOTED)
    assert (second.symbol_id, second.fields) == (share.symbol_id, TRADED)
    assert 0 < first.bid < first.ask
    assert 0 < second.bid <= second.last <= second.ask


def test_ticks_come_for_the_symbols_of_the_list_and_no_others(
    server: Simulator, client: Client
) -> None:
    euro, yen = (client.symbol(name).symbol_id for name in ("EURUSD", "USDJPY"))
    client.quote(euro)
    client.drain()
    server.advance(60)
    assert {tick.symbol_id for tick in heard(client)} == {euro}
    client.quote(yen)
    client.drain()
    server.advance(60)
    assert {tick.symbol_id for tick in heard(client)} == {yen}
    client.quote()
    server.advance(60)
    assert client.drain() == []


def test_a_symbol_that_stays_in_the_list_is_not_greeted_again(
    server: Simulator, client: Client
) -> None:
    euro, yen = (client.symbol(name).symbol_id for name in ("EURUSD", "USDJPY"))
    client.quote(euro)
    client.drain()
    client.quote(euro, yen)
    assert [tick.symbol_id for tick in heard(client)] == [yen]


def test_symbols_named_twice_and_unknown_ones_do_no_harm(
    server: Simulator, client: Client
) -> None:
    euro = client.symbol("EURUSD").symbol_id
    client.quote(euro, 0, euro, 4_000_000_000)
    assert [tick.symbol_id for tick in heard(client)] == [euro]


def test_each_connection_has_a_list_of_its_own(server: Simulator) -> None:
    with entered(server) as one, entered(server) as other:
        euro, yen = (one.symbol(name).symbol_id for name in ("EURUSD", "USDJPY"))
        one.quote(euro)
        other.quote(yen)
        for client in (one, other):
            client.drain()
        server.advance(30)
        assert {tick.symbol_id for tick in heard(one)} == {euro}
        assert {tick.symbol_id for tick in heard(other)} == {yen}


def test_many_symbols_are_all_greeted(start: Start) -> None:
    server = start(synthetic_symbols=120)
    with entered(server) as client:
        ids = set(range(10_001, 10_121))
        client.quote(*ids)
        greeted: set[int] = set()
        while greeted != ids:
            greeted |= {tick.symbol_id for tick in client.ticks()}


def test_a_symbol_of_a_long_list_is_quoted_before_all_are_greeted(
    start: Start,
) -> None:
    with entered(start(synthetic_symbols=120)) as client:
        client.quote(*range(10_001, 10_121))
        client.quote(10_120)
        assert 10_120 in {tick.symbol_id for tick in heard(client)}


@pytest.mark.parametrize("name", ["EURUSD", "USDJPY", "DE40", "ACME"])
def test_ticks_are_scaled_whole_numbers_on_the_tick_size_in_their_order(
    server: Simulator, client: Client, name: str
) -> None:
    symbol = client.symbol(name)
    step = round(symbol.tick_size * symbol.multiply)
    client.quote(symbol.symbol_id)
    server.advance(180)
    ticks = heard(client)
    assert len(ticks) > 10
    times = [tick.time * 1000 + tick.time_ms for tick in ticks]
    assert times == sorted(times)
    assert times[-1] <= (NOW + 180) * 1000
    assert all(tick.time_ms < 1000 for tick in ticks)
    for tick in ticks:
        for price in (tick.bid, tick.ask, tick.last):
            assert price == int(price)
            assert price % step == 0


def test_a_tick_marks_what_is_new_and_at_least_what_makes_the_bars(
    server: Simulator, client: Client
) -> None:
    euro, share = client.symbol("EURUSD"), client.symbol("ACME")
    client.quote(euro.symbol_id, share.symbol_id)
    seen: dict[int, Tick] = {}
    server.advance(300)
    for tick in heard(client):
        before = seen.get(tick.symbol_id)
        if before is not None:
            new = TickFields.BID * (tick.bid != before.bid)
            new |= TickFields.ASK * (tick.ask != before.ask)
            always = (
                TickFields.BID
                if tick.symbol_id == euro.symbol_id
                else TickFields.LAST | TickFields.VOLUME
            )
            assert tick.fields == new | always
        seen[tick.symbol_id] = tick
    assert len(seen) == 2


def test_two_servers_of_one_seed_send_the_same_ticks(start: Start) -> None:
    runs = []
    for steps in ([90.0], [13.7, 26.3, 50.0]):
        server = start(catalogue=some("EURUSD", "ACME"))
        with entered(server) as client:
            client.quote(client.symbol("EURUSD").symbol_id)
            for step in steps:
                server.advance(step)
            runs.append(heard(client))
    assert runs[0] == runs[1]


def test_with_the_machines_clock_ticks_come_by_themselves() -> None:
    from mt5web_async.simulator import SimulatorConfig

    with Simulator(SimulatorConfig(pace=0.01)) as server, entered(server) as client:
        euro = client.symbol("EURUSD").symbol_id
        client.quote(euro)
        greeting = client.ticks()[-1]
        eventually(lambda: client.ticks()[-1].time_ms != greeting.time_ms)


# by hand


def test_a_quote_by_hand_marks_what_was_given(
    server: Simulator, client: Client
) -> None:
    euro = client.symbol("EURUSD")
    client.quote(euro.symbol_id)
    client.drain()
    server.quote("EURUSD", bid=1.23456)
    server.quote("EURUSD", ask=1.23466)
    server.quote("EURUSD", bid=1.2, ask=1.3)
    ticks = heard(client)
    assert [(tick.fields, tick.bid, tick.ask) for tick in ticks] == [
        (TickFields.BID, 123456, 0),
        (TickFields.ASK, 0, 123466),
        (QUOTED, 120000, 130000),
    ]


def test_a_trade_by_hand_has_its_price_and_volume(
    server: Simulator, client: Client
) -> None:
    client.quote(client.symbol("ACME").symbol_id)
    client.drain()
    server.quote("ACME", last=151.25, volume=30)
    (tick,) = heard(client)
    assert (tick.fields, tick.last, tick.volume) == (
        TickFields.LAST | TickFields.VOLUME,
        15125,
        30 * 10**8,
    )


def test_a_symbol_that_is_quoted_by_hand_is_quoted_by_hand_only(
    server: Simulator, client: Client
) -> None:
    euro, yen = (client.symbol(name).symbol_id for name in ("EURUSD", "USDJPY"))
    server.quote("EURUSD", bid=1.1, ask=1.2)
    client.quote(euro, yen)
    client.drain()
    server.advance(60)
    assert {tick.symbol_id for tick in heard(client)} == {yen}
    server.release("EURUSD")
    server.advance(60)
    assert {tick.symbol_id for tick in heard(client)} == {euro, yen}


def test_without_automatic_quotes_only_those_by_hand_come(start: Start) -> None:
    server = start(automatic=False)
    with entered(server) as client:
        euro = client.symbol("EURUSD").symbol_id
        client.quote(euro)
        client.drain()
        server.advance(3600)
        assert heard(client) == []
        server.quote("EURUSD", bid=1.5)
        (tick,) = heard(client)
    assert (tick.time, tick.bid) == (NOW + 3600, 150000)


@pytest.mark.parametrize(
    ("name", "prices"),
    [
        ("EURUSD", {"bid": 1.234567}),
        ("DE40", {"ask": 20000.2}),
        ("EURUSD", {"bid": 0.0}),
        ("EURUSD", {"ask": -1.0}),
        ("EURUSD", {"bid": float("nan")}),
        ("EURUSD", {"bid": float("inf")}),
    ],
)
def test_prices_that_cannot_be_are_not_quoted(
    server: Simulator, client: Client, name: str, prices: dict[str, float]
) -> None:
    client.quote(client.symbol(name).symbol_id)
    client.drain()
    with pytest.raises(ValueError, match=name):
        server.quote(name, **prices)
    assert heard(client) == []
    server.advance(60)
    assert heard(client)  # the price process was left alone


def test_there_is_no_quote_for_a_symbol_that_is_not_there(server: Simulator) -> None:
    with pytest.raises(KeyError, match="NOSUCH"):
        server.quote("NOSUCH", bid=1.0)


# statistics


def test_statistics_tell_the_day_as_the_bars_do(client: Client) -> None:
    for name in ("EURUSD", "ACME"):
        symbol = client.symbol(name)
        client.quote(symbol.symbol_id)
        ((tick,), (figures,)) = client.ticks(), client.statistics()
        yesterday, today = client.bars(name, Period.D1, NOW - 2 * DAY, NOW)
        scale = symbol.multiply
        assert figures.symbol_id == symbol.symbol_id
        assert figures.digits == symbol.digits
        assert (figures.bid, figures.ask, figures.last) == (
            tick.bid,
            tick.ask,
            tick.last,
        )
        assert figures.time * 1000 + figures.time_ms == tick.time * 1000 + tick.time_ms
        assert figures.price_open / scale == today.open
        assert figures.price_close / scale == yesterday.close
        change = (today.close - yesterday.close) / yesterday.close * 100
        assert figures.price_change / 100 == pytest.approx(change, abs=0.006)
        traded = name == "ACME"
        high = figures.last_high if traded else figures.bid_high
        low = figures.last_low if traded else figures.bid_low
        assert (high / scale, low / scale) == (today.high, today.low)
        assert figures.deals == (today.tick_volume if traded else 0)
        assert figures.deals_volume / 1e8 == today.real_volume
        marked = StatisticsFields(figures.fields)
        assert bool(marked & StatisticsFields.LAST) == traded
        assert marked & StatisticsFields.BID
        assert marked & StatisticsFields.ASK


def test_statistics_follow_the_quotes_a_second_apart(
    server: Simulator, client: Client
) -> None:
    client.quote(client.symbol("EURUSD").symbol_id)
    client.drain()
    server.quote("EURUSD", bid=2.0, ask=2.1)
    server.advance(1)
    server.quote("EURUSD", bid=0.5, ask=0.6)
    server.advance(1)
    figures = told(client)[-1]
    assert (figures.bid, figures.bid_high, figures.bid_low) == (50000, 200000, 50000)
    assert (figures.ask, figures.ask_high, figures.ask_low) == (
        60000,
        210000,
        figures.ask_low,
    )
    server.advance(60)
    assert told(client) == []


def test_a_new_day_begins_its_figures_anew(start: Start) -> None:
    late = ManualClock(datetime(2026, 3, 10, 23, 59, 50))  # noqa: DTZ001
    server = start(clock=late, automatic=False)
    with entered(server) as client:
        client.quote(client.symbol("EURUSD").symbol_id)
        server.quote("EURUSD", bid=1.5, ask=1.6)
        server.advance(20)
        server.quote("EURUSD", bid=1.2, ask=1.3)
        server.advance(2)
        figures = told(client)[-1]
    assert (figures.bid_high, figures.bid_low) == (120000, 120000)
    assert (figures.price_open, figures.price_close) == (120000, 150000)
    assert figures.price_change == -2000


def test_statistics_are_told_to_subscribers_only(
    server: Simulator, client: Client
) -> None:
    client.quote(client.symbol("USDJPY").symbol_id)
    client.drain()
    server.quote("EURUSD", bid=2.0)
    server.advance(5)
    yen = client.symbol("USDJPY").symbol_id
    assert {one.symbol_id for one in told(client)} == {yen}

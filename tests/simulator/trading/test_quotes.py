"""What ticks make of bars and of the figures of the day, over a real connection."""

from __future__ import annotations

import pytest

from mt5web_async.enums import Period
from mt5web_async.protocol.records import Bar, Statistics
from mt5web_async.simulator import Simulator
from tests.simulator.client import Client, entered
from tests.simulator.conftest import Start

from .house import moment

DAY = 86_400
TUESDAY_TEN = moment("2026-03-10 10:00")


@pytest.fixture
def server(start: Start) -> Simulator:
    """Quoted by hand only; Tuesday at ten."""
    return start(automatic=False)


def quote(server: Simulator, bid: float) -> None:
    server.quote("EURUSD", bid=bid, ask=round(bid + 0.0001, 5))


def wait_until(server: Simulator, text: str) -> None:
    server.advance(moment(text) - server.do(lambda broker: broker.now) / 1000)


def last_bar(client: Client, period: Period, until: int) -> Bar:
    return client.bars("EURUSD", period, until - 40 * DAY, until)[-1]


@pytest.mark.parametrize(
    ("period", "opens"),
    [
        (Period.M1, 1773139020),
        (Period.M5, 1773138900),
        (Period.M15, 1773138600),
        (Period.M30, 1773138600),
        (Period.H1, 1773136800),
        (Period.H4, 1773129600),
        (Period.D1, 1773100800),
        (Period.W1, 1772928000),
        (Period.MN1, 1772323200),
    ],
)
def test_a_tick_falls_into_the_bar_of_its_period(
    server: Simulator, client: Client, period: Period, opens: int
) -> None:
    server.advance(37 * 60 + 25)
    quote(server, 1.10000)  # case 96
    assert last_bar(client, period, 1773139045).time == opens


def test_weeks_begin_on_sunday(server: Simulator, client: Client) -> None:
    wait_until(server, "2026-03-15 18:00")
    quote(server, 1.10000)  # case 97
    assert last_bar(client, Period.W1, 1773600000).time == 1773532800


def test_ticks_without_the_price_of_the_chart_are_not_counted(
    server: Simulator, client: Client
) -> None:
    server.advance(60)
    server.quote("EURUSD", bid=1.10000)  # case 98
    server.quote("EURUSD", bid=1.10000)
    server.quote("EURUSD", ask=1.10020)
    bar = last_bar(client, Period.M1, TUESDAY_TEN + 60)
    assert (bar.time, bar.tick_volume) == (TUESDAY_TEN + 60, 2)


def test_minutes_without_a_tick_have_no_bar(server: Simulator, client: Client) -> None:
    server.advance(60)
    quote(server, 1.10000)
    server.advance(4 * 60)
    quote(server, 1.10010)  # case 99
    start = TUESDAY_TEN + 60
    bars = client.bars("EURUSD", Period.M1, start, start + 600)
    assert [bar.time - start for bar in bars] == [0, 240]
    assert bars[1].open == 1.10010


def statistics(server: Simulator) -> Statistics:
    """The day's figures, as a new subscriber gets them."""
    with entered(server) as client:
        client.quote(client.symbol("EURUSD").symbol_id)
        (record,) = client.statistics()
        return record


def test_the_change_of_the_day_is_measured_from_yesterdays_close(
    server: Simulator,
) -> None:
    quote(server, 1.10000)
    server.advance(DAY)
    quote(server, 1.10230)  # case 100
    assert statistics(server).price_change == 21.0


def test_the_first_tick_of_a_day_begins_its_figures(
    server: Simulator, client: Client
) -> None:
    quote(server, 1.10200)
    quote(server, 1.10000)
    client.quote(client.symbol("EURUSD").symbol_id)
    client.drain()
    wait_until(server, "2026-03-11 00:00")
    server.quote("EURUSD", bid=1.10100, ask=1.10110)  # case 101
    (told,) = client.statistics()
    assert (told.price_open, told.bid_high, told.bid_low) == (110100,) * 3
    assert (told.ask_high, told.ask_low) == (110110, 110110)
    assert told.price_close == 110000

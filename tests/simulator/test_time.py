"""Server time, and the hours in which the market is open."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest

from mt5web_async.enums import OrderType, Retcode, TradeAction
from mt5web_async.protocol.records import TradeRequest
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.simulator.clock import ManualClock, SystemClock, seconds_of

from .client import Client, entered
from .conftest import TUESDAY, Start
from .market.test_bars import NOW

SATURDAY = datetime(2026, 3, 14, 12, 0)  # noqa: DTZ001


def buy(client: Client, name: str = "EURUSD") -> int:
    """Buy a little at the market; the result's code."""
    symbol = client.symbol(name)
    return client.trade(
        TradeRequest(
            1,
            TradeAction.MARKET,
            name,
            volume=symbol.trade.volume_min,
            type=OrderType.BUY,
            type_flags=2,
        )
    ).answer.retcode


@pytest.mark.parametrize("hours", [2.0, 3.0, 0.0, -5.0, 5.5])
def test_server_time_is_ahead_of_utc_by_what_was_configured(hours: float) -> None:
    with (
        Simulator(SimulatorConfig(utc_offset=hours)) as server,
        entered(server) as client,
    ):
        shift = hours * 3600
        assert client.account().timezone_shift == shift
        before = time.time()
        buy(client)
        (position,) = server.positions()
        created = position.time_create - shift
        assert before - 1 <= created <= time.time() + 1


def test_ticks_carry_server_time(server: Simulator, client: Client) -> None:
    client.quote(client.symbol("EURUSD").symbol_id)
    client.drain()
    server.advance(4.321)
    server.quote("EURUSD", bid=1.2)
    last = client.ticks()[-1]
    while last.bid != 120000:
        last = client.ticks()[-1]
    assert (last.time, last.time_ms) == (NOW + 4, 321)


def test_the_market_is_open_on_a_weekend(start: Start) -> None:
    with entered(start(clock=ManualClock(SATURDAY))) as client:
        assert buy(client) == Retcode.DONE


def test_with_market_hours_it_is_closed_then(start: Start) -> None:
    server = start(clock=ManualClock(SATURDAY), always_open=False)
    with entered(server) as client:
        euro = client.symbol("EURUSD").symbol_id
        client.quote(euro)
        friday = client.ticks()[-1]
        assert friday.time // 86_400 == NOW // 86_400 + 3
        server.advance(3600)
        assert buy(client) == Retcode.MARKET_CLOSED
        assert buy(client, "BTCUSD") == Retcode.DONE


def test_time_stands_still_until_it_is_moved(server: Simulator) -> None:
    assert server.do(lambda broker: broker.now) == NOW * 1000
    server.advance(0.25)
    assert server.do(lambda broker: broker.now) == NOW * 1000 + 250


def test_time_does_not_go_back(server: Simulator) -> None:
    with pytest.raises(ValueError, match="only forward"):
        server.advance(-1)


def test_the_machines_clock_cannot_be_moved() -> None:
    with Simulator() as server, pytest.raises(TypeError, match="ManualClock"):
        server.advance(1)


def test_the_machines_clock_set_back_stands_still(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = SystemClock(7200)
    times = iter([5_000, 4_000, 6_000])
    monkeypatch.setattr(time, "time_ns", lambda: next(times) * 1_000_000_000)
    assert [clock.now() for _ in range(3)] == [12_200_000, 12_200_000, 13_200_000]


def test_a_moment_is_the_servers_wall_clock() -> None:
    assert seconds_of(TUESDAY) == NOW
    assert ManualClock(TUESDAY).now() == ManualClock(NOW).now() == NOW * 1000


def test_a_moment_of_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        seconds_of(datetime.now().astimezone())


def test_after_a_long_sleep_only_the_last_minutes_are_made_up_for() -> None:
    class Sleeper(SystemClock):
        """A machine that can be put to sleep."""

        slept = 0

        def now(self) -> int:
            return NOW * 1000 + self.slept

    clock = Sleeper()
    with Simulator(SimulatorConfig(clock=clock)) as server, entered(server) as client:
        client.quote(client.symbol("EURUSD").symbol_id)
        client.drain()
        clock.slept = int(timedelta(days=2).total_seconds() * 1000)
        server.do(lambda broker: broker.step())
        first = client.ticks()[0]
    assert first.time >= NOW + 2 * 86_400 - 600

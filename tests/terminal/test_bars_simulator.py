"""Bars of a simulated trade server, asked for over its WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from mt5web_async.connection.credentials import Credentials
from mt5web_async.connection.state import State
from mt5web_async.errors import NoBars, NotConnected
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.simulator.clock import ManualClock
from mt5web_async.simulator.config import Limits
from mt5web_async.simulator.server import Simulator as Server
from mt5web_async.terminal.rates import RATES, Rates
from mt5web_async.terminal.terminal import Terminal
from mt5web_async.terminal.timeframes import Timeframe
from mt5web_async.waiting import drive

from .bar_server import at, resampled

NOW = datetime(2024, 3, 5, 10, 17, 30)  # noqa: DTZ001
"""A Tuesday after a leap day, on the server's clock."""

FAR = 2**31 - 1


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    config = SimulatorConfig(
        clock=ManualClock(NOW),
        history_start=datetime(2023, 12, 18),  # noqa: DTZ001
        always_open=False,
        limits=Limits(bars=30_000),
    )
    with Simulator(config) as simulator:
        yield simulator


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[Terminal]:
    who = Credentials(login=server.login, password=server.password)
    async with Terminal(server.url, who) as terminal:
        await terminal.open()
        yield terminal


@pytest.fixture(scope="module")
def m1(server: Server) -> Rates:
    async def every() -> Rates:
        async with connected(server) as terminal:
            return await terminal.rates.rates_range("EURUSD", Timeframe.M1, 0, FAR)

    return asyncio.run(every())


def test_the_whole_history_comes_in_pieces(m1: Rates) -> None:
    assert m1.dtype == RATES
    assert len(m1) > 60_000
    times = m1["time"]
    assert (np.diff(times) > 0).all()
    assert (times % 60 == 0).all()
    assert at("2023-12-18") <= times[0] < at("2023-12-19")
    assert times[-1] == at("2024-03-05T10:17")
    assert np.diff(times).max() > 86_400  # weekends
    assert (m1["low"] <= np.minimum(m1["open"], m1["close"])).all()
    assert (m1["high"] >= np.maximum(m1["open"], m1["close"])).all()


@pytest.mark.parametrize("timeframe", Timeframe)
def test_every_timeframe_is_m1_resampled(
    server: Server, m1: Rates, timeframe: Timeframe
) -> None:
    expected = resampled(m1, timeframe)

    async def scenario() -> None:
        async with connected(server) as terminal:
            bars = terminal.rates
            whole = await bars.rates_range("EURUSD", timeframe, 0, FAR)
            same(whole, expected)
            last = await bars.rates_from_pos("EURUSD", timeframe, 1, 50)
            same(last, expected[-51:-1])
            leap = at("2024-02-29T13:14:15")
            before = expected[expected["time"] <= leap][-20:]
            same(await bars.rates_from("EURUSD", timeframe, leap, 20), before)

    asyncio.run(scenario())


def same(bars: Rates, expected: Rates) -> None:
    """Equal but for the real volume, of which the server tells whole units."""
    for name in RATES.names or ():
        if name != "real_volume":
            np.testing.assert_array_equal(bars[name], expected[name])


def test_a_quote_changes_the_running_bar_and_time_opens_the_next() -> None:
    config = SimulatorConfig(clock=ManualClock(NOW), automatic=False)

    async def scenario(server: Server) -> None:
        async with connected(server) as terminal:
            await terminal.show(["EURUSD"])
            server.quote("EURUSD", bid=1.1, ask=1.1001)
            await newest(terminal, lambda bar: bar["close"] == 1.1)
            server.quote("EURUSD", bid=1.3, ask=1.3001)
            await newest(terminal, lambda bar: bar["high"] == 1.3)
            server.quote("EURUSD", bid=1.2, ask=1.2001)
            bar = await newest(terminal, lambda bar: bar["close"] == 1.2)
            assert bar["high"] == 1.3
            assert bar["time"] == at("2024-03-05T10:17")
            server.advance(60)
            server.quote("EURUSD", bid=1.25, ask=1.2501)
            bar = await newest(terminal, lambda bar: bar["close"] == 1.25)
            assert bar["time"] == at("2024-03-05T10:18")
            assert bar["tick_volume"] == 1
            two = await terminal.rates.rates_from_pos("EURUSD", 1, 0, 2)
            terminal.rates.forget()
            again = await terminal.rates.rates_from_pos("EURUSD", 1, 0, 2)
            assert two.tobytes() == again.tobytes()

    with Simulator(config) as server:
        asyncio.run(scenario(server))


async def newest(terminal: Terminal, like: Callable[[Any], Any]) -> Any:
    """The running bar, as soon as it is like that."""
    async with asyncio.timeout(30):
        while True:
            bar = (await terminal.rates.rates_from_pos("EURUSD", 1, 0, 1))[-1]
            if like(bar):
                return bar
            await asyncio.sleep(0.002)


def test_bars_of_before_a_lost_connection_are_asked_for_again(
    server: Server, m1: Rates
) -> None:
    async def scenario() -> None:
        async with connected(server) as terminal:
            bars = terminal.rates
            await bars.rates_from_pos("EURUSD", 1, 0, 5000)
            assert bars.cached >= 4999 * RATES.itemsize
            moves: list[State] = []
            terminal.listen_moves(lambda move: moves.append(move.after))
            server.disconnect()
            async with asyncio.timeout(30):
                while State.SYNCHRONISED not in moves:
                    await asyncio.sleep(0.002)
            assert bars.cached == 0
            again = await bars.rates_from_pos("EURUSD", 1, 0, 5000)
            same(again, m1[-5000:])

    asyncio.run(scenario())


def test_threads_and_coroutines_get_the_same_bars(server: Server, m1: Rates) -> None:
    async def scenario() -> None:
        async with connected(server) as terminal:
            bars = terminal.rates

            def blocking(timeframe: int) -> Rates:
                return drive(bars.rates_from_pos("EURUSD", timeframe, 0, 700))

            calls: list[Coroutine[Any, Any, Rates]] = []
            for timeframe in (Timeframe.M1, Timeframe.M4, Timeframe.H2) * 4:
                calls.append(asyncio.to_thread(blocking, timeframe))
                calls.append(bars.rates_from_pos("EURUSD", timeframe, 0, 700))
            answers = await asyncio.gather(*calls)
        for number, rates in enumerate(answers):
            timeframe = (Timeframe.M1, Timeframe.M4, Timeframe.H2)[number // 2 % 3]
            same(rates, resampled(m1, timeframe)[-700:])

    asyncio.run(scenario())


def test_bars_before_the_history_are_none(server: Server) -> None:
    async def scenario() -> None:
        async with connected(server) as terminal:
            with pytest.raises(NoBars):
                await terminal.rates.rates_from("EURUSD", 1, at("2020-01-01"), 5)
            empty = await terminal.rates.rates_range("EURUSD", 1, 0, at("2020-01-01"))
            assert empty.shape == (0,)

    asyncio.run(scenario())


def test_nothing_is_asked_of_a_closed_terminal(server: Server) -> None:
    async def scenario() -> None:
        async with connected(server) as terminal:
            kept = await terminal.rates.rates_from_pos("EURUSD", 1, 0, 5)
        with pytest.raises(NotConnected):
            await terminal.rates.rates_from_pos("EURUSD", 1, 0, 5)
        assert len(kept.tolist()) == 5

    asyncio.run(scenario())

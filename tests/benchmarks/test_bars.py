"""What bars cost besides moving and decrypting them, as ratios of one run.

Run with ``pytest --benchmark-only``.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from time import perf_counter
from typing import Any, Final, TypeVar

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from mt5web_async.connection.credentials import Credentials
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import RATES_REQUEST, RatesRequest
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.terminal.rates import RATES, Rates
from mt5web_async.terminal.terminal import Terminal
from mt5web_async.terminal.timeframes import Timeframe, merged
from mt5web_async.waiting import drive

T = TypeVar("T")

BARS: Final = 100_000
ROUNDS: Final = 9


def best(work: Callable[[], object]) -> float:
    """The shortest of several runs, in seconds."""
    spans = []
    for _ in range(ROUNDS):
        start = perf_counter()
        work()
        spans.append(perf_counter() - start)
    return min(spans)


class Loop:
    """An event loop in a thread of its own, as blocking programs have one."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="module")
def terminal() -> Iterator[Terminal]:
    """Logged in to a market that never sleeps, with one symbol watched."""

    async def opened(server: Any) -> Terminal:
        who = Credentials(login=server.login, password=server.password)
        terminal = Terminal(server.url, who)
        await terminal.open()
        await terminal.show(["EURUSD"])
        await terminal.quoted(["EURUSD"])
        return terminal

    loop = Loop()
    with Simulator(SimulatorConfig(automatic=False)) as server:
        terminal = loop.run(opened(server))
        yield terminal
        loop.run(terminal.close())
    loop.stop()


def newest(terminal: Terminal, timeframe: int = 1) -> Rates:
    return drive(terminal.rates.rates_from_pos("EURUSD", timeframe, 0, BARS))


def test_100_000_bars_cost_at_most_3_times_moving_and_decrypting_them(
    benchmark: BenchmarkFixture, terminal: Terminal
) -> None:
    last = int(newest(terminal)["time"][-1])
    asked = RatesRequest("EURUSD", 1, last - (BARS - 1) * 60, last)
    payload = RATES_REQUEST.write(asked)

    def moved() -> int:
        size: int = drive(terminal.request(Command.RATES, payload, len))
        return size

    def fetched() -> None:
        terminal.rates.forget()
        assert len(newest(terminal)) == BARS

    assert moved() == BARS * 48
    benchmark(fetched)
    assert best(fetched) <= 3 * best(moved)


@pytest.mark.parametrize("timeframe", [Timeframe.M1, Timeframe.M2])
def test_a_second_call_costs_at_most_10_times_copying_its_memory(
    benchmark: BenchmarkFixture, terminal: Terminal, timeframe: Timeframe
) -> None:
    """Copying these 6 MB takes about 0.2 ms: 10 times that is 2 ms."""
    memory = np.zeros(BARS * RATES.itemsize, np.uint8)
    assert len(newest(terminal, timeframe)) == BARS

    def again() -> Rates:
        return newest(terminal, timeframe)

    benchmark(again)
    assert best(again) <= 10 * best(memory.copy)


def test_building_bars_costs_at_most_8_times_copying_their_columns(
    benchmark: BenchmarkFixture, terminal: Terminal
) -> None:
    rates = newest(terminal)

    def copied() -> list[Any]:
        return [rates[name].copy() for name in RATES.names or ()]

    benchmark(merged, Timeframe.M12, rates)
    assert best(lambda: merged(Timeframe.M12, rates)) <= 8 * best(copied)

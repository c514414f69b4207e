"""What bars cost besides moving and decrypting them, as ratios of one run.

Run with ``pytest --benchmark-only``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import process_time
from typing import Any, Final

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import RATES_REQUEST, RatesRequest
from mt5web_async.terminal.rates import RATES, Rates
from mt5web_async.terminal.terminal import Terminal
from mt5web_async.terminal.timeframes import Timeframe, merged
from mt5web_async.waiting import drive

from .timing import at_rest, best, engine, quick_server, rested

BARS: Final = 100_000
ROUNDS: Final = 25


@pytest.fixture(scope="module")
def terminal() -> Iterator[Terminal]:
    """Watching EURUSD, in a market that never sleeps, in another process."""
    with (
        quick_server() as port,
        engine(f"ws://127.0.0.1:{port}/terminal") as terminal,
    ):
        drive(terminal.select("EURUSD"))
        yield terminal


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
    times = [(once(fetched), once(moved)) for _ in range(ROUNDS)]
    ours, least = map(min, zip(*times, strict=True))
    benchmark.extra_info.update({"ms": ours * 1e3, "ms to move them": least * 1e3})
    assert ours <= 3 * least
    assert ours <= at_rest(15e-3)


def once(work: Callable[[], object]) -> float:
    return best(work, 1, process_time)


@pytest.mark.parametrize("timeframe", [Timeframe.M1, Timeframe.M2])
def test_a_second_call_costs_at_most_10_times_copying_its_memory(
    benchmark: BenchmarkFixture, terminal: Terminal, timeframe: Timeframe
) -> None:
    memory = np.zeros(BARS * RATES.itemsize, np.uint8)
    assert len(newest(terminal, timeframe)) == BARS

    def again() -> Rates:
        return newest(terminal, timeframe)

    benchmark(again)
    assert best(again) <= 10 * best(memory.copy)
    assert rested(again) <= 2e-3


def test_building_bars_costs_at_most_8_times_copying_their_columns(
    benchmark: BenchmarkFixture, terminal: Terminal
) -> None:
    rates = newest(terminal)

    def copied() -> list[Any]:
        return [rates[name].copy() for name in RATES.names or ()]

    benchmark(merged, Timeframe.M12, rates)
    assert best(lambda: merged(Timeframe.M12, rates)) <= 8 * best(copied)

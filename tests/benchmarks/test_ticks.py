"""How asking for recorded ticks compares with copying them, measured in one run.

Ratios only: a machine's speed cancels out. Run with ``pytest --benchmark-only``.
"""

from __future__ import annotations

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from mt5web_async.calculation.quotes import Quote
from mt5web_async.terminal.ticks import TICKS, TickRecord

from .timing import rested, speedup

TICKS_SEEN = 1_000_000
START = 1_773_136_800_000


@pytest.fixture(scope="module")
def record() -> TickRecord:
    record = TickRecord()
    for index in range(TICKS_SEEN):
        changed = 3 if index % 3 else 12
        record.take(
            "EURUSD", Quote(1.1, 1.2, time_msc=START + index * 100, changed=changed)
        )
    return record


@pytest.fixture(scope="module")
def bytes_of_ticks() -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.ones(TICKS_SEEN * TICKS.itemsize, np.uint8)


@pytest.mark.parametrize("flags", [-1, 1, 2], ids=["all", "info", "trade"])
def test_a_million_ticks_cost_little_more_than_their_memory(
    benchmark: BenchmarkFixture,
    record: TickRecord,
    bytes_of_ticks: np.ndarray[tuple[int], np.dtype[np.uint8]],
    flags: int,
) -> None:
    end = START + TICKS_SEEN * 100

    def ours() -> object:
        return record.copy_range("EURUSD", START, end, flags)

    assert speedup(benchmark, bytes_of_ticks.copy, ours) > 1 / 4
    assert rested(ours) <= 20e-3


def test_a_few_of_a_million_ticks_are_found_at_once(
    benchmark: BenchmarkFixture, record: TickRecord
) -> None:
    whole = record.copy_range("EURUSD", START, START + TICKS_SEEN * 100, -1)
    middle = START + TICKS_SEEN * 50
    assert (
        speedup(
            benchmark,
            lambda: whole[(whole["time_msc"] >= middle)][:100],
            lambda: record.copy_from("EURUSD", middle, 100, -1),
        )
        > 10
    )

"""How decoding compares with the plain ways of doing it, measured in one run.

Ratios only: a machine's speed cancels out. Run with ``pytest --benchmark-only``.
"""

from __future__ import annotations

import struct

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from mt5web_async.protocol.cipher import Cipher
from mt5web_async.protocol.columns import texts
from mt5web_async.protocol.frames import read_answer, write_answer
from mt5web_async.protocol.records import BAR, SYMBOL, TICK, Symbol, Tick
from mt5web_async.protocol.responses import read_ticks
from mt5web_async.protocol.wire import read_text
from mt5web_async.terminal.rates import to_rates

from .timing import rested, speedup

SYMBOLS = 6_000
BARS = 100_000
TEXTS = ("name", "description", "path", "basis")


@pytest.fixture(scope="module")
def bars() -> bytes:
    rows = np.zeros(BARS, BAR.dtype)
    rows["time"] = np.arange(BARS) * 60
    for field in ("open", "high", "low", "close"):
        rows[field] = np.linspace(1.0, 2.0, BARS)
    rows["tick_volume"] = 120
    rows["real_volume"] = np.linspace(0.0, 1e6, BARS)
    return rows.tobytes()


@pytest.fixture(scope="module")
def symbols() -> bytes:
    return SYMBOL.write_all(
        Symbol(
            name=f"EURUSD{n}.x",
            description=f"Euro vs US Dollar, series {n}",
            symbol_id=n,
            path=f"Forex\\Majors\\Group {n % 37}\\EURUSD{n}.x",
            basis="" if n % 3 else "XAUUSD",
        )
        for n in range(SYMBOLS)
    )


def test_bars_decode_20_times_faster_than_into_tuples(
    benchmark: BenchmarkFixture, bars: bytes
) -> None:
    record = struct.Struct("<i4dId")

    def into_tuples() -> list[tuple[float, ...]]:
        return list(record.iter_unpack(bars))

    assert speedup(benchmark, into_tuples, lambda: to_rates(bars)) >= 20
    assert rested(lambda: to_rates(bars)) <= 2e-3


def test_symbol_texts_decode_4_times_faster_than_one_by_one(
    benchmark: BenchmarkFixture, symbols: bytes
) -> None:
    rows = SYMBOL.rows(symbols)

    def one_by_one() -> list[list[str]]:
        return [[read_text(raw.tobytes()) for raw in rows[field]] for field in TEXTS]

    def columns() -> list[list[str]]:
        return [texts(rows, field).tolist() for field in TEXTS]

    assert columns() == one_by_one()
    assert speedup(benchmark, one_by_one, columns) >= 4
    assert rested(columns) <= 7.5e-3


@pytest.mark.parametrize("count", [1, 10, 100])
def test_ticks_decode_at_no_more_than_5_times_the_cost_of_unpacking(
    benchmark: BenchmarkFixture, count: int
) -> None:
    record = struct.Struct("<iiIdddqIH")
    body = TICK.write_all([Tick(symbol_id=1, bid=108512.0)] * count)

    def plain() -> None:
        for _ in range(1000):
            list(record.iter_unpack(body))

    def ours() -> None:
        for _ in range(1000):
            read_ticks(body)

    assert speedup(benchmark, plain, ours) >= 1 / 5


def test_a_frame_is_opened_faster_than_with_a_cipher_of_its_own(
    benchmark: BenchmarkFixture,
) -> None:
    key = bytes(range(32))
    cipher = Cipher(key)
    frame = write_answer(cipher, 8, bytes(TICK.size))

    def plain() -> None:
        for _ in range(1000):
            read_answer(Cipher(key), frame)

    def ours() -> None:
        for _ in range(1000):
            read_answer(cipher, frame)

    assert speedup(benchmark, plain, ours) >= 1.1

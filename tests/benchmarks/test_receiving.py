"""What a stream of ticks costs a terminal, from the socket to the account.

A server in a process of its own sends 200 ticks a second of each of 50 symbols. Run
with ``pytest --benchmark-only``.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import mt5web as mt5
from mt5web_async.calculation.quotes import Quote
from mt5web_async.terminal.terminal import Terminal
from mt5web_async.waiting import drive
from tests.waiting import eventually

SYMBOLS: Final = 50
RATE: Final = 10_000
SECONDS: Final = 4
HALF_A_CORE: Final = 0.5

SERVER: Final = """
import sys, time
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import TICK, Tick
from mt5web_async.simulator import Simulator, SimulatorConfig

symbols, rate, seconds, together = map(int, sys.argv[1:])
config = SimulatorConfig(automatic=False, synthetic_symbols=symbols)
with Simulator(config) as server:
    print(server.url, server.login, server.password, flush=True)
    sys.stdin.readline()
    ids = sorted(server.do(lambda b: [i for s in b.audience for i in s.quoted]))
    start = round(time.time()) + 7200
    ticks = [
        TICK.write(Tick(ids[n % len(ids)], start, 3, n % 99 + 20e3, n % 99 + 20.01e3))
        for n in range(rate * seconds)
    ]
    messages = [
        b"".join(ticks[n : n + together]) for n in range(0, len(ticks), together)
    ]
    step = max(1, rate // together // 100)
    began = time.monotonic()
    for n in range(0, len(messages), step):
        part = messages[n : n + step]
        server.do(
            lambda b: [s.send(Command.TICKS, m) for s in b.audience for m in part]
        )
        time.sleep(max(0, began + n * together / rate - time.monotonic()))
    sys.stdin.readline()
"""


@contextmanager
def streaming(together: int) -> Iterator[tuple[Terminal, subprocess.Popen[str]]]:
    """A terminal that is subscribed, and the server that waits to be let off."""
    sizes = map(str, (SYMBOLS, RATE, SECONDS, together))
    with subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", SERVER, *sizes],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        url, login, password = server.stdout.readline().split()
        terminal = mt5.Terminal()
        assert terminal.initialize(server=url, login=int(login), password=password)
        engine: Terminal = terminal.backend.life.engine()  # type: ignore[attr-defined]
        names = [name for name in engine.model.symbols.names if name.startswith("SYN")]
        drive(engine.show(names))
        yield engine, server
        terminal.shutdown()
        go(server)


def go(server: subprocess.Popen[str]) -> None:
    assert server.stdin is not None
    server.stdin.write("\n")
    server.stdin.flush()


@pytest.mark.parametrize("together", [100, 10])
def test_ten_thousand_ticks_a_second_keep_a_core_less_than_half_busy(
    benchmark: BenchmarkFixture, together: int
) -> None:
    """CPU time in the best of some seconds, with so many ticks in a message."""
    came, marks = 0, [time.process_time()]

    def count(_name: str, _quote: Quote) -> None:
        nonlocal came
        came += 1
        if came % RATE == 0:
            marks.append(time.process_time())

    with streaming(together) as (engine, server):
        engine.model.quotes.listen(count)
        go(server)
        eventually(lambda: came >= RATE * SECONDS)
    busy = min(later - sooner for sooner, later in pairwise(marks))
    benchmark.extra_info["part of a core"] = busy
    benchmark(lambda: None)
    assert busy < HALF_A_CORE

"""How long things take, beside other things on the same machine.

Work is measured in CPU time, which other programs disturb least. Limits in seconds are
meant for a machine like that of the first measurements; a slower one has more time.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from pytest_benchmark.fixture import BenchmarkFixture

from mt5web.runtime import runtime
from mt5web_async.connection.credentials import Credentials
from mt5web_async.terminal.terminal import Terminal

ROUNDS: Final = 9

USUAL: Final = 0.65e-3
"""s that :func:`_yardstick` takes where the limits in seconds come from."""


def spans(
    work: Callable[[], object],
    rounds: int = ROUNDS,
    clock: Callable[[], float] = time.thread_time,
) -> list[float]:
    """How long each of several runs took, s; by default of this thread's CPU time."""
    found = []
    for _ in range(rounds):
        start = clock()
        work()
        found.append(clock() - start)
    return found


def best(
    work: Callable[[], object],
    rounds: int = ROUNDS,
    clock: Callable[[], float] = time.thread_time,
) -> float:
    """The shortest of several runs, s."""
    return min(spans(work, rounds, clock))


def median(
    work: Callable[[], object],
    rounds: int,
    clock: Callable[[], float] = time.thread_time,
) -> float:
    """The median of several runs, s."""
    return statistics.median(spans(work, rounds, clock))


def times_faster(plain: Callable[[], object], ours: Callable[[], object]) -> float:
    """How many times faster our way is.

    They take turns, as the machine's speed goes up and down.
    """
    turns = [(best(plain, 1), best(ours, 1)) for _ in range(ROUNDS)]
    return min(turn[0] for turn in turns) / min(turn[1] for turn in turns)


def speedup(
    benchmark: BenchmarkFixture, plain: Callable[[], object], ours: Callable[[], object]
) -> float:
    """How many times faster our way is; only our way is reported."""
    benchmark(ours)
    return times_faster(plain, ours)


def _yardstick() -> list[int]:
    return [number * number for number in range(20_000)]


def at_rest(seconds: float) -> float:
    """What a limit comes to on this machine, now, s."""
    return seconds * max(median(_yardstick, 30) / USUAL, 1.0)


def rested(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The shortest of several runs, s, as the usual machine would need it.

    Each run stands beside a look at how quick this machine is just then.
    """
    runs = []
    for _ in range(rounds):
        slowness = best(_yardstick, 3) / USUAL
        runs.append(best(work, 1) / max(slowness, 1.0))
    return min(runs)


@contextmanager
def engine(url: str) -> Iterator[Terminal]:
    """The engine's terminal, logged in to a quick server, subscribed to nothing."""

    async def opened() -> Terminal:
        terminal = Terminal(url, Credentials(login=1, password="any"))
        await terminal.open()
        return terminal

    terminal = runtime().run(opened())
    try:
        yield terminal
    finally:
        runtime().run(terminal.close())


@contextmanager
def process(*args: str) -> Iterator[list[str]]:
    """Another Python process, and the first line that it prints, in words."""
    with subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, *args], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        try:
            yield child.stdout.readline().split()
        finally:
            child.kill()


@contextmanager
def quick_server() -> Iterator[int]:
    """The port of a server that is never what a client waits for."""
    with process("-m", "tests.benchmarks.quick_server") as (port,):
        yield int(port)

"""Blocking calls against a raw socket, and reads that touch memory only."""

from __future__ import annotations

import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import mt5web as mt5
from mt5web_async.protocol.commands import Command
from mt5web_async.simulator import Simulator
from mt5web_async.waiting import drive

IMPORT = 1.6
REPEATS = 300


def best(call: Callable[[], object], repeats: int = REPEATS) -> float:
    """The least time of many calls, s."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def median(call: Callable[[], object]) -> float:
    """The median of many calls, s."""
    times = []
    for _ in range(10 * REPEATS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


@pytest.fixture
def terminal() -> Iterator[mt5.Terminal]:
    with Simulator() as server:
        terminal = mt5.Terminal()
        assert terminal.initialize(
            server=server.url, login=server.login, password=server.password
        )
        yield terminal
        terminal.shutdown()


@pytest.mark.parametrize(
    "name", ["symbol_info_tick", "positions_get", "account_info", "symbol_info"]
)
def test_reads_of_live_state_send_nothing(
    terminal: mt5.Terminal, benchmark: BenchmarkFixture, name: str
) -> None:
    assert terminal.Buy("EURUSD", 0.1) is not None
    call = getattr(terminal, name)
    args = ("EURUSD",) if name.startswith("symbol") else ()
    assert call(*args) is not None
    benchmark(call, *args)


def test_importing_the_package_costs_little_more_than_numpy(
    benchmark: BenchmarkFixture,
) -> None:
    def run(code: str) -> None:
        subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603

    numpy = best(lambda: run("import numpy"), 7)
    ours = best(lambda: run("import mt5web"), 7)
    benchmark.extra_info["ratio to numpy"] = ours / numpy
    benchmark(lambda: None)
    assert ours <= IMPORT * numpy


ECHO = """
import asyncio

async def echo(reader, writer):
    while data := await reader.read(64):
        writer.write(data)

async def main():
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


@contextmanager
def process(*args: str) -> Iterator[IO[str]]:
    """Another process, and what it prints."""
    with subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as child:
        assert child.stdout is not None
        yield child.stdout
        child.terminate()


def test_a_round_trip_costs_little_more_than_an_echo(
    benchmark: BenchmarkFixture,
) -> None:
    """Both servers are processes of their own; medians of many round trips count."""
    with process("-c", ECHO) as told, process("-m", "mt5web", "simulator") as lines:
        server, login, password = (lines.readline().split()[1] for _ in range(3))
        terminal = mt5.Terminal()
        assert terminal.initialize(server=server, login=int(login), password=password)
        engine = terminal.backend._engine  # type: ignore[attr-defined]

        def ask() -> None:
            drive(engine.request(Command.PING, b"", bytes))

        port = int(told.readline())
        with socket.create_connection(("127.0.0.1", port)) as raw:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

            def echo() -> None:
                raw.sendall(b"x" * 32)
                raw.recv(64)

            base = median(echo)
            ours = median(ask)
        benchmark.extra_info["ratio to a raw echo"] = ours / base
        benchmark(ask)
        terminal.shutdown()

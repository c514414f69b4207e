"""Blocking calls against a raw socket, and reads that touch memory only."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import mt5web as mt5
from mt5web_async.simulator import Simulator

ROUND_TRIPS = 3.0
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


def test_a_round_trip_costs_little_more_than_an_echo(
    terminal: mt5.Terminal, benchmark: BenchmarkFixture
) -> None:
    """History is asked for in spans that are not known, so every call travels."""
    from mt5web_async.protocol.commands import Command
    from mt5web_async.waiting import drive

    engine = terminal.backend._engine  # type: ignore[attr-defined]

    def ask() -> None:
        drive(engine.request(Command.PING, b"", bytes))

    with _echo() as address, socket.create_connection(address) as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def echo() -> None:
            raw.sendall(b"x" * 32)
            raw.recv(64)

        base = best(echo)
        ours = best(ask)
    benchmark.extra_info["ratio to a raw echo"] = ours / base
    benchmark(ask)
    assert ours <= ROUND_TRIPS * base


class _echo:  # noqa: N801 - reads as a function
    def __enter__(self) -> tuple[str, int]:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        host, port = self._server.getsockname()
        return host, port

    def __exit__(self, *_: object) -> None:
        self._server.close()
        self._thread.join()

    def _run(self) -> None:
        peer, _ = self._server.accept()
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with peer:
            while data := peer.recv(64):
                peer.sendall(data)

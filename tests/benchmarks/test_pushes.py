"""What the market's ticks cost, against the least that can be done with them."""

from __future__ import annotations

import base64
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from io import BufferedReader
from typing import IO, Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from mt5web_async.calculation.quotes import Quote
from mt5web_async.protocol.cipher import BOOTSTRAP_KEY, Cipher
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.frames import read_answer, write_request
from mt5web_async.protocol.requests import bootstrap, ids
from mt5web_async.protocol.responses import read_bootstrap
from mt5web_async.terminal.ticks.rows import Rows
from mt5web_async.waiting import drive

from .quick_server import QUOTED, name_of
from .timing import at_rest, engine, quick_server

TICK: Final = struct.Struct("<IiIdddqIH")
LIMIT: Final = 60.0
ROUNDS: Final = 3


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with quick_server() as port:
        yield port


class Listener:
    """Notes what the I/O thread has worked at the first tick and at the last one."""

    def __init__(self) -> None:
        self.first = self.last = 0.0
        self.over = threading.Event()

    def take(self, name: str, quote: Quote) -> None:  # noqa: ARG002
        self._note(last=quote.volume > 0)

    def take_rows(self, name: str, rows: Rows) -> None:  # noqa: ARG002
        self._note(last=bool(rows["volume"].any()))

    def _note(self, *, last: bool) -> None:
        self.last = time.thread_time()
        self.first = self.first or self.last
        if last:
            self.over.set()


def ours(port: int, batch: int, count: int, rate: int = 0) -> float:
    """CPU seconds of the I/O thread for a push, everything included."""
    names = [name_of(number) for number in range(1, QUOTED + 1)]
    query = f"batch={batch}&count={count}&rate={rate}"
    with engine(f"ws://127.0.0.1:{port}/terminal?{query}") as terminal:
        listener = Listener()
        terminal.model.quotes.record(listener)
        drive(terminal.full_symbols(names))
        drive(terminal.show(names))
        assert listener.over.wait(LIMIT)
        assert len(terminal.ticks.copy_range("EURUSD", 0, 2**42, -1)) > count // QUOTED
    return (listener.last - listener.first) / count


def reference(port: int, batch: int, count: int) -> float:
    """CPU seconds for a push of a reader that keeps the last tick of each symbol."""
    query = f"batch={batch}&count={count}"
    key = base64.b64encode(os.urandom(16)).decode()
    with (
        socket.create_connection(("127.0.0.1", port)) as connected,
        connected.makefile("rb") as file,
    ):
        get = f"GET /terminal?{query} HTTP/1.1", f"Sec-WebSocket-Key: {key}"
        connected.sendall("\r\n".join([*get, "", ""]).encode())
        while file.readline().strip():
            pass
        cipher = Cipher(BOOTSTRAP_KEY)
        _send(connected, cipher, Command.BOOTSTRAP, bootstrap(bytes(64)))
        answer = read_answer(cipher, _message(file))
        cipher = Cipher(read_bootstrap(answer.payload).key)
        _send(connected, cipher, Command.SUBSCRIBE_TICKS, ids([1]))
        _message(file)
        return _keep_last(file, cipher) / count


def _send(connected: socket.socket, cipher: Cipher, command: int, what: bytes) -> None:
    message = write_request(cipher, command, what, salt=bytes(2))
    head = struct.pack("!BBH", 0x82, 0x80 | 126, len(message))
    connected.sendall(head + bytes(4) + message)


def _message(file: IO[bytes]) -> bytes:
    size = file.read(2)[1]
    if size == 126:
        (size,) = struct.unpack("!H", file.read(2))
    return file.read(size)


def _keep_last(file: BufferedReader, cipher: Cipher) -> float:
    last = {}
    start = time.thread_time()
    left = b""
    while True:
        data = left + file.read1(256 * 1024)
        view, at = memoryview(data), 0
        while at + 4 <= len(data):
            size, head = data[at + 1], 2
            if size == 126:
                size, head = int.from_bytes(data[at + 2 : at + 4], "big"), 4
            if at + head + size > len(data):
                break
            plain = cipher.decrypt(view[at + head + 8 : at + head + size])
            at += head + size
            for tick in TICK.iter_unpack(plain[5:]):
                last[tick[0]] = tick
                if tick[6]:
                    return time.thread_time() - start
        left = data[at:]


@pytest.mark.parametrize(
    ("batch", "count", "times", "limit"),
    [
        (1, 25_600, 5.0, 1 / 60_000),
        (10, 12_800, 7.0, 1 / 40_000),
    ],
    ids=["60,000 pushes of 1 tick", "40,000 pushes of 10 ticks"],
)
def test_a_second_has_room_for_so_many(
    benchmark: BenchmarkFixture,
    port: int,
    batch: int,
    count: int,
    times: float,
    limit: float,
) -> None:
    """Records, quotes and all; the reference keeps each symbol's last tick alone."""
    cost = min(ours(port, batch, count) for _ in range(ROUNDS))
    bare = min(reference(port, batch, count) for _ in range(ROUNDS))
    benchmark.extra_info.update(
        {
            "us per push": cost * 1e6,
            "us at least": bare * 1e6,
            "pushes per second": 1 / cost,
        }
    )
    benchmark(lambda: None)
    assert cost <= times * bare
    assert cost <= at_rest(limit)


def test_a_calm_market_costs_an_eighth_of_a_core_at_most(
    benchmark: BenchmarkFixture, port: int
) -> None:
    """1,000 pushes a second, each of which wakes the I/O thread: 130 us each."""
    cost = min(ours(port, batch=1, count=2_048, rate=1_000) for _ in range(ROUNDS))
    benchmark.extra_info["us per push"] = cost * 1e6
    benchmark(lambda: None)
    assert cost <= at_rest(130e-6)

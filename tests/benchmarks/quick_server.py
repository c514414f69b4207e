"""A server that is never what a client waits for: plain sockets, prepared answers.

Run as ``python -m tests.benchmarks.quick_server``; it prints its port. What it does on
a connection is in the URL's query: ``batch``, ``count`` and ``rate`` of the pushes of
ticks that begin with the first subscription (ticks a push, pushes, pushes a second; a
rate of 0 is as fast as can be). The only tick with a volume ends them. Without a query
there is one tick of each symbol subscribed to.
"""

from __future__ import annotations

import base64
import hashlib
import os
import random
import socket
import struct
import threading
import time
from functools import cache
from typing import Final
from urllib.parse import parse_qs, urlsplit

import numpy as np

from mt5web_async.enums import CalcMode
from mt5web_async.protocol.cipher import BOOTSTRAP_KEY, Cipher
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.frames import read_request, write_answer
from mt5web_async.protocol.records import (
    BAR,
    FULL_SYMBOL,
    LOGIN_RESPONSE,
    RATES_REQUEST,
    SYMBOL,
    TICK,
    Account,
    FullSymbol,
    LoginResponse,
    Symbol,
    Tick,
    TradeSettings,
)
from mt5web_async.protocol.requests import read_ids
from mt5web_async.protocol.responses import (
    AccountState,
    Bootstrap,
    pack_symbols,
    write_account,
    write_bootstrap,
)

SYMBOLS: Final = 6_000
QUOTED: Final = 50
"""Symbols that ticks are pushed of."""

NOW: Final = int(time.time())
"""When the newest bar and the last ticks are of."""

MAJORS: Final = (
    *("EURUSD", "GBPUSD", "USDJPY", "USDCHF"),
    *("AUDUSD", "USDCAD", "NZDUSD", "XAUUSD"),
)
NONE: Final = bytes(8)
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_DISTINCT: Final = 1 << 8


def frame(message: bytes) -> bytes:
    """A WebSocket frame of a server."""
    size = len(message)
    if size < 126:
        head = struct.pack("!BB", 0x82, size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", 0x82, 126, size)
    else:
        head = struct.pack("!BBQ", 0x82, 127, size)
    return head + message


def name_of(symbol_id: int) -> str:
    """The name of a symbol; numbers begin at 1."""
    known = symbol_id <= len(MAJORS)
    return MAJORS[symbol_id - 1] if known else f"SYM{symbol_id:05d}.x"


@cache
def symbols() -> bytes:
    """The symbol list."""
    return SYMBOL.write_counted(
        Symbol(
            name=name_of(number),
            description=f"Instrument number {number} versus US Dollar",
            digits=5,
            symbol_id=number,
            path=f"Forex\\Group{number % 40}\\{name_of(number)}",
            calc_mode=CalcMode.FOREX if number <= len(MAJORS) else CalcMode.CFD,
        )
        for number in range(1, SYMBOLS + 1)
    )


@cache
def packed_symbols() -> bytes:
    """The same, packed."""
    return pack_symbols(symbols())


@cache
def full_symbol(number: int) -> bytes:
    """Everything about a symbol."""
    name = name_of(number)
    return FULL_SYMBOL.write(
        FullSymbol(
            name=name,
            symbol_id=number,
            digits=5,
            description=f"Instrument number {number} versus US Dollar",
            currency_base="EUR",
            currency_profit="USD",
            currency_margin="USD",
            contract_size=1e5,
            point=1e-5,
            tick_size=1e-5,
            trade=TradeSettings(
                symbol_path=f"Forex\\Group{number % 40}\\{name}",
                volume_min=10**6,
                volume_max=10**10,
                volume_step=10**6,
            ),
        )
    )


@cache
def bars(first: int, count: int) -> bytes:
    """Minutes from one on."""
    rows = np.zeros(count, BAR.dtype)
    rows["time"] = first + 60 * np.arange(count)
    closes = 1.1 + np.cumsum(np.random.default_rng(1).normal(0, 1e-4, count))
    rows["close"] = closes
    rows["open"] = np.roll(closes, 1)
    rows["high"] = np.maximum(rows["open"], closes) + 5e-5
    rows["low"] = np.minimum(rows["open"], closes) - 5e-5
    rows["tick_volume"] = 50 + np.arange(count) % 100
    return rows.tobytes()


def last_tick(number: int) -> Tick:
    """Where a symbol stands when somebody begins to watch it."""
    return Tick(symbol_id=number, time=NOW, fields=3, bid=110_000, ask=110_010)


def account() -> bytes:
    """The account."""
    record = Account(
        currency="USD", currency_digits=2, balance=1e4, leverage=100, margin_mode=2
    )
    return write_account(AccountState(record, trade_flags=15, symbols_count=SYMBOLS))


class Visit:
    """One connection."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connection
        self._read = connection.makefile("rb")
        self._cipher = Cipher(BOOTSTRAP_KEY)
        self._prepared: dict[bytes, bytes] = {}
        self._query: dict[str, int] = {}

    def run(self) -> None:
        """Serve until the client leaves."""
        first = self._read.readline()
        headers = {}
        while (line := self._read.readline().strip()) != b"":
            key, _, value = line.partition(b":")
            headers[key.strip().lower()] = value.strip()
        target = first.split()[1].decode()
        if target == "/echo":
            self._echo()
            return
        query = parse_qs(urlsplit(target).query)
        self._query = {key: int(values[0]) for key, values in query.items()}
        accept = hashlib.sha1(headers[b"sec-websocket-key"] + _GUID).digest()  # noqa: S324
        self._socket.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Accept: "
            + base64.b64encode(accept)
            + b"\r\n\r\n"
        )
        while (message := self._message()) is not None:
            request = read_request(self._cipher, message)
            self._answer(request.command, bytes(request.payload))

    def _echo(self) -> None:
        self._socket.sendall(b"\n")
        while data := self._socket.recv(4096):
            self._socket.sendall(data)

    def _message(self) -> bytes | None:
        head = self._read.read(2)
        if len(head) < 2 or head[0] & 15 == 8:
            return None
        size = head[1] & 127
        if size == 126:
            (size,) = struct.unpack("!H", self._read.read(2))
        mask = np.frombuffer(self._read.read(4) * (size // 4 + 1), np.uint8)[:size]
        return (np.frombuffer(self._read.read(size), np.uint8) ^ mask).tobytes()

    def _send(self, command: int, payload: bytes = b"") -> None:
        self._socket.sendall(frame(write_answer(self._cipher, command, payload)))

    def _answer(self, command: int, payload: bytes) -> None:
        match command:
            case Command.BOOTSTRAP:
                key = os.urandom(32)
                self._send(command, write_bootstrap(Bootstrap(5687, bytes(64), key)))
                self._cipher = Cipher(key)
            case Command.LOGIN:
                self._send(command, LOGIN_RESPONSE.write(LoginResponse()))
            case Command.ACCOUNT:
                self._send(command, account())
            case Command.POSITIONS:
                self._send(command, NONE)
            case Command.RATES | Command.PACKED_SYMBOLS | Command.FULL_SYMBOLS:
                self._send_prepared(command, payload)
            case Command.SUBSCRIBE_TICKS:
                self._send(command)
                ids = read_ids(payload)
                if not self._query:
                    self._send(Command.TICKS, TICK.write_all(map(last_tick, ids)))
                elif ids and self._query.get("count"):
                    threading.Thread(target=self._push, daemon=True).start()
            case _:
                self._send(command)

    def _send_prepared(self, command: int, payload: bytes) -> None:
        asked = struct.pack("<H", command) + payload
        if asked not in self._prepared:
            answer = write_answer(self._cipher, command, self._body(command, payload))
            self._prepared[asked] = frame(answer)
        self._socket.sendall(self._prepared[asked])

    def _body(self, command: int, payload: bytes) -> bytes:
        if command == Command.PACKED_SYMBOLS:
            return packed_symbols()
        if command == Command.FULL_SYMBOLS:
            ids = read_ids(payload)
            return struct.pack("<I", len(ids)) + b"".join(map(full_symbol, ids))
        asked = RATES_REQUEST.read(payload)
        first = -(-asked.from_ // 60) * 60
        count = (min(asked.to, NOW) - first) // 60 + 1
        return bars(first, max(count, 0))

    def _push(self) -> None:
        batch, count = self._query["batch"], self._query.pop("count")
        rate = self._query.get("rate", 0)
        now = int(time.time())
        draw = random.Random(7)  # noqa: S311 - any numbers will do
        pushes = []
        for _ in range(_DISTINCT):
            ticks = []
            for _ in range(batch):
                bid = 110_000 + draw.randrange(1000)
                ticks.append(
                    Tick(
                        symbol_id=draw.randrange(QUOTED) + 1,
                        time=now,
                        fields=3,
                        bid=bid,
                        ask=bid + 10,
                    )
                )
            pushes.append(TICK.write_all(ticks))
        end = Tick(symbol_id=1, time=now, fields=8, volume=10**8)
        last = frame(write_answer(self._cipher, Command.TICKS, TICK.write(end)))
        frames = [frame(write_answer(self._cipher, 8, push)) for push in pushes]
        if rate:
            due = time.perf_counter()
            for number in range(count):
                self._socket.sendall(frames[number % _DISTINCT])
                due += 1 / rate
                time.sleep(max(due - time.perf_counter(), 0))
        else:
            block = b"".join(frames)
            for _ in range(count // _DISTINCT):
                self._socket.sendall(block)
        self._socket.sendall(last)


def _serve(connection: socket.socket) -> None:
    with connection:
        try:
            Visit(connection).run()
        except OSError:
            return


def main() -> None:
    """Listen, and serve each connection in a thread of its own."""
    packed_symbols()
    for number in range(1, SYMBOLS + 1):
        full_symbol(number)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)  # noqa: T201
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_serve, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main()

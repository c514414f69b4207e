"""A web terminal in the raw: it sends frames and looks at what comes back.

::

    with entered(server) as client:
        client.ask(Command.SUBSCRIBE_TICKS, requests.ids([101]))
        ticks = TICK.records(client.push(Command.TICKS))
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from ssl import SSLContext
from typing import Any, Final, Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from mt5web_async.enums import Period
from mt5web_async.protocol import requests, responses
from mt5web_async.protocol.cipher import BOOTSTRAP_KEY, Cipher
from mt5web_async.protocol.commands import PUSHES, Command
from mt5web_async.protocol.frames import Answer, read_answer, write_request
from mt5web_async.protocol.records import (
    ACCOUNT,
    BAR,
    FULL_SYMBOL,
    LOGIN_RESPONSE,
    RATES_REQUEST,
    STATISTICS,
    SYMBOL,
    TICK,
    TRADE_REQUEST,
    TRADE_RESULT,
    Account,
    Bar,
    FullSymbol,
    LoginResponse,
    RatesRequest,
    Statistics,
    Tick,
    TradeRequest,
    TradeResult,
)
from mt5web_async.simulator.server import Simulator

LIMIT: Final = 30.0
CLIENT_ID: Final = bytes(range(16))


class Client:
    """A connection, not yet bootstrapped.

    Attributes:
        pushes: what came unasked and was not yet looked at.
        bootstrapped: the answer to the first request.
    """

    def __init__(self, url: str, context: SSLContext | None = None) -> None:
        self.pushes: deque[Answer] = deque()
        self.bootstrapped = responses.Bootstrap(0, b"", b"")
        self._cipher = Cipher(BOOTSTRAP_KEY)
        self._open = ExitStack()
        connecting = connect(
            url,
            compression=None,
            max_size=None,
            ping_interval=None,
            open_timeout=LIMIT,
            ssl=context,
        )
        self._socket = self._open.enter_context(connecting)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    # messages

    def send(self, command: int, payload: bytes = b"") -> None:
        """Send a request."""
        self.send_raw(write_request(self._cipher, command, payload, salt=os.urandom(2)))

    def send_raw(self, message: bytes | str) -> None:
        """Send anything."""
        self._socket.send(message)

    def receive_any(self) -> bytes | str:
        """The next message as it comes."""
        return self._socket.recv(LIMIT)

    def receive_raw(self) -> bytes:
        """The next message, which has to be of bytes."""
        message = self.receive_any()
        assert isinstance(message, bytes)
        return message

    def receive(self) -> Answer:
        """The next message."""
        return read_answer(self._cipher, self.receive_raw())

    def answer(self, command: int) -> Answer:
        """The next message that is no push; it has to answer this command."""
        while (message := self.receive()).command in PUSHES:
            self.pushes.append(message)
        assert message.command == command
        return message

    def ask(self, command: int, payload: bytes = b"") -> Answer:
        """Send a request and wait for its answer."""
        self.send(command, payload)
        return self.answer(command)

    def push(self, command: int) -> bytes:
        """The next push of a command; others are passed over."""
        while True:
            message = self.pushes.popleft() if self.pushes else self.receive()
            assert message.command in PUSHES, message
            if message.command == command:
                assert message.result == 0
                return bytes(message.payload)

    def closing_code(self) -> int:
        """Wait until the server closes the connection; 1006: it broke off."""
        try:
            while True:
                self.receive_any()
        except ConnectionClosed as closed:
            return 1006 if closed.rcvd is None else closed.rcvd.code

    def drain(self) -> list[Answer]:
        """All pushes that the server has sent until now."""
        self.ask(Command.PING)
        pushes, self.pushes = list(self.pushes), deque()
        return pushes

    # what a session begins with

    def bootstrap(self, token: bytes = b"") -> responses.Bootstrap:
        """Agree on a key."""
        answer = self.ask(Command.BOOTSTRAP, requests.bootstrap(token))
        self.bootstrapped = responses.read_bootstrap(answer.payload)
        self.use_key(self.bootstrapped.key)
        return self.bootstrapped

    def use_key(self, key: bytes) -> None:
        """From now on, this key is used."""
        self._cipher = Cipher(key)

    def log_in(self, login: int, password: str = "", **more: Any) -> Answer:
        """Ask to be let in."""
        payload = requests.login(login, client_id=CLIENT_ID, password=password, **more)
        return self.ask(Command.LOGIN, payload)

    def enter(self, login: int, password: str = "", **more: Any) -> LoginResponse:
        """Log in, with success."""
        answer = self.log_in(login, password, **more)
        assert answer.result == 0
        return LOGIN_RESPONSE.read(answer.payload)

    # what it asks for

    def account(self) -> Account:
        """The account's record."""
        return ACCOUNT.read(self.ask(Command.ACCOUNT).payload)

    def symbol(self, name: str) -> FullSymbol:
        """A symbol's full record."""
        listed, _ = SYMBOL.counted(self.ask(Command.SYMBOLS).payload)
        (symbol_id,) = (one.symbol_id for one in listed if one.name == name)
        (symbol,) = self.full_symbols([symbol_id])
        return symbol

    def full_symbols(self, ids: Iterable[int]) -> list[FullSymbol]:
        """Full records of symbols."""
        answer = self.ask(Command.FULL_SYMBOLS, requests.ids(ids))
        assert answer.result == 0
        return FULL_SYMBOL.counted(answer.payload)[0]

    def quote(self, *ids: int) -> None:
        """Subscribe to the ticks of these symbols and no others."""
        answer = self.ask(Command.SUBSCRIBE_TICKS, requests.ids(ids))
        assert (answer.result, bytes(answer.payload)) == (0, b"")

    def watch(self, *ids: int) -> None:
        """Subscribe to the books of these symbols and no others."""
        answer = self.ask(Command.SUBSCRIBE_BOOK, requests.ids(ids))
        assert (answer.result, bytes(answer.payload)) == (0, b"")

    def bars(self, name: str, period: Period, start: int, end: int) -> list[Bar]:
        """Bars that open from `start` to `end`."""
        wanted = RatesRequest(name, period, start, end)
        answer = self.ask(Command.RATES, RATES_REQUEST.write(wanted))
        assert answer.result == 0
        return BAR.records(bytes(answer.payload))

    def trade(self, request: TradeRequest) -> TradeResult:
        """Send a trade request that is taken, and wait for its result."""
        answer = self.ask(Command.TRADE, TRADE_REQUEST.write(request))
        assert (answer.result, bytes(answer.payload)) == (0, bytes(4))
        return TRADE_RESULT.read(self.push(Command.TRADE_RESULT))

    # what it hears

    def ticks(self) -> list[Tick]:
        """The ticks of the next message."""
        return TICK.records(self.push(Command.TICKS))

    def statistics(self) -> list[Statistics]:
        """The statistics of the next message."""
        return STATISTICS.records(self.push(Command.STATISTICS))

    def books(self) -> list[responses.BookChange]:
        """The books of the next message."""
        return responses.read_books(self.push(Command.BOOK))


@contextmanager
def bootstrapped(server: Simulator, token: bytes = b"") -> Iterator[Client]:
    """A connection that has its key."""
    with Client(server.url) as client:
        client.bootstrap(token)
        yield client


@contextmanager
def entered(server: Simulator, login: int = 0, password: str = "") -> Iterator[Client]:
    """A connection that is logged in."""
    with bootstrapped(server) as client:
        client.enter(login or server.login, password or server.password)
        yield client


def of(
    messages: Iterable[Answer], command: int, read: Callable[[bytes], Any]
) -> list[Any]:
    """The records in all messages of a command."""
    return [
        record
        for message in messages
        if message.command == command
        for record in read(bytes(message.payload))
    ]

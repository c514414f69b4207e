"""One connection from its first byte to its last: bootstrap, login, requests, end."""

from __future__ import annotations

import logging
import os
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

from mt5web_async.errors import (
    AuthenticationFailed,
    ConnectionFailed,
    ConnectionLost,
    EngineError,
    OneTimePasswordInvalid,
    OneTimePasswordRequired,
    ProtocolViolation,
    RequestTimeout,
    ServerRefused,
    TwoFactorSetupRequired,
)
from mt5web_async.protocol import requests, responses
from mt5web_async.protocol.cipher import BOOTSTRAP_KEY, Cipher
from mt5web_async.protocol.commands import PUSHES, Command, describe
from mt5web_async.protocol.frames import read_answer, write_request
from mt5web_async.protocol.records import TICK, LoginResponse
from mt5web_async.waiting import Deadline, in_thread, settle, wait_for

from .credentials import Announced, Credentials
from .exchange import Exchange, Handler, Ticket
from .pacing import Pacing, PacingOptions
from .transport import Transport, TransportOptions

log = logging.getLogger("mt5web_async.connection.session")

T = TypeVar("T")

PushHandler = Callable[[memoryview], None]
"""Takes in one push; runs in the I/O thread, in the order of the wire.

Pushes of ticks that came without anything in between may be handed over as one.
"""

_LOGIN_REFUSALS: Final[dict[int, tuple[type[EngineError], str]]] = {
    3: (AuthenticationFailed, "invalid account or password"),
    5: (
        OneTimePasswordRequired,
        "a one-time password is required, or the one given was wrong: pass otp=",
    ),
    6: (
        TwoFactorSetupRequired,
        "bind a one-time password generator to the account first",
    ),
    201: (OneTimePasswordInvalid, "the one-time password is invalid: make a new one"),
}


@dataclass(frozen=True, kw_only=True)
class SessionOptions:
    """How one connection behaves.

    Attributes:
        connect_timeout: s for the socket, TLS and the WebSocket handshake.
        quarantine: s that a late answer is waited for before the connection is
            dropped.
        client_id: 16 bytes that stay the same for one installation.
        announce: asks the page of an older host for token and key of the connection
            to come; it may block, in a thread of its own. None: the server gives them
            when the connection is there.
        transport: how to reach the server.
    """

    connect_timeout: float = 20.0
    quarantine: float = 30.0
    client_id: bytes = bytes(16)
    announce: Callable[[], Announced] | None = None
    transport: TransportOptions = field(default_factory=TransportOptions)


MOST_TICKS: Final = 128 * 1024
"""Bytes of ticks from which on they are handed over, though more may be coming."""


class Session:
    """A connection to a server: what is asked is answered, or fails with a reason.

    Args:
        url: the WebSocket's address.
        options: how it behaves.
        pushes: what takes in the pushes, by command.
        lost: called once, in the I/O thread, when the connection is over.
        pacing: how fast requests may follow each other; None: as they come.

    Attributes:
        build: the server's, as the bootstrap tells it.
        round_trip: s that the bootstrap took to be answered.
        ignored: messages that nobody waits for, by command.
        dropped: messages that could not be read, by command.
    """

    def __init__(
        self,
        url: str,
        *,
        options: SessionOptions,
        pushes: dict[int, PushHandler],
        lost: Callable[[EngineError], None],
        pacing: Pacing | None = None,
    ) -> None:
        self.url = url
        self.build = 0
        self.round_trip = 0.0
        self.ignored: Counter[int] = Counter()
        self.dropped: Counter[int] = Counter()
        self._options = options
        self._pushes = pushes
        self._lost = lost
        self._pacing = pacing or Pacing(PacingOptions(trade=None, other=None))
        self._cipher = Cipher(BOOTSTRAP_KEY)
        self._ticks: list[memoryview] = []  # pushes that nobody has seen yet
        self._ticks_size = 0
        self._exchange = Exchange(self._write, quarantine=options.quarantine)
        self._transport = Transport(
            url,
            received=self._receive,
            undrained=self._exchange.undrained,
            drained=self._exchange.drained,
            idle=self._idle,
            closed=self._closed,
            options=options.transport,
        )

    def __repr__(self) -> str:
        return f"<Session {self.url}>"

    async def open(self, token: bytes, deadline: Deadline) -> bytes:
        """Connect and agree on a key; the token that the next connection may show.

        Raises:
            ConnectionFailed: the server could not be reached or is no terminal.
        """
        try:
            announced = await self._announced(deadline)
            await wait_for(
                self._transport.open(self._options.connect_timeout), deadline
            )
            start = time.monotonic()
            bootstrap = await self.request(
                Command.BOOTSTRAP,
                requests.bootstrap(announced.token or token),
                partial(self._switch_key, announced.key),
                deadline=deadline,
            )
        except (TimeoutError, RequestTimeout):
            raise ConnectionFailed(
                f"{self.url} gave no answer within {deadline.timeout} s",
                server=self.url,
            ) from None
        self.build, self.round_trip = bootstrap.build, time.monotonic() - start
        return bootstrap.token

    async def login(self, who: Credentials, deadline: Deadline) -> LoginResponse:
        """Log in.

        Raises:
            AuthenticationFailed: the server refused; subclasses tell what it wants.
        """
        payload = requests.login(
            who.login,
            client_id=self._options.client_id,
            password=who.password,
            token=who.token,
            session=who.session,
            otp=who.otp,
        )
        try:
            return await self.request(
                Command.LOGIN, payload, responses.read_login, deadline=deadline
            )
        except ServerRefused as exc:
            if exc.result not in _LOGIN_REFUSALS:
                raise
            kind, text = _LOGIN_REFUSALS[exc.result]
            raise kind(
                f"login {who.login} at {self.url}: {text}",
                command=Command.LOGIN,
                server=self.url,
            ) from None

    async def request(
        self,
        command: int,
        payload: bytes,
        handler: Handler[T],
        *,
        deadline: Deadline,
    ) -> T:
        """Ask, and wait for the answer.

        Raises:
            ConnectionLost: the connection broke before the answer.
            RequestTimeout: no answer in time; a late one is swallowed.
            ServerRefused: the answer is an error.
            MalformedMessage: the answer cannot be read.
            TooManyRequests: too many wait in line already.
        """
        if not self._pacing.at_once(command):
            await self.turn(command, deadline)
        return await self.result(self.ask(command, payload, handler), deadline)

    async def turn(self, command: int, deadline: Deadline) -> None:
        """Wait until the pace allows another request of this command.

        Raises:
            RequestTimeout: it does not within the deadline; nothing was sent.
        """
        try:
            await self._pacing.turn(command, deadline)
        except TimeoutError:
            raise RequestTimeout(
                f"{describe(command)} held back for more than {deadline.timeout} s: "
                "too many requests",
                command=command,
                server=self.url,
            ) from None

    def ask(self, command: int, payload: bytes, handler: Handler[T]) -> Ticket[T]:
        """Send a request, or put it in line; :meth:`result` waits for the answer."""
        try:
            return self._exchange.ask(command, payload, handler)
        except EngineError as exc:
            raise exc.about(command=command, server=self.url) from None

    async def result(self, ticket: Ticket[T], deadline: Deadline) -> T:
        """The answer to what was asked; leaving early leaves a tombstone."""
        try:
            return await wait_for(ticket.future, deadline)
        except TimeoutError:
            self._exchange.abandon(ticket)
            raise RequestTimeout(
                f"no answer to {describe(ticket.command)} within {deadline.timeout} s",
                command=ticket.command,
                server=self.url,
            ) from None
        except EngineError as exc:
            raise exc.about(command=ticket.command, server=self.url) from None
        except BaseException:  # cancelled, or Ctrl-C
            self._exchange.abandon(ticket)
            raise

    @property
    def ended(self) -> EngineError | None:
        """Why it is over; None while it lasts."""
        return self._exchange.over

    def overdue(self) -> list[int]:
        """Commands whose late answer did not come within the quarantine."""
        return self._exchange.overdue()

    def caught_up(self) -> bool:
        """Whether all that had arrived was taken in since the last look."""
        return self._transport.caught_up()

    async def quiet(self, deadline: Deadline) -> None:
        """Wait until nobody waits for an answer any more.

        Raises:
            TimeoutError: somebody still does when the deadline passes.
        """
        while awaited := self._exchange.awaited():
            await wait_for(_end_of(awaited[0]), deadline)

    def drop(self, reason: EngineError) -> None:
        """End the connection for a reason, unless it ends for one of its own already.

        Whoever waits gets the reason.
        """
        if not self._transport.closing:
            self._exchange.end(reason)
        self._transport.cut()

    async def close(self, timeout: float) -> None:
        """Say goodbye and end; the server may take `timeout` s to do so too."""
        self._exchange.end(ConnectionLost("closed", server=self.url))
        await self._transport.close(timeout)

    def _write(self, command: int, payload: bytes) -> None:
        frame = write_request(self._cipher, command, payload, salt=os.urandom(2))
        self._transport.send(frame)

    async def _announced(self, deadline: Deadline) -> Announced:
        """What the host tells beforehand; nothing, unless it is an older one."""
        if self._options.announce is None:
            return Announced()
        return await wait_for(in_thread(self._options.announce), deadline)

    def _switch_key(self, key: bytes, body: memoryview) -> responses.Bootstrap:
        bootstrap = responses.read_bootstrap(body, key)
        self._cipher = Cipher(bootstrap.key)
        return bootstrap

    def _receive(self, message: bytes | bytearray) -> None:
        """One message, in the I/O thread; breaks the connection if it is no frame."""
        self._exchange.deliver()
        if self.ended is not None:
            return  # dropped: what is still on its way must not meet its successor's
        command, result, payload = read_answer(self._cipher, message)
        if command == Command.TICKS:
            self._ticks.append(payload)
            self._ticks_size += len(payload)
            if self._ticks_size >= MOST_TICKS:
                self._push_ticks()
            return
        self._push_ticks()
        if command in PUSHES:
            self._push(command, payload)
        elif not self._exchange.answer(command, result, payload):
            self.ignored[command] += 1
            log.debug("%s ignored: nobody asked", describe(command))

    def _idle(self) -> None:
        self._exchange.deliver()
        self._push_ticks()

    def _push_ticks(self) -> None:
        """Hand over as one push those that came without anything in between.

        Many ticks in one go cost a fraction of what they cost one by one.
        """
        ticks, self._ticks, self._ticks_size = self._ticks, [], 0
        if not ticks or self.ended is not None:
            return  # none, or dropped since they came
        whole = ticks[0]
        if len(ticks) > 1:
            whole = memoryview(b"".join(map(TICK.complete, ticks)))
        self._push(Command.TICKS, whole, messages=len(ticks))

    def _push(self, command: int, payload: memoryview, messages: int = 1) -> None:
        handler = self._pushes.get(command)
        if handler is None:
            self.ignored[command] += messages
            return
        try:
            handler(payload)
        except EngineError as exc:
            self.dropped[command] += messages
            count = self.dropped[command]
            if count & (count - 1) == 0:  # the 1st, 2nd, 4th, 8th: no flood of lines
                log.warning("push %s dropped (%d): %s", describe(command), count, exc)

    def _closed(self, reason: EngineError) -> None:
        if isinstance(reason, ProtocolViolation):
            log.error("%s: connection closed: %s", self.url, reason)
        try:
            self._idle()
        finally:  # whatever is wrong with the last ticks
            self._exchange.end(reason)
            self._lost(self._exchange.over or reason)


def _end_of(future: Future[T]) -> Future[None]:
    """Completes when the other one is done, whatever that brings."""
    ended: Future[None] = Future()
    future.add_done_callback(lambda _: settle(ended, None))
    return ended

"""Keeps one logged-in connection alive: heartbeat, loss, reconnection, end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

from mt5web_async.errors import (
    AuthenticationFailed,
    ConnectionLost,
    EngineError,
    InsecureConnection,
    NotConnected,
)
from mt5web_async.protocol.commands import Command, describe
from mt5web_async.waiting import Deadline, pause, settle, settle_error, wait_for

from .credentials import Credentials
from .exchange import Handler
from .session import PushHandler, Session, SessionOptions
from .state import Input, Listener, Move, State, StateMachine

log = logging.getLogger("mt5web_async.connection")

_MOMENT = 0.005  # s

T = TypeVar("T")

Loader = Callable[[Session, Deadline], Coroutine[Any, Any, None]]
"""Asks for everything that the model must hold before a connection counts as up."""

_PING_SLICES: Final = 15
_GIVE_UP_ON: Final = (AuthenticationFailed, InsecureConnection)


@dataclass(frozen=True, kw_only=True)
class Backoff:
    """When to try again after a loss.

    Attributes:
        first: s before the second attempt, at most; the first is made at once.
        cap: longest pause in s; pauses grow twofold and are drawn at random up to
            their bound, so that many clients do not come back at once.
        attempts: give up after so many; None: never.
        limit: give up after so many s; None: never.
    """

    first: float = 1.0
    cap: float = 60.0
    attempts: int | None = None
    limit: float | None = None


@dataclass(frozen=True, kw_only=True)
class ConnectionOptions:
    """How a connection behaves over its life.

    Attributes:
        request_timeout: s that an answer may take.
        load_timeout: s that the model may take to load.
        ping_interval: s between two heartbeats.
        ping_limit: s after which an unanswered heartbeat means a lost connection.
        close_timeout: s that a goodbye may take.
        reconnect: when to try again after a loss; None: never.
        keep_password: keep the password in memory, for servers that refuse the token
            of an earlier login.
        session: how each single connection behaves.
    """

    request_timeout: float = 30.0
    load_timeout: float = 60.0
    ping_interval: float = 5.0
    ping_limit: float = 15.0
    close_timeout: float = 3.0
    reconnect: Backoff | None = field(default_factory=Backoff)
    keep_password: bool = False
    session: SessionOptions = field(default_factory=SessionOptions)


class Connection:
    """A login that stays: lost connections are made anew, the model first.

    Args:
        url: the server's WebSocket address.
        who: the account.
        options: how it behaves.
        pushes: what takes in pushes, by command; runs in the I/O thread.
        load: fills the model through a session, after every login.
    """

    def __init__(
        self,
        url: str,
        who: Credentials,
        *,
        options: ConnectionOptions,
        pushes: dict[int, PushHandler],
        load: Loader,
    ) -> None:
        self.url = url
        self.options = options
        self.ping = 0.0  # s, the last heartbeat's round trip
        self._who = who
        self._pushes = pushes
        self._load = load
        self._machine = StateMachine()
        self._session: Session | None = None
        self._token = b""  # of the last bootstrap
        self._up: Future[Session] = Future()
        self._lost = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return f"<Connection {self.url}, {self.state.name}>"

    @property
    def state(self) -> State:
        """Where the connection stands now."""
        return self._machine.state

    @property
    def up(self) -> bool:
        """Whether there is a session that can be asked, its model loaded."""
        session = self._session
        synchronised = self.state is State.SYNCHRONISED
        return synchronised and session is not None and session.ended is None

    @property
    def build(self) -> int:
        """The server's build, as the bootstrap told it."""
        return 0 if self._session is None else self._session.build

    def listen(self, listener: Listener) -> None:
        """Call `listener(move)` on every change of state, in the moving thread."""
        self._machine.listen(listener)

    async def open(self, timeout: float) -> None:
        """Connect, log in and load the model; afterwards stay connected.

        Raises:
            ConnectionFailed: the server could not be reached.
            AuthenticationFailed: the login was refused.
            RequestTimeout: it took longer than `timeout` s.
        """
        try:
            await self._attempt(Deadline(timeout))
        except BaseException as exc:
            reason = exc if isinstance(exc, EngineError) else None
            self._machine.step(Input.LOST, reason)
            self._machine.step(Input.GIVE_UP, reason)
            await self._discard()
            raise
        self._spawn(self._heartbeat())
        self._spawn(self._supervise())

    async def request(
        self,
        command: int,
        payload: bytes,
        handler: Handler[T],
        *,
        timeout: float | None = None,
    ) -> T:
        """Ask the server; while it is being reconnected, wait for that first.

        Raises:
            NotConnected: never connected, closed or given up.
            EngineError: as :meth:`Session.request`.
        """
        deadline = Deadline(
            self.options.request_timeout if timeout is None else timeout
        )
        session = await self.session(deadline)
        return await session.request(command, payload, handler, deadline=deadline)

    async def session(self, deadline: Deadline) -> Session:
        """The session in use, as soon as there is one.

        Raises:
            NotConnected: there is none, or not within the deadline.
        """
        while True:
            if self.up and self._session is not None:
                return self._session
            if self.state in {State.DISCONNECTED, State.CLOSING}:
                raise NotConnected(f"not connected to {self.url}", server=self.url)
            try:
                session = await wait_for(self._up, deadline)
            except TimeoutError:
                raise self._not_back(deadline) from None
            if session.ended is None:
                return session
            # lost this moment: the loop's thread has not taken note of it yet
            if deadline.passed():
                raise self._not_back(deadline)
            await pause(_MOMENT)

    def _not_back(self, deadline: Deadline) -> NotConnected:
        return NotConnected(
            f"{self.url} not reconnected within {deadline.timeout} s", server=self.url
        )

    def current(self) -> Session:
        """The session in use, without waiting.

        Raises:
            NotConnected: there is none right now.
        """
        current = self._session
        if not self.up or current is None:
            raise NotConnected(f"not connected to {self.url}", server=self.url)
        return current

    async def close(self) -> None:
        """Log out and end; idempotent."""
        if self.state is State.DISCONNECTED:
            return
        was_up = self.state is State.SYNCHRONISED
        self._machine.step(Input.CLOSE)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if was_up:
            await self._logout()
        await self._discard()
        settle_error(self._up, NotConnected(f"{self.url} closed", server=self.url))
        self._machine.step(Input.CLOSED)

    async def _attempt(self, deadline: Deadline) -> None:
        """One whole way from nothing to a loaded model."""
        self._machine.step(Input.OPEN)
        session = self._session = Session(
            self.url,
            options=self.options.session,
            pushes=self._pushes,
            lost=lambda reason: self._post_loss(session, reason),
        )
        self._lost.clear()
        self._token = await session.open(self._token, deadline)
        self._machine.step(Input.KEY_RECEIVED)
        await self._login(session, deadline)
        self._machine.step(Input.LOGIN_ACCEPTED)
        await self._load(session, deadline)
        if session.ended is not None:
            raise session.ended
        self._machine.step(Input.MODEL_LOADED)
        settle(self._up, session)

    async def _login(self, session: Session, deadline: Deadline) -> None:
        try:
            answer = await session.login(self._who, deadline)
        except AuthenticationFailed as exc:
            self._machine.step(Input.LOGIN_REFUSED, exc)
            if not (self._who.token and self._who.password):
                raise
            log.info("%s refuses the token of the last login; password next", self.url)
            self._who = replace(self._who, token=b"", session=0)
            answer = await session.login(self._who, deadline)
        self._who = replace(
            self._who,
            otp="",
            token=answer.password_token,
            session=answer.session,
            password=self._who.password if self.options.keep_password else "",
        )

    async def _heartbeat(self) -> None:
        """Ask for a sign of life; drop a connection that gives none."""
        while True:
            await asyncio.sleep(self.options.ping_interval)
            session = self._session
            if session is None or self.state is not State.SYNCHRONISED:
                continue
            if overdue := session.overdue():
                names = ", ".join(map(describe, overdue))
                session.drop(
                    ConnectionLost(f"late answer never came: {names}", server=self.url)
                )
                continue
            await self._beat(session)

    async def _beat(self, session: Session) -> None:
        """One ping; only time in which this process was awake counts."""
        start = time.monotonic()
        slice_ = self.options.ping_limit / _PING_SLICES
        try:
            answered = session.ask(Command.PING, b"", lambda _: time.monotonic()).future
            for _ in range(_PING_SLICES):
                with suppress(TimeoutError):
                    self.ping = await wait_for(answered, Deadline(slice_)) - start
                    return
        except EngineError as exc:
            log.debug("ping failed: %s", exc)
        else:
            limit = self.options.ping_limit
            session.drop(
                ConnectionLost(f"no sign of life for {limit} s", server=self.url)
            )

    async def _supervise(self) -> None:
        """Wait for a loss and mend it, as long as that is wanted."""
        while self.state is not State.DISCONNECTED:
            await self._lost.wait()
            await self._discard()
            if self.options.reconnect is None:
                self._give_up(NotConnected("reconnection is switched off"))
                return
            try:
                await self._reconnect(self.options.reconnect)
            except EngineError as exc:
                self._give_up(exc)
                return

    async def _reconnect(self, backoff: Backoff) -> None:
        import tenacity

        never = tenacity.stop_never
        stop = tenacity.stop_any(
            never
            if backoff.attempts is None
            else tenacity.stop_after_attempt(backoff.attempts),
            never
            if backoff.limit is None
            else tenacity.stop_after_delay(backoff.limit),
        )
        retrying = tenacity.AsyncRetrying(
            sleep=asyncio.sleep,
            wait=tenacity.wait_random_exponential(backoff.first, backoff.cap),
            stop=stop,
            retry=tenacity.retry_if_exception(_worth_another_try),
            reraise=True,
        )
        await retrying(self._try_again)

    async def _try_again(self) -> None:
        try:
            await self._attempt(Deadline(self.options.load_timeout))
        except EngineError as exc:
            self._machine.step(Input.LOST, exc)
            await self._discard()
            raise

    def _post_loss(self, session: Session, reason: EngineError) -> None:
        """In the I/O thread: states move in the loop's thread only."""
        with suppress(RuntimeError):  # the loop is gone: nobody is left to tell
            self._loop.call_soon_threadsafe(self._on_lost, session, reason)

    def _on_lost(self, session: Session, reason: EngineError) -> None:
        # before it is up, a lost session fails the attempt that made it
        if session is self._session and self.state is State.SYNCHRONISED:
            self._up = Future()
            self._machine.step(Input.LOST, reason)
            self._lost.set()

    def _give_up(self, reason: EngineError) -> None:
        self._machine.step(Input.GIVE_UP, reason)
        settle_error(self._up, NotConnected(str(reason), server=self.url))

    async def _logout(self) -> None:
        session = self._session
        if session is None:
            return
        try:
            await session.request(
                Command.LOGOUT,
                b"",
                lambda _: None,
                deadline=Deadline(self.options.close_timeout),
            )
        except EngineError as exc:
            log.debug("logout from %s not confirmed: %s", self.url, exc)

    async def _discard(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            try:
                await asyncio.to_thread(session.close, self.options.close_timeout)
            except RuntimeError:  # the interpreter ends: there are no more threads
                session.close(self.options.close_timeout)

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _worth_another_try(error: BaseException) -> bool:
    return isinstance(error, EngineError) and not isinstance(error, _GIVE_UP_ON)


__all__ = ["Backoff", "Connection", "ConnectionOptions", "Loader", "Move"]

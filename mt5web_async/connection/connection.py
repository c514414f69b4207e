"""Keeps one logged-in connection alive: heartbeat, loss, reconnection, end."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

from mt5web_async.errors import (
    AuthenticationFailed,
    ConnectionLost,
    EngineError,
    NotConnected,
    ProtocolViolation,
)
from mt5web_async.protocol.commands import Command, describe
from mt5web_async.waiting import Deadline, pause, settle, wait_for

from .backoff import Backoff
from .callbacks import Callbacks
from .credentials import Credentials
from .exchange import REPEATABLE, Handler
from .heartbeat import Heartbeat
from .pacing import Pacing, PacingOptions
from .session import PushHandler, Session, SessionOptions
from .state import Input, Listener, Move, State, StateMachine

log = logging.getLogger("mt5web_async.connection")

T = TypeVar("T")

Loader = Callable[[Session, Deadline], Coroutine[Any, Any, None]]
"""Asks a session for something, within a deadline."""

_HANDOVER: Final = 0.005  # s in which the I/O thread notices a cut
_HEARD: Final = frozenset({State.AUTHENTICATED, State.SYNCHRONISED})
_ENDED: Final = frozenset({State.DISCONNECTED, State.CLOSING})


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
        pacing: how fast requests may follow each other.
        callbacks: what is called when the connection breaks and comes back.
        session: how each single connection behaves.
    """

    request_timeout: float = 30.0
    load_timeout: float = 60.0
    ping_interval: float = 5.0
    ping_limit: float = 15.0
    close_timeout: float = 3.0
    reconnect: Backoff | None = field(default_factory=Backoff)
    keep_password: bool = False
    pacing: PacingOptions = field(default_factory=PacingOptions)
    callbacks: Callbacks = field(default_factory=Callbacks)
    session: SessionOptions = field(default_factory=SessionOptions)


class Facts(NamedTuple):
    """What a report about a connection should hold.

    Attributes:
        url: of the server.
        build: of the server.
        state: of the connection.
        ping: round trip of the last heartbeat, at first of the bootstrap, s.
        sessions: how many times it has been up.
        ignored: messages that nobody waited for, by command.
        dropped: messages that could not be read, by command.
    """

    url: str
    build: int
    state: State
    ping: float
    sessions: int
    ignored: dict[int, int]
    dropped: dict[int, int]


class Connection:
    """A login that stays: lost connections are made anew, the model first.

    Args:
        url: the server's WebSocket address.
        who: the account.
        options: how it behaves.
        pushes: what takes in pushes, by command; runs in the I/O thread.
        load: fills the model through a session, after every login.
        unload: takes leave of a session before the logout.
    """

    def __init__(
        self,
        url: str,
        who: Credentials,
        *,
        options: ConnectionOptions,
        pushes: dict[int, PushHandler],
        load: Loader,
        unload: Loader | None = None,
    ) -> None:
        self.url = url
        self.options = options
        self.ping = 0.0  # s, the round trip of the last heartbeat or bootstrap
        self._who = who
        self._pushes = pushes
        self._load = load
        self._unload = unload
        self._machine = StateMachine()
        self._machine.listen(self._wake)
        self._machine.listen(options.callbacks.listener())
        self._pacing = Pacing(options.pacing)
        self._session: Session | None = None
        self._build = 0
        self._sessions = 0
        self._token = b""  # of the last bootstrap
        self._waiting: set[Future[None]] = set()  # each until the next move
        self._end_reason = "not connected"
        self._lost = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._end: asyncio.Task[None] | None = None
        self._pid = os.getpid()

    def __repr__(self) -> str:
        return f"<Connection {self.url}, {self.state.name}>"

    @property
    def state(self) -> State:
        """Where the connection stands now; a forked child has none."""
        return State.DISCONNECTED if self._forked else self._machine.state

    @property
    def up(self) -> bool:
        """Whether there is a session that can be asked, its model loaded."""
        session = self._session
        synchronised = self.state is State.SYNCHRONISED
        return synchronised and session is not None and session.ended is None

    @property
    def build(self) -> int:
        """The server's build, as the last bootstrap told it; 0: not yet."""
        return self._build

    @property
    def facts(self) -> Facts:
        """What a report should hold; nothing secret."""
        session = self._session
        return Facts(
            self.url,
            self._build,
            self.state,
            self.ping,
            self._sessions,
            {} if session is None else dict(session.ignored),
            {} if session is None else dict(session.dropped),
        )

    def listen(self, listener: Listener) -> None:
        """Call `listener(move)` on every change of state, in the moving thread."""
        self._machine.listen(listener)

    async def open(self, timeout: float) -> None:
        """Connect, log in and load the model; afterwards stay connected.

        Raises:
            ConnectionFailed: the server could not be reached.
            AuthenticationFailed: the login was refused.
            RequestTimeout: it took longer than `timeout` s.
            NotConnected: closed meanwhile.
        """
        try:
            await self._attempt(Deadline(timeout))
        except BaseException as exc:
            if self._end is not None:
                raise self._no_connection("closed while connecting") from exc
            reason = exc if isinstance(exc, EngineError) else None
            self._machine.step(Input.GIVE_UP, reason)
            await self._discard()
            raise
        self._spawn(self._watch())
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

        What never left when a connection broke is asked on the next one, and so is
        what only reads.

        Raises:
            NotConnected: never connected, closed or given up.
            EngineError: as :meth:`Session.request`.
        """
        deadline = Deadline(
            self.options.request_timeout if timeout is None else timeout
        )
        return await self.using(
            lambda session: session.request(
                command, payload, handler, deadline=deadline
            ),
            deadline,
            repeatable=command in REPEATABLE,
        )

    async def using(
        self,
        work: Callable[[Session], Coroutine[Any, Any, T]],
        deadline: Deadline,
        *,
        repeatable: bool = True,
    ) -> T:
        """Work with the session in use, and with the next one should it break.

        Args:
            work: what to do with a session.
            deadline: for waiting for sessions; the work has to keep it by itself.
            repeatable: whether what was sent already may be sent once more.

        Raises:
            NotConnected: there is no session, or not within the deadline.
            EngineError: the work's.
        """
        broke = False
        while True:
            session = self._session_up() or await self.session(deadline)
            try:
                return await work(session)
            except ConnectionLost as exc:
                # an answer that breaks two connections would break the third one too
                hopeless = broke
                broke = isinstance(session.ended, ProtocolViolation)
                if exc.sent and (hopeless or not repeatable):
                    raise
                await pause(_HANDOVER)

    async def session(self, deadline: Deadline) -> Session:
        """The session in use, as soon as there is one.

        Raises:
            NotConnected: there is none, or not within the deadline.
        """
        while (current := self._session_up()) is None:
            move: Future[None] = Future()
            self._waiting.add(move)  # before looking again: none can be missed
            try:
                if self._session_up() is not None:
                    continue
                if self.state in _ENDED:
                    raise self._no_connection(self._end_reason)
                await wait_for(move, deadline)
            except TimeoutError:
                raise self._no_connection(
                    f"not reconnected within {deadline.timeout} s"
                ) from None
            finally:
                self._waiting.discard(move)
        return current

    def current(self) -> Session:
        """The session in use, without waiting.

        Raises:
            NotConnected: there is none right now.
        """
        current = self._session_up()
        if current is None:
            raise self._no_connection("not connected")
        return current

    def _session_up(self) -> Session | None:
        current = self._session
        return current if self.up else None

    async def close(self) -> None:
        """End in good order; idempotent.

        What is in flight may finish, within `close_timeout`; then the server is told
        goodbye. In a forked child nothing is done: the connection is the parent's.
        """
        if self._forked:
            return
        if self._end is None:
            self._end = self._loop.create_task(self._close())
        await asyncio.shield(self._end)

    async def _close(self) -> None:
        deadline = Deadline(self.options.close_timeout)
        was_up = self.state is State.SYNCHRONISED
        self._end_reason = "closed"
        self._machine.step(Input.CLOSE)
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if was_up and self._session is not None:
            await self._take_leave(self._session, deadline)
        await self._discard(deadline.left() or 0.0)
        if self.state is State.CLOSING:
            self._machine.step(Input.CLOSED)

    async def _attempt(self, deadline: Deadline) -> None:
        """One whole way from nothing to a loaded model."""
        self._machine.step(Input.OPEN)
        self._lost.clear()
        session = self._session = Session(
            self.url,
            options=self.options.session,
            pushes=self._pushes,
            lost=lambda reason: self._post_loss(session, reason),
            pacing=self._pacing,
        )
        # nothing else notices a server that falls silent before the heartbeat begins
        limit = self.options.request_timeout
        self._token = await session.open(self._token, deadline.within(limit))
        self._build, self.ping = session.build, session.round_trip
        self._machine.step(Input.KEY_RECEIVED)
        await self._login(session, deadline.within(limit))
        self._machine.step(Input.LOGIN_ACCEPTED)
        await self._load(session, deadline)
        if session.ended is not None:
            raise session.ended
        self._sessions += 1
        self._machine.step(Input.MODEL_LOADED)

    async def _login(self, session: Session, deadline: Deadline) -> None:
        if not (self._who.token or self._who.password):
            raise AuthenticationFailed(
                f"{self.url} gave no token to log in again with, and the password was "
                "not kept: keep_password=True would keep it",
                server=self.url,
            )
        try:
            answer = await session.login(self._who, deadline)
        except AuthenticationFailed as exc:
            self._machine.step(Input.LOGIN_REFUSED, exc)
            if not (self._who.token and self._who.password):
                raise
            log.info("%s refuses the token of the last login; password next", self.url)
            self._who = replace(self._who, token=b"", session=0)
            answer = await session.login(self._who, deadline)
        token = answer.password_token
        self._who = replace(
            self._who,
            otp="",
            token=token if any(token) else b"",
            session=answer.session,
            password=self._who.password if self.options.keep_password else "",
        )

    async def _watch(self) -> None:
        """Ask for signs of life; drop a connection that gives none."""
        heartbeat = Heartbeat(self.options.ping_limit)
        while self.state is not State.DISCONNECTED:
            await asyncio.sleep(self.options.ping_interval)
            session = self._session
            if session is None or self.state not in _HEARD:
                continue
            if overdue := session.overdue():
                names = ", ".join(map(describe, overdue))
                session.drop(
                    ConnectionLost(f"late answer never came: {names}", server=self.url)
                )
                continue
            try:
                self.ping = await heartbeat.beat(session)
            except EngineError as exc:
                session.drop(exc)

    async def _supervise(self) -> None:
        """Wait for a loss and mend it, as long as that is wanted."""
        backoff = self.options.reconnect
        while True:
            await self._lost.wait()
            await self._discard()
            if backoff is None:
                self._give_up(NotConnected("reconnection is switched off"))
                return
            limit = Deadline(backoff.limit)
            try:
                await backoff.repeat(partial(self._try_again, limit))
            except EngineError as exc:
                self._give_up(exc)
                return

    async def _try_again(self, limit: Deadline) -> None:
        try:
            await self._attempt(limit.within(self.options.load_timeout))
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
            self._machine.step(Input.LOST, reason)
            self._lost.set()

    def _give_up(self, reason: EngineError) -> None:
        self._end_reason = f"given up: {reason}"
        self._machine.step(Input.GIVE_UP, reason)

    def _wake(self, _: Move) -> None:
        """Have all who wait for a session look again."""
        for move in list(self._waiting):
            settle(move, None)

    async def _take_leave(self, session: Session, deadline: Deadline) -> None:
        """Let what is in flight finish, then log out: said even if time is up."""
        try:
            await session.quiet(deadline)
        except TimeoutError:
            log.warning("closing %s with requests unanswered", self.url)
        for step in (self._unload, _log_out):
            try:
                if step is not None:
                    await step(session, deadline)
            except EngineError as exc:
                log.debug("goodbye to %s not confirmed: %s", self.url, exc)

    async def _discard(self, farewell: float = 0.0) -> None:
        """End the session; the server may take so many s to say goodbye too."""
        session = self._session
        if session is not None:
            await session.close(farewell)
            self._session = None

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._on_task_done)

    def _on_task_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or task.exception() is None:
            return
        # a bug: say so, and hang nobody
        log.error("connection to %s failed", self.url, exc_info=task.exception())
        if self.state not in _ENDED:
            self._machine.step(Input.LOST)
            self._give_up(NotConnected("internal error", server=self.url))

    @property
    def _forked(self) -> bool:
        return self._pid != os.getpid()

    def _no_connection(self, why: str) -> NotConnected:
        if self._forked:
            why = "this process was forked and has no connection of its own"
        return NotConnected(f"{self.url}: {why}", server=self.url)


async def _log_out(session: Session, deadline: Deadline) -> None:
    await session.request(Command.LOGOUT, b"", lambda _: None, deadline=deadline)


__all__ = [
    "Backoff",
    "Callbacks",
    "Connection",
    "ConnectionOptions",
    "Facts",
    "Loader",
    "Move",
]

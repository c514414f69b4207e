"""The WebSocket server: accepts connections and hands their requests to services."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable
from http import HTTPStatus
from typing import Final

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request as HttpRequest
from websockets.http11 import Response
from websockets.typing import LoggerLike

from mt5web_async.errors import MalformedMessage
from mt5web_async.protocol.commands import Command, describe
from mt5web_async.simulator.broker import Broker
from mt5web_async.simulator.clients.outbox import Outbox
from mt5web_async.simulator.clients.session import Reply, Session, Stage

from .page import JSON, TERMINAL, path_of, terminal_json, terminal_page, wants_websocket
from .services import SERVICES, Context
from .services.service import ERROR, Outcome, Service

logger: Final = logging.getLogger("mt5web_async.simulator")
_wire_logger: LoggerLike = logging.getLogger("mt5web_async.simulator.websockets")

_BAD_FRAME: Final = 1002
_BAD_TYPE: Final = 1003
_MOST_AT_ONCE: Final = 64
_CLOSE_S: Final = 2.0


class Gateway:
    """Serves one broker to everybody who connects.

    Args:
        broker: what is behind it.
        port: where to listen; 0: any that is free.

    Attributes:
        port: where it listens.
    """

    def __init__(self, broker: Broker, port: int) -> None:
        self._broker = broker
        self._server: Server | None = None
        self.port = port

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the port is taken.
        """
        config = self._broker.config
        self._server = await serve(
            self._serve,
            config.host,
            self.port,
            ssl=config.tls,
            process_request=self._http,
            compression=None,
            max_size=config.limits.message,
            ping_interval=None,
            close_timeout=_CLOSE_S,
            logger=_wire_logger,
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        logger.info("listening at %s:%d", config.host, self.port)

    async def stop(self) -> None:
        """Break off all connections and listen no more."""
        if self._server is not None:
            for session in self._broker.audience:
                session.abort()
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    def _http(
        self, connection: ServerConnection, request: HttpRequest
    ) -> Response | None:
        """The page that is asked for; None: go on with the WebSocket."""
        broker, path = self._broker, path_of(request)
        if (
            broker.faults.refusing
            or len(broker.audience) >= broker.config.limits.sessions
        ):
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "refused\n")
        if path == TERMINAL:
            return None if wants_websocket(request) else terminal_page(broker.config)
        if path == JSON:
            address = request.headers.get("Host", f"{broker.config.host}:{self.port}")
            return terminal_json(broker.config, broker.tokens, address)
        return connection.respond(HTTPStatus.NOT_FOUND, "not found\n")

    async def _serve(self, connection: ServerConnection) -> None:
        broker = self._broker
        limits = broker.config.limits
        outbox = Outbox(connection, limits.queue, limits.patience)
        session = Session(broker.audience.number(), outbox, broker.faults)
        broker.audience.join(session)
        sender = asyncio.create_task(outbox.run())
        try:
            await _Desk(broker, session).listen(connection)
        except ConnectionClosed:
            pass
        finally:
            broker.audience.leave(session)
            session.leave()
            sender.cancel()
            logger.info("session %d ended", session.number)


class _Desk:
    """Carries out the requests of one session.

    Requests are taken in their order; one that takes long does not hold up others,
    but those of one command are always answered in turn.
    """

    def __init__(self, broker: Broker, session: Session) -> None:
        self._broker = broker
        self._session = session
        self._context = Context(broker, session)
        self._turns: dict[int, asyncio.Lock] = {}
        self._places = asyncio.Semaphore(_MOST_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self, connection: ServerConnection) -> None:
        """Serve until the connection ends."""
        try:
            async for frame in connection:
                if isinstance(frame, str):
                    await connection.close(_BAD_TYPE, "binary frames only")
                    return
                try:
                    await self._receive(frame)
                except MalformedMessage as exc:
                    logger.warning("session %d: %s", self._session.number, exc)
                    await connection.close(_BAD_FRAME, "unreadable frame")
                    return
        finally:
            for task in self._tasks:
                task.cancel()

    async def _receive(self, frame: bytes) -> None:
        """Take one frame.

        Raises:
            MalformedMessage: it is none that this connection can have sent.
        """
        session = self._session
        request = session.open(frame)
        first = session.stage is Stage.CONNECTED
        if first != (request.command == Command.BOOTSTRAP):
            raise MalformedMessage(
                f"{describe(request.command)} at {session.stage.name}"
            )
        await self._carry_out(request.command, bytes(request.payload))

    async def _carry_out(self, command: int, payload: bytes) -> None:
        faults = self._broker.faults
        if faults.ignores(command):
            return
        if command in faults.errors:
            self._session.answer(command, Reply(result=faults.errors[command]))
            return
        service = SERVICES.get(command)
        if service is None:
            logger.info("session %d: unknown command %d", self._session.number, command)
            self._session.answer(command, ERROR)
        elif self._session.stage.value < service.stage.value:
            self._session.answer(command, service.refusal)
        elif service.takes_time:
            await self._begin(command, service, payload)
        else:
            self._answer(command, self._outcome(command, service, payload))

    async def _begin(self, command: int, service: Service, payload: bytes) -> None:
        """Carry out in turn what takes time, beside all else."""
        await self._places.acquire()
        work = self._later(command, service, payload)
        if command == Command.LOGIN:  # what comes after it depends on it
            await work
            return
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def _later(self, command: int, service: Service, payload: bytes) -> None:
        turn = self._turns.setdefault(command, asyncio.Lock())
        try:
            async with turn:
                outcome = self._outcome(command, service, payload)
                reply = await outcome if inspect.isawaitable(outcome) else outcome
        except MalformedMessage as exc:
            reply = self._misunderstood(command, exc)
        finally:
            self._places.release()
        self._answer(command, reply)

    def _outcome(
        self, command: int, service: Service, payload: bytes
    ) -> Outcome | Awaitable[Outcome]:
        try:
            return service.handle(self._context, payload)
        except MalformedMessage as exc:
            return self._misunderstood(command, exc)

    def _answer(self, command: int, reply: Outcome | Awaitable[Outcome]) -> None:
        if isinstance(reply, Reply):
            self._session.answer(command, reply)

    def _done(self, task: asyncio.Task[None]) -> None:
        """A request that failed ends its connection: its answer would be missing."""
        self._tasks.discard(task)
        failure = None if task.cancelled() else task.exception()
        if failure is not None:
            logger.error(
                "session %d broken off", self._session.number, exc_info=failure
            )
            self._session.abort()

    def _misunderstood(self, command: int, exc: MalformedMessage) -> Reply:
        logger.warning(
            "session %d, %s: %s", self._session.number, describe(command), exc
        )
        return ERROR

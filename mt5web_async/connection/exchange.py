"""Who waits for which answer.

The protocol has no request numbers: an answer belongs to the one outstanding request
of its command. So at most one request of each command is in flight, the rest wait in
line, and a request that nobody waits for any more stays in place as a *tombstone*
until its late answer has come: given to the next request of that command it would be,
for bars, one symbol's prices under another's name.

The table is guarded by a lock, since callers' threads ask and the I/O thread answers.
It does no I/O itself: `send` is called, outside the lock, for each request whose turn
has come.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from mt5web_async.errors import (
    ConnectionLost,
    EngineError,
    MalformedMessage,
    ServerRefused,
)
from mt5web_async.protocol.commands import describe
from mt5web_async.waiting import settle, settle_error

log = logging.getLogger("mt5web_async.connection.exchange")

T = TypeVar("T")

MAX_QUEUE: Final = 1000
"""Most requests of one command that wait in line."""

Handler = Callable[[memoryview], T]
"""Makes the answer's value; runs in the I/O thread, in the order of the wire."""

RESULTS: Final = {
    1: "internal error",
    2: "trade server not available",
    3: "invalid account or password",
    5: "one-time password required or wrong",
    6: "two-factor authentication must be set up first",
    7: "invalid e-mail",
    8: "invalid phone",
    9: "certificate authorisation not supported",
    102: "unknown command",
    201: "invalid one-time password",
}


@dataclass(eq=False, slots=True)
class Ticket(Generic[T]):
    """One request: where it stands and who gets its answer."""

    command: int
    payload: bytes
    handler: Handler[T]
    future: Future[T] = field(default_factory=Future)
    sent: bool = False
    abandoned_at: float | None = None  # set: a tombstone

    def __repr__(self) -> str:
        stands = "in flight" if self.sent else "waiting"
        if self.abandoned_at is not None:
            stands = "abandoned"
        return f"<Ticket {describe(self.command)}, {stands}>"


@dataclass(slots=True)
class _Lane:
    """The requests of one command: the one in flight and those in line."""

    flying: Ticket[Any] | None = None
    line: deque[Ticket[Any]] = field(default_factory=deque)


class Exchange:
    """Pairs answers with requests, one connection long.

    Args:
        send: writes one request to the wire; raises ConnectionLost if it cannot.
        quarantine: s that a tombstone may wait for its late answer.
    """

    def __init__(
        self,
        send: Callable[[int, bytes], None],
        *,
        quarantine: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send = send
        self._quarantine = quarantine
        self._clock = clock
        self._lanes: dict[int, _Lane] = {}
        self.over: EngineError | None = None  # why nothing can be asked any more
        self._table_lock = threading.Lock()

    def ask(self, command: int, payload: bytes, handler: Handler[T]) -> Ticket[T]:
        """Send the request, or put it in line behind the one in flight.

        Raises:
            ConnectionLost: the connection is over, or too many wait already.
        """
        ticket = Ticket(command, payload, handler)
        with self._table_lock:
            if self.over is not None:
                raise _again(self.over)
            lane = self._lanes.setdefault(command, _Lane())
            if len(lane.line) >= MAX_QUEUE:
                raise ConnectionLost(
                    f"{MAX_QUEUE} requests already wait for {describe(command)}",
                    command=command,
                )
            lane.line.append(ticket)
        self._advance(lane)
        return ticket

    def answer(self, command: int, result: int, payload: memoryview) -> bool:
        """Give an answer to its request; False if none is in flight for it."""
        with self._table_lock:
            lane = self._lanes.get(command)
            ticket = None if lane is None else lane.flying
            if lane is None or ticket is None:
                return False
            lane.flying = None
        if ticket.abandoned_at is not None:
            log.info("late answer to %s swallowed", describe(command))
        else:
            _complete(ticket, result, payload)
        self._advance(lane)
        return True

    def abandon(self, ticket: Ticket[Any]) -> None:
        """Nobody waits any more: take it out of the line, or leave a tombstone."""
        with self._table_lock:
            ticket.future.cancel()
            lane = self._lanes.get(ticket.command)
            if lane is None:
                return
            if lane.flying is ticket:
                ticket.abandoned_at = self._clock()
            elif ticket in lane.line:
                lane.line.remove(ticket)

    def overdue(self) -> list[int]:
        """Commands whose tombstone has waited too long: drop the connection."""
        now = self._clock()
        with self._table_lock:
            return [
                command
                for command, lane in self._lanes.items()
                if lane.flying is not None
                and lane.flying.abandoned_at is not None
                and now - lane.flying.abandoned_at >= self._quarantine
            ]

    def in_flight(self) -> list[int]:
        """Commands that somebody waits for an answer to."""
        with self._table_lock:
            return [
                command
                for command, lane in self._lanes.items()
                if lane.flying is not None and lane.flying.abandoned_at is None
            ]

    def end(self, reason: EngineError) -> None:
        """The connection is over: everybody who waits gets the reason."""
        with self._table_lock:
            if self.over is not None:
                return
            self.over = reason
            left = [
                t for lane in self._lanes.values() for t in (lane.flying, *lane.line)
            ]
            self._lanes.clear()
        for ticket in left:
            if ticket is not None:
                settle_error(ticket.future, _again(reason, ticket.command))

    def _advance(self, lane: _Lane) -> None:
        """Send the next in line, if its lane is free."""
        while True:
            with self._table_lock:
                if lane.flying is not None or not lane.line:
                    return
                ticket = lane.flying = lane.line.popleft()
                # before the bytes leave: whoever loses the connection while they
                # do must count the request as sent
                ticket.sent = True
            try:
                self._send(ticket.command, ticket.payload)
            except EngineError as exc:
                self._failed(lane, ticket, exc)
            else:
                return

    def _failed(self, lane: _Lane, ticket: Ticket[Any], error: EngineError) -> None:
        with self._table_lock:
            ticket.sent = False
            if lane.flying is ticket:
                lane.flying = None
        settle_error(ticket.future, error)


def _complete(ticket: Ticket[T], result: int, payload: memoryview) -> None:
    if result:
        text = RESULTS.get(result, "error")
        refusal = ServerRefused(
            f"{describe(ticket.command)} refused by the server: {text} ({result})",
            result=result,
            command=ticket.command,
        )
        settle_error(ticket.future, refusal)
        return
    try:
        value = ticket.handler(payload)
    except MalformedMessage as exc:
        log.warning("answer to %s dropped: %s", describe(ticket.command), exc)
        settle_error(ticket.future, exc)
    else:
        settle(ticket.future, value)


def _again(reason: EngineError, command: int | None = None) -> EngineError:
    """The same reason for another waiter: exceptions must not be shared."""
    return ConnectionLost(str(reason), command=command, server=reason.server)

"""Who waits for which answer.

The protocol has no request numbers: an answer belongs to the one outstanding request
of its command. So at most one request of each command is in flight, the rest wait in
line, and a request that nobody waits for any more stays in place as a *tombstone*
until its late answer has come: given to the next request of that command it would be,
for bars, one symbol's prices under another's name.

Answers that come twice are dealt with in three ways. The next request of a command
leaves only when everything that has arrived was read, so nothing that was there
before can be its answer. An answer that looks like another request's is not believed:
the request is sent once more, and what comes from then on counts. And an answer that
nobody asked for, on a command where a mistake would go unnoticed, ends the connection.

The table is guarded by a lock, since callers' threads ask and the I/O thread answers.
It does no I/O itself: `send` is called, outside the lock, for each request whose turn
has come. Callers are woken by :meth:`Exchange.deliver`, when the I/O thread has nothing
left to do at once: woken before, they would wait for the interpreter that it holds.
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
    ProtocolViolation,
    ServerRefused,
    TooManyRequests,
)
from mt5web_async.protocol.commands import Command, describe
from mt5web_async.waiting import settle, settle_error

from .doubts import Exchanged, Trace, doubtful

log = logging.getLogger("mt5web_async.connection.exchange")

T = TypeVar("T")

MAX_QUEUE: Final = 1000
"""Most requests of one command that wait in line."""

SURPLUS: Final = 2.0
"""s that the second answer to a request that was sent twice is waited for."""

REPEATABLE: Final = frozenset(
    {
        Command.ACCOUNT,
        Command.POSITIONS,
        Command.HISTORY,
        Command.SYMBOLS,
        Command.SYMBOL_GROUPS,
        Command.RATES,
        Command.FULL_SYMBOLS,
        Command.SPREADS,
        Command.PACKED_SYMBOLS,
        Command.TRADER_PARAMETERS,
        Command.CORPORATE_LINKS,
    }
)
"""Commands that only read: asking twice does no harm."""

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

_STRICT: Final = frozenset({Command.RATES, Command.TRADE})
"""Commands on which a mistake in pairing would go unnoticed and do harm."""


@dataclass(eq=False, slots=True)
class Ticket(Generic[T]):
    """One request: where it stands and who gets its answer."""

    command: int
    payload: bytes
    handler: Handler[T]
    future: Future[T] = field(default_factory=Future)
    sent: bool = False
    answered: bool = False
    abandoned_at: float | None = None  # set: a tombstone
    doubted: Trace | None = None  # an answer that may be another's
    doubting: bool = False  # since then, not all that had arrived was read

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
    last: Exchanged | None = None
    surplus_until: float | None = None  # set: one more answer may come


class Exchange:
    """Pairs answers with requests, one connection long.

    Args:
        send: writes one request to the wire; raises ConnectionLost if it cannot.
        quarantine: s that a tombstone may wait for its late answer.
        clock: in s.

    Attributes:
        over: why nothing can be asked any more; None while it can.
        strays: how many answers came that nobody had asked for.
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
        self._answered: list[_Lane] = []  # free as soon as all was read
        self._doubting: list[Ticket[Any]] = []  # until all was read
        self._outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
        self.over: EngineError | None = None
        self.strays = 0
        self._table_lock = threading.Lock()

    def ask(self, command: int, payload: bytes, handler: Handler[T]) -> Ticket[T]:
        """Send the request, or put it in line behind the one in flight.

        Raises:
            ConnectionLost: the connection is over.
            TooManyRequests: too many wait already.
        """
        ticket = Ticket(command, payload, handler)
        try:
            self._advance(self._enqueue(ticket))
        except BaseException:  # Ctrl-C: it may be on its way by now
            self.abandon(ticket)
            raise
        return ticket

    def answer(self, command: int, result: int, payload: memoryview) -> bool:
        """Take in the answer to a request; False if none is in flight for it.

        What it says goes to the caller with the next :meth:`deliver`.

        Raises:
            ProtocolViolation: nobody asked, and earlier answers may be wrong.
        """
        trace = Trace.of(result, payload)
        with self._table_lock:
            lane = self._lanes.get(command)
            ticket = None if lane is None else lane.flying
            if lane is None or ticket is None:
                self._stray(command, trace, lane)
                return False
            if ticket.answered:
                return self._more(lane, trace)
            if ticket.doubting and trace == ticket.doubted:
                self.strays += 1  # it was on its way before the request went out again
                return True
            doubted = self._doubt(lane, ticket, trace, payload)
            if not doubted:
                self._take(lane, ticket, trace)
        if not doubted:
            self._hand_over(ticket, result, payload)
        return True

    def deliver(self) -> None:
        """Wake those whose answers came."""
        if not self._outcomes:
            return
        outcomes, self._outcomes = self._outcomes, []
        for future, value, error in outcomes:
            if error is None:
                settle(future, value)
            else:
                settle_error(future, error)

    def undrained(self) -> bool:
        """Whether something waits for all to be read that had arrived."""
        return bool(self._answered or self._doubting)

    def drained(self) -> None:
        """All that had arrived was read: the next in line may be sent.

        And so may what has to be sent once more.
        """
        now = self._clock()
        with self._table_lock:
            doubting, self._doubting = self._doubting, []
            for ticket in doubting:
                ticket.doubting = False
            answered, self._answered = self._answered, []
            free = []
            for lane in answered:
                if lane.surplus_until is not None and now < lane.surplus_until:
                    self._answered.append(lane)
                else:
                    lane.flying = lane.surplus_until = None
                    free.append(lane)
            sends = bool(doubting) or any(lane.line for lane in free)
        if sends:  # which may take as long as the peer pleases
            self.deliver()
        for ticket in doubting:
            if ticket.command in REPEATABLE:
                self._send(ticket.command, ticket.payload)
        for lane in free:
            self._advance(lane)

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
                ticket.command
                for ticket in self._flying()
                if ticket.abandoned_at is not None
                and now - ticket.abandoned_at >= self._quarantine
            ]

    def awaited(self) -> list[Future[Any]]:
        """What somebody still waits for, in flight or in line."""
        with self._table_lock:
            waiting = [t for lane in self._lanes.values() for t in lane.line]
            return [
                ticket.future
                for ticket in (*self._flying(), *waiting)
                if ticket.abandoned_at is None and not ticket.future.done()
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
            self._answered.clear()
            self._doubting.clear()
        for ticket in left:
            if ticket is not None and not ticket.answered:
                lost = _again(reason, ticket.command, sent=ticket.sent)
                settle_error(ticket.future, lost)

    def _enqueue(self, ticket: Ticket[Any]) -> _Lane:
        with self._table_lock:
            if self.over is not None:
                raise _again(self.over, ticket.command, sent=False)
            lane = self._lanes.setdefault(ticket.command, _Lane())
            if len(lane.line) >= MAX_QUEUE:
                raise TooManyRequests(
                    f"{MAX_QUEUE} requests already wait for {describe(ticket.command)}",
                    command=ticket.command,
                )
            lane.line.append(ticket)
        return lane

    def _flying(self) -> list[Ticket[Any]]:
        """Requests whose answer is owed; call it under the lock."""
        lanes = self._lanes.values()
        return [n.flying for n in lanes if n.flying and not n.flying.answered]

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

    def _stray(self, command: int, trace: Trace, lane: _Lane | None) -> None:
        """An answer that nobody waits for; under the lock."""
        self.strays += 1
        log.debug("answer to %s, and nobody asked", describe(command))
        known = lane is None or lane.last is None or lane.last.answer == trace
        if command in _STRICT and not known:
            raise ProtocolViolation(
                f"an answer to {describe(command)} that nobody asked for: "
                "answers and requests may have come apart",
                command=command,
            )

    def _more(self, lane: _Lane, trace: Trace) -> bool:
        """Another answer to a request that has one; under the lock."""
        if lane.flying is not None and lane.surplus_until is None:
            self._stray(lane.flying.command, trace, lane)
            return False
        lane.surplus_until = None
        return True

    def _doubt(
        self, lane: _Lane, ticket: Ticket[Any], trace: Trace, payload: memoryview
    ) -> bool:
        """Whether to wait for another answer; under the lock. A second one counts."""
        if lane.last is None or ticket.doubted is not None:
            return False
        if not doubtful(ticket.command, ticket.payload, trace, payload, lane.last):
            return False
        log.info(
            "answer to %s looks like that of another request: asked once more",
            describe(ticket.command),
        )
        ticket.doubted, ticket.doubting = trace, True
        self._doubting.append(ticket)
        return True

    def _take(self, lane: _Lane, ticket: Ticket[Any], trace: Trace) -> None:
        """This is the answer; under the lock."""
        ticket.answered = True
        lane.last = Exchanged.of(ticket.payload, trace)
        self._answered.append(lane)
        if ticket.doubted not in {None, trace}:
            # the doubted one was a stray, so two answers to one request remain
            lane.surplus_until = self._clock() + SURPLUS

    def _hand_over(self, ticket: Ticket[T], result: int, payload: memoryview) -> None:
        if ticket.abandoned_at is not None:
            log.info("late answer to %s swallowed", describe(ticket.command))
        elif result:
            self._fail(ticket, _refusal(ticket.command, result))
        else:
            self._complete(ticket, payload)

    def _complete(self, ticket: Ticket[T], payload: memoryview) -> None:
        try:
            value = ticket.handler(payload)
        except MalformedMessage as exc:
            log.warning("answer to %s dropped: %s", describe(ticket.command), exc)
            self._fail(ticket, exc)
        except EngineError as exc:
            self._fail(ticket, exc)
        except BaseException:  # a bug, which the I/O thread reports; nobody may hang
            bug = ConnectionLost("internal error", sent=True, command=ticket.command)
            self._fail(ticket, bug)
            raise
        else:
            self._outcomes.append((ticket.future, value, None))

    def _fail(self, ticket: Ticket[Any], error: EngineError) -> None:
        self._outcomes.append((ticket.future, None, error))


def _refusal(command: int, result: int) -> ServerRefused:
    text = RESULTS.get(result, "error")
    return ServerRefused(
        f"{describe(command)} refused by the server: {text} ({result})",
        result=result,
        command=command,
    )


def _again(reason: EngineError, command: int, *, sent: bool) -> ConnectionLost:
    """The same reason for another waiter: exceptions must not be shared."""
    return ConnectionLost(str(reason), sent=sent, command=command, server=reason.server)

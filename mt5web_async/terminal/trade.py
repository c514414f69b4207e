"""Sending trade requests, each at most once, and what comes back.

A request passes three stages: the immediate answer to it (a refusal, or "taken"), the
result that is pushed later, and the transactions that change orders, positions and
deals, which may come before or after the result. A call that reports success returns
only when the transactions it is about have arrived, so that a script finds its
position and its deal on the next line.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from mt5web_async.connection.exchange import Ticket
from mt5web_async.connection.session import Session
from mt5web_async.enums import RETCODE_TEXTS, Filling, Retcode, TradeAction
from mt5web_async.errors import (
    ConnectionLost,
    EngineError,
    MalformedMessage,
    OutcomeUnknown,
    RequestTimeout,
    TooManyRequests,
    TradeRefused,
)
from mt5web_async.events import TradeResulted
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import (
    TRADE_REQUEST,
    TRADE_RESULT,
    TradeRequest,
    TradeResult,
    TradeResultAnswer,
)
from mt5web_async.protocol.responses import read_u32
from mt5web_async.waiting import Deadline, settle, settle_error, wait_for

from .account import Expectation, Holdings, Sight
from .fate import SUCCESSES, answers
from .noted import Note

log = logging.getLogger("mt5web_async.terminal.trade")

FIRST_ACTION_ID: Final = 1000
VISIBLE_WITHIN: Final = 3.0
"""s that the transactions of a successful request may take to follow its result."""

MAX_OWED: Final = 1000
"""Requests whose late result is still listened for; the oldest are forgotten."""

TAKEN: Final = frozenset({0, 10001, 10002, 10003})
"""Immediate answers after which a result follows."""

INTERIM: Final = TAKEN | {Retcode.LOCKED}
"""Results after which another one follows."""

_LOCAL_CODES: Final = {
    3: Retcode.INVALID,
    4: Retcode.INVALID,
    7: Retcode.CONNECTION,
    8: Retcode.TRADE_DISABLED,
    9: Retcode.TIMEOUT,
    10: Retcode.CONNECTION,
    12: Retcode.TOO_MANY_REQUESTS,
}
_DEALS: Final = (
    TradeAction.REQUEST,
    TradeAction.INSTANT,
    TradeAction.MARKET,
    TradeAction.EXCHANGE,
)


def final_retcode(answer: int) -> int:
    """The trade server's code for an immediate answer that refuses.

    Numbers below 10000 are of another set and are translated by their meaning.

    >>> final_retcode(10013), final_retcode(3)
    (10013, <Retcode.INVALID: 10013>)
    """
    return answer if answer >= 10000 else _LOCAL_CODES.get(answer, Retcode.ERROR)


class Sent(NamedTuple):
    """What came of a request.

    Attributes:
        result: as it was pushed.
        shown: the model shows what it tells of; if not, something went missing.
    """

    result: TradeResult
    shown: bool


@dataclass(eq=False, slots=True)
class _Owed:
    """A result that is owed to a caller or, when that one has left, to the journal."""

    request: TradeRequest
    note: Note
    future: Future[TradeResult] = field(default_factory=Future)

    def leave(self) -> TradeResult | None:
        """Wait no more; the result, if it came in this very moment."""
        if self.future.cancel() or self.future.exception() is not None:
            return None
        return self.future.result()


class TradeDesk:
    """Requests under way on the connections of one terminal.

    Args:
        holdings: where transactions arrive.

    Attributes:
        late: told of results that nobody waits for any more, in the I/O thread.
    """

    def __init__(self, holdings: Holdings) -> None:
        self.late: Callable[[Note, TradeResult], None] | None = None
        self._holdings = holdings
        self._owed: dict[int, _Owed] = {}
        # goes on counting after a reconnect: no result of an earlier connection can
        # be taken for that of a later request
        self._action_ids = itertools.count(FIRST_ACTION_ID)

    @property
    def owed(self) -> set[int]:
        """Entries of the journal whose results are owed to this terminal."""
        numbers = (owed.note.number for owed in list(self._owed.values()))
        return {number for number in numbers if number is not None}

    def lost(self, reason: EngineError) -> None:
        """The connection is gone: results still owed will hardly come."""
        for owed in list(self._owed.values()):
            settle_error(owed.future, ConnectionLost(str(reason), server=reason.server))

    async def quiet(self, deadline: Deadline) -> None:
        """Wait until nobody waits for a result.

        Raises:
            TimeoutError: somebody still does when the deadline passes.
        """
        for owed in list(self._owed.values()):
            if not owed.future.done():
                with suppress(EngineError):  # told to whoever sent the request
                    await wait_for(owed.future, deadline)

    def take_result(self, payload: memoryview) -> None:
        """A pushed result (in the I/O thread)."""
        result = TRADE_RESULT.read(payload)
        action_id, retcode = result.action.action_id, result.answer.retcode
        owed = self._owed.get(action_id)
        if owed is None or not answers(owed.request, result):
            log.info("result %d of an unknown request %d", retcode, action_id)
        elif retcode in INTERIM:
            log.debug("request %d: %d", action_id, retcode)
        else:
            self._holdings.tell(TradeResulted(result=result))
            if not settle(owed.future, result):
                self._take_late(owed, result)

    def _take_late(self, owed: _Owed, result: TradeResult) -> None:
        """Nobody waits for this result any more."""
        self._settled(owed)
        action_id, retcode = result.action.action_id, result.answer.retcode
        log.warning("request %d: late result %d", action_id, retcode)
        if self.late is not None:
            self.late(owed.note, result)

    async def send(
        self,
        session: Session,
        request: TradeRequest,
        note: Note,
        *,
        answer: Deadline,
        result: Deadline,
    ) -> Sent:
        """Send the request once and wait for its result and its transactions.

        Args:
            session: the connection to use.
            request: what to send; its action id is set here.
            note: told of the request before it leaves, and of what becomes of it.
            answer: how long to wait for the immediate answer.
            result: how long to wait for the result.

        Returns:
            The result, for any outcome that the server told.

        Raises:
            TradeRefused: refused by the immediate answer, or never sent.
            OutcomeUnknown: sent, and no word of what became of it.
        """
        request = request._replace(action_id=next(self._action_ids))
        await _turn(session, request, answer)
        expectation = self._holdings.expect()
        try:
            note.before(request)
            outcome = await self._outcome(session, request, note, answer, result)
            note.told(outcome)
            shown = await self._shown(request, outcome, expectation)
        except BaseException as exc:
            if note.fate is None:  # cancelled, or Ctrl-C: it may be on its way
                note.unknown(f"interrupted: {type(exc).__name__}")
            raise
        finally:
            self._holdings.release(expectation)
        return Sent(outcome, shown)

    async def _outcome(
        self,
        session: Session,
        request: TradeRequest,
        note: Note,
        answer: Deadline,
        result: Deadline,
    ) -> TradeResult:
        owed = _Owed(request, note)
        self._owe(owed)
        try:
            ticket = _ask(session, request)
        except TradeRefused as exc:
            raise self._refused(owed, exc) from exc.__cause__
        try:
            outcome = await _result(session, ticket, owed, answer, result)
        except TradeRefused as exc:
            raise self._refused(owed, exc) from None
        except (EngineError, TimeoutError) as exc:
            outcome = self._overtaken(owed, ticket, exc, session.url)
        except BaseException:  # cancelled, or Ctrl-C
            self._interrupted(owed, ticket)
            raise
        self._settled(owed)
        return outcome

    def _overtaken(
        self, owed: _Owed, ticket: Ticket[int], cause: Exception, server: str
    ) -> TradeResult:
        """The waiting failed: the result, if that came all the same.

        Raises:
            TradeRefused: the request never left.
            OutcomeUnknown: it did.
        """
        came = owed.leave()
        if came is not None:
            return came
        if not ticket.sent:
            never = refused(Retcode.CONNECTION, owed.request)
            raise self._refused(owed, never) from cause
        unknown = _unknown(owed.request, cause, server)
        owed.note.unknown(str(unknown))
        raise unknown from cause

    def _interrupted(self, owed: _Owed, ticket: Ticket[int]) -> None:
        """The caller has left; tell the journal what is known all the same."""
        came = owed.leave()
        if came is not None:
            self._settled(owed)
            owed.note.told(came)
        elif not ticket.sent:
            self._refused(owed, refused(Retcode.CONNECTION, owed.request))

    def _refused(self, owed: _Owed, error: TradeRefused) -> TradeRefused:
        self._settled(owed)
        owed.note.refused(error)
        return error

    def _owe(self, owed: _Owed) -> None:
        self._owed[owed.request.action_id] = owed
        for action_id in list(self._owed)[:-MAX_OWED]:
            if self._owed[action_id].future.done():
                self._owed.pop(action_id, None)

    def _settled(self, owed: _Owed) -> None:
        self._owed.pop(owed.request.action_id, None)

    async def _shown(
        self, request: TradeRequest, result: TradeResult, expectation: Expectation
    ) -> bool:
        """Wait until the model shows what the result tells of; False: in vain."""
        if result.answer.retcode not in SUCCESSES:
            return True
        wanted = self._touched(request, result)
        try:
            await wait_for(expectation.want(wanted), Deadline(VISIBLE_WITHIN))
        except TimeoutError:
            log.warning("not all of request %d has come", request.action_id)
            return False
        return True

    def _touched(
        self, request: TradeRequest, result: TradeResult
    ) -> list[tuple[Sight, int]]:
        """What transactions show of a successful request; tickets of 0 are none."""
        order, deal = result.answer.order, result.answer.deal
        if request.action in _DEALS:
            waits = not deal or _rest_waits(request, result)
            sights = [(Sight.DEAL, deal), (Sight.ORDER if waits else Sight.DONE, order)]
        elif request.action == TradeAction.CLOSE_BY:
            both = request.position, request.position_by
            sights = [(Sight.DEAL, deal), (Sight.DONE, order)]
            sights += [(Sight.POSITION, position) for position in both]
        elif request.action == TradeAction.SLTP:
            sights = [(Sight.POSITION, self._target(request))]
        elif request.action == TradeAction.REMOVE:
            sights = [(Sight.DONE, request.order)]
        else:
            sights = [(Sight.ORDER, request.order or order)]
        return [(sight, ticket) for sight, ticket in sights if ticket]

    def _target(self, request: TradeRequest) -> int:
        """The position whose levels change: it may be named by its symbol alone."""
        held = self._holdings.now
        known = request.position in held.positions
        return request.position if known else held.ticket_of(request.symbol)


def _rest_waits(request: TradeRequest, result: TradeResult) -> bool:
    """Whether an order that was filled in part stays open."""
    partial = result.answer.retcode == Retcode.DONE_PARTIAL
    return partial and request.type_filling == Filling.RETURN


async def _turn(session: Session, request: TradeRequest, deadline: Deadline) -> None:
    try:
        await session.turn(Command.TRADE, deadline)
    except RequestTimeout as exc:
        raise refused(Retcode.TOO_MANY_REQUESTS, request) from exc


def _ask(session: Session, request: TradeRequest) -> Ticket[int]:
    """Send the request, or put it in line behind another one.

    Raises:
        TradeRefused: it was not sent, and will not be.
    """
    try:
        return session.ask(Command.TRADE, TRADE_REQUEST.write(request), read_u32)
    except TooManyRequests as exc:
        raise refused(Retcode.TOO_MANY_REQUESTS, request) from exc
    except EngineError as exc:
        raise refused(Retcode.CONNECTION, request) from exc


async def _result(
    session: Session,
    ticket: Ticket[int],
    owed: _Owed,
    until_answer: Deadline,
    until_result: Deadline,
) -> TradeResult:
    """The result of a request that was asked for.

    Raises:
        TradeRefused: the immediate answer refuses it.
        EngineError: there is no answer.
        TimeoutError: there is no result.
    """
    try:
        taken = await session.result(ticket, until_answer)
    except MalformedMessage as exc:
        log.warning("request %d: %s", owed.request.action_id, exc)
        return await wait_for(owed.future, until_answer)
    if taken in TAKEN:
        return await wait_for(owed.future, until_result)
    if taken not in SUCCESSES:
        raise refused(final_retcode(taken), owed.request)
    try:
        return await wait_for(owed.future, Deadline(VISIBLE_WITHIN))
    except (EngineError, TimeoutError):
        return TradeResult(answer=TradeResultAnswer(retcode=taken))


def refused(retcode: int, request: TradeRequest) -> TradeRefused:
    """The error of a request that was not executed, with the code's text."""
    return TradeRefused(
        RETCODE_TEXTS.get(retcode, f"retcode {retcode}"),
        retcode=retcode,
        symbol=request.symbol,
    )


def _unknown(
    request: TradeRequest, cause: BaseException, server: str
) -> OutcomeUnknown:
    why = str(cause) or "no result in time"
    return OutcomeUnknown(
        f"{request.symbol}: request {request.action_id} was sent and its fate is "
        f"unknown: {why}",
        retcode=Retcode.TIMEOUT,
        symbol=request.symbol,
        server=server,
    )

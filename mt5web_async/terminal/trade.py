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
from typing import Final

from mt5web_async.connection.session import Session
from mt5web_async.enums import RETCODE_TEXTS, Retcode, TradeAction
from mt5web_async.errors import (
    ConnectionLost,
    EngineError,
    OutcomeUnknown,
    RequestTimeout,
    TradeRefused,
)
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import (
    TRADE_REQUEST,
    TRADE_RESULT,
    TradeRequest,
    TradeResult,
)
from mt5web_async.protocol.responses import read_u32
from mt5web_async.waiting import Deadline, settle, settle_error, wait_for

from .account import Expectation, Holdings

log = logging.getLogger("mt5web_async.terminal.trade")

FIRST_ACTION_ID: Final = 1000
VISIBLE_WITHIN: Final = 5.0
"""s that the transactions of a successful request may take to follow its result."""

INTERIM: Final = frozenset({0, 10001, 10002, 10003, Retcode.LOCKED})
"""Results after which another one follows."""

SUCCESSES: Final = frozenset(
    {
        Retcode.PLACED,
        Retcode.DONE,
        Retcode.DONE_PARTIAL,
        Retcode.DONE_PARTIAL_CANCELED,
    }
)

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
    TradeAction.CLOSE_BY,
)


def final_retcode(answer: int) -> int:
    """The trade server's code for an immediate answer that is not 0.

    Numbers below 10000 are of another set and are translated by their meaning.

    >>> final_retcode(10013), final_retcode(3)
    (10013, <Retcode.INVALID: 10013>)
    """
    return answer if answer >= 10000 else _LOCAL_CODES.get(answer, Retcode.ERROR)


class TradeDesk:
    """Requests under way on the connections of one terminal.

    Args:
        holdings: where transactions arrive.
    """

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings
        self._results: dict[int, Future[TradeResult]] = {}
        # goes on counting after a reconnect: no result of an earlier connection can
        # be taken for that of a later request
        self._action_ids = itertools.count(FIRST_ACTION_ID)

    def lost(self, reason: EngineError) -> None:
        """The connection is gone: results still owed will not come."""
        for future in list(self._results.values()):
            settle_error(future, ConnectionLost(str(reason), server=reason.server))

    async def quiet(self, deadline: Deadline) -> None:
        """Wait until no result is owed.

        Raises:
            TimeoutError: one still is when the deadline passes.
        """
        for future in list(self._results.values()):
            with suppress(EngineError):  # told to whoever sent the request
                await wait_for(future, deadline)

    def take_result(self, payload: memoryview) -> None:
        """A pushed result (in the I/O thread)."""
        result = TRADE_RESULT.read(payload)
        future = self._results.get(result.action.action_id)
        if result.answer.retcode in INTERIM:
            log.debug("request %d: %d", result.action.action_id, result.answer.retcode)
        elif future is None:
            log.info("result of an unknown request %d", result.action.action_id)
        else:
            settle(future, result)

    async def send(
        self,
        session: Session,
        request: TradeRequest,
        *,
        answer: Deadline,
        result: Deadline,
        before: Callable[[TradeRequest], None],
    ) -> TradeResult:
        """Send the request once and wait for its result and its transactions.

        Args:
            session: the connection to use.
            request: what to send; its action id is set here.
            before: called with the complete request right before it is sent.
            answer: how long to wait for the immediate answer.
            result: how long to wait for the result.

        Returns:
            The result as pushed, for any outcome that the server told.

        Raises:
            TradeRefused: refused by the immediate answer, or never sent.
            OutcomeUnknown: sent, and no word of what became of it.
        """
        request = request._replace(action_id=next(self._action_ids))
        expectation = self._holdings.expect()
        future: Future[TradeResult] = Future()
        self._results[request.action_id] = future
        try:
            await _turn(session, request, answer)
            before(request)
            outcome = await self._result(session, request, future, answer, result)
            await self._visible(request, outcome, expectation)
            return outcome
        finally:
            del self._results[request.action_id]
            self._holdings.release(expectation)

    async def _result(
        self,
        session: Session,
        request: TradeRequest,
        future: Future[TradeResult],
        until_answer: Deadline,
        until_result: Deadline,
    ) -> TradeResult:
        try:
            ticket = session.ask(Command.TRADE, TRADE_REQUEST.write(request), read_u32)
        except EngineError as exc:
            raise refused(Retcode.CONNECTION, request) from exc
        try:
            if answer := await session.result(ticket, until_answer):
                raise refused(final_retcode(answer), request)
            return await wait_for(future, until_result)
        except TradeRefused:
            raise
        except (EngineError, TimeoutError) as exc:
            if future.done() and future.exception() is None:
                return future.result()  # the result overtook a lost answer
            if not ticket.sent:
                raise refused(Retcode.CONNECTION, request) from exc
            raise _unknown(request, exc, session.url) from exc

    async def _visible(
        self, request: TradeRequest, result: TradeResult, expectation: Expectation
    ) -> None:
        """Wait until the model shows what the result tells of."""
        wanted = _touched(request, result)
        if result.answer.retcode not in SUCCESSES or not wanted:
            return
        try:
            await wait_for(expectation.want(wanted), Deadline(VISIBLE_WITHIN))
        except TimeoutError:
            log.warning(
                "%s: no transactions of request %d within %s s",
                request.symbol,
                request.action_id,
                VISIBLE_WITHIN,
            )


async def _turn(session: Session, request: TradeRequest, deadline: Deadline) -> None:
    try:
        await session.turn(Command.TRADE, deadline)
    except RequestTimeout as exc:
        raise refused(Retcode.TOO_MANY_REQUESTS, request) from exc


def refused(retcode: int, request: TradeRequest) -> TradeRefused:
    """The error of a request that was not executed, with the code's text."""
    return TradeRefused(
        RETCODE_TEXTS.get(retcode, f"retcode {retcode}"),
        retcode=retcode,
        symbol=request.symbol,
    )


def _unknown(request: TradeRequest, cause: Exception, server: str) -> OutcomeUnknown:
    why = str(cause) or "no result in time"
    return OutcomeUnknown(
        f"{request.symbol}: request {request.action_id} was sent and its fate is "
        f"unknown: {why}",
        retcode=Retcode.TIMEOUT,
        symbol=request.symbol,
        server=server,
    )


def _touched(request: TradeRequest, result: TradeResult) -> list[tuple[str, int]]:
    """The tickets whose transactions a successful request brings with it."""
    answer = result.answer
    if request.action in _DEALS:
        return [("deal", answer.deal)] if answer.deal else [("order", answer.order)]
    if request.action == TradeAction.SLTP:
        return [("position", request.position)] if request.position else []
    if request.action in {TradeAction.MODIFY, TradeAction.REMOVE}:
        return [("order", request.order)]
    return [("order", answer.order)] if answer.order else []

"""Trade requests of one terminal: each is noted, sent once, and settled.

:class:`~mt5web_async.terminal.trade.TradeDesk` sends; here is decided on which
connection, what the journal is told, and who looks for what got lost.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from mt5web_async.connection.connection import Connection
from mt5web_async.connection.session import Session
from mt5web_async.enums import MarginMode, Retcode, TradeAction
from mt5web_async.errors import EngineError, NotConnected
from mt5web_async.events import TradeSettled
from mt5web_async.protocol.records import TradeRequest, TradeResult
from mt5web_async.waiting import Deadline, pause

from . import loading
from .fate import AccountKey, Sending, Unknown
from .journal import Journal
from .model import Model
from .noted import Note
from .settling import Settling
from .trade import refused

log = logging.getLogger("mt5web_async.terminal.trade")

_LOOK_AGAIN: Final = 0.05  # s, while the gateway has no trade server


class Trading:
    """Sends the trade requests of one terminal.

    Args:
        model: what is known of the account.
        connection: to its server.
        account: how journals name it.
        journal: keeps the requests; None: nobody does.
        timeout: s to wait for the result of a request.
        wait: s that :meth:`session` waits for a connection that is down.
    """

    def __init__(
        self,
        model: Model,
        connection: Connection,
        account: Callable[[], AccountKey],
        journal: Journal | None,
        *,
        timeout: float,
        wait: float,
    ) -> None:
        self._model = model
        self._connection = connection
        self._account = account
        self._journal = journal
        self._timeout = timeout
        self._wait = wait
        self._loop = asyncio.get_running_loop()
        self._settling: Settling | None = None
        if journal is not None:
            self._settling = Settling(journal, model, account, connection.session)
        model.desk.late = self._late

    async def session(self) -> Session:
        """The connection that requests can be sent on, waited for while it is down.

        Raises:
            TradeRefused: there is none, with the code for that, 10031.
        """
        deadline = Deadline(self._wait)
        try:
            session = await self._connection.session(deadline)
            while not self._model.trade_server_up and not deadline.passed():
                await pause(_LOOK_AGAIN)
                session = await self._connection.session(deadline)
        except NotConnected as exc:
            raise refused(Retcode.CONNECTION, TradeRequest()) from exc
        if not self._model.trade_server_up:
            raise refused(Retcode.CONNECTION, TradeRequest())
        return session

    async def send(
        self,
        request: TradeRequest,
        magic: int,
        original: str,
        session: Session | None,
    ) -> TradeResult:
        """See :meth:`Terminal.send`."""
        journal = None if request.action == TradeAction.PRICES else self._journal
        note = Note(journal, partial(self._sending, magic, original))
        session = session or self._current()
        deadline = Deadline(self._connection.options.request_timeout)
        try:
            sent = await self._model.desk.send(
                session, request, note, answer=deadline, result=Deadline(self._timeout)
            )
        finally:
            if isinstance(note.fate, Unknown):
                self._wake()
        if not sent.shown:
            await self._reload(session)
        return sent.result

    async def _reload(self, session: Session) -> None:
        """Some transaction is missing: have the server tell the state anew."""
        deadline = Deadline(self._connection.options.request_timeout)
        try:
            await loading.reload(session, self._model, deadline)
        except EngineError as exc:
            log.warning("positions and orders are not up to date: %s", exc)

    async def settle(self, session: Session, deadline: Deadline) -> None:
        """After a login: find out what became of requests of unknown fate.

        Raises:
            EngineError: the server does not answer.
        """
        if self._settling is not None:
            await self._settling.look(session, deadline, self._model.desk.owed)
            self._settling.wake()

    def stop(self) -> None:
        """Look for nothing any more."""
        if self._settling is not None:
            self._settling.stop()

    def _current(self) -> Session:
        try:
            return self._connection.current()
        except NotConnected as exc:
            raise refused(Retcode.CONNECTION, TradeRequest()) from exc

    def _sending(self, magic: int, original: str, request: TradeRequest) -> Sending:
        """What there is to note of a request before it leaves."""
        model = self._model
        return Sending(
            account=self._account(),
            time_msc=round(model.clock.now() * 1000),
            request=request,
            magic=magic,
            original=original,
            newest_order=model.newest_order,
            hedging=model.holdings.account.margin_mode == MarginMode.HEDGING,
        )

    def _wake(self) -> None:
        """A request ended unknown (in any thread)."""
        if self._settling is not None:
            with suppress(RuntimeError):  # the loop is gone: a later process does it
                self._loop.call_soon_threadsafe(self._settling.wake)

    def _late(self, note: Note, result: TradeResult) -> None:
        """In the I/O thread: the result of a request that was given up."""
        with suppress(RuntimeError):  # likewise
            self._loop.call_soon_threadsafe(self._settle_late, note, result)

    def _settle_late(self, note: Note, result: TradeResult) -> None:
        note.told(result)
        if note.request is not None and note.fate is not None:
            settled = TradeSettled(request=note.request, fate=note.fate)
            self._model.holdings.tell(settled)

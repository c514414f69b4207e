"""Finding out what became of requests whose answer was lost.

It is done after every login, before the connection counts as up, and whenever a
request ends unknown while the connection lasts; then again from time to time, as long
as a server may still hold a request. Each time the server is asked for what was done
since: its answer proves that nothing it told before is missing. So nothing is
concluded from a model that has gone stale unnoticed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from mt5web_async.connection.session import Session
from mt5web_async.errors import EngineError, JournalFailed, NotConnected
from mt5web_async.events import TradeSettled
from mt5web_async.waiting import Deadline

from .fate import AccountKey
from .journal import Entry, Journal, settle_entries
from .loading import load_history
from .model import Model
from .traces import CLOCKS_AT_MOST, PATIENCE, Known

log = logging.getLogger("mt5web_async.terminal.trade")

DAY: Final = 24 * 3600
EVERY: Final = 9.0
"""s between two looks."""

ANSWERED_WITHIN: Final = 30.0
"""s that the history may take to come, at a look."""


class Settling:
    """Looks for traces of the account's requests of unknown fate.

    Args:
        journal: keeps the requests.
        model: what is known of the account.
        account: whose requests.
        session: the connection in use, as soon as there is one; raises NotConnected
            when there will be none.
        every: s between two looks.
        patience: s that a server may hold a request.
    """

    def __init__(
        self,
        journal: Journal,
        model: Model,
        account: Callable[[], AccountKey],
        session: Callable[[Deadline], Awaitable[Session]],
        *,
        every: float = EVERY,
        patience: float = PATIENCE,
    ) -> None:
        self._journal = journal
        self._model = model
        self._account = account
        self._session = session
        self._every = every
        self._patience = patience
        self._again: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    def wake(self) -> None:
        """A request has ended unknown: look, and go on looking (in the loop)."""
        self._news.set()
        if self._again is None or self._again.done():
            self._again = asyncio.get_running_loop().create_task(self._go_on())

    def stop(self) -> None:
        """Look no more."""
        if self._again is not None:
            self._again.cancel()

    async def look(
        self, session: Session, deadline: Deadline, ended: Collection[int] = ()
    ) -> None:
        """Settle what can be settled now.

        Args:
            session: whose server is asked.
            deadline: for its answer.
            ended: entries that may count as awaited, but the connection that their
                answers could have come on is gone.

        Raises:
            EngineError: the server does not answer.
        """
        try:
            entries = self._unsettled(ended)
            if not entries:
                return
            asked_msc = round(self._model.clock.now() * 1000)
            await load_history(session, self._model, self._start(entries), deadline)
            known = replace(self._model.known(), now_msc=asked_msc)
            self._conclude(entries, known)
        except JournalFailed as exc:
            log.warning("requests of unknown fate cannot be settled: %s", exc)

    def _start(self, entries: Sequence[Entry]) -> int:
        """From when on the history is asked for, s; better the same as before."""
        first = min(entry.sending.time_msc for entry in entries) // 1000
        start, since = first - 2 * round(CLOCKS_AT_MOST), self._model.history.since
        if since is not None and start - DAY < since < start:
            return since
        return max(start, 0)

    def _conclude(self, entries: Sequence[Entry], known: Known) -> None:
        settled = settle_entries(
            self._journal,
            self._account(),
            known,
            self._patience,
            {entry.number for entry in entries},
        )
        lost = {entry.number for entry in entries if entry.own or entry.fate}
        for entry in settled:
            # others may belong to a process that lives and hears the answer itself
            level = logging.WARNING if entry.number in lost else logging.INFO
            log.log(level, "request %d: %r", entry.number, entry.fate)
            if entry.fate is not None:
                request = entry.sending.request
                settling = TradeSettled(request=request, fate=entry.fate)
                self._model.holdings.tell(settling)

    def _unsettled(self, ended: Collection[int] = ()) -> list[Entry]:
        """Entries whose answer nobody here waits for any more."""
        entries = self._journal.unsettled(self._account())
        return [one for one in entries if one.number in ended or not one.awaited]

    async def _go_on(self) -> None:
        try:
            while True:
                self._news.clear()
                session = await self._session(Deadline(None))
                try:
                    await self.look(session, Deadline(ANSWERED_WITHIN))
                except EngineError as exc:
                    log.info("looking for lost requests again later: %s", exc)
                if not self._open():
                    return
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._every):
                        await self._news.wait()
        except NotConnected as exc:
            log.info("lost requests are not looked for any more: %s", exc)

    def _open(self) -> bool:
        """Whether time may still tell what became of some request."""
        latest = self._model.clock.now() - self._patience - 2 * self._every
        try:
            entries = self._unsettled()
        except JournalFailed as exc:
            log.warning("requests of unknown fate cannot be settled: %s", exc)
            return False
        return any(entry.sending.time_msc > 1000 * latest for entry in entries)

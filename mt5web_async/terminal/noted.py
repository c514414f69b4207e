"""A trade request's note in the journal, from before it is sent to its outcome."""

from __future__ import annotations

import logging
from collections.abc import Callable

from mt5web_async.errors import JournalFailed, TradeRefused
from mt5web_async.protocol.records import TradeRequest, TradeResult

from .fate import Fate, NotExecuted, Sending, Unknown, told
from .journal import Journal

log = logging.getLogger("mt5web_async.terminal.trade")


class Note:
    """Writes down one request and what becomes of it.

    A journal that fails does not keep a request from being sent: it may be the one
    that closes a position. What is lost then is its magic number.

    Args:
        journal: where to; None: nowhere.
        sending: what there is to note of a complete request, at that moment.

    Attributes:
        fate: what became of it, as far as it is known; None: nothing is.
    """

    def __init__(
        self, journal: Journal | None, sending: Callable[[TradeRequest], Sending]
    ) -> None:
        self.fate: Fate | None = None
        self._journal = journal
        self._make = sending
        self._sending: Sending | None = None
        self._number: int | None = None

    @property
    def number(self) -> int | None:
        """Of its entry in the journal; None: there is none."""
        return self._number

    @property
    def request(self) -> TradeRequest | None:
        """The request as it left; None: it did not yet."""
        return None if self._sending is None else self._sending.request

    def before(self, request: TradeRequest) -> None:
        """The request goes out when this returns.

        Args:
            request: complete, with its action id.
        """
        self._sending = self._make(request)
        if self._journal is None:
            return
        try:
            self._number = self._journal.sending(self._sending)
        except JournalFailed as exc:
            log.warning("request %d is not in the journal: %s", request.action_id, exc)

    def told(self, result: TradeResult) -> None:
        """The server told what became of it."""
        if self._sending is not None:
            self._after(told(self._sending, result))

    def refused(self, error: TradeRefused) -> None:
        """It was refused at once, or never sent."""
        self._after(NotExecuted(retcode=error.retcode, why=str(error)))

    def unknown(self, why: str) -> None:
        """It was sent, and nobody hears any more what becomes of it."""
        self._after(Unknown(why=why))

    def _after(self, fate: Fate) -> None:
        self.fate = fate
        if self._journal is None or self._number is None:
            return
        try:
            self._journal.finish(self._number, fate)
        except JournalFailed as exc:
            log.warning("outcome %r is not in the journal: %s", fate, exc)

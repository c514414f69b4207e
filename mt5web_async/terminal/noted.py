"""A trade request's note in the journal, from before it is sent to its outcome."""

from __future__ import annotations

import logging

from mt5web_async.errors import JournalFailed, OutcomeUnknown, TradeRefused
from mt5web_async.protocol.records import TradeRequest

from .fate import Fate, NotExecuted, Sending, Unknown
from .journal import Journal

log = logging.getLogger("mt5web_async.terminal.trade")


class Note:
    """Writes down one request and what becomes of it.

    A journal that fails does not keep a request from being sent: it may be the one
    that closes a position. What is lost then is its magic number.

    Args:
        journal: where to; None: nowhere.
        sending: what is known before the request is complete.
    """

    def __init__(self, journal: Journal | None, sending: Sending) -> None:
        self._journal = journal
        self._sending = sending
        self._number: int | None = None

    def before(self, request: TradeRequest) -> None:
        """The request goes out when this returns.

        Args:
            request: complete, with its action id.
        """
        if self._journal is None:
            return
        sending = Sending(
            account=self._sending.account,
            time_msc=self._sending.time_msc,
            request=request,
            magic=self._sending.magic,
            original=self._sending.original,
            newest_order=self._sending.newest_order,
            hedging=self._sending.hedging,
        )
        try:
            self._number = self._journal.sending(sending)
        except JournalFailed as exc:
            log.warning("request %d is not in the journal: %s", request.action_id, exc)

    def after(self, fate: Fate) -> None:
        """This became of it."""
        if self._journal is None or self._number is None:
            return
        try:
            self._journal.finish(self._number, fate)
        except JournalFailed as exc:
            log.warning("outcome %r is not in the journal: %s", fate, exc)

    def failed(self, error: BaseException) -> None:
        """The call ended without a result."""
        if isinstance(error, TradeRefused):
            self.after(NotExecuted(retcode=error.retcode, why=str(error)))
        elif isinstance(error, OutcomeUnknown):
            self.after(Unknown(why=str(error)))
        else:
            self.after(Unknown(why=f"interrupted: {type(error).__name__}"))

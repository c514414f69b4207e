"""The journal of trade requests: magic numbers, comments and outcomes.

The protocol cannot carry a magic number, so it is written down here, beside the
request, before that is sent. Later it is known again by the tickets that the server
gave; a request whose answer was lost, or whose process was killed, is known by what
it asked for. Several processes may use one journal at once, and programs may read the
table `requests` of the SQLite file.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mt5web_async.errors import JournalFailed
from mt5web_async.protocol.records import TradeRequest
from mt5web_async.terminal.fate import (
    MAKES_ORDER,
    AccountKey,
    Executed,
    Fate,
    NotExecuted,
    Sending,
    Unknown,
)
from mt5web_async.terminal.journal import Entry

from .magics import Magics
from .settings import data_path

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger("mt5web.journal")

KEPT: Final = 1_000_000
"""Entries that a journal keeps, about 600 bytes each; the oldest go first."""

BUSY: Final = 5.0
"""s to wait for another process that is writing."""

_VERSION: Final = 1
_OPEN: Final = "('sending', 'unknown')"
_MAKERS: Final = f"({', '.join(str(int(action)) for action in sorted(MAKES_ORDER))})"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS requests (
    entry        INTEGER PRIMARY KEY AUTOINCREMENT,
    revision     INTEGER NOT NULL,  -- rises with every change
    server       TEXT NOT NULL,
    login        INTEGER NOT NULL,
    process      TEXT NOT NULL,     -- that sends it
    state        TEXT NOT NULL,     -- sending, executed, refused, unknown
    settled      INTEGER NOT NULL DEFAULT 0,  -- concluded, not told by the server
    sent_msc     INTEGER NOT NULL,  -- server time
    action_id    INTEGER NOT NULL,
    action       INTEGER NOT NULL,
    symbol       TEXT NOT NULL,
    volume       INTEGER NOT NULL,  -- 1e-8 lots
    type         INTEGER NOT NULL,
    price        REAL,
    comment      TEXT NOT NULL,
    magic        INTEGER NOT NULL,  -- above 2**63: less 2**64
    hedging      INTEGER NOT NULL,
    newest_order INTEGER NOT NULL,
    wire         TEXT NOT NULL,     -- the request as it was sent, a JSON array
    original     TEXT NOT NULL,     -- as it was asked for
    retcode      INTEGER NOT NULL DEFAULT 0,
    order_ticket INTEGER NOT NULL DEFAULT 0,
    deal         INTEGER NOT NULL DEFAULT 0,
    position     INTEGER NOT NULL DEFAULT 0,
    done_volume  INTEGER NOT NULL DEFAULT 0,
    done_price   REAL,
    why          TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS requests_by_revision ON requests (revision);
CREATE INDEX IF NOT EXISTS requests_by_account ON requests (server, login, revision);
CREATE INDEX IF NOT EXISTS requests_by_order ON requests (server, login, order_ticket);
"""
_REVISION: Final = "(SELECT COALESCE(MAX(revision), 0) + 1 FROM requests)"
_INSERT: Final = f"""
INSERT INTO requests (revision, server, login, process, state, sent_msc, action_id,
    action, symbol, volume, type, price, comment, magic, hedging, newest_order, wire,
    original)
VALUES ({_REVISION}, ?, ?, ?, 'sending', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""  # noqa: S608
_FINISH: Final = f"""
UPDATE requests SET revision = {_REVISION}, state = :state, settled = :settled,
    retcode = :retcode, order_ticket = :order, deal = :deal, position = :position,
    done_volume = :volume, done_price = :price, why = :why
WHERE entry = :entry
"""  # noqa: S608
_CONCLUDE: Final = f"""{_FINISH} AND state IN {_OPEN} AND (:order = 0
    OR action NOT IN {_MAKERS} OR NOT EXISTS (SELECT 1 FROM requests other
        WHERE other.server = requests.server AND other.login = requests.login
        AND other.order_ticket = :order AND other.entry <> :entry
        AND other.action IN {_MAKERS}))
"""  # noqa: S608
_CORRECT: Final = f"""
UPDATE requests SET revision = {_REVISION}, state = 'unknown', settled = 0,
    order_ticket = 0, deal = 0, position = 0, done_volume = 0
WHERE order_ticket = :order AND entry <> :entry AND settled = 1
    AND action IN {_MAKERS} AND (server, login) =
        (SELECT server, login FROM requests WHERE entry = :entry AND action IN {_MAKERS})
"""  # noqa: S608


class Journal:
    """A journal in a file; see :class:`mt5web_async.terminal.journal.Journal`.

    Args:
        path: of the file; by default `journal.sqlite3` in :func:`settings.data_path`.
        keep: entries that are kept.
        read_tags: read magic numbers from comments, where nothing else tells them.

    Raises:
        JournalFailed: the file cannot be used.
    """

    def __init__(
        self, path: Path | None = None, *, keep: int = KEPT, read_tags: bool = False
    ) -> None:
        self.path = path or data_path() / "journal.sqlite3"
        self._keep = keep
        self._read_tags = read_tags
        self._abandoned: list[sqlite3.Connection] = []
        self._open()

    def __repr__(self) -> str:
        return f"<Journal {self.path}>"

    def close(self) -> None:
        """Close the file; idempotent. Nothing can be asked for afterwards."""
        with self._database_lock:
            self._base.close()

    def sending(self, sending: Sending) -> int:
        """Note a request; when this returns the note outlives the process."""
        request = sending.request
        values = (
            *sending.account,
            self._process,
            sending.time_msc,
            request.action_id,
            request.action,
            request.symbol,
            request.volume,
            request.type,
            request.price_order,
            request.comment,
            sending.magic,
            sending.hedging,
            sending.newest_order,
            json.dumps(request),
            sending.original,
        )
        with self._using() as base:
            number = base.execute(_INSERT, [_signed(v) for v in values]).lastrowid
        return number or 0

    def finish(self, number: int, fate: Fate) -> None:
        """Note what became of a request; what the server told wins."""
        values = {"entry": number, **_outcome(fate)}
        with self._using() as base:
            if isinstance(fate, Unknown):
                base.execute(f"{_FINISH} AND state = 'sending'", values)
            elif fate.settled:
                base.execute(_CONCLUDE, values)
            else:
                base.execute(_FINISH, values)
                if fate.order:
                    base.execute(_CORRECT, values)

    def unsettled(self, account: AccountKey) -> Sequence[Entry]:
        """Entries of unknown fate, oldest first, without those under way in here."""
        return self._entries(
            f"server = ? AND login = ? AND state IN {_OPEN} "
            "AND NOT (state = 'sending' AND process = ?) ORDER BY entry",
            (*account, self._process),
        )

    def recent(self, account: AccountKey, count: int) -> Sequence[Entry]:
        """The last entries of an account, oldest first."""
        where = "server = ? AND login = ? ORDER BY entry DESC LIMIT ?"
        return self._entries(where, (*account, count))[::-1]

    def entry(self, number: int) -> Entry | None:
        """An entry by its number."""
        return next(iter(self._entries("entry = ?", (number,))), None)

    def by_order(self, account: AccountKey, ticket: int) -> Entry | None:
        """The request that made an order."""
        where = (
            "server = ? AND login = ? AND order_ticket = ? "
            f"AND action IN {_MAKERS} ORDER BY entry DESC LIMIT 1"
        )
        return next(iter(self._entries(where, (*account, ticket))), None)

    def claimed(self, account: AccountKey) -> Collection[int]:
        """Tickets of orders whose request is known."""
        return self._magics(account).tickets

    def magics(self, account: AccountKey) -> Magics:
        """A lookup of magic numbers, up to date now; for one batch of records."""
        return self._magics(account).now()

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """A transaction of its own.

        Raises:
            JournalFailed: it cannot be done.
        """
        if self._pid != os.getpid():
            self._abandoned.append(self._base)  # not to be closed in a fork
            self._open()
        with self._database_lock:
            try:
                self._base.execute("BEGIN IMMEDIATE")
                yield self._base
                self._base.execute("COMMIT")
            except (sqlite3.Error, UnicodeError) as exc:
                if self._base.in_transaction:
                    self._base.execute("ROLLBACK")
                raise JournalFailed(f"{self.path}: {exc}") from exc

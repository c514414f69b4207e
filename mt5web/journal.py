"""The journal of trade requests: magic numbers, comments and outcomes.

The protocol cannot carry a magic number, so it is written down here, beside the
request, before that is sent. Later it is known again by the tickets that the server
gave; a request whose answer was lost, or whose process was killed, is known by what
it asked for. Several processes may use one journal at once, and programs may read the
table `requests` of the SQLite file.
"""

from __future__ import annotations

import logging
import os
import secrets
import sqlite3
import threading
import weakref
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from mt5web_async.errors import JournalFailed
from mt5web_async.terminal.fate import AccountKey, Fate, Sending, Unknown
from mt5web_async.terminal.journal import Entry, Waiter

from . import journal_table as table
from .magics import Magics

log = logging.getLogger("mt5web")

KEPT: Final = 1_000_000
"""Entries that a journal keeps, about 600 bytes each; the oldest go first."""

REMEMBERED: Final = 200_000
"""Magic numbers that are held in memory, per account: 25 MB; others are looked up."""


class _Account:
    """What is held in memory of an account.

    Attributes:
        magics: by order ticket, the latest last.
        complete: there are no others.
        unfinished: requests that may have made orders, oldest first.
        revision: up to which the table has been read.
    """

    def __init__(self) -> None:
        self.magics: dict[int, int] = {}
        self.complete = True
        self.unfinished: list[Sending] = []
        self.revision = 0

    def take(self, rows: Sequence[sqlite3.Row]) -> None:
        """Rows that have changed, the latest first."""
        self.revision = rows[0]["revision"]
        for row in reversed(rows[:REMEMBERED]):
            ticket = row["order_ticket"]
            if ticket and row["makes"]:
                self.magics[ticket] = table.unsigned(row["magic"])
        self.complete = self.complete and len(rows) <= REMEMBERED
        while len(self.magics) > REMEMBERED:
            del self.magics[next(iter(self.magics))]
            self.complete = False


class Journal:
    """A journal in a file; see :class:`mt5web_async.terminal.journal.Journal`.

    Args:
        path: of the file; its folder is made.
        keep: so many entries, and those of unknown fate.
        read_tags: read magic numbers from comments, where nothing else tells them.

    Raises:
        JournalFailed: the file cannot be used.
    """

    def __init__(
        self, path: Path, *, keep: int = KEPT, read_tags: bool = False
    ) -> None:
        self.path = path
        self._read_tags = read_tags
        self._of_parents: list[sqlite3.Connection] = []
        self._open()
        with self._using() as base:
            base.execute(table.PRUNE, (keep,))

    def __repr__(self) -> str:
        return f"<Journal {self.path}>"

    def _open(self) -> None:
        self._pid = os.getpid()
        self._token = f"{self._pid}-{secrets.token_hex(8)}"
        self._base_lock = threading.Lock()
        self._base = table.connect(self.path)
        self._closer = weakref.finalize(self, self._base.close)
        self._closer.atexit = False  # programs may still trade in what they do then
        self._known: dict[AccountKey, _Account] = {}
        self._waiters: weakref.WeakValueDictionary[int, object] = (
            weakref.WeakValueDictionary()
        )

    def _after_fork(self) -> None:
        if self._pid != os.getpid():
            self._of_parents.append(self._base)  # must not be closed here
            self._closer.detach()
            self._open()

    @property
    def _process(self) -> str:
        """What stands for this process in the file."""
        self._after_fork()
        return self._token

    def close(self) -> None:
        """Close the file; idempotent. Nothing can be asked for afterwards."""
        with self._base_lock:
            self._base.close()

    def sending(self, sending: Sending, waiter: Waiter | None = None) -> int:
        """Note a request; when this returns the note outlives the process."""
        values = table.sending_values(sending, self._process)
        with self._using() as base:
            number = base.execute(table.INSERT, values).lastrowid or 0
            self._waiters[number] = waiter or self
            return number

    def finish(self, number: int, fate: Fate) -> None:
        """Note what became of a request; what the server told wins."""
        values = table.fate_values(number, fate)
        self._waiters.pop(number, None)
        with self._using() as base, base:
            base.execute("BEGIN IMMEDIATE")
            if isinstance(fate, Unknown):
                base.execute(table.LEFT, values)
            elif fate.settled:
                base.execute(table.CONCLUDE, values)
            else:
                base.execute(table.FINISH, values)
                if fate.order:
                    base.execute(table.CORRECT, values)

    def missed(self, number: int) -> None:
        """Note that a request of unknown fate was looked for in vain."""
        with self._using() as base:
            base.execute(table.MISSED, {"entry": number})

    def unsettled(self, account: AccountKey) -> Sequence[Entry]:
        """Entries of unknown fate, oldest first, and those that are awaited.

        What is a month older than the account's latest entry stays unknown for ever.
        """
        return self._entries(table.UNSETTLED, *account, *account)

    def recent(self, account: AccountKey, count: int) -> Sequence[Entry]:
        """The last entries of an account, oldest first."""
        where = "server = ? AND login = ? ORDER BY entry DESC LIMIT ?"
        return self._entries(where, *account, count)[::-1]

    def entry(self, number: int) -> Entry | None:
        """An entry by its number."""
        return next(iter(self._entries("entry = ?", number)), None)

    def by_order(self, account: AccountKey, ticket: int) -> Entry | None:
        """The request that made an order."""
        where = f"{table.MADE} ORDER BY entry DESC LIMIT 1"
        return next(iter(self._entries(where, *account, ticket)), None)

    def claimed(self, account: AccountKey) -> Collection[int]:
        """Tickets of orders whose request is known."""
        return self.magics(account).by_order.keys()

    def magics(self, account: AccountKey) -> Magics:
        """A lookup of magic numbers, up to date now; for one batch of records."""
        self._after_fork()
        known = self._known.setdefault(account, _Account())
        try:
            with self._using() as base:
                self._update(base, account, known)
        except JournalFailed as exc:
            if not known.revision:
                raise
            log.warning("magic numbers as they were known: %s", exc)
        return Magics(
            by_order=known.magics,
            older=None if known.complete else partial(self._older, account),
            unfinished=known.unfinished,
            read_tags=self._read_tags,
        )

    def _update(
        self, base: sqlite3.Connection, account: AccountKey, known: _Account
    ) -> None:
        """Read what has changed since the last time, here or in another process."""
        values = table.fitting(*account, known.revision, REMEMBERED + 1)
        rows = base.execute(table.CHANGES, values).fetchall()
        if not rows:
            return
        known.take(rows)
        found = base.execute(table.UNFINISHED, table.fitting(*account)).fetchall()
        known.unfinished = [self._entry(row).sending for row in found[::-1]]

    def _older(self, account: AccountKey, ticket: int) -> int | None:
        try:
            entry = self.by_order(account, ticket)
        except JournalFailed as exc:
            log.warning("order %d is not looked up: %s", ticket, exc)
            return None
        return None if entry is None else entry.sending.magic

    def _entries(self, where: str, *values: Any) -> list[Entry]:
        with self._using() as base:
            rows = base.execute(table.ENTRY + where, table.fitting(*values)).fetchall()
        return [self._entry(row) for row in rows]

    def _entry(self, row: sqlite3.Row) -> Entry:
        return table.entry(row, self._process, self._waiters)

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """The file, for one transaction.

        Raises:
            JournalFailed: it could not be done.
        """
        self._after_fork()
        with self._base_lock:
            try:
                yield self._base
            except (sqlite3.Error, UnicodeError) as exc:
                raise JournalFailed(f"journal {self.path}: {exc}") from exc

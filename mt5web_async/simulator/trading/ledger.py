"""Accounts, orders, positions and deals, kept in an SQLite database.

What is open lives in memory as well and is read from there; every change goes to
both. Records are stored as the bytes that they have on the wire, beside the columns
by which they are found. Work between the beginning and the end of
:meth:`Ledger.transaction` is kept or lost as a whole, in memory too.

Example:
    >>> from mt5web_async.simulator.trading.accounts import AccountPlan
    >>> ledger = Ledger()
    >>> with ledger.transaction():
    ...     login = ledger.accounts.open(AccountPlan())
    >>> ledger.accounts.state(login).account.currency
    'USD'
"""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from mt5web_async.errors import EngineError

from .tables.accounts import Accounts
from .tables.counters import Counter
from .tables.trades import Deals, Orders, Positions
from .tables.values import Generators, Marks, Quotes

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS counters (
    name TEXT PRIMARY KEY, next INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS accounts (
    login INTEGER PRIMARY KEY, state BLOB NOT NULL, terms TEXT NOT NULL,
    password BLOB NOT NULL, investor BLOB NOT NULL,
    transactions INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS blocked (
    login INTEGER, name TEXT, charge INTEGER, amount REAL NOT NULL,
    PRIMARY KEY (login, name, charge));
CREATE TABLE IF NOT EXISTS positions (
    login INTEGER, ticket INTEGER, body BLOB NOT NULL, PRIMARY KEY (login, ticket));
CREATE TABLE IF NOT EXISTS orders (
    ticket INTEGER PRIMARY KEY, login INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS history_orders (
    ticket INTEGER PRIMARY KEY, login INTEGER NOT NULL, done INTEGER NOT NULL,
    body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS history_orders_done ON history_orders (login, done);
CREATE TABLE IF NOT EXISTS deals (
    ticket INTEGER PRIMARY KEY, login INTEGER NOT NULL, created INTEGER NOT NULL,
    body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS deals_created ON deals (login, created);
CREATE TABLE IF NOT EXISTS quotes (
    symbol TEXT PRIMARY KEY, bid REAL, ask REAL, last REAL, volume INTEGER);
CREATE TABLE IF NOT EXISTS generators (login INTEGER PRIMARY KEY, secret TEXT NOT NULL);
"""

_MEMORY: Final = ":memory:"
_LAST_TICKET: Final = 2**63 - 1


class LedgerUnusable(EngineError):
    """The file cannot hold the books: it is no ledger, or another server has it."""


class Ledger:
    """The books of a trade server, which nobody else can open meanwhile.

    Args:
        path: the database file; ":memory:" keeps everything in memory.
        first_order: ticket of the first order of a new database.
        first_deal: ticket of its first deal.
        last_ticket: the end of both ranges.

    Calls may come from any thread, but only one at a time.

    Raises:
        LedgerUnusable: the file cannot be opened, or is in use.
    """

    def __init__(
        self,
        path: str | Path = _MEMORY,
        *,
        first_order: int = 1,
        first_deal: int = 1,
        last_ticket: int = _LAST_TICKET,
    ) -> None:
        try:
            self._base = _opened(path)
        except (sqlite3.Error, OSError) as exc:
            raise LedgerUnusable(f"ledger {path}: {exc}") from exc
        # not at exit: programs may still trade in what they do then
        weakref.finalize(self, self._base.close).atexit = False
        self.order_tickets = Counter(self._base, "order", first_order, last_ticket)
        self.deal_tickets = Counter(self._base, "deal", first_deal, last_ticket)
        self.accounts = Accounts(self._base)
        self.positions = Positions(self._base)
        self.orders = Orders(self._base)
        self.deals = Deals(self._base)
        self.marks = Marks(self._base)
        self.quotes = Quotes(self._base)
        self.generators = Generators(self._base)
        self._base.commit()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all changes made inside, or none when an exception leaves it."""
        try:
            yield
            self.accounts.flush()
            self._base.commit()
        except BaseException:
            self._base.rollback()
            self._reload()
            raise

    def close(self) -> None:
        """Close the database; the ledger cannot be used afterwards."""
        self._base.close()

    def _reload(self) -> None:
        for part in (
            self.order_tickets,
            self.deal_tickets,
            self.accounts,
            self.positions,
            self.orders,
            self.marks,
        ):
            part.load()


def _opened(path: str | Path) -> sqlite3.Connection:
    """The database, locked: what is open in it lives in this process's memory.

    It holds secrets, so nobody else may read a file that is new.
    """
    if path != _MEMORY:
        Path(path).touch(mode=0o600)
    base = sqlite3.connect(path, timeout=0, check_same_thread=False)
    try:
        base.execute("PRAGMA locking_mode = EXCLUSIVE")
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("PRAGMA synchronous = NORMAL")
        base.executescript(_SCHEMA)
    except sqlite3.Error:
        base.close()
        raise
    return base

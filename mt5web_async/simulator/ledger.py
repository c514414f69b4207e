"""Accounts, orders, positions and deals, kept in an SQLite database.

What is open lives in memory as well and is read from there; every change goes to
both. Records are stored as the bytes that they have on the wire, beside the columns
by which they are found. Work between the beginning and the end of
:meth:`Ledger.transaction` is kept or lost as a whole, in memory too.

Example:
    >>> from mt5web_async.simulator.accounts import AccountPlan
    >>> ledger = Ledger()
    >>> with ledger.transaction():
    ...     login = ledger.accounts.open(AccountPlan())
    >>> ledger.accounts.state(login).account.currency
    'USD'
"""

from __future__ import annotations

import json
import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from mt5web_async.errors import EngineError, NotFound
from mt5web_async.protocol.records import (
    DEAL,
    ORDER,
    POSITION,
    Deal,
    Order,
    Position,
)
from mt5web_async.protocol.responses import AccountState, read_account, write_account

from .accounts import AccountPlan, Terms
from .quotes import RawQuote

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
"""

_LAST_TICKET: Final = 2**63 - 1
_FIRST_LOGIN: Final = 100001


class TicketsExhausted(EngineError):
    """The server's range of tickets is used up; nothing more can be traded."""


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
        path: str | Path = ":memory:",
        *,
        first_order: int = 1,
        first_deal: int = 1,
        last_ticket: int = _LAST_TICKET,
    ) -> None:
        try:
            self._base = _opened(path)
        except sqlite3.Error as exc:
            raise LedgerUnusable(f"ledger {path}: {exc}") from exc
        weakref.finalize(self, self._base.close)
        self.order_tickets = Counter(self._base, "order", first_order, last_ticket)
        self.deal_tickets = Counter(self._base, "deal", first_deal, last_ticket)
        self.accounts = Accounts(self._base)
        self.positions = Positions(self._base)
        self.orders = Orders(self._base)
        self.deals = Deals(self._base)
        self.marks = Marks(self._base)
        self.quotes = Quotes(self._base)
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
    """The database, locked: what is open in it lives in this process's memory."""
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


class Counter:
    """Tickets that only rise."""

    def __init__(
        self, base: sqlite3.Connection, name: str, first: int, last: int
    ) -> None:
        self._base, self._name = base, name
        base.execute(
            "INSERT OR IGNORE INTO counters VALUES (?, ?, ?)", (name, first, last)
        )
        self.load()

    def load(self) -> None:
        """Read the counter back from the database."""
        self._next: int
        self._last: int
        self._next, self._last = self._base.execute(
            "SELECT next, last FROM counters WHERE name = ?", (self._name,)
        ).fetchone()

    def take(self) -> int:
        """The next ticket.

        Raises:
            TicketsExhausted: the range has come to its end.
        """
        ticket = self._next
        if ticket > self._last:
            raise TicketsExhausted(f"no {self._name} ticket beyond {self._last}")
        self._next += 1
        self._base.execute(
            "UPDATE counters SET next = ? WHERE name = ?", (self._next, self._name)
        )
        return ticket


class _Row(NamedTuple):
    state: AccountState
    terms: Terms
    transactions: int


class Accounts:
    """The accounts: records, terms, passwords and what is blocked on them."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base
        self._rows: dict[int, _Row] = {}
        self._blocked: dict[int, dict[tuple[str, int], float]] = {}
        self._counted: set[int] = set()
        self.load()

    def load(self) -> None:
        """Read all accounts back from the database."""
        self._counted.clear()
        self._rows = {
            login: _Row(read_account(state), _read_terms(terms), transactions)
            for login, state, terms, transactions in self._base.execute(
                "SELECT login, state, terms, transactions FROM accounts ORDER BY login"
            )
        }
        self._blocked = {login: {} for login in self._rows}
        for login, name, charge, amount in self._base.execute("SELECT * FROM blocked"):
            self._blocked[login][name, charge] = amount

    def flush(self) -> None:
        """Write the counters of transactions that moved."""
        if not self._counted:
            return
        self._base.executemany(
            "UPDATE accounts SET transactions = ? WHERE login = ?",
            [(self._rows[login].transactions, login) for login in self._counted],
        )
        self._counted.clear()

    def logins(self) -> tuple[int, ...]:
        """All logins, ascending."""
        return tuple(self._rows)

    def open(
        self, plan: AccountPlan, password: bytes = b"", investor: bytes = b""
    ) -> int:
        """Open an account and return its login.

        Args:
            plan: what it begins with.
            password: the stored form of its password; see the passwords module.
            investor: likewise for the investor password.

        Raises:
            ValueError: the plan names a login that exists.
        """
        login = plan.login or max(self._rows, default=_FIRST_LOGIN - 1) + 1
        if login in self._rows:
            raise ValueError(f"account {login} exists")
        row = _Row(plan.state, plan.terms, 0)
        state, terms = write_account(row.state), json.dumps(row.terms)
        self._base.execute(
            "INSERT INTO accounts VALUES (?, ?, ?, ?, ?, 0)",
            (login, state, terms, password, investor),
        )
        self._rows = dict(sorted({**self._rows, login: row}.items()))
        self._blocked[login] = {}
        return login

    def state(self, login: int) -> AccountState:
        """The account as it is stored.

        Raises:
            NotFound: there is no such account.
        """
        return self._row(login).state

    def put_state(self, login: int, state: AccountState) -> None:
        """Replace the account's record and rules."""
        self._rows[login] = self._row(login)._replace(state=state)
        self._base.execute(
            "UPDATE accounts SET state = ? WHERE login = ?",
            (write_account(state), login),
        )

    def terms(self, login: int) -> Terms:
        """What the protocol does not carry of the account."""
        return self._row(login).terms

    def put_terms(self, login: int, terms: Terms) -> None:
        """Replace the account's terms."""
        self._rows[login] = self._row(login)._replace(terms=terms)
        self._base.execute(
            "UPDATE accounts SET terms = ? WHERE login = ?", (json.dumps(terms), login)
        )

    def passwords(self, login: int) -> tuple[bytes, bytes] | None:
        """The stored main and investor password; None without the account."""
        row: tuple[bytes, bytes] | None = self._base.execute(
            "SELECT password, investor FROM accounts WHERE login = ?", (login,)
        ).fetchone()
        return row

    def put_passwords(self, login: int, password: bytes, investor: bytes) -> None:
        """Replace both stored passwords."""
        self._base.execute(
            "UPDATE accounts SET password = ?, investor = ? WHERE login = ?",
            (password, investor, login),
        )

    def next_transaction(self, login: int) -> int:
        """The number of the account's next transaction push, from 1."""
        row = self._row(login)
        self._rows[login] = row._replace(transactions=row.transactions + 1)
        self._counted.add(login)
        return row.transactions + 1

    def blocked(self, login: int) -> dict[tuple[str, int], float]:
        """Commission not booked yet: (rule's name, charge mode) to amount."""
        return dict(self._blocked[login])

    def block(self, login: int, name: str, charge: int, amount: float) -> None:
        """Set what a rule has blocked; 0 forgets it."""
        if amount:
            self._blocked[login][name, charge] = amount
            self._base.execute(
                "INSERT OR REPLACE INTO blocked VALUES (?, ?, ?, ?)",
                (login, name, charge, amount),
            )
            return
        self._blocked[login].pop((name, charge), None)
        self._base.execute(
            "DELETE FROM blocked WHERE login = ? AND name = ? AND charge = ?",
            (login, name, charge),
        )

    def _row(self, login: int) -> _Row:
        try:
            return self._rows[login]
        except KeyError:
            raise NotFound(f"no account {login}") from None


def _read_terms(text: str) -> Terms:
    orders, positions, agent, names = json.loads(text)
    return Terms(orders, positions, agent, tuple(names))


class _OfSymbol(Protocol):
    @property
    def symbol(self) -> str: ...


R = TypeVar("R", bound=_OfSymbol)


class _Snapshot(Generic[R]):
    """The records of one account at one moment, by ascending ticket; never changes."""

    def __init__(self, records: Mapping[int, R]) -> None:
        self.by_ticket = {ticket: records[ticket] for ticket in sorted(records)}
        self.all = tuple(self.by_ticket.values())

    @cached_property
    def by_symbol(self) -> dict[str, tuple[R, ...]]:
        """The same, apart by symbol."""
        apart: dict[str, list[R]] = {}
        for record in self.all:
            apart.setdefault(record.symbol, []).append(record)
        return {name: tuple(records) for name, records in apart.items()}


class _Open(Generic[R]):
    """Open records of all accounts, found by login and ticket."""

    def __init__(self) -> None:
        self._records: dict[int, dict[int, R]] = {}
        self._snapshots: dict[int, _Snapshot[R]] = {}

    def of(self, login: int) -> tuple[R, ...]:
        """The account's records by ascending ticket, as they are now."""
        return self._snapshot(login).all

    def of_symbol(self, login: int, symbol: str) -> tuple[R, ...]:
        """Those of one symbol."""
        return self._snapshot(login).by_symbol.get(symbol, ())

    def by_ticket(self, login: int) -> Mapping[int, R]:
        """All of them; the same object as long as nothing changes."""
        return self._snapshot(login).by_ticket

    def get(self, login: int, ticket: int) -> R | None:
        """One record, if it is open."""
        return self._records.get(login, {}).get(ticket)

    def _snapshot(self, login: int) -> _Snapshot[R]:
        if login not in self._snapshots:
            self._snapshots[login] = _Snapshot(self._records.get(login, {}))
        return self._snapshots[login]

    def _clear(self) -> None:
        self._records.clear()
        self._snapshots.clear()

    def _keep(self, login: int, ticket: int, record: R) -> None:
        self._records.setdefault(login, {})[ticket] = record
        self._snapshots.pop(login, None)

    def _forget(self, login: int, ticket: int) -> None:
        del self._records[login][ticket]
        self._snapshots.pop(login, None)


class Positions(_Open[Position]):
    """Open positions."""

    def __init__(self, base: sqlite3.Connection) -> None:
        super().__init__()
        self._base = base
        self.load()

    def load(self) -> None:
        """Read all positions back from the database."""
        self._clear()
        for login, body in self._base.execute("SELECT login, body FROM positions"):
            position = POSITION.read(body)
            self._keep(login, position.position_id, position)

    def put(self, login: int, position: Position) -> None:
        """Add or replace a position."""
        self._keep(login, position.position_id, position)
        self._base.execute(
            "INSERT OR REPLACE INTO positions VALUES (?, ?, ?)",
            (login, position.position_id, POSITION.write(position)),
        )

    def drop(self, login: int, ticket: int) -> None:
        """Remove a position."""
        self._forget(login, ticket)
        self._base.execute(
            "DELETE FROM positions WHERE login = ? AND ticket = ?", (login, ticket)
        )


class Orders(_Open[Order]):
    """Open orders, and the history of those that are done."""

    def __init__(self, base: sqlite3.Connection) -> None:
        super().__init__()
        self._base = base
        self.load()

    def load(self) -> None:
        """Read all open orders back from the database."""
        self._clear()
        for login, body in self._base.execute("SELECT login, body FROM orders"):
            order = ORDER.read(body)
            self._keep(login, order.order, order)

    def put(self, login: int, order: Order) -> None:
        """Add or replace an open order."""
        self._keep(login, order.order, order)
        self._base.execute(
            "INSERT OR REPLACE INTO orders VALUES (?, ?, ?)",
            (order.order, login, ORDER.write(order)),
        )

    def archive(self, login: int, order: Order) -> None:
        """Move an order from the open ones to the history."""
        self._forget(login, order.order)
        self._base.execute("DELETE FROM orders WHERE ticket = ?", (order.order,))
        self._base.execute(
            "INSERT INTO history_orders VALUES (?, ?, ?, ?)",
            (order.order, login, order.time_done, ORDER.write(order)),
        )

    def history(self, login: int, start: int, end: int) -> list[Order]:
        """Orders done from `start` to `end` (s, both included), by ticket."""
        return [
            ORDER.read(body)
            for (body,) in self._base.execute(
                "SELECT body FROM history_orders"
                " WHERE login = ? AND done BETWEEN ? AND ? ORDER BY ticket",
                (login, start, end),
            )
        ]


class Deals:
    """All deals that ever were."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def add(self, login: int, deal: Deal) -> None:
        """Record a deal."""
        self._base.execute(
            "INSERT INTO deals VALUES (?, ?, ?, ?)",
            (deal.deal, login, deal.time_create, DEAL.write(deal)),
        )

    def history(self, login: int, start: int, end: int) -> list[Deal]:
        """Deals made from `start` to `end` (s, both included), by ticket."""
        return [
            DEAL.read(body)
            for (body,) in self._base.execute(
                "SELECT body FROM deals"
                " WHERE login = ? AND created BETWEEN ? AND ? ORDER BY ticket",
                (login, start, end),
            )
        ]


class Marks:
    """Moments that the server has to remember, in ms of server time."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base
        self.load()

    def load(self) -> None:
        """Read all marks back from the database."""
        self._values: dict[str, int] = dict(
            self._base.execute("SELECT name, value FROM marks")
        )

    def get(self, name: str) -> int | None:
        """A mark, if it was ever set."""
        return self._values.get(name)

    def put(self, name: str, value: int) -> None:
        """Set a mark."""
        self._values[name] = value
        self._base.execute("INSERT OR REPLACE INTO marks VALUES (?, ?)", (name, value))


class Quotes:
    """The last known quotes, so that a restarted server knows a price."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def all(self) -> dict[str, RawQuote]:
        """Symbol to quote."""
        return {
            symbol: RawQuote(bid, ask, last, volume)
            for symbol, bid, ask, last, volume in self._base.execute(
                "SELECT * FROM quotes"
            )
        }

    def put(self, quotes: Iterable[tuple[str, RawQuote]]) -> None:
        """Replace the quotes of some symbols."""
        self._base.executemany(
            "INSERT OR REPLACE INTO quotes VALUES (?, ?, ?, ?, ?)",
            [(symbol, *quote[:4]) for symbol, quote in quotes],
        )

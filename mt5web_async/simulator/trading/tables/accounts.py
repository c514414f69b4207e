"""Accounts: records, terms, passwords and what is blocked on them."""

from __future__ import annotations

import json
import sqlite3
from typing import Final, NamedTuple

from mt5web_async.errors import NotFound
from mt5web_async.protocol.responses import AccountState, read_account, write_account
from mt5web_async.simulator.trading.accounts import AccountPlan, Terms

_FIRST_LOGIN: Final = 100001


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

"""Tickets."""

from __future__ import annotations

import sqlite3

from mt5web_async.errors import EngineError


class TicketsExhausted(EngineError):
    """The server's range of tickets is used up; nothing more can be traded."""


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

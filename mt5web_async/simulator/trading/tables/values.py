"""What the server remembers beside its trades: moments, quotes, generators."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from mt5web_async.simulator.market.quotes import RawQuote


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


class Generators:
    """Secrets of the generators of one-time passwords, by login."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def get(self, login: int) -> str | None:
        """The secret of an account's generator, if it has one."""
        row = self._base.execute(
            "SELECT secret FROM generators WHERE login = ?", (login,)
        ).fetchone()
        return None if row is None else str(row[0])

    def put(self, login: int, secret: str) -> None:
        """Bind a generator to an account, in place of the one before."""
        self._base.execute(
            "INSERT OR REPLACE INTO generators VALUES (?, ?)", (login, secret)
        )

    def drop(self, login: int) -> None:
        """Free an account of its generator."""
        self._base.execute("DELETE FROM generators WHERE login = ?", (login,))

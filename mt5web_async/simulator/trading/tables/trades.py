"""Positions, orders and deals."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from functools import cached_property
from typing import Generic, Protocol, TypeVar

from mt5web_async.protocol.records import (
    DEAL,
    ORDER,
    POSITION,
    Deal,
    Order,
    Position,
)


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

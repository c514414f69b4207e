"""Which symbols the server sends quotes and depth of market for, and why.

A subscription replaces the one before, so the whole list of ids is sent again on
every change. List and request are made under one lock: two threads that subscribe at
once cannot leave the server with the older list.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from enum import Enum, auto

from mt5web_async.connection.exchange import Ticket
from mt5web_async.connection.session import Session
from mt5web_async.protocol import requests

from .symbols import Symbols


class Need(Enum):
    """Why a symbol is subscribed to."""

    SHOWN = auto()  # in the Market Watch
    HELD = auto()  # a position or an order
    CONVERSION = auto()  # a rate into the account currency
    ASKED = auto()  # somebody looked at its price or its depth


class Subscription:
    """The symbols that one subscribing command names.

    Kept by name: a server that was restarted may number its symbols anew.

    Args:
        command: SUBSCRIBE_TICKS or SUBSCRIBE_BOOK.
    """

    def __init__(self, command: int) -> None:
        self._command = command
        self._needs: dict[Need, frozenset[str]] = {}
        self._sent: frozenset[str] = frozenset()
        self._list_lock = threading.Lock()

    @property
    def names(self) -> frozenset[str]:
        """Every symbol that is needed for any reason."""
        return frozenset().union(*self._needs.values())

    def needed(self, *needs: Need) -> frozenset[str]:
        """The symbols that are needed for one of these reasons."""
        none: frozenset[str] = frozenset()
        return none.union(*(self._needs.get(need, none) for need in needs))

    def told(self, name: str) -> bool:
        """Whether the server was asked for this symbol."""
        return name in self._sent

    def replace(self, need: Need, names: Iterable[str]) -> None:
        """For this reason exactly these are needed."""
        with self._list_lock:
            self._needs = {**self._needs, need: frozenset(names)}

    def add(self, need: Need, names: Iterable[str]) -> None:
        """For this reason these are needed too."""
        with self._list_lock:
            self._needs = {**self._needs, need: self.needed(need).union(names)}

    def drop(self, need: Need, name: str) -> None:
        """For this reason it is needed no more."""
        with self._list_lock:
            self._needs = {**self._needs, need: self.needed(need) - {name}}

    def send(self, session: Session, symbols: Symbols) -> Ticket[None] | None:
        """Tell the server what is needed; None if it knows already.

        Symbols that the server does not have are left out.
        """
        with self._list_lock:
            wanted = self.names
            if wanted == self._sent:
                return None
            ids = sorted(symbols.id_of(name) for name in wanted if name in symbols)
            ticket = session.ask(self._command, requests.ids(ids), lambda _: None)
            self._sent = wanted
            return ticket

    def end(self, session: Session) -> Ticket[None] | None:
        """Tell the server that nothing is needed; None if it was told of nothing."""
        with self._list_lock:
            if not self._sent:
                return None
            ticket = session.ask(self._command, requests.ids([]), lambda _: None)
            self._sent = frozenset()
            return ticket

    def forget_sent(self) -> None:
        """The server knows of nothing: a new connection, or a lost request."""
        with self._list_lock:
            self._sent = frozenset()

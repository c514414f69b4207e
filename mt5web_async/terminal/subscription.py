"""Which symbols the server sends quotes and depth of market for, and why.

A subscription replaces the one before, so the whole list of ids is sent again on
every change. List and request are made under one lock: two threads that subscribe at
once cannot leave the server with the older list.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine, Iterable
from enum import Enum, auto
from typing import Any, NamedTuple, TypeAlias

from mt5web_async.connection.connection import Loader
from mt5web_async.connection.exchange import Ticket
from mt5web_async.connection.session import Session
from mt5web_async.protocol import requests
from mt5web_async.waiting import Deadline

from .symbols import Symbols

Using: TypeAlias = Callable[[Loader], Coroutine[Any, Any, None]]
"""Does what may be done twice on the session in use, or on the next if it breaks."""


class Need(Enum):
    """Why a symbol is subscribed to."""

    SHOWN = auto()  # in the Market Watch
    HELD = auto()  # a position or an order
    CONVERSION = auto()  # a rate into the account currency
    ASKED = auto()  # somebody looked at its price or its depth


class Watch(NamedTuple):
    """Which symbols the Market Watch shows, and which are quoted for any reason."""

    shown: frozenset[str]
    selected: frozenset[str]


class Subscription:
    """The symbols that one subscribing command names.

    Kept by name: a server that was restarted may number its symbols anew.

    Args:
        command: SUBSCRIBE_TICKS or SUBSCRIBE_BOOK.
        confirmed: called in the I/O thread with the symbols that are sent from now
            on, and no others.

    Attributes:
        names: every symbol that is needed for any reason.
    """

    def __init__(
        self, command: int, confirmed: Callable[[frozenset[str]], None]
    ) -> None:
        self._command = command
        self._confirmed = confirmed
        self.names: frozenset[str] = frozenset()
        self._needs: dict[Need, frozenset[str]] = {}
        self._sent: frozenset[str] = frozenset()
        self._list_lock = threading.Lock()

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
            self._need(need, frozenset(names))

    def derive(
        self,
        need: Need,
        make: Callable[[frozenset[str]], Iterable[str]],
        *others: Need,
    ) -> None:
        """For this reason exactly those are needed that follow from the others' needs.

        Whatever changes meanwhile in another thread counts, or is yet to come.
        """
        with self._list_lock:
            self._need(need, frozenset(make(self.needed(*others))))

    def add(self, need: Need, names: Iterable[str]) -> None:
        """For this reason these are needed too."""
        with self._list_lock:
            self._need(need, self.needed(need).union(names))

    def drop(self, need: Need, name: str) -> None:
        """For this reason it is needed no more."""
        with self._list_lock:
            self._need(need, self.needed(need) - {name})

    async def tell(
        self, session: Session, symbols: Symbols, deadline: Deadline
    ) -> None:
        """Have the server send what is needed, unless it knows already.

        Symbols that the server does not have are left out.
        """
        ticket = self._send(session, symbols)
        if ticket is None:
            return
        try:
            await session.result(ticket, deadline)
        except BaseException:  # cancelled in line it was never sent
            self.forget_sent()
            raise

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

    def _need(self, need: Need, names: frozenset[str]) -> None:
        self._needs = {**self._needs, need: names}
        self.names = frozenset().union(*self._needs.values())

    def _send(self, session: Session, symbols: Symbols) -> Ticket[None] | None:
        with self._list_lock:
            wanted = self.names
            if wanted == self._sent:
                return None
            ids = sorted(symbols.id_of(name) for name in wanted if name in symbols)
            ticket = session.ask(
                self._command, requests.ids(ids), lambda _: self._confirmed(wanted)
            )
            self._sent = wanted
            return ticket

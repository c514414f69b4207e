"""The books that are subscribed to: depth of market, symbol by symbol."""

from __future__ import annotations

from collections.abc import Iterable

from mt5web_async.connection.exchange import Ticket
from mt5web_async.connection.session import Session
from mt5web_async.protocol.commands import Command
from mt5web_async.waiting import Deadline

from . import loading
from .depth import Book, book_depth
from .model import Model
from .subscription import Need, Subscription, Using


class Books:
    """Has the server send books to one terminal.

    Args:
        model: what is known.
        using: does something on the connection.
        timeout: s to wait for a symbol's first book.
    """

    def __init__(self, model: Model, using: Using, timeout: float) -> None:
        self._model = model
        self._using = using
        self._timeout = timeout
        self._books = Subscription(Command.SUBSCRIBE_BOOK, model.keep_books)
        self._had: frozenset[str] = frozenset()  # before the connection broke

    async def open(self, name: str) -> None:
        """Have the book of a symbol sent, whose full record is loaded."""
        self._books.add(Need.ASKED, [name])
        await self._using(self._tell)

    async def close(self, name: str) -> None:
        """Have it sent no more.

        Raises:
            NotFound: the server has no such symbol.
        """
        self._model.symbols.id_of(name)
        self._books.drop(Need.ASKED, name)
        await self._using(self._tell)

    def get(self, name: str) -> Book | None:
        """The book as it stands; None if it is not subscribed to."""
        if name not in self._books.names:
            return None
        return self._model.book(name) or Book()

    async def booked(self, names: Iterable[str]) -> None:
        """See :meth:`Terminal.booked`."""
        wanted = [n for n in names if n in self._books.names and self._deep(n)]
        await self._model.first_books.wait(wanted, self._timeout)

    def broken(self) -> None:
        """The connection broke: keep in mind which books there were."""
        book = self._model.book
        self._had = frozenset(n for n in self._books.names if book(n) is not None)

    def begin(self) -> None:
        """A new connection, whose server was told of nothing yet."""
        self._books.forget_sent()

    async def restore(self, session: Session, deadline: Deadline) -> None:
        """Subscribe on it to the books of before."""
        names = [name for name in self._books.names if name in self._model.symbols]
        await loading.load_full_symbols(session, self._model, names, deadline)
        await self._tell(session, deadline)

    async def restored(self) -> None:
        """Wait for the books of before."""
        await self.booked(self._had)

    def end(self, session: Session) -> Ticket[None] | None:
        """Have no books sent any more; None if there are none."""
        return self._books.end(session)

    def _deep(self, name: str) -> bool:
        symbol = self._model.symbols.full.get(name)
        return symbol is not None and book_depth(symbol) > 0

    async def _tell(self, session: Session, deadline: Deadline) -> None:
        await self._books.tell(session, self._model.symbols, deadline)

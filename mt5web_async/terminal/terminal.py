"""The engine's terminal: one login, its live model, and everything it can be asked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, Self

from mt5web_async.calculation.quotes import Quote
from mt5web_async.connection.connection import (
    Connection,
    ConnectionOptions,
    Facts,
    Loader,
    Move,
)
from mt5web_async.connection.credentials import Credentials
from mt5web_async.connection.exchange import Handler
from mt5web_async.connection.session import Session
from mt5web_async.connection.state import Input, State
from mt5web_async.errors import ConnectionLost, EngineError, NotFound
from mt5web_async.events import (
    Event,
    Listener,
    OrderChanged,
    PositionChanged,
)
from mt5web_async.protocol import requests
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import (
    FullSymbol,
    TradeRequest,
    TradeResult,
)
from mt5web_async.waiting import Deadline, wait_for

from . import loading
from .bars import Bars, BarsOptions
from .depth import Book, book_depth
from .fate import AccountKey
from .journal import Journal, MagicLookup
from .magic import magic_lookup
from .model import Model
from .ticks import TickRecord
from .trading import Trading
from .watch import Need, Subscription, Watch

log = logging.getLogger("mt5web_async.terminal")


@dataclass(frozen=True, kw_only=True)
class TerminalOptions:
    """How a terminal behaves.

    Attributes:
        trade_timeout: s to wait for the result of a trade request; servers themselves
            cancel after 180.
        trade_wait: s that :meth:`Terminal.trading` waits for a connection that is
            down; 0: trade requests fail at once.
        quote_timeout: s to wait for a symbol's first quote.
        figures_timeout: s to wait for the first figures of a symbol's day.
        book_timeout: s to wait for the first state of a symbol's depth of market.
        bars: how bars are fetched and kept.
        connection: how the connection behaves.
        journal: keeps trade requests; None: nobody does.
    """

    trade_timeout: float = 180.0
    trade_wait: float = 0.0
    quote_timeout: float = 3.0
    figures_timeout: float = 0.2
    book_timeout: float = 1.0
    bars: BarsOptions = field(default_factory=BarsOptions)
    connection: ConnectionOptions = field(default_factory=ConnectionOptions)
    journal: Journal | None = None


class _Had(NamedTuple):
    """The symbols whose quotes and books were there before the connection broke."""

    quotes: frozenset[str] = frozenset()
    books: frozenset[str] = frozenset()


class Terminal:
    """A login that stays connected, and what it knows and can do.

    Methods are coroutines of any event loop, or run in place by
    :func:`mt5web_async.waiting.drive`; attributes are read without waiting.

    Args:
        url: address of the server's WebSocket, ``wss://host/terminal``.
        who: the account.
        options: how it behaves.

    Attributes:
        model: what is known; written by the I/O thread, replaced whole.
        rates: bars of every timeframe.
        ticks: the ticks seen so far.
    """

    def __init__(
        self, url: str, who: Credentials, options: TerminalOptions | None = None
    ) -> None:
        self.url = url
        self.login = who.login
        self.options = options or TerminalOptions()
        self.model = Model()
        self.model.holdings.listen(self._on_event)
        self.ticks = TickRecord()
        self.model.quotes.record(self.ticks)
        self._loop = loop = asyncio.get_running_loop()
        self.model.listen_terms(lambda: loop.call_soon_threadsafe(self._hold))
        self._ticks = Subscription(Command.SUBSCRIBE_TICKS, self._keep_quotes)
        self._books = Subscription(Command.SUBSCRIBE_BOOK, self.model.keep_books)
        self._first_quotes: dict[str, Deadline] = {}
        self._coming: set[tuple[str, ...]] = set()  # symbols about to be watched
        self._had = _Had()
        self._tasks: set[asyncio.Task[None]] = set()
        self._connection = Connection(
            url,
            who,
            options=self.options.connection,
            pushes=self.model.pushes(),
            load=self._load,
            unload=self._unload,
        )
        self._connection.listen(self._on_move)
        self._trading = Trading(
            self.model,
            self._connection,
            lambda: self.key,
            self.options.journal,
            timeout=self.options.trade_timeout,
            wait=self.options.trade_wait,
        )
        self.rates = Bars(
            self.model,
            self._connection.request,
            lambda name: self.connected and self.subscribed(name),
            self.options.bars,
            later=self._in_loop,
        )

    def __repr__(self) -> str:
        return f"<Terminal {self.login} at {self.url}, {self.state.name}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def state(self) -> State:
        """Where the connection stands."""
        return self._connection.state

    @property
    def ping(self) -> float:
        """The last round trip to the server and back, s."""
        return self._connection.ping

    @property
    def connected(self) -> bool:
        """Logged in, model loaded, and the trade server within reach."""
        return self._connection.up and self.model.trade_server_up

    @property
    def facts(self) -> Facts:
        """What a report about the connection should hold; nothing secret."""
        return self._connection.facts

    def listen(self, listener: Listener) -> None:
        """Call `listener(event)` for everything that happens, in the I/O thread."""
        self.model.holdings.listen(listener)

    def listen_moves(self, listener: Callable[[Move], None]) -> None:
        """Call `listener(move)` on every change of the connection's state."""
        self._connection.listen(listener)

    async def open(self, timeout: float = 60.0) -> None:
        """Connect, log in and load the model; afterwards stay connected.

        Raises:
            ConnectionFailed: the server could not be reached.
            AuthenticationFailed: the login was refused.
            RequestTimeout: it took too long.
        """
        await self._connection.open(timeout)

    async def close(self) -> None:
        """Log out and end; idempotent."""
        for task in tuple(self._tasks):
            task.cancel()
        self._trading.stop()
        try:
            await self._connection.close()
        finally:
            self.ticks.close()

    async def full_symbols(self, names: Iterable[str]) -> list[FullSymbol]:
        """Full records with effective settings, asked for if they are not known.

        Raises:
            NotFound: the server has no symbol of one of the names, or tells nothing
                about it.
        """
        wanted = list(names)
        await self.load_symbols(wanted)
        full = self.model.symbols.full
        silent = next((name for name in wanted if name not in full), None)
        if silent is not None:
            raise NotFound(f"the server tells nothing of {silent!r}", symbol=silent)
        return [full[name] for name in wanted]

    async def load_symbols(self, names: Sequence[str]) -> None:
        """Ask for full records that are not known; a server may keep some back.

        Raises:
            NotFound: the server has no symbol of one of the names.
        """
        if not all(map(self.model.symbols.loaded, names)):
            await self._using(
                lambda session, deadline: loading.load_full_symbols(
                    session, self.model, names, deadline
                )
            )

    async def show(self, names: Iterable[str]) -> None:
        """Put symbols into the Market Watch: their quotes come from now on."""
        await self._watch(Need.SHOWN, names)

    async def select(self, name: str) -> None:
        """Show a symbol, and wait for its first quote and the figures of its day."""
        quoted_before = self.model.quotes.get(name) is not None
        await self.show([name])
        await self.valued([name])
        if not quoted_before:
            with suppress(TimeoutError):
                figures = self.model.quotes.first_figures(name)
                await wait_for(figures, Deadline(self.options.figures_timeout))

    async def hide(self, name: str) -> None:
        """Take a symbol out of the Market Watch; what converts its money goes too."""
        self._ticks.drop(Need.SHOWN, name)
        self._ticks.drop(Need.ASKED, name)
        await self._using(self._subscribe_to_needed)

    @property
    def watch(self) -> Watch:
        """Which symbols the Market Watch shows, and which are quoted at all."""
        return Watch(self._ticks.needed(Need.SHOWN), self._ticks.names)

    def subscribed(self, name: str) -> bool:
        """Whether the server sends the symbol's quotes, for whatever reason."""
        return name in self._ticks.names

    async def quote(self, name: str) -> Quote | None:
        """The symbol's quote; subscribes to it and waits for the first one.

        Returns:
            The quote, or None if none came in time.

        Raises:
            NotFound: the server has no such symbol.
        """
        quote = self.model.quotes.get(name)
        if quote is not None:
            return quote
        await self.ask(name)
        await self.quoted([name])
        return self.model.quotes.get(name)

    async def ask(self, name: str) -> None:
        """Subscribe to a symbol, and to what converts its money, if nothing does yet.

        Raises:
            NotFound: the server has no such symbol.
        """
        known = name in self._ticks.needed(Need.SHOWN, Need.HELD, Need.ASKED)
        if not known or not self._ticks.told(name):
            await self._watch(Need.ASKED, [name])

    async def quoted(self, names: Iterable[str]) -> None:
        """Wait for the first quotes of subscribed symbols, each one a limited time.

        The time runs from the first wait for a symbol: one that the server never
        quotes holds up its callers no more afterwards.
        """
        waits = [
            (name, self._first_quotes.setdefault(name, self._quote_deadline()))
            for name in names
            if name in self._ticks.names
            and name in self.model.symbols
            and self.model.quotes.get(name) is None
        ]
        for name, deadline in waits:
            if deadline.passed():
                continue
            try:
                await wait_for(self.model.quotes.first(name), deadline)
            except TimeoutError:
                log.info("%s: no quote within %s s", name, deadline.timeout)

    async def valued(self, names: Iterable[str]) -> None:
        """As :meth:`quoted`, and for the symbols that convert their money too."""
        wanted = list(names)
        await self.quoted([*wanted, *self._conversions(wanted)])

    async def _booked(self, names: Iterable[str], deadline: Deadline) -> None:
        try:
            for name in names:
                await wait_for(self.model.first_books.first(name), deadline)
        except TimeoutError:
            log.info("a book is missing after %s s", deadline.timeout)

    async def open_book(self, name: str) -> None:
        """Begin to receive the symbol's depth of market; it waits for its first state.

        A symbol without a depth is not waited for.
        """
        (symbol,) = await self.full_symbols([name])
        self._books.add(Need.ASKED, [name])
        await self._subscribe(self._books)
        if book_depth(symbol):
            await self._booked([name], Deadline(self.options.book_timeout))

    async def close_book(self, name: str) -> None:
        """End what :meth:`open_book` began."""
        self.model.symbols.id_of(name)
        self._books.drop(Need.ASKED, name)
        await self._subscribe(self._books)

    def book(self, name: str) -> Book | None:
        """The depth of market as it stands; None if it is not subscribed to."""
        if name not in self._books.names:
            return None
        return self.model.book(name) or Book()

    async def know_history(self, start: int) -> None:
        """Make `model.history` complete from a moment on, s of server time.

        It asks the server only for what is not known yet.
        """
        history = self.model.history
        while (span := history.missing(start)) is not None:
            await self._connection.request(
                Command.HISTORY, requests.span(*span), partial(history.take, *span)
            )

    async def send(
        self,
        request: TradeRequest,
        *,
        magic: int = 0,
        original: str = "",
        session: Session | None = None,
    ) -> TradeResult:
        """Send a trade request, once.

        Args:
            request: what to send.
            magic: number of the program, for the journal; the wire carries none.
            original: what the caller asked for, as JSON; for the journal.
            session: of :meth:`trading`: the connection that the request was made for,
                or none at all. None: the one of the moment, if there is one.

        Returns:
            The result that the server told, whatever it was.

        Raises:
            TradeRefused: refused at once, or never sent.
            OutcomeUnknown: sent, and no word of what became of it.
        """
        return await self._trading.send(request, magic, original, session)

    async def trading(self) -> Session:
        """The connection that trade requests can be sent on now.

        While it is down this waits for it, as long as the options allow. Whoever tests
        a request against the model does so after this, and names the connection to
        :meth:`send`: should it break in between, nothing is sent.

        Raises:
            TradeRefused: there is none, with the code for that, 10031.
        """
        return await self._trading.session()

    @property
    def key(self) -> AccountKey:
        """The account, as journals and records name it."""
        return AccountKey(self.model.holdings.account.server_name, self.login)

    def magics(self) -> MagicLookup:
        """The programs' numbers of positions, orders and deals, as known now."""
        return magic_lookup(self.options.journal, self.key, self.model)

    def session(self) -> Session:
        """The connection in use, for what is not asked of a terminal.

        Such as :class:`mt5web_async.accounts.Accounts`, which changes passwords.

        Raises:
            NotConnected: there is none right now.
        """
        return self._connection.current()

    async def request(self, command: int, payload: bytes, handler: Handler[Any]) -> Any:
        """Any other request; the handler makes the answer's value."""
        return await self._connection.request(command, payload, handler)

    async def _load(self, session: Session, deadline: Deadline) -> None:
        """Everything that must be known and subscribed before the connection is up."""
        self._ticks.forget_sent()
        self._books.forget_sent()
        self._first_quotes = {}
        self.rates.forget()
        await loading.load(session, self.model, deadline)
        self._ticks.replace(Need.HELD, loading.held_symbols(self.model))
        needed = self._ticks.names | self._books.names
        watched = [name for name in needed if name in self.model.symbols]
        await loading.load_full_symbols(session, self.model, watched, deadline)
        self._ticks.replace(Need.CONVERSION, ())
        await self._load_conversions(session, deadline)
        await self._load_history(session, deadline)
        await self._send(self._ticks, session, deadline)
        await self._send(self._books, session, deadline)
        await self._trading.settle(session, deadline)
        await self._await_prices(deadline)

    async def _await_prices(self, deadline: Deadline) -> None:
        """Wait for what values the positions, and for what was there before."""
        needed = self._ticks.needed(Need.HELD, Need.CONVERSION) | self._had.quotes
        with suppress(TimeoutError):
            async with asyncio.timeout(deadline.left()):
                await self.quoted(needed)
                books = self._had.books & self._books.names
                await self._booked(books, self._quote_deadline())

    async def _unload(self, session: Session, deadline: Deadline) -> None:
        """Hear the results that are owed, then subscribe to nothing any more."""
        try:
            await self.model.desk.quiet(deadline)
        except TimeoutError:
            log.warning("closing with results of trade requests outstanding")
        ends = [one.end(session) for one in (self._ticks, self._books)]
        for ticket in ends:
            if ticket is not None:
                await session.result(ticket, deadline)

    async def _load_history(self, session: Session, deadline: Deadline) -> None:
        """What was done while nobody was connected, if history was asked for."""
        start = self.model.history.since
        if start is not None and (span := self.model.history.missing(start)):
            await loading.load_history(session, self.model, span[0], deadline)

    async def _watch(self, need: Need, names: Iterable[str]) -> None:
        """Subscribe to symbols and to what converts their money."""
        wanted = list(names)

        async def watch(session: Session, deadline: Deadline) -> None:
            await loading.load_full_symbols(session, self.model, wanted, deadline)
            if need is Need.HELD:
                await loading.load_spreads(session, self.model, wanted, deadline)
            self._ticks.add(need, wanted)
            await self._subscribe_to_needed(session, deadline)

        await self._using(watch)

    async def _subscribe_to_needed(self, session: Session, deadline: Deadline) -> None:
        await self._load_conversions(session, deadline)
        await self._send(self._ticks, session, deadline)

    async def _load_conversions(self, session: Session, deadline: Deadline) -> None:
        """Need what converts the money of the symbols that are needed themselves."""
        valued = Need.SHOWN, Need.HELD, Need.ASKED
        self._ticks.derive(Need.HELD, lambda _: loading.held_symbols(self.model))
        pairs = self._conversions(self._ticks.needed(*valued))
        await loading.load_full_symbols(session, self.model, pairs, deadline)
        self._ticks.derive(Need.CONVERSION, self._conversions, *valued)

    async def _subscribe(self, subscription: Subscription) -> None:
        await self._using(partial(self._send, subscription))

    async def _using(self, work: Loader) -> None:
        """Do what does no harm if it is done twice, on the next session if need be."""
        deadline = self._deadline()
        await self._connection.using(lambda session: work(session, deadline), deadline)

    async def _send(
        self, subscription: Subscription, session: Session, deadline: Deadline
    ) -> None:
        ticket = subscription.send(session, self.model.symbols)
        if ticket is None:
            return
        try:
            await session.result(ticket, deadline)
        except BaseException:  # cancelled in line it was never sent
            subscription.forget_sent()
            raise

    def _conversions(self, names: Iterable[str]) -> list[str]:
        """The symbols whose quotes convert the money of loaded symbols."""
        full = self.model.symbols.full
        return self.model.conversion_symbols(full[n] for n in names if n in full)

    def _in_loop(self, work: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is gone, and nothing is worth doing
            self._loop.call_soon_threadsafe(work)

    def _keep_quotes(self, names: frozenset[str]) -> None:
        """In the I/O thread: others are not subscribed to any more."""
        self.model.quotes.keep(names)
        self.rates.keep_ticks(names)
        for name in set(self._first_quotes).difference(names):
            self._first_quotes.pop(name, None)

    def _quote_deadline(self) -> Deadline:
        return Deadline(self.options.quote_timeout)

    def _deadline(self) -> Deadline:
        return Deadline(self.options.connection.request_timeout)

    def _on_move(self, move: Move) -> None:
        if move.before is State.SYNCHRONISED:
            quotes, book = self.model.quotes, self.model.book
            self._had = _Had(
                frozenset(n for n in self._ticks.names if quotes.get(n) is not None),
                frozenset(n for n in self._books.names if book(n) is not None),
            )
        if move.what in {Input.LOST, Input.GIVE_UP, Input.CLOSED}:
            reason = move.reason or ConnectionLost("connection lost", server=self.url)
            self.model.desk.lost(reason)
            self.model.lost()

    def _on_event(self, event: Event) -> None:
        """In the I/O thread: a symbol is held that is not watched yet."""
        match event:
            case PositionChanged(position=held) | OrderChanged(order=held):
                name = held.symbol
            case _:
                return
        if name not in self._ticks.needed(Need.HELD) and name in self.model.symbols:
            self._loop.call_soon_threadsafe(self._hold, name)

    def _hold(self, *names: str) -> None:
        """Watch symbols that are held, and what converts money as things are now."""
        if names in self._coming:  # told again and again, they are watched once
            return
        if names:
            self._coming.add(names)
        self._spawn(self._watch_quietly(names))

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch_quietly(self, held: tuple[str, ...]) -> None:
        try:
            await self._watch(Need.HELD, held)
        except EngineError as exc:
            log.warning("what the account needs cannot be watched: %s", exc)
        finally:
            self._coming.discard(held)

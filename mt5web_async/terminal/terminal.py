"""The engine's terminal: one login, its live model, and everything it can be asked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

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
from mt5web_async.errors import ConnectionLost
from mt5web_async.events import Listener
from mt5web_async.protocol import requests
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import (
    FullSymbol,
    TradeRequest,
    TradeResult,
)
from mt5web_async.waiting import Deadline

from . import loading
from .bars import Bars, BarsOptions
from .books import Books
from .depth import Book
from .fate import AccountKey
from .held_symbols import HeldSymbols
from .journal import Journal, MagicLookup
from .magic import magic_lookup
from .market_watch import MarketWatch
from .model import Model
from .subscription import Need, Watch
from .ticks import TickRecord
from .trading import Trading

log = logging.getLogger("mt5web_async.terminal")


@dataclass(frozen=True, kw_only=True)
class TerminalOptions:
    """How a terminal behaves.

    Attributes:
        trade_timeout: s to wait for the result of a trade request; servers themselves
            cancel after 180.
        trade_wait: s that :meth:`Terminal.trading` waits for a connection that is
            down; 0: trade requests fail at once.
        quote_timeout: s to wait for a symbol's first quote, or its first book.
        bars: how bars are fetched and kept.
        connection: how the connection behaves.
        journal: keeps trade requests; None: nobody does.

    Example:
        >>> options = TerminalOptions(
        ...     trade_wait=10.0,
        ...     connection=ConnectionOptions(request_timeout=5.0),
        ... )
        >>> options.trade_timeout, options.connection.reconnect.cap
        (180.0, 60.0)
    """

    trade_timeout: float = 180.0
    trade_wait: float = 0.0
    quote_timeout: float = 3.0
    bars: BarsOptions = field(default_factory=BarsOptions)
    connection: ConnectionOptions = field(default_factory=ConnectionOptions)
    journal: Journal | None = None


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

    Example:
        >>> import asyncio
        >>> from mt5web_async.simulator import Simulator
        >>> from mt5web_async.terminal.timeframes import Timeframe
        >>> async def tour(server):
        ...     who = Credentials(login=server.login, password=server.password)
        ...     async with Terminal(server.url, who) as terminal:
        ...         await terminal.open()
        ...         quote = await terminal.quote("EURUSD")
        ...         hours = await terminal.rates.rates_from_pos(
        ...             "EURUSD", Timeframe.H1, 0, 24
        ...         )
        ...         return quote.ask > quote.bid, hours.shape, terminal.state.name
        >>> with Simulator() as server:
        ...     asyncio.run(tour(server))
        (True, (24,), 'SYNCHRONISED')
    """

    def __init__(
        self, url: str, who: Credentials, options: TerminalOptions | None = None
    ) -> None:
        self.url = url
        self.login = who.login
        self.options = options or TerminalOptions()
        self.model = Model()
        self.ticks = TickRecord()
        self.model.quotes.record(self.ticks)
        self._loop = asyncio.get_running_loop()
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
            timeout=self.options.connection.request_timeout,
            later=self._in_loop,
        )
        self._watch = MarketWatch(
            self.model,
            self._using,
            self.rates.keep_ticks,
            self.options.quote_timeout,
        )
        self._books = Books(self.model, self._using, self.options.quote_timeout)
        self._held = HeldSymbols(self.model, self._watch)

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
        self._held.stop()
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
        return await self._watch.full_symbols(names)

    async def load_symbols(self, names: Sequence[str]) -> None:
        """Ask for full records that are not known; a server may keep some back.

        Raises:
            NotFound: the server has no symbol of one of the names.
        """
        await self._watch.load_symbols(names)

    async def show(self, names: Iterable[str]) -> None:
        """Put symbols into the Market Watch: their quotes come from now on."""
        await self._watch.need(Need.SHOWN, names)

    async def hide(self, name: str) -> None:
        """Take a symbol out of the Market Watch; what converts its money goes too."""
        await self._watch.hide(name)

    @property
    def watch(self) -> Watch:
        """Which symbols the Market Watch shows, and which are quoted at all."""
        return self._watch.watch

    def subscribed(self, name: str) -> bool:
        """Whether the server sends the symbol's quotes, for whatever reason."""
        return self._watch.subscribed(name)

    async def quote(self, name: str) -> Quote | None:
        """The symbol's quote; subscribes to it and waits for the first one.

        Returns:
            The quote, or None if none came in time.

        Raises:
            NotFound: the server has no such symbol.
        """
        return await self._watch.quote(name)

    async def ask(self, name: str) -> None:
        """Subscribe to a symbol, and to what converts its money, if nothing does yet.

        Raises:
            NotFound: the server has no such symbol.
        """
        await self._watch.ask(name)

    async def quoted(self, names: Iterable[str]) -> None:
        """Wait for the first quotes of subscribed symbols, each one a limited time.

        The time runs from the first wait for a symbol: one that the server never
        quotes holds up its callers no more afterwards.
        """
        await self._watch.quoted(names)

    async def valued(self, names: Iterable[str]) -> None:
        """As :meth:`quoted`, and for the symbols that convert their money too."""
        await self._watch.valued(names)

    async def booked(self, names: Iterable[str]) -> None:
        """Wait for the first books of subscribed symbols, each one a limited time.

        Those of symbols without a depth of market are not waited for.
        """
        await self._books.booked(names)

    async def open_book(self, name: str) -> None:
        """Begin to receive the symbol's depth of market."""
        await self.full_symbols([name])
        await self._books.open(name)

    async def close_book(self, name: str) -> None:
        """End what :meth:`open_book` began."""
        await self._books.close(name)

    def book(self, name: str) -> Book | None:
        """The depth of market as it stands; None if it is not subscribed to."""
        return self._books.get(name)

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
        self._watch.begin()
        self._books.begin()
        self.rates.forget()
        await loading.load(session, self.model, deadline)
        await self._load_history(session, deadline)
        await self._watch.restore(session, deadline)
        await self._books.restore(session, deadline)
        await self._trading.settle(session, deadline)
        await self._await_prices(deadline)

    async def _await_prices(self, deadline: Deadline) -> None:
        """Wait for what values the positions, and for what was there before."""
        with suppress(TimeoutError):
            async with asyncio.timeout(deadline.left()):
                await self._watch.restored()
                await self._books.restored()

    async def _unload(self, session: Session, deadline: Deadline) -> None:
        """Hear the results that are owed, then subscribe to nothing any more."""
        try:
            await self.model.desk.quiet(deadline)
        except TimeoutError:
            log.warning("closing with results of trade requests outstanding")
        ends = self._watch.end(session), self._books.end(session)
        for ticket in ends:
            if ticket is not None:
                await session.result(ticket, deadline)

    async def _load_history(self, session: Session, deadline: Deadline) -> None:
        """What was done while nobody was connected, if history was asked for."""
        start = self.model.history.since
        if start is not None and (span := self.model.history.missing(start)):
            await loading.load_history(session, self.model, span[0], deadline)

    async def _using(self, work: Loader) -> None:
        """Do what does no harm if it is done twice, on the next session if need be."""
        deadline = Deadline(self.options.connection.request_timeout)
        await self._connection.using(lambda session: work(session, deadline), deadline)

    def _in_loop(self, work: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is gone, and nothing is worth doing
            self._loop.call_soon_threadsafe(work)

    def _on_move(self, move: Move) -> None:
        if move.before is State.SYNCHRONISED:
            self._watch.broken()
            self._books.broken()
        if move.what in {Input.LOST, Input.GIVE_UP, Input.CLOSED}:
            reason = move.reason or ConnectionLost("connection lost", server=self.url)
            self.model.desk.lost(reason)
            self.model.lost()

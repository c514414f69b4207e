"""Everything a terminal knows, fed by answers and pushes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from mt5web_async.calculation.conversion import conversion_symbols
from mt5web_async.calculation.market import Market
from mt5web_async.calculation.plausible import plausible
from mt5web_async.calculation.portfolio import Portfolio
from mt5web_async.connection.session import PushHandler
from mt5web_async.errors import MalformedMessage
from mt5web_async.events import TradeServerChanged
from mt5web_async.listeners import Listeners
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import FULL_SYMBOL, FullSymbol, Order, Position
from mt5web_async.protocol.responses import (
    AccountState,
    Spread,
    read_books,
    read_u32,
)

from .account import Held, Holdings
from .arrivals import Arrivals
from .clock import ServerClock
from .depth import Book
from .history import FAR, History
from .quotes import Quotes
from .symbols import Symbols
from .traces import Known
from .trade import TradeDesk

log = logging.getLogger("mt5web_async.terminal")

MAX_LEVELS_TOGETHER: Final = 200_000
"""Most levels of all books; a server that sends more is not believed."""


class Model:
    """The parts of the model, and who takes in which push.

    Written by the I/O thread only; attributes may be read from any thread.

    Attributes:
        books: depth of market by symbol id, for the symbols subscribed to.
        first_books: where the first state of a symbol's book is waited for.
        spreads: margin reliefs between futures.
        trade_server_up: whether the gateway reaches the trade server.
    """

    def __init__(self) -> None:
        self.clock = ServerClock()
        self.symbols = Symbols()
        self.quotes = Quotes(self.symbols)
        self.holdings = Holdings()
        self.history = History()
        self.holdings.listen(self.history.take_event)
        self.desk = TradeDesk(self.holdings)
        self.books: Mapping[int, Book] = {}
        self.first_books: Arrivals[Book] = Arrivals(self.book)
        self.spreads: tuple[Spread, ...] = ()
        self._portfolio: Portfolio[Position, Order] | None = None
        self.trade_server_up = True
        self._on_terms: Listeners[[]] = Listeners(log)

    def listen_terms(self, listener: Callable[[], object]) -> None:
        """Call `listener()` after pushed changes of symbols or of the account.

        They may decide which other symbols convert money. It is called in the I/O
        thread.
        """
        self._on_terms.add(listener)

    def pushes(self) -> dict[int, PushHandler]:
        """Who takes in which push."""
        return {
            Command.TICKS: self._take_ticks,
            Command.TRANSACTIONS: self.holdings.take_transactions,
            Command.SYMBOLS_CHANGED: self._take_symbols_change,
            Command.ACCOUNT_CHANGED: self._take_account_change,
            Command.TRADE_SERVER_STATE: self._take_trade_server_state,
            Command.STATISTICS: self._take_statistics,
            Command.TRADE_RESULT: self.desk.take_result,
            Command.BOOK: self._take_books,
        }

    def lost(self) -> None:
        """The connection broke; the next one begins with a trade server in reach.

        Not in :meth:`begin`: a server may tell of its state with the login.
        """
        self.trade_server_up = True

    def begin(self) -> None:
        """A new connection is about to load the model anew."""
        self.holdings.expect_snapshot()
        self.symbols.begin()
        self.quotes.forget()
        self.history.interrupted()
        self.books = {}
        self.first_books.forget()

    def take_account(self, payload: memoryview) -> AccountState:
        """The account, as it was asked for."""
        return self._account_taken(self.holdings.take_account(payload))

    def take_counted_full_symbols(self, payload: memoryview) -> list[FullSymbol]:
        """Full records, as they were asked for."""
        records, _ = FULL_SYMBOL.counted(payload)
        return self.symbols.take_full(records)

    def take_spreads(self, spreads: Iterable[Spread]) -> None:
        """Margin reliefs that answers told of; known ones are replaced."""
        known = {spread.header.spread_id: spread for spread in self.spreads}
        known.update({s.header.spread_id: plausible(s) for s in spreads})
        self.spreads = tuple(known.values())

    def market(self, state: AccountState | None = None) -> Market:
        """All that money depends on, as it is now; it does not change any more.

        Args:
            state: the account; None: as it is now.
        """
        state = state or self.holdings.state
        return Market(
            state.account,
            self.symbols.full,
            self.quotes.moment(),
            self.symbols.pairs,
            state.leverage,
            self.spreads,
            state.trade_flags or 0,
        )

    @property
    def newest_order(self) -> int:
        """The highest ticket of an order that is known; 0: none."""
        orders = self.holdings.orders
        return max(max(orders, default=0), self.history.newest_order)

    def known(self) -> Known:
        """What is known of the account, to settle requests by."""
        history, held = self.history, self.holdings.now
        return Known(
            now_msc=round(self.clock.now() * 1000),
            positions=tuple(held.positions.values()),
            orders=tuple(held.orders.values()),
            history=history.orders(0, FAR),
            deals=history.deals(0, FAR),
            since=history.since,
        )

    def portfolio(self, held: Held | None = None) -> Portfolio[Position, Order]:
        """Account, positions and orders at the quotes of this moment.

        Args:
            held: what the account has; None: what it has now.
        """
        state, positions, orders = held or self.holdings.now
        market, before = self.market(state), self._portfolio
        if before is None:
            now = Portfolio.of(market, positions, orders)
        else:
            now = before.then(market, positions, orders)
        self._portfolio = now
        return now

    def conversion_symbols(self, symbols: Iterable[FullSymbol]) -> list[str]:
        """Names of the symbols whose quotes convert the money of these symbols."""
        state = self.holdings.state
        rules = Market(state.account, leverage=state.leverage)
        names: dict[str, None] = {}
        for symbol in symbols:
            leverage = rules.leverage_of(symbol)
            converting = conversion_symbols(
                symbol,
                state.account.currency,
                self.symbols.pairs,
                None if leverage is None else leverage.rule.range_currency,
            )
            names.update(dict.fromkeys(converting))
        return list(names)

    def book(self, name: str) -> Book | None:
        """The depth of market of a symbol; None: the server told of none yet."""
        symbol = self.symbols.full.get(name)
        return None if symbol is None else self.books.get(symbol.symbol_id)

    def keep_books(self, names: Iterable[str]) -> None:
        """The depth of no other symbols is subscribed to any more."""
        names = frozenset(names)
        self.first_books.forget(names)
        symbols = self.symbols
        kept = {symbols.id_of(name) for name in names if name in symbols}
        self.books = {i: book for i, book in self.books.items() if i in kept}

    def _account_taken(self, state: AccountState) -> AccountState:
        account = state.account
        self.clock.set_offset(account.timezone_shift, account.daylight_mode)
        self.symbols.take_overrides(state.settings)
        return state

    def _take_symbols_change(self, payload: memoryview) -> None:
        self.symbols.take_full(FULL_SYMBOL.records(payload))
        self._on_terms.tell()

    def _take_account_change(self, payload: memoryview) -> None:
        self._account_taken(self.holdings.take_account_change(payload))
        self._on_terms.tell()

    def _take_ticks(self, payload: memoryview) -> None:
        newest = self.quotes.take_ticks(payload)
        if newest:
            self.clock.note(newest)

    def _take_statistics(self, payload: memoryview) -> None:
        self.quotes.take_statistics(payload)

    def _take_trade_server_state(self, payload: memoryview) -> None:
        up = read_u32(payload) == 0
        if up is self.trade_server_up:
            return
        self.trade_server_up = up
        log.warning("trade server %s", "back" if self.trade_server_up else "lost")
        self.holdings.tell(TradeServerChanged(up=self.trade_server_up))

    def _take_books(self, payload: memoryview) -> None:
        books = dict(self.books)
        changed: dict[str, Book] = {}
        for change in read_books(payload):
            symbol_id = change.header.symbol_id
            quoted = self.symbols.quoted.get(symbol_id)
            if quoted is None:
                continue
            symbol = self.symbols.full[quoted.name]
            book = books.get(symbol_id, Book())
            book = book.apply(change, symbol.digits, symbol.contract_size)
            books[symbol_id] = changed[symbol.name] = book
        levels = sum(len(book.sums) for book in books.values())
        if levels > MAX_LEVELS_TOGETHER:
            raise MalformedMessage(
                f"books of {levels} levels, limit {MAX_LEVELS_TOGETHER}"
            )
        self.books = books
        self.first_books.came(changed)

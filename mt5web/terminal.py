"""The backend of the official functions: an engine terminal, waited for in place."""

from __future__ import annotations

import functools
import logging
import os
import threading
import weakref
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from mt5web_async.calculation.quotes import Quote
from mt5web_async.errors import EngineError, NotConnected, NotFound
from mt5web_async.terminal.history import FAR, of_position
from mt5web_async.waiting import Deadline, drive

from . import trading
from .backend import ByTicket, CallFailed, DateRange, HistoryQuery
from .constants import RES_E_AUTH_FAILED, RES_E_FAIL
from .ending import at_end
from .folders import machine
from .kept import Kept
from .mapping.account import account_info, terminal_info
from .mapping.quotes import book_rows, tick
from .mapping.symbols import symbol_info
from .mapping.trading import trade_deal, trade_order, trade_position
from .notices import Notices
from .opening import (
    Target,
    Visited,
    another_way,
    connect,
    environment,
    find,
    journal,
    make_terminal,
    read_settings,
)
from .release import RELEASE_DATE
from .runtime import Runtime, runtime
from .settings import Account, Options, Settings, journal_path
from .warm import WarmPlace

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from mt5web_async.calculation.market import Market
    from mt5web_async.connection.callbacks import Callbacks
    from mt5web_async.protocol.records import Deal, Order
    from mt5web_async.terminal.journal import Entry
    from mt5web_async.terminal.terminal import Terminal
    from mt5web_async.terminal.watch import Watch

    from .backend import NameFilter, Version
    from .structs import (
        AccountInfo,
        BookInfo,
        OrderCheckResult,
        OrderSendResult,
        SymbolInfo,
        TerminalInfo,
        Tick,
        TradeDeal,
        TradeOrder,
        TradePosition,
        TradeRequest,
    )

log = logging.getLogger("mt5web")

T = TypeVar("T")

_VERSION: Final = 500
_NO_QUOTE: Final = Quote()


_terminals: weakref.WeakSet[BlockingTerminal] = weakref.WeakSet()


@functools.cache
def _close_at_exit(_: Runtime) -> None:
    """Have :func:`_close_all` called before this runtime ends, which comes first."""
    at_end(_close_all)


def _close_all() -> None:
    """Log out of what a program leaves open when it ends."""
    for terminal in list(_terminals):
        terminal.close()


def _forget_parent() -> None:
    """In a forked child: who held a lock is not here to let it go."""
    for terminal in list(_terminals):
        terminal.forget_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_parent)


def _disconnect(engine: Terminal) -> None:
    try:
        runtime().run(engine.close())
    except EngineError as exc:
        log.warning("while closing the connection: %s", exc)


def _connect(engine: Terminal, options: Options, timeout: float) -> None:
    """Connect, or leave nothing behind.

    Raises:
        EngineError: it did not work.
    """
    try:
        connect(engine, options, timeout)
    except EngineError:
        _disconnect(engine)
        raise
    except BaseException:  # Ctrl-C: whoever presses it does not want to wait
        runtime().start(engine.close())
        raise


class BlockingTerminal:
    """One terminal for programs that wait for every answer.

    Reads of what is known happen in the caller's thread, out of memory.
    """

    def __init__(self) -> None:
        self._engine: Terminal | None = None
        self._target: Visited | None = None
        self._options = Options()
        self._forked = False  # since it was opened
        self._switching_lock = threading.Lock()
        self._warm = WarmPlace(_disconnect)
        self._notices = Notices()
        _terminals.add(self)

    # connection

    def initialize(
        self,
        path: str | None,
        login: int | None,
        password: str | None,
        server: str | None,
        timeout_ms: int,
        portable: bool,
    ) -> None:
        """See :class:`~mt5web.backend.Backend`, as for all methods."""
        given = Account(login=login, password=password, server=server, path=path)
        with self._switching_lock:
            self._close()
            self._open(given, timeout_ms)

    def login(
        self, login: int, password: str | None, server: str | None, timeout_ms: int
    ) -> None:
        with self._switching_lock:
            before = self._terminal()
            here = None if self._target is None else self._target.server
            given = Account(login=login, password=password, server=server or here)
            try:
                self._open(given, timeout_ms)
            except CallFailed as exc:  # nobody can be logged in with what is known
                raise CallFailed(RES_E_AUTH_FAILED, reason=str(exc)) from exc
            _disconnect(before)

    def shutdown(self) -> None:
        with self._switching_lock:
            self._close()

    def close(self) -> None:
        """Disconnect for good, whatever the settings keep warm."""
        self.shutdown()
        if not self._forked:
            self._warm.clear()

    def forget_parent(self) -> None:
        """In a forked child: what the parent's threads are about goes on there."""
        self._forked = True
        self._switching_lock = threading.Lock()
        self._notices.forget()

    def _open(self, given: Account, timeout_ms: int) -> None:
        settings = read_settings()
        target = find(given, settings, environment())
        if self._forked:
            self._warm = WarmPlace(_disconnect)
        engine = self._warm.take(target.visited())
        if engine is None:
            self._warm.clear()
            engine = self._connected(target, settings, timeout_ms / 1000)
        self._engine, self._target = engine, target.visited()
        self._options, self._forked = settings.options, False
        _close_at_exit(runtime())

    def _connected(
        self, target: Target, settings: Settings, timeout: float
    ) -> Terminal:
        """A terminal that is connected to a target, in the way that there is.

        Raises:
            EngineError: there is none.
        """
        deadline = Deadline(timeout)
        try:
            return self._attempt(target, settings, timeout)
        except EngineError as exc:
            target = another_way(target, exc, settings, deadline.left() or 0.0)
        return self._attempt(target, settings, deadline.left() or 0.0)

    def _attempt(self, target: Target, settings: Settings, timeout: float) -> Terminal:
        engine = make_terminal(target, settings)
        engine.listen_moves(self._notices.listener(partial(self._uses, engine)))
        _connect(engine, settings.options, timeout)
        return engine

    def _uses(self, engine: Terminal) -> bool:
        return self._engine is engine

    def _close(self) -> None:
        engine, self._engine = self._engine, None
        if engine is None or self._forked:
            return
        if self._options.keep_warm > 0 and self._target is not None:
            self._warm.keep(self._target, engine, self._options.keep_warm)
        else:
            _disconnect(engine)

    def _terminal(self) -> Terminal:
        """The engine terminal.

        Raises:
            NotConnected: there is none, or it belongs to the parent of this process.
        """
        engine = self._engine
        if engine is None:
            raise NotConnected("not connected: call initialize() first")
        if self._forked:
            raise NotConnected(
                "the connection belongs to the process that this one was forked from: "
                "call initialize() here too"
            )
        return engine

    def version(self) -> Version:
        build = self._terminal().model.holdings.account.server_build
        return _VERSION, build, RELEASE_DATE

    def terminal_info(self) -> TerminalInfo:
        engine = self._terminal()
        return terminal_info(
            machine(self._options),
            engine.model.holdings.state,
            connected=engine.connected,
            ping=engine.ping,
        )

    def account_info(self) -> AccountInfo:
        engine = self._terminal()
        held = engine.model.holdings.now
        figures = engine.model.portfolio(held).figures
        return account_info(engine.login, held.state, figures)

    # symbols and quotes

    def symbols_total(self) -> int:
        return len(self._terminal().model.symbols)

    def symbols_get(self, wanted: NameFilter | None) -> tuple[SymbolInfo, ...]:
        engine = self._terminal()
        symbols = engine.model.symbols
        chosen = [n for n in symbols.names if wanted is None or wanted(n)]
        drive(engine.load_symbols(chosen))
        market, watch = engine.model.market(), engine.watch
        return tuple(
            self._symbol(engine, market, watch, name)
            for name in chosen
            if name in symbols.full
        )

    def symbol_info(self, symbol: str) -> SymbolInfo:
        engine = self._terminal()
        drive(engine.full_symbols([symbol]))
        info = self._symbol(engine, engine.model.market(), engine.watch, symbol)
        if info.select and not (info.time and info.trade_tick_value):
            drive(engine.valued([symbol]))
            info = self._symbol(engine, engine.model.market(), engine.watch, symbol)
        return info

    def symbol_info_tick(self, symbol: str) -> Tick:
        engine = self._terminal()
        quote = engine.model.quotes.get(symbol)
        if quote is None:
            quote = drive(engine.quote(symbol))
        if quote is None:
            raise NotFound(f"no quotes of {symbol}", symbol=symbol)
        return tick(quote)

    def symbol_select(self, symbol: str, enable: bool) -> None:
        engine = self._terminal()
        if not enable:
            engine.model.symbols.id_of(symbol)
            held = engine.model.holdings.now
            in_use = {one.symbol for one in held.positions.values()}
            in_use.update(one.symbol for one in held.orders.values())
            if symbol in in_use:
                raise CallFailed(RES_E_FAIL)
            drive(engine.hide(symbol))
            return
        drive(engine.select(symbol))

    @staticmethod
    def _symbol(
        engine: Terminal, market: Market, watch: Watch, name: str
    ) -> SymbolInfo:
        symbol = engine.model.symbols.full[name]
        return symbol_info(
            symbol,
            engine.model.symbols.path_of(name),
            market.quote(symbol) or _NO_QUOTE,
            trading.tick_values(market, symbol),
            selected=name in watch.selected,
            visible=name in watch.shown,
        )

    # depth of market

    def market_book_add(self, symbol: str) -> None:
        drive(self._terminal().open_book(symbol))

    def market_book_get(self, symbol: str) -> tuple[BookInfo, ...]:
        book = self._terminal().book(symbol)
        if book is None:
            raise NotFound(
                f"the depth of market of {symbol} is not subscribed to: call "
                "market_book_add() first",
                symbol=symbol,
            )
        return book_rows(book)

    def market_book_release(self, symbol: str) -> None:
        drive(self._terminal().close_book(symbol))

    # bars and ticks

    def copy_rates_from(
        self, symbol: str, timeframe: int, date_from: int, count: int
    ) -> NDArray[np.void]:
        bars = self._terminal().rates
        return drive(bars.rates_from(symbol, timeframe, date_from, count))

    def copy_rates_from_pos(
        self, symbol: str, timeframe: int, start_pos: int, count: int
    ) -> NDArray[np.void]:
        bars = self._terminal().rates
        try:
            return drive(bars.rates_from_pos(symbol, timeframe, start_pos, count))
        except NotFound as exc:  # this function alone has another code for it
            raise CallFailed(RES_E_FAIL) from exc

    def copy_rates_range(
        self, symbol: str, timeframe: int, date_from: int, date_to: int
    ) -> NDArray[np.void]:
        bars = self._terminal().rates
        return drive(bars.rates_range(symbol, timeframe, date_from, date_to))

    def copy_ticks_from(
        self, symbol: str, from_msc: int, count: int, flags: int
    ) -> NDArray[np.void]:
        engine = self._terminal()
        drive(engine.quote(symbol))
        return engine.ticks.copy_from(symbol, from_msc, count, flags)

    def copy_ticks_range(
        self, symbol: str, from_msc: int, to_msc: int, flags: int
    ) -> NDArray[np.void]:
        engine = self._terminal()
        drive(engine.quote(symbol))
        return engine.ticks.copy_range(symbol, from_msc, to_msc, flags)

    # positions, orders, history

    def positions_total(self) -> int:
        return len(self._terminal().model.holdings.positions)

    def positions_get(
        self, ticket: int | None, symbol: str | None
    ) -> tuple[TradePosition, ...]:
        engine = self._terminal()
        positions = engine.model.portfolio().positions
        kept = Kept(engine)  # afterwards: it knows the requests of all of them
        return tuple(
            trade_position(one.position, kept, one.price_close, one.profit)
            for one in positions
            if ticket in (None, one.position.position_id)
            and symbol in (None, one.position.symbol)
        )

    def orders_total(self) -> int:
        return len(self._terminal().model.holdings.orders)

    def orders_get(
        self, ticket: int | None, symbol: str | None
    ) -> tuple[TradeOrder, ...]:
        engine = self._terminal()
        held = engine.model.holdings.now
        market, kept = engine.model.market(held.state), Kept(engine)
        return tuple(
            trade_order(order, kept, trading.order_price(market, order))
            for order in held.orders.values()
            if ticket in (None, order.order) and symbol in (None, order.symbol)
        )

    def history_orders_total(self, period: DateRange) -> int:
        return len(self._history_orders(period))

    def history_orders_get(self, query: HistoryQuery) -> tuple[TradeOrder, ...]:
        orders = self._history_orders(query)
        kept = Kept(self._terminal())
        return tuple(trade_order(one, kept, one.price_current) for one in orders)

    def history_deals_total(self, period: DateRange) -> int:
        return len(self._history_deals(period))

    def history_deals_get(self, query: HistoryQuery) -> tuple[TradeDeal, ...]:
        deals = self._history_deals(query)
        kept = Kept(self._terminal())
        return tuple(trade_deal(deal, kept) for deal in deals)

    def _history_orders(self, query: HistoryQuery) -> list[Order]:
        engine = self._terminal()
        history = engine.model.history
        if isinstance(query, DateRange):
            drive(engine.know_history(query.date_from))
            return history.orders(query.date_from, query.date_to)
        drive(engine.know_history(0))
        if isinstance(query, ByTicket):
            return _list(history.order(query.ticket))
        return of_position(history.orders(0, FAR), query.position)

    def _history_deals(self, query: HistoryQuery) -> list[Deal]:
        engine = self._terminal()
        history = engine.model.history
        if isinstance(query, DateRange):
            drive(engine.know_history(query.date_from))
            return history.deals(query.date_from, query.date_to)
        drive(engine.know_history(0))
        deals = history.deals(0, FAR)
        if isinstance(query, ByTicket):
            # documented as the ticket of the order; scripts give the deal's as well
            of_order = (deal for deal in deals if deal.order == query.ticket)
            return _list(next(of_order, None) or history.deal(query.ticket))
        return of_position(deals, query.position)

    # trading

    def order_check(self, request: TradeRequest) -> OrderCheckResult:
        return trading.check(self._terminal(), request)

    def order_send(self, request: TradeRequest) -> OrderSendResult:
        return trading.send(self._terminal(), request, self._options)

    def watch_connection(self, callbacks: Callbacks) -> None:
        self._notices.callbacks = callbacks

    def sent_requests(self, count: int) -> Sequence[Entry]:
        key, kept = self._terminal().key, journal(journal_path(self._options))
        return () if kept is None else kept.recent(key, count)

    def order_calc_margin(
        self, action: int, symbol: str, volume: float, price: float
    ) -> float:
        return trading.calc_margin(self._terminal(), action, symbol, volume, price)

    def order_calc_profit(
        self,
        action: int,
        symbol: str,
        volume: float,
        price_open: float,
        price_close: float,
    ) -> float:
        return trading.calc_profit(
            self._terminal(), action, symbol, volume, price_open, price_close
        )


def _list(one: T | None) -> list[T]:
    return [] if one is None else [one]

"""The backend of the official functions: an engine terminal, waited for in place."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, TypeVar

from mt5web_async.calculation.quotes import Quote
from mt5web_async.errors import NotFound
from mt5web_async.terminal.history import FAR, of_position
from mt5web_async.waiting import drive

from . import trading
from .backend import ByTicket, CallFailed, DateRange, HistoryQuery
from .constants import RES_E_FAIL
from .folders import machine
from .kept import Kept
from .lifecycle import Lifecycle
from .mapping.account import account_info, terminal_info
from .mapping.quotes import LastTicks, book_rows
from .mapping.symbols import symbol_info
from .mapping.trading import trade_deal, trade_order, trade_position
from .opening import (
    journal,
)
from .release import RELEASE_DATE
from .settings import Account, journal_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from mt5web_async.calculation.market import Market
    from mt5web_async.connection.callbacks import Callbacks
    from mt5web_async.protocol.records import Deal, Order
    from mt5web_async.terminal.journal import Entry
    from mt5web_async.terminal.subscription import Watch
    from mt5web_async.terminal.terminal import Terminal

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


class BlockingTerminal:
    """One terminal for programs that wait for every answer.

    Reads of what is known happen in the caller's thread, out of memory.

    Attributes:
        life: its connection.
    """

    def __init__(self) -> None:
        self.life = Lifecycle()
        self._ticks = LastTicks()

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
        self.life.begin(given, timeout_ms / 1000)

    def login(
        self, login: int, password: str | None, server: str | None, timeout_ms: int
    ) -> None:
        given = Account(login=login, password=password, server=server)
        self.life.switch(given, timeout_ms / 1000)

    def shutdown(self) -> None:
        self.life.end()

    def version(self) -> Version:
        build = self.life.engine().model.holdings.account.server_build
        return _VERSION, build, RELEASE_DATE

    def terminal_info(self) -> TerminalInfo:
        engine = self.life.engine()
        return terminal_info(
            machine(self.life.options),
            engine.model.holdings.state,
            connected=engine.connected,
            ping=engine.ping,
        )

    def account_info(self) -> AccountInfo:
        engine = self.life.engine()
        held = engine.model.holdings.now
        figures = engine.model.portfolio(held).figures
        return account_info(engine.login, held.state, figures)

    # symbols and quotes

    def symbols_total(self) -> int:
        return len(self.life.engine().model.symbols)

    def symbols_get(self, wanted: NameFilter | None) -> tuple[SymbolInfo, ...]:
        engine = self.life.engine()
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
        engine = self.life.engine()
        drive(engine.full_symbols([symbol]))
        info = self._symbol(engine, engine.model.market(), engine.watch, symbol)
        if info.select and not (info.time and info.trade_tick_value):
            drive(engine.valued([symbol]))
            info = self._symbol(engine, engine.model.market(), engine.watch, symbol)
        return info

    def symbol_info_tick(self, symbol: str) -> Tick:
        engine = self.life.engine()
        quote = engine.model.quotes.get(symbol)
        if quote is None:
            quote = drive(engine.quote(symbol))
        if quote is None:
            raise NotFound(f"no quotes of {symbol}", symbol=symbol)
        return self._ticks.of(symbol, quote)

    def symbol_select(self, symbol: str, enable: bool) -> None:
        engine = self.life.engine()
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
        drive(self.life.engine().open_book(symbol))

    def market_book_get(self, symbol: str) -> tuple[BookInfo, ...]:
        engine = self.life.engine()
        drive(engine.booked([symbol]))
        book = engine.book(symbol)
        if book is None:
            raise NotFound(
                f"the depth of market of {symbol} is not subscribed to: call "
                "market_book_add() first",
                symbol=symbol,
            )
        return book_rows(book)

    def market_book_release(self, symbol: str) -> None:
        drive(self.life.engine().close_book(symbol))

    # bars and ticks

    def copy_rates_from(
        self, symbol: str, timeframe: int, date_from: int, count: int
    ) -> NDArray[np.void]:
        bars = self.life.engine().rates
        return drive(bars.rates_from(symbol, timeframe, date_from, count))

    def copy_rates_from_pos(
        self, symbol: str, timeframe: int, start_pos: int, count: int
    ) -> NDArray[np.void]:
        bars = self.life.engine().rates
        try:
            return drive(bars.rates_from_pos(symbol, timeframe, start_pos, count))
        except NotFound as exc:  # this function alone has another code for it
            raise CallFailed(RES_E_FAIL) from exc

    def copy_rates_range(
        self, symbol: str, timeframe: int, date_from: int, date_to: int
    ) -> NDArray[np.void]:
        bars = self.life.engine().rates
        return drive(bars.rates_range(symbol, timeframe, date_from, date_to))

    def copy_ticks_from(
        self, symbol: str, from_msc: int, count: int, flags: int
    ) -> NDArray[np.void]:
        engine = self.life.engine()
        drive(engine.quote(symbol))
        return engine.ticks.copy_from(symbol, from_msc, count, flags)

    def copy_ticks_range(
        self, symbol: str, from_msc: int, to_msc: int, flags: int
    ) -> NDArray[np.void]:
        engine = self.life.engine()
        drive(engine.quote(symbol))
        return engine.ticks.copy_range(symbol, from_msc, to_msc, flags)

    # positions, orders, history

    def positions_total(self) -> int:
        return len(self.life.engine().model.holdings.positions)

    def positions_get(
        self, ticket: int | None, symbol: str | None
    ) -> tuple[TradePosition, ...]:
        engine = self.life.engine()
        positions = engine.model.portfolio().positions
        kept = Kept(engine)  # afterwards: it knows the requests of all of them
        return tuple(
            trade_position(one.position, kept, one.price_close, one.profit)
            for one in positions
            if ticket in (None, one.position.position_id)
            and symbol in (None, one.position.symbol)
        )

    def orders_total(self) -> int:
        return len(self.life.engine().model.holdings.orders)

    def orders_get(
        self, ticket: int | None, symbol: str | None
    ) -> tuple[TradeOrder, ...]:
        engine = self.life.engine()
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
        kept = Kept(self.life.engine())
        return tuple(trade_order(one, kept, one.price_current) for one in orders)

    def history_deals_total(self, period: DateRange) -> int:
        return len(self._history_deals(period))

    def history_deals_get(self, query: HistoryQuery) -> tuple[TradeDeal, ...]:
        deals = self._history_deals(query)
        kept = Kept(self.life.engine())
        return tuple(trade_deal(deal, kept) for deal in deals)

    def _history_orders(self, query: HistoryQuery) -> list[Order]:
        engine = self.life.engine()
        history = engine.model.history
        if isinstance(query, DateRange):
            drive(engine.know_history(query.date_from))
            return history.orders(query.date_from, query.date_to)
        drive(engine.know_history(0))
        if isinstance(query, ByTicket):
            return _list(history.order(query.ticket))
        return of_position(history.orders(0, FAR), query.position)

    def _history_deals(self, query: HistoryQuery) -> list[Deal]:
        engine = self.life.engine()
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
        return trading.check(self.life.engine(), request)

    def order_send(self, request: TradeRequest) -> OrderSendResult:
        return trading.send(self.life.engine(), request, self.life.options)

    def watch_connection(self, callbacks: Callbacks) -> None:
        self.life.watch(callbacks)

    def sent_requests(self, count: int) -> Sequence[Entry]:
        key, kept = self.life.engine().key, journal(journal_path(self.life.options))
        return () if kept is None else kept.recent(key, count)

    def order_calc_margin(
        self, action: int, symbol: str, volume: float, price: float
    ) -> float:
        return trading.calc_margin(self.life.engine(), action, symbol, volume, price)

    def order_calc_profit(
        self,
        action: int,
        symbol: str,
        volume: float,
        price_open: float,
        price_close: float,
    ) -> float:
        return trading.calc_profit(
            self.life.engine(), action, symbol, volume, price_open, price_close
        )


def _list(one: T | None) -> list[T]:
    return [] if one is None else [one]

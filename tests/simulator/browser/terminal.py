"""The web terminal: its session, what it shows, what it computes."""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Final

from mt5web_async.calculation import market as moments
from mt5web_async.calculation.account import AccountFigures, account_figures
from mt5web_async.calculation.checks import check_request
from mt5web_async.calculation.conversion import conversion_symbols
from mt5web_async.calculation.market import Market
from mt5web_async.calculation.settings import effective_symbol
from mt5web_async.enums import CalcMode, Period, Retcode, Rights, Side
from mt5web_async.protocol import requests, responses
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.frames import Answer
from mt5web_async.protocol.records import (
    ACCOUNT,
    BAR,
    FULL_SYMBOL,
    RATES_REQUEST,
    STATISTICS,
    SYMBOL,
    SYMBOL_GROUP,
    TICK,
    TRADE_REQUEST,
    TRADE_RESULT,
    TRADE_SETTINGS,
    Account,
    Bar,
    FullSymbol,
    RatesRequest,
    Symbol,
    TradeRequest,
    TradeResultAnswer,
)
from mt5web_async.protocol.responses import AccountState
from tests.simulator.client import Client

from .charts import Chart
from .quotes import Book, Quotes
from .trades import Trades
from .window import Window

MANY_SYMBOLS: Final = 256
"""Of more symbols the list is asked for packed."""

INTERIM: Final = (10001, 10002, 10003, 10028)
_FIRST_ACTION: Final = 1000
_PATIENCE: Final = 20
_FOREX: Final = (CalcMode.FOREX, CalcMode.FOREX_NO_LEVERAGE)


class PasswordMustChange(Exception):
    """The terminal goes no further than the account."""


class Browser:
    """A web terminal on a connection that has its key.

    Attributes:
        account: as told last.
        listed: the symbol list, by id.
        full: full records of the symbols that were asked for, by name.
        trades: what the account holds, wants and did.
        quotes: of the symbols that it has subscribed.
        books: of the symbols that it watches.
        charts: those that are open.
        losses: how often the gateway lost its trade server.
        window: makes requests.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self.account = AccountState(Account())
        self.listed: dict[int, Symbol] = {}
        self.full: dict[str, FullSymbol] = {}
        self.trades = Trades()
        self.quotes = Quotes()
        self.books: dict[str, Book] = {}
        self.charts: list[Chart] = []
        self.losses = 0
        self.window = Window(self)
        self._subscribed: frozenset[str] = frozenset()
        self._results: defaultdict[int, list[TradeResultAnswer]] = defaultdict(list)
        self._action = _FIRST_ACTION
        self._ears: dict[int, Callable[[bytes], None]] = {
            Command.TICKS: self._hear_ticks,
            Command.STATISTICS: self._hear_figures,
            Command.BOOK: self._hear_books,
            Command.TRANSACTIONS: self._hear_transactions,
            Command.TRADE_RESULT: self._hear_result,
            Command.ACCOUNT_CHANGED: self._hear_account,
            Command.SYMBOLS_CHANGED: self._hear_symbols,
            Command.TRADE_SERVER_STATE: self._hear_trade_server,
        }

    # what a session begins and ends with

    def log_in(self, login: int, password: str) -> None:
        """All that a terminal asks for before it shows anything."""
        self.client.enter(login, password)
        assert self._asked(Command.PING) == b""
        self._hear_account(self._demanded(Command.ACCOUNT))
        if self.account.account.rights & Rights.RESET_PASSWORD:
            raise PasswordMustChange
        for _ in range(2):
            SYMBOL_GROUP.counted(self._demanded(Command.SYMBOL_GROUPS))
        self.listed = {one.symbol_id: one for one in self._symbol_list()}
        assert len(self.listed) == self.account.symbols_count
        self._load_state()

    def _symbol_list(self) -> list[Symbol]:
        if self.account.symbols_count <= MANY_SYMBOLS:
            return SYMBOL.counted(self._demanded(Command.SYMBOLS))[0]
        packed = self._demanded(Command.PACKED_SYMBOLS)
        return SYMBOL.records(responses.unpack_symbols(packed).tobytes())

    def _load_state(self) -> None:
        """Positions and orders, and the symbols that they name."""
        body = self._demanded(Command.POSITIONS)
        positions, orders = responses.read_positions(body)
        self.trades.positions = {one.position_id: one for one in positions}
        self.trades.orders = {one.order: one for one in orders}
        named = self.trades.symbols  # the same one as often as it is named
        self._load(named)
        for name in named:
            self._asked(Command.SPREADS, requests.ids([self._id(name)]))

    def _load(self, names: Iterable[str]) -> None:
        wanted = [self._id(name) for name in names]
        body = self._demanded(Command.FULL_SYMBOLS, requests.ids(wanted))
        loaded, _ = FULL_SYMBOL.counted(body)
        assert [one.symbol_id for one in loaded] == wanted
        self.full.update({one.name: one for one in loaded})

    def _id(self, name: str) -> int:
        (symbol_id,) = (i for i, one in self.listed.items() if one.name == name)
        return symbol_id

    def _asked(self, command: int, payload: bytes = b"") -> bytes:
        answer = self.client.ask(command, payload)
        assert answer.result == 0
        return bytes(answer.payload)

    def _demanded(self, command: int, payload: bytes = b"") -> bytes:
        """An answer without which the login fails."""
        body = self._asked(command, payload)
        assert body
        return body

    def log_out(self) -> None:
        """The end of a session."""
        self._asked(Command.LOGOUT)

    # what it shows

    def show(self, *names: str) -> None:
        """Subscribe symbols, and what is held and needed for conversion with them."""
        wanted = {*self._subscribed, *names, *self.trades.symbols}
        self._load(sorted(wanted - self.full.keys()))
        currency, pairs = self.account.account.currency, self.market.pairs
        for name in sorted(wanted):
            wanted |= set(conversion_symbols(self.full[name], currency, pairs))
        self._load(sorted(wanted - self.full.keys()))
        if wanted != self._subscribed:
            self._subscribed = frozenset(wanted)
            ids = requests.ids(self._id(name) for name in sorted(wanted))
            assert self._asked(Command.SUBSCRIBE_TICKS, ids) == b""
            self.settle()
            assert wanted <= self.quotes.by_name.keys()

    def watch(self, *names: str) -> None:
        """Open the depth of market of these symbols and no others."""
        self.books = {name: self.books.get(name, Book()) for name in names}
        ids = requests.ids(self._id(name) for name in names)
        assert self._asked(Command.SUBSCRIBE_BOOK, ids) == b""

    def bars(self, name: str, period: Period, start: int, end: int) -> list[Bar]:
        """Load bars."""
        wanted = RATES_REQUEST.write(RatesRequest(name, period, start, end))
        body = self._asked(Command.RATES, wanted)
        assert len(body) % BAR.size == 0
        bars = BAR.records(body)
        assert all(one.time < after.time for one, after in pairwise(bars))
        return bars

    def open_chart(self, name: str, period: Period, start: int, end: int) -> Chart:
        """Load bars and carry them on."""
        bars = self.bars(name, period, start, end)
        self._take_in()  # what came before the bars is in them
        chart = Chart(self.full[name], period, bars)
        self.charts.append(chart)
        return chart

    def load_history(self, start: int, end: int) -> None:
        """Ask for deals and done orders of a span of time."""
        body = self._demanded(Command.HISTORY, requests.span(start, end))
        deals, orders = responses.read_history(body)
        self.trades.deals = {one.deal: one for one in deals}
        self.trades.done = {one.order: one for one in orders}
        for tickets in (self.trades.deals, self.trades.done):
            assert list(tickets) == sorted(tickets)

    def symbol(self, name: str) -> FullSymbol:
        """A symbol with the account's overrides."""
        return effective_symbol(self.full[name], self.account.settings)

    def price(self, name: str, side: int) -> float:
        """What a deal of a side would get, as it is shown."""
        quote = self.quotes.by_name[name]
        return quote.ask if side == Side.BUY else quote.bid

    @property
    def market(self) -> Market:
        """All that it knows at this moment."""
        pairs = [one.name for one in self.listed.values() if one.calc_mode in _FOREX]
        quotes = moments.Quotes(dict(self.quotes.by_name))
        return Market.of(self.account, self.full.values(), quotes, pairs)

    @property
    def figures(self) -> AccountFigures:
        """The account's state by its own arithmetic."""
        self.show()
        trades = self.trades
        return account_figures(
            self.market, trades.positions.values(), trades.orders.values()
        )

    # what it sends

    def outcome(
        self, request: TradeRequest, wait: Callable[[], None] = lambda: None
    ) -> int:
        """What becomes of a request: a code of its own checks, or the server's.

        Args:
            request: it.
            wait: lets time pass, for servers that hold results back.
        """
        held, waiting = self.trades.positions.values(), self.trades.orders.values()
        checked = check_request(self.market, request, held, waiting)
        if checked.retcode is not None:
            return checked.retcode
        self._action += 1
        wanted = checked.request._replace(action_id=self._action)
        body = self._demanded(Command.TRADE, TRADE_REQUEST.write(wanted))
        assert len(body) % 4 == 0
        (code,) = struct.unpack_from("<I", body)
        return int(code) or self._result(wait)

    def _result(self, wait: Callable[[], None]) -> int:
        for _ in range(_PATIENCE):
            self.settle()
            told = self._results[self._action]
            final = [one.retcode for one in told if one.retcode not in INTERIM]
            if final:
                (code,) = final
                return code
            wait()
        raise AssertionError(f"no result of action {self._action}")

    def deal_at_prices_asked_for(
        self,
        name: str,
        side: int,
        lots: float,
        wait: Callable[[], None] = lambda: None,
    ) -> int:
        """Ask for prices and deal at what is answered."""
        code = self.outcome(self.window.prices(name, side, lots), wait)
        if code != Retcode.PRICES:
            return code
        told = self._results[self._action][-1]
        price = told.ask if side == Side.BUY else told.bid
        deal = self.window.deal(name, side, lots)._replace(price_order=price)
        return self.outcome(deal, wait)

    # what it hears

    def settle(self) -> None:
        """Take in all that the server has sent until now."""
        self.client.ask(Command.PING)
        self._take_in()

    def _take_in(self) -> None:
        while self.client.pushes:
            self._hear(self.client.pushes.popleft())

    def _hear(self, message: Answer) -> None:
        assert message.result == 0
        self._ears[message.command](bytes(message.payload))

    def _subscribed_symbol(self, symbol_id: int) -> FullSymbol:
        name = self.listed[symbol_id].name
        assert name in self._subscribed
        return self.symbol(name)

    def _hear_ticks(self, body: bytes) -> None:
        for tick in TICK.records(body):
            symbol = self._subscribed_symbol(tick.symbol_id)
            self.quotes.tick(symbol, tick)
            for chart in self.charts:
                if chart.symbol.symbol_id == tick.symbol_id:
                    chart.hear(tick)

    def _hear_figures(self, body: bytes) -> None:
        for record in STATISTICS.records(body):
            symbol = self._subscribed_symbol(record.symbol_id)
            self.quotes.figures(symbol, record)

    def _hear_books(self, body: bytes) -> None:
        for change in responses.read_books(body):
            self.books[self.listed[change.header.symbol_id].name].hear(change)

    def _hear_transactions(self, body: bytes) -> None:
        account = self.trades.hear(body, self.account.account)
        self.account = self.account._replace(account=account)

    def _hear_result(self, body: bytes) -> None:
        assert len(body) == TRADE_RESULT.size
        result = TRADE_RESULT.read(body)
        self._results[result.action.action_id].append(result.answer)

    def _hear_account(self, body: bytes) -> None:
        self.account = account_as_read(body)

    def _hear_symbols(self, body: bytes) -> None:
        for symbol in FULL_SYMBOL.records(body):
            if symbol.name in self.full:
                self.full[symbol.name] = symbol

    def _hear_trade_server(self, body: bytes) -> None:
        (state,) = struct.unpack("<I", body)
        if state:
            self.losses += 1
        else:
            self._hear_account(self._demanded(Command.ACCOUNT))
            self._load_state()


def account_as_read(body: bytes) -> AccountState:
    """The account as the web terminal reads it.

    It does not step over a count of 0 overrides, and would misread what follows.
    """
    (count,) = struct.unpack_from("<I", body, ACCOUNT.size)
    offset = ACCOUNT.size + (4 + count * TRADE_SETTINGS.size if count else 0)
    flags, symbols = struct.unpack_from("<ii", body, offset)
    state = responses.read_account(body)
    assert (state.trade_flags, state.symbols_count) == (flags, symbols)
    return state

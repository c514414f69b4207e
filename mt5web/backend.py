"""The boundary between the official functions and what does their work.

The functions check what they are given and turn outcomes into None, False and
`last_error()`. A backend gets checked, normalised Python values only: exact `int`,
`float`, `str` and `bool`, never a subclass or a numpy scalar, no string longer than
the official limits, none with characters that cannot be sent. It answers with
finished results, or raises.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mt5web_async.connection.callbacks import Callbacks
    from mt5web_async.terminal.journal import Entry

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


class CallFailed(Exception):
    """A call that the original answers with None or False and a negative code.

    Args:
        code: the code of `last_error()`, below 0.
        text: the text of `last_error()`; by default the official one of the code. For
            -10003 it is the detail behind "IPC initialize failed, ".
        reason: more for the log, where the text has to be the official one.
    """

    def __init__(self, code: int, text: str | None = None, reason: str = "") -> None:
        super().__init__(code, text, reason)
        self.code = code
        self.text = text
        self.reason = reason

    def __str__(self) -> str:
        return self.reason or self.text or ""


class DateRange(NamedTuple):
    """History between two moments, in seconds, both included."""

    date_from: int
    date_to: int


class ByTicket(NamedTuple):
    """The one historical order or deal of a ticket."""

    ticket: int


class ByPosition(NamedTuple):
    """The historical orders or deals of a position."""

    position: int


HistoryQuery: TypeAlias = DateRange | ByTicket | ByPosition

Version: TypeAlias = tuple[int, int, str]

NameFilter: TypeAlias = Callable[[str], bool]


class Backend(Protocol):
    """One terminal, as the official functions see it.

    Every method stands for the official function of its name; what that returns is in
    its documentation. Methods are called from any thread, several at a time, and block
    until the answer is there. Dates are seconds since 1970 (`*_msc`: milliseconds) on
    the trade server's clock and fit into 32 bits; -2147483648 stands for every date
    beyond.

    Raises:
        CallFailed: the original would fail with this code; or any
            `mt5web_async.errors.EngineError`, whose `code` becomes the official one.
            `KeyboardInterrupt` passes through every method. Other exceptions are
            bugs, and reach the caller as they are. What is not connected raises code
            -10004, and a symbol, order or position that does not exist -4.
    """

    def initialize(
        self,
        path: str | None,
        login: int | None,
        password: str | None,
        server: str | None,
        timeout_ms: int,
        portable: bool,
    ) -> None:
        """Connect and log in; return when every other method can be called.

        An open connection has been closed with `shutdown` by then. None stands for
        what was not given or was empty or 0: the account then comes from the settings.
        """

    def login(
        self, login: int, password: str | None, server: str | None, timeout_ms: int
    ) -> None:
        """Switch to an account; after a failure the connection stays open."""

    def shutdown(self) -> None:
        """Close the connection, if there is one. Never fails."""

    def version(self) -> Version:
        """The version, build and release date, as (500, 3428, "14 Sep 2022")."""

    def terminal_info(self) -> TerminalInfo:
        """The state of the terminal."""

    def account_info(self) -> AccountInfo:
        """The account that is logged in."""

    def symbols_total(self) -> int:
        """The number of all symbols, shown or not."""

    def symbols_get(self, wanted: NameFilter | None) -> tuple[SymbolInfo, ...]:
        """All symbols, or those whose name is wanted.

        Ask the filter before anything is fetched or decoded for a symbol: there may
        be thousands.
        """

    def symbol_info(self, symbol: str) -> SymbolInfo:
        """Everything about one symbol."""

    def symbol_info_tick(self, symbol: str) -> Tick:
        """The latest prices of one symbol."""

    def symbol_select(self, symbol: str, enable: bool) -> None:
        """Show a symbol in the Market Watch, or hide it."""

    def market_book_add(self, symbol: str) -> None:
        """Begin to receive the depth of market of a symbol."""

    def market_book_get(self, symbol: str) -> tuple[BookInfo, ...]:
        """The depth of market of a symbol: sells, then buys, each by falling price."""

    def market_book_release(self, symbol: str) -> None:
        """End what `market_book_add` began."""

    def copy_rates_from(
        self, symbol: str, timeframe: int, date_from: int, count: int
    ) -> NDArray[np.void]:
        """The last `count` bars that opened at `date_from` or before, oldest first.

        Nothing about the numbers has been checked but that they fit into 32 bits.
        """

    def copy_rates_from_pos(
        self, symbol: str, timeframe: int, start_pos: int, count: int
    ) -> NDArray[np.void]:
        """`count` bars back from the one at `start_pos`, 0 being the current one."""

    def copy_rates_range(
        self, symbol: str, timeframe: int, date_from: int, date_to: int
    ) -> NDArray[np.void]:
        """The bars that opened from `date_from` to `date_to`, both included."""

    def copy_ticks_from(
        self, symbol: str, from_msc: int, count: int, flags: int
    ) -> NDArray[np.void]:
        """The first `count` ticks since a moment; `flags` is a COPY_TICKS_... value."""

    def copy_ticks_range(
        self, symbol: str, from_msc: int, to_msc: int, flags: int
    ) -> NDArray[np.void]:
        """The ticks from one moment to another, both included."""

    def positions_total(self) -> int:
        """The number of open positions."""

    def positions_get(
        self, ticket: int | None, symbol: str | None
    ) -> tuple[TradePosition, ...]:
        """Open positions: all, or those of a ticket or a symbol, never both.

        An unknown ticket or symbol has none. Filters by group are none of the
        backend's business.
        """

    def orders_total(self) -> int:
        """The number of pending orders."""

    def orders_get(
        self, ticket: int | None, symbol: str | None
    ) -> tuple[TradeOrder, ...]:
        """Pending orders: all, or those of a ticket or a symbol, never both."""

    def history_orders_total(self, period: DateRange) -> int:
        """The number of historical orders between two moments."""

    def history_orders_get(self, query: HistoryQuery) -> tuple[TradeOrder, ...]:
        """Historical orders; an unknown ticket or position has none."""

    def history_deals_total(self, period: DateRange) -> int:
        """The number of deals between two moments."""

    def history_deals_get(self, query: HistoryQuery) -> tuple[TradeDeal, ...]:
        """Deals; an unknown ticket or position has none."""

    def order_check(self, request: TradeRequest) -> OrderCheckResult:
        """What a request would do to the account; a refusal is a result too."""

    def order_send(self, request: TradeRequest) -> OrderSendResult:
        """Send a request, at most once; a refusal is a result too."""

    def watch_connection(self, callbacks: Callbacks) -> None:
        """Call these from now on, and none of those given before."""

    def sent_requests(self, count: int) -> Sequence[Entry]:
        """The last trade requests in the journal, oldest first; an extension."""

    def order_calc_margin(
        self, action: int, symbol: str, volume: float, price: float
    ) -> float:
        """The margin of a deal in the deposit currency; action: ORDER_TYPE_..."""

    def order_calc_profit(
        self,
        action: int,
        symbol: str,
        volume: float,
        price_open: float,
        price_close: float,
    ) -> float:
        """The profit of a deal in the deposit currency; action: ORDER_TYPE_..."""

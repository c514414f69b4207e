"""The official functions, bound to terminals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from . import helpers
from .functions import (
    connection,
    copying,
    depth,
    history,
    positions,
    symbols,
    trading,
)
from .outcome import PROCESS_OUTCOME
from .session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mt5web_async.errors import EngineError
    from mt5web_async.terminal.journal import Entry

    from .structs import OrderSendResult


class Terminal(Session):
    """The official functions as methods, on a connection of their own.

    The module functions share one terminal, as the original has one per process. For
    more accounts at a time make one of these for each; it has its own `last_error`.
    Whatever works with the module works with such an object too.

    Args:
        engine: makes what does the work, when `initialize` is called first.
        outcome: where calls record how they ended; by default one of its own.

    Example:
        >>> demo = mt5web.Terminal()
        >>> demo.account_info() is None, demo.last_error()
        (True, (-10004, 'No IPC connection'))
    """

    initialize = connection.initialize
    login = connection.login
    shutdown = connection.shutdown
    version = connection.version
    last_error = connection.last_error
    terminal_info = connection.terminal_info
    account_info = connection.account_info

    symbols_total = symbols.symbols_total
    symbols_get = symbols.symbols_get
    symbol_info = symbols.symbol_info
    symbol_info_tick = symbols.symbol_info_tick
    symbol_select = symbols.symbol_select

    market_book_add = depth.market_book_add
    market_book_get = depth.market_book_get
    market_book_release = depth.market_book_release

    copy_rates_from = copying.copy_rates_from
    copy_rates_from_pos = copying.copy_rates_from_pos
    copy_rates_range = copying.copy_rates_range
    copy_ticks_from = copying.copy_ticks_from
    copy_ticks_range = copying.copy_ticks_range

    positions_total = positions.positions_total
    positions_get = positions.positions_get
    orders_total = positions.orders_total
    orders_get = positions.orders_get

    history_orders_total = history.history_orders_total
    history_orders_get = history.history_orders_get
    history_deals_total = history.history_deals_total
    history_deals_get = history.history_deals_get

    order_check = trading.order_check
    order_send = trading.order_send
    order_calc_margin = trading.order_calc_margin
    order_calc_profit = trading.order_calc_profit

    def Buy(  # noqa: N802 - the official name
        self,
        symbol: str,
        volume: float,
        price: float | None = None,
        *,
        comment: str | None = None,
        ticket: int | None = None,
    ) -> OrderSendResult | None:
        """Buy at a price, or at the market.

        Without a price up to ten requests are sent, each at the ask of its moment, as
        long as the answer is TRADE_RETCODE_REQUOTE or TRADE_RETCODE_PRICE_OFF.

        Args:
            symbol: its exact name.
            volume: lots; a float, as `order_send` wants it.
            price: at which to buy.
            comment: of the order.
            ticket: of the position to close.

        Returns:
            The result of the last request; None when it could not be sent.

        Raises:
            AttributeError: there is no tick of the symbol.

        Example:
            >>> bought = mt5.Buy("EURUSD", 0.1)
            >>> bought.retcode == mt5.TRADE_RETCODE_DONE, bought.volume, bought.price
            (True, 0.1, 1.10012)
        """
        return helpers.buy(self, symbol, volume, price, comment=comment, ticket=ticket)

    def Sell(  # noqa: N802 - the official name
        self,
        symbol: str,
        volume: float,
        price: float | None = None,
        *,
        comment: str | None = None,
        ticket: int | None = None,
    ) -> OrderSendResult | None:
        """Sell at a price, or at the market: as `Buy`, at the bid.

        Example:
            >>> sold = mt5.Sell("EURUSD", 0.1)
            >>> sold.retcode == mt5.TRADE_RETCODE_DONE, sold.price
            (True, 1.1)
        """
        return helpers.sell(self, symbol, volume, price, comment=comment, ticket=ticket)

    def watch_connection(
        self,
        *,
        lost: Callable[[EngineError], object] | None = None,
        reconnecting: Callable[[int], object] | None = None,
        restored: Callable[[], object] | None = None,
        given_up: Callable[[EngineError], object] | None = None,
    ) -> None:
        """Have functions called when the connection breaks and comes back.

        An extension. They are called one after the other in a thread of their own, and
        may call anything here. They concern the present connection and all later ones,
        and take the place of those given before.

        Args:
            lost: the connection broke, for this reason; it is being made anew.
            reconnecting: an attempt begins, the first, second and so on.
            restored: it is back, and everything known is up to date.
            given_up: there will be no other attempt, for this reason: only
                `initialize` connects again.

        Example:
            >>> demo = mt5web.Terminal()
            >>> demo.watch_connection(restored=lambda: print(demo.positions_total()))
        """
        from mt5web_async.connection.callbacks import Callbacks

        self.open().watch_connection(
            Callbacks(
                lost=lost,
                reconnecting=reconnecting,
                restored=restored,
                given_up=given_up,
            )
        )

    def sent_requests(self, count: int = 100) -> Sequence[Entry]:
        """The last trade requests of the account, with what became of them.

        An extension. A request whose answer was lost, and which `order_send` reported
        as timed out, is settled here as soon as the connection is back.

        Args:
            count: the most that are wanted.

        Returns:
            Entries of the journal, oldest first; `fate` is an `Executed`, a
            `NotExecuted`, an `Unknown`, or None while the answer is awaited.

        Raises:
            CallFailed: `initialize` has to succeed first.

        Example:
            >>> bought = mt5.Buy("EURUSD", 0.1)
            >>> (entry,) = mt5.sent_requests(1)
            >>> entry.fate.order == bought.order, entry.fate.price
            (True, 1.10012)
        """
        return self.backend.sent_requests(count)

    def Close(  # noqa: N802 - the official name
        self, symbol: str, *, comment: str | None = None, ticket: int | None = None
    ) -> helpers.Closed:
        """Close positions by opposite deals at the market.

        Each position gets up to ten requests, as `Buy` sends them.

        Args:
            symbol: whose positions to close.
            comment: of the orders.
            ticket: of the only position to close; it has to be one of the symbol.

        Returns:
            True when all were closed, "Partially" when some were, False when none was
            or there is none, None when a request could not be sent.

        Raises:
            TypeError: the positions cannot be had.

        Example:
            >>> bought = mt5.Buy("EURUSD", 0.1)
            >>> mt5.Close("EURUSD", ticket=bought.order)
            True
        """
        return helpers.close(self, symbol, comment=comment, ticket=ticket)


PROCESS_TERMINAL: Final = Terminal(outcome=PROCESS_OUTCOME)
"""The terminal of the module functions."""

"""The official functions, bound to terminals."""

from __future__ import annotations

from typing import Final

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

    Buy = helpers.buy
    Sell = helpers.sell
    Close = helpers.close


PROCESS_TERMINAL: Final = Terminal(outcome=PROCESS_OUTCOME)
"""The terminal of the module functions."""

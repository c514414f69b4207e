"""API Connector to MetaTrader 5 Terminal.

The types, constants and functions of the official interface, under the name of the
original's extension module; programs import from it.
"""

import typing as _typing

from . import facade as _facade
from .constants import *  # noqa: F403 - all of it is the interface
from .structs import *  # noqa: F403 - all of it is the interface

_terminal = _facade.PROCESS_TERMINAL

initialize = _terminal.initialize
login = _terminal.login
shutdown = _terminal.shutdown
version = _terminal.version
last_error = _terminal.last_error
terminal_info = _terminal.terminal_info
account_info = _terminal.account_info

symbols_total = _terminal.symbols_total
symbols_get = _terminal.symbols_get
symbol_info = _terminal.symbol_info
symbol_info_tick = _terminal.symbol_info_tick
symbol_select = _terminal.symbol_select

market_book_add = _terminal.market_book_add
market_book_get = _terminal.market_book_get
market_book_release = _terminal.market_book_release

copy_rates_from = _terminal.copy_rates_from
copy_rates_from_pos = _terminal.copy_rates_from_pos
copy_rates_range = _terminal.copy_rates_range
copy_ticks_from = _terminal.copy_ticks_from
copy_ticks_range = _terminal.copy_ticks_range

positions_total = _terminal.positions_total
positions_get = _terminal.positions_get
orders_total = _terminal.orders_total
orders_get = _terminal.orders_get

history_orders_total = _terminal.history_orders_total
history_orders_get = _terminal.history_orders_get
history_deals_total = _terminal.history_deals_total
history_deals_get = _terminal.history_deals_get

order_check = _terminal.order_check
order_send = _terminal.order_send
order_calc_margin = _terminal.order_calc_margin
order_calc_profit = _terminal.order_calc_profit

if not _typing.TYPE_CHECKING:  # checkers take all of a module that has no such list
    __all__ = [name for name in dir() if not name.startswith("_")]

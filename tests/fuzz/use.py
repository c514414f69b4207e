"""What a script does with a terminal, all of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import mt5web as mt5
from mt5web.helpers import NoTick

NAME = "EURUSD"
FAR = 2**31 - 1

Call = Callable[[mt5.Terminal], object]


def _request(action: int, kind: int, price: float) -> dict[str, object]:
    named = {"action": action, "symbol": NAME, "volume": 0.1}
    return {**named, "type": kind, "price": price}


_LIMIT = _request(mt5.TRADE_ACTION_PENDING, mt5.ORDER_TYPE_BUY_LIMIT, 0.5)
_DEAL = _request(mt5.TRADE_ACTION_DEAL, mt5.ORDER_TYPE_BUY, 1.1)


def _dealt(terminal: mt5.Terminal) -> None:
    with suppress(NoTick):  # what it says when there is no price
        terminal.Buy(NAME, 0.1)
        terminal.Sell(NAME, 0.1)
    terminal.Close(NAME)


CALLS: tuple[Call, ...] = (
    lambda t: t.account_info(),
    lambda t: t.terminal_info(),
    lambda t: t.version(),
    lambda t: t.symbols_total(),
    lambda t: t.symbols_get(),
    lambda t: t.symbols_get("*USD*"),
    lambda t: t.symbol_info(NAME),
    lambda t: t.symbol_info("XAUUSD"),
    lambda t: t.symbol_info_tick(NAME),
    lambda t: t.symbol_select("GBPUSD", True),
    lambda t: t.symbol_select("GBPUSD", False),
    lambda t: t.market_book_add(NAME),
    lambda t: t.market_book_get(NAME),
    lambda t: t.market_book_release(NAME),
    lambda t: t.copy_rates_from_pos(NAME, mt5.TIMEFRAME_M1, 0, 10),
    lambda t: t.copy_rates_range(NAME, mt5.TIMEFRAME_H1, 1_700_000_000, 1_700_100_000),
    lambda t: t.copy_rates_from(NAME, mt5.TIMEFRAME_M2, 1_700_000_000, 10),
    lambda t: t.copy_ticks_from(NAME, 0, 100, mt5.COPY_TICKS_ALL),
    lambda t: t.orders_get(),
    lambda t: t.positions_total(),
    lambda t: t.positions_get(),
    lambda t: t.history_deals_get(0, FAR),
    lambda t: t.history_orders_get(0, FAR),
    lambda t: t.history_orders_get(ticket=5),
    lambda t: t.order_calc_margin(mt5.ORDER_TYPE_BUY, NAME, 0.1, 1.1),
    lambda t: t.order_calc_profit(mt5.ORDER_TYPE_BUY, NAME, 0.1, 1.1, 1.2),
    lambda t: t.order_check(_DEAL),
    lambda t: t.order_send(_LIMIT),
    _dealt,
)
"""Each returns what it returns, or None with a code of `last_error()`."""

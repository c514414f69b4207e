"""Whether there is trading: sessions, life of a symbol, trade modes."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from mt5web_async.calculation.orders import order_side
from mt5web_async.calculation.settings import is_collateral, trade_enabled
from mt5web_async.enums import Retcode, Side, TradeMode
from mt5web_async.protocol.records import FullSymbol, Order
from mt5web_async.protocol.responses import Schedule, read_schedule

from .dealing import netting_position
from .desk import Desk
from .expiry import DAY

_MINUTE: Final = 60
_EPOCH_WEEKDAY: Final = 4
"""1970 began with a Thursday, Sunday being 0."""


def is_traded_now(desk: Desk, symbol: FullSymbol) -> bool:
    """Whether the symbol can be dealt at this moment."""
    return trade_enabled(symbol) and is_open(symbol, desk.seconds)


def is_open(symbol: FullSymbol, seconds: int) -> bool:
    """Whether a moment (s, server time) is in the symbol's life and its sessions."""
    begun = symbol.time_start <= seconds
    ended = 0 < symbol.time_expiration <= seconds
    return begun and not ended and _in_session(symbol.schedule, seconds)


def mode_refusal(symbol: FullSymbol, side: Side, *, closes: bool) -> Retcode | None:
    """Why the symbol's trade mode forbids a deal of a side; None: it allows it.

    Args:
        symbol: with its effective settings.
        side: of the deal.
        closes: the deal does nothing but close, in part or whole.
    """
    mode = symbol.trade.trade_mode
    if mode == TradeMode.CLOSE_ONLY:
        return None if closes else Retcode.CLOSE_ONLY
    if is_collateral(symbol):
        return Retcode.TRADE_DISABLED
    if mode == TradeMode.LONG_ONLY and side == Side.SELL and not closes:
        return Retcode.LONG_ONLY
    if mode == TradeMode.SHORT_ONLY and side == Side.BUY and not closes:
        return Retcode.SHORT_ONLY
    return None if trade_enabled(symbol) else Retcode.TRADE_DISABLED


def may_activate(desk: Desk, symbol: FullSymbol, order: Order) -> bool:
    """Whether an order whose price has come can be dealt at this moment."""
    closes = would_close(desk, order)
    refusal = mode_refusal(symbol, order_side(order.type), closes=closes)
    return refusal is None and is_open(symbol, desk.seconds)


def would_close(desk: Desk, order: Order) -> bool:
    """Whether an order would do nothing but close, in part or whole."""
    if desk.hedging:
        return order.position_id != 0
    held = netting_position(desk, order.symbol)
    if held is None or held.action == order_side(order.type):
        return False
    return order.volume_current <= held.volume


def _in_session(schedule: bytes, seconds: int) -> bool:
    weekday = (seconds // DAY + _EPOCH_WEEKDAY) % 7
    minute = seconds % DAY // _MINUTE
    sessions = _schedule(schedule).trades[weekday]
    return any(session.open <= minute < session.close for session in sessions)


@lru_cache(maxsize=256)
def _schedule(schedule: bytes) -> Schedule:
    return read_schedule(schedule)

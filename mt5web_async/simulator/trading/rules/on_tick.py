"""What a tick sets off in an account, step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mt5web_async.calculation.conversion import conversion_symbols

from . import pending, permissions, protection, stop_out
from .desk import Desk

Step = Callable[[str, Desk], None]


def reached_stop_losses(name: str, desk: Desk) -> None:
    """Close the positions of a symbol whose stop loss is reached."""
    symbol = desk.symbol(name)
    quote = desk.quote(symbol)
    if quote is not None and permissions.is_traded_now(desk, symbol):
        protection.close_stopped(desk, symbol, quote)


def reached_take_profits(name: str, desk: Desk) -> None:
    """Close those whose take profit is reached."""
    symbol = desk.symbol(name)
    quote = desk.quote(symbol)
    if quote is not None and permissions.is_traded_now(desk, symbol):
        protection.close_profitable(desk, symbol, quote)


def due_orders(name: str, desk: Desk) -> None:
    """Activate the pending orders of a symbol whose price has come."""
    symbol = desk.symbol(name)
    quote = desk.quote(symbol)
    if quote is not None:
        pending.activate_due(desk, symbol, quote)


def margin(_: str, desk: Desk) -> None:
    """Take from the account what its margin no longer carries."""
    stop_out.enforce(desk)


STEPS: Final[tuple[Step, ...]] = (
    reached_stop_losses,
    reached_take_profits,
    due_orders,
    margin,
)
"""In their order; each is done for all accounts before the next one."""


def symbols_concerning(desk: Desk) -> set[str]:
    """The symbols whose ticks can set something off in an account.

    Those that it holds or has orders for, and the pairs by which their profit and
    margin are converted.
    """
    market = desk.market
    names = {one.symbol for one in desk.positions}
    names |= {one.symbol for one in desk.orders}
    concerning = set(names)
    for name in names:
        symbol = desk.symbol(name)
        floating = market.leverage_of(symbol)
        currency = floating.rule.range_currency if floating else None
        concerning.update(
            conversion_symbols(symbol, desk.account.currency, market.pairs, currency)
        )
    return concerning

"""Effective settings of symbols, and what follows from them (section 2).

A symbol brings its own trading conditions. An account may override them by masks; of
the overrides that match, the last alone counts, and of it only the fields that are set.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Final, TypeVar

from mt5web_async.enums import (
    CalcMode,
    MarginMode,
    Rights,
    TicksFlags,
    TradeMode,
)

from .masks import matches
from .values import Account, FullSymbol, TradeSettings

SettingsT = TypeVar("SettingsT", bound=TradeSettings)
SymbolT = TypeVar("SymbolT", bound=FullSymbol)

_I32: Final = 2**31 - 1
_U32: Final = 2**32 - 1
_U64: Final = 2**64 - 1
_F64: Final = sys.float_info.max

UNSET: Final[dict[str, float]] = {
    **dict.fromkeys(
        (
            "spread_diff",
            "spread_diff_balance",
            "stops_level",
            "freeze_level",
            "swap_rollover3days",
        ),
        _I32,
    ),
    **dict.fromkeys(
        (
            "trade_mode",
            "execution_mode",
            "fill_flags",
            "time_flags",
            "order_flags",
            "request_flags",
            "request_timeout",
            "instant_flags",
            "instant_timeout",
            "instant_slip_profit",
            "instant_slip_losing",
            "instant_check_mode",
            "market_flags",
            "exchange_flags",
            "margin_flags",
            "swap_mode",
            "permissions_flags",
            "permissions_book_depth",
        ),
        _U32,
    ),
    **dict.fromkeys(
        (
            "margin_initial",
            "margin_maintenance",
            "margin_rate_liquidity",
            "margin_hedged",
            "margin_rate_currency",
            "swap_long",
            "swap_short",
        ),
        _F64,
    ),
}
"""The value that means "not set" in an override, by field."""

UNSET_VOLUME: Final = _U64
"""An override's volume is not set when it is this, or 0."""

VOLUMES: Final = (
    "instant_volume",
    "volume_min",
    "volume_max",
    "volume_step",
    "volume_limit",
)
RATES: Final = ("margin_rates_initial", "margin_rates_maintenance", "swap_rates")
"""Rows of numbers, each element of which is set or not."""


def effective_settings(
    defaults: SettingsT, overrides: Iterable[TradeSettings]
) -> SettingsT:
    """A symbol's own settings, with the account's overrides for it (2.1).

    Args:
        defaults: the settings of the symbol itself; `symbol_path` is its path.
        overrides: the account's; `symbol_path` holds masks. The last match counts.
    """
    path = defaults.symbol_path
    matching = [one for one in overrides if matches(one.symbol_path, path)]
    return overridden(defaults, matching[-1]) if matching else defaults


def overridden(defaults: SettingsT, override: TradeSettings) -> SettingsT:
    """The settings with the set fields of one override (2.2)."""
    changes: dict[str, object] = {}
    for name, unset in UNSET.items():
        value = getattr(override, name)
        if value != unset:
            changes[name] = value
    for name in VOLUMES:
        value = getattr(override, name)
        if value not in (0, UNSET_VOLUME):
            changes[name] = value
    for name in RATES:
        rows = zip(getattr(defaults, name), getattr(override, name), strict=True)
        changes[name] = tuple(own if new == _F64 else new for own, new in rows)
    return defaults._replace(**changes)


def effective_symbol(symbol: SymbolT, overrides: Iterable[TradeSettings]) -> SymbolT:
    """The symbol with its effective settings; `symbol` must hold its own."""
    return symbol._replace(trade=effective_settings(symbol.trade, overrides))


def is_forex(symbol: FullSymbol) -> bool:
    """Whether it is a currency pair: calculation modes 0 and 5."""
    return symbol.calc_mode in (CalcMode.FOREX, CalcMode.FOREX_NO_LEVERAGE)


def is_bond(symbol: FullSymbol) -> bool:
    """Whether it is a bond: calculation modes 37 and 39."""
    return symbol.calc_mode in (CalcMode.EXCH_BONDS, CalcMode.EXCH_BONDS_MOEX)


def is_stock(symbol: FullSymbol) -> bool:
    """Whether it is an exchange stock: calculation modes 32 and 38."""
    return symbol.calc_mode in (CalcMode.EXCH_STOCKS, CalcMode.EXCH_STOCKS_MOEX)


def is_collateral(symbol: FullSymbol) -> bool:
    """Whether it only secures other positions and cannot be traded."""
    return symbol.calc_mode == CalcMode.SERV_COLLATERAL


def trade_enabled(symbol: FullSymbol) -> bool:
    """Whether there is any trading in the symbol (2.4)."""
    mode = symbol.trade.trade_mode
    if is_collateral(symbol):
        return mode == TradeMode.CLOSE_ONLY
    return mode != TradeMode.DISABLED


def quotes_delayed(symbol: FullSymbol) -> bool:
    """Whether its delayed quote counts: no subscription to the live one (2.4)."""
    return symbol.subscription_status in (1, 2) and symbol.subscription_level == 0


def negative_prices_allowed(symbol: FullSymbol) -> bool:
    """Whether prices of 0 and below are prices."""
    return bool(symbol.ticks_flags & TicksFlags.NEGATIVE_PRICES)


def trading_allowed(account: Account) -> bool:
    """Whether the account may trade: no right is taken from it."""
    barred = Rights.TRADE_DISABLED | Rights.INVESTOR | Rights.READ_ONLY
    return not account.rights & barred


def margin_mode(account: Account) -> MarginMode:
    """The account's margin mode; numbers without a meaning are netting."""
    if account.margin_mode in (MarginMode.EXCHANGE, MarginMode.HEDGING):
        return MarginMode(account.margin_mode)
    return MarginMode.NETTING

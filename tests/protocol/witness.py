"""Bytes and values of MetaQuotes' own client, under this project's field names.

The client names many fields differently, joins seconds and milliseconds, and adds
values of its own to what it read. A `Naming` says so for one record, so that a test
can compare whole records: no field may be missing on either side.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mt5web_async.protocol.wire import Layout, read_text

DATA = Path(__file__).parents[1] / "data"

Json = dict[str, Any]


def load(name: str) -> list[Json]:
    """The entries of one vector file."""
    entries: list[Json] = json.loads((DATA / "vectors" / name).read_text("utf-8"))
    return entries


@dataclass(frozen=True)
class Naming:
    """How the client shows one record.

    Attributes:
        renamed: our name to its name, where they differ.
        times: fields in seconds that it shows in ms, with the field of the ms to add.
        hidden: fields that it does not show.
        added: what it adds of its own.
    """

    renamed: dict[str, str] = field(default_factory=dict)
    times: dict[str, str | None] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()

    def shown(self, layout: Layout[Any], record: Any) -> Json:
        """The record as the client shows it."""
        values = dict(zip((f.name for f in layout.fields), record, strict=True))
        joined = set(self.times.values())
        return {
            self.renamed.get(f.name, f.name): self._value(f.name, f.wire.kind, values)
            for f in layout.fields
            if f.name not in self.hidden and f.name not in joined
        }

    def witnessed(self, parsed: Json) -> Json:
        """What the client read, without what it added."""
        return {k: _text(v) for k, v in parsed.items() if k not in self.added}

    def _value(self, name: str, kind: str, values: Json) -> object:
        if name in self.times:
            ms = self.times[name]
            return values[name] * 1000 + (values[ms] if ms else 0)
        value = values[name]
        if kind in {"i64", "u64"}:
            return str(value)
        if isinstance(value, tuple):
            return list(map(_number, value))
        return _number(value) if isinstance(value, float) else value


def _number(value: float) -> float | str:
    """JSON holds no infinities, and no NaN."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else f"{'-' * (value < 0)}Infinity"


def _text(value: object) -> object:
    """Half a surrogate pair, where text was cut, is no text here."""
    if not isinstance(value, str):
        return value
    return read_text(value.encode("utf-16-le", "surrogatepass"))


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SETTINGS_WITHOUT_TRADE = _names("""
    stops_level freeze_level fill_flags time_flags order_flags request_flags
    request_timeout instant_flags instant_timeout instant_slip_profit
    instant_slip_losing instant_volume market_flags exchange_flags
""")

_SYMBOL_WITHOUT_TRADE = _names("""
    exchange calc_mode contract_size tick_size tick_value gtc_mode price_settle
    price_limit_min price_limit_max price_strike option_mode face_value
    accrued_interest spread spread_balance
""")

ACCOUNT = Naming(
    {
        "type": "account_type",
        "currency": "account_currency",
        "leverage": "margin_leverage",
        "name": "account_name",
        "daylight_mode": "daylightmode",
        "account_profit": "acc_profit",
        "password_min": "auth_password_min",
    },
    added=_names(
        "commissions is leverage_flags rules symbols_count trade_flags trade_settings"
    ),
)

TRADE_SETTINGS = Naming(
    {
        **{name: f"trade_{name}" for name in _SETTINGS_WITHOUT_TRADE},
        "execution_mode": "trade_exemode",
        "instant_check_mode": "trade_instant_checkmode",
        "permissions_book_depth": "permissions_bookdepth",
    }
)

COMMISSION = Naming(added=frozenset({"tiers"}))

COMMISSION_TIER = Naming()

SYMBOL = Naming(
    {
        "name": "trade_symbol",
        "description": "symbol_description",
        "path": "symbol_path",
        "calc_mode": "trade_calc_mode",
    },
    added=frozenset({"path_category"}),
)

FULL_SYMBOL = Naming(
    {
        **{name: f"trade_{name}" for name in _SYMBOL_WITHOUT_TRADE},
        "name": "trade_symbol",
        "description": "symbol_description",
        "source": "symbol_source",
        "page": "symbol_page",
        "color": "symbol_color",
        "multiply": "symbol_multiply",
        "ticks_book_depth": "ticks_bookdepth",
        "chart_mode": "ticks_chart_mode",
    },
    hidden=frozenset(
        {
            "trade",
            "schedule",
            "subscription_delay",
            "subscription_status",
            "subscription_level",
            "subscription_reserved",
        }
    ),
    added=frozenset({"trade", "schedule", "subscription"}),
)

SPREAD_HEADER = Naming(added=frozenset({"legs_a", "legs_b"}))

SPREAD_LEG = Naming(
    {"mode": "spread_mode", "symbol": "trade_symbol", "ratio": "spread_ratio"},
    added=frozenset({"spread_id"}),
)

_OF_DEALS_AND_POSITIONS = {
    "order": "trade_order",
    "action": "trade_action",
    "symbol": "trade_symbol",
    "volume": "trade_volume",
    "reason": "trade_reason",
    "storage": "storage_",
}

_CREATED_AND_UPDATED: dict[str, str | None] = {
    "time_create": "time_create_ms",
    "time_update": "time_update_ms",
}

POSITION = Naming(
    _OF_DEALS_AND_POSITIONS,
    times=_CREATED_AND_UPDATED,
    added=_names("deal deal_id entry commission_fee value __isCollateral"),
)

DEAL = Naming(
    {**_OF_DEALS_AND_POSITIONS, "fee": "commission_fee", "external_id": "deal_id"},
    times=_CREATED_AND_UPDATED,
    added=_names("external_id expert_position_id value __isCollateral"),
)

ORDER = Naming(
    {
        "order": "trade_order",
        "external_id": "order_id",
        "symbol": "trade_symbol",
        "type": "order_type",
        "reason": "type_reason",
        "sl": "price_sl",
        "tp": "price_tp",
        "state": "order_state",
    },
    times={
        "time_setup": "time_setup_ms",
        "time_done": "time_done_ms",
        "time_expiration": None,
    },
)

ORDER_TRANSACTION = Naming(
    {"kind": "flag_mask"}, hidden=frozenset({"order"}), added=frozenset({"trade_order"})
)

DEAL_TRANSACTION = Naming(
    {"kind": "flag_mask", "account_profit": "acc_profit"},
    hidden=frozenset({"deal", "position"}),
    added=frozenset({"deal", "trade_position", "deals", "positions"}),
)

TICK = Naming(
    {"time": "tick_time", "volume": "tick_volume", "time_ms": "time_ms_delta"},
    times={"time": None},
    added=frozenset({"tick_time_ms"}),
)

STATISTICS = Naming(
    {
        "time": "lasttime",
        "time_ms": "lasttime_msc",
        "bid": "bid_last",
        "ask": "ask_last",
        "last": "last_last",
        "volume": "vol_last",
        "volume_high": "vol_high",
        "volume_low": "vol_low",
        "deals_volume": "trade_volume",
        "price_average": "price_aw",
        "sensitivity": "price_sensitivity",
        **{
            name: f"trade_{name}"
            for name in _names(
                "deals turnover interest buy_orders buy_volume sell_orders sell_volume"
            )
        },
        **{
            name: f"price_greeks_{name}"
            for name in _names("delta theta gamma vega rho omega")
        },
    },
    times={"time": None},
)

_OF_REQUESTS = {
    "action": "trade_action",
    "symbol": "trade_symbol",
    "volume": "trade_volume",
    "order": "trade_order",
    "type": "trade_type",
    "sl": "price_sl",
    "tp": "price_tp",
    "deviation": "price_deviation",
    "position": "trade_position",
}

TRADE_REQUEST = Naming(_OF_REQUESTS)

TRADE_RESULT_ACTION = Naming(
    _OF_REQUESTS,
    hidden=frozenset({"reserved"}),
    added=frozenset({"send_time", "login", "complete"}),
)

TRADE_RESULT_ANSWER = Naming({"order": "trade_order", "time": "res_time"})

BAR = Naming(
    {"tick_volume": "tickVolume", "real_volume": "realVolume"}, times={"time": None}
)

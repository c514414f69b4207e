"""Records out of the vectors, which use the web terminal's own field names.

::

    from tests.names import full_symbol, load, position

    for entry in load("calc.json"):
        held = [position(one) for one in entry["input"]["positions"]]

The web terminal leaves out what is zero or empty, and writes integers of 64 bits as
text; the records are whole. A field that no record has is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from mt5web_async.protocol.records import (
    Account,
    FullSymbol,
    LeverageRule,
    LeverageTier,
    OpenAccountRequest,
    Order,
    Position,
    RealAccountTail,
    SpreadHeader,
    SpreadLeg,
    TradeRequest,
    TradeSettings,
)
from mt5web_async.protocol.requests import Document
from mt5web_async.protocol.responses import AccountState, FloatingLeverage, Spread

Entry = Mapping[str, Any]
R = TypeVar("R", bound=NamedTuple)

VECTORS: Final = Path(__file__).parent / "data" / "vectors"


def load(name: str) -> list[dict[str, Any]]:
    """The entries of a file of vectors."""
    entries: list[dict[str, Any]] = json.loads((VECTORS / name).read_text("utf-8"))
    return entries


def _without_trade(names: str) -> dict[str, str]:
    return {f"trade_{name}": name for name in names.split()}


_SHARED: Final = {
    "trade_symbol": "symbol",
    "trade_volume": "volume",
    "trade_order": "order",
    "price_sl": "sl",
    "price_tp": "tp",
}

NAMES: Final[dict[type, dict[str, str]]] = {
    Account: {
        "margin_leverage": "leverage",
        "account_currency": "currency",
        "account_name": "name",
        "account_type": "type",
        "daylightmode": "daylight_mode",
        "acc_profit": "account_profit",
        "auth_password_min": "password_min",
    },
    FullSymbol: {
        "trade_symbol": "name",
        "symbol_description": "description",
        "symbol_multiply": "multiply",
        "symbol_source": "source",
        "symbol_page": "page",
        "symbol_color": "color",
        "ticks_chart_mode": "chart_mode",
        "ticks_bookdepth": "ticks_book_depth",
        **_without_trade(
            "exchange calc_mode contract_size tick_size tick_value gtc_mode "
            "price_settle price_limit_min price_limit_max price_strike option_mode "
            "face_value accrued_interest spread spread_balance"
        ),
    },
    TradeSettings: {
        "trade_exemode": "execution_mode",
        "trade_instant_checkmode": "instant_check_mode",
        "permissions_bookdepth": "permissions_book_depth",
        **_without_trade(
            "stops_level freeze_level fill_flags time_flags order_flags "
            "request_flags request_timeout instant_flags instant_timeout "
            "instant_slip_profit instant_slip_losing instant_volume market_flags "
            "exchange_flags"
        ),
    },
    Position: {**_SHARED, "trade_action": "action", "trade_reason": "reason"},
    Order: {
        **_SHARED,
        "order_type": "type",
        "order_state": "state",
        "trade_reason": "reason",
        "order_id": "external_id",
    },
    TradeRequest: {
        **_SHARED,
        "trade_action": "action",
        "trade_type": "type",
        "trade_position": "position",
        "price_deviation": "deviation",
    },
    LeverageRule: {},
    LeverageTier: {},
    SpreadHeader: {},
    SpreadLeg: {
        "spread_mode": "mode",
        "trade_symbol": "symbol",
        "spread_ratio": "ratio",
    },
}
"""The web terminal's name of each field to ours, where they differ, by record."""


def translate(record: type[R], entry: Entry) -> dict[str, Any]:
    """The fields of an entry under the names and types of a record."""
    renamed = {NAMES[record].get(key, key): value for key, value in entry.items()}
    unknown = renamed.keys() - set(record._fields)
    if unknown:
        raise ValueError(f"{record.__name__} has no {sorted(unknown)}")
    return {name: _value(record, name, value) for name, value in renamed.items()}


def _value(record: type[NamedTuple], name: str, value: Any) -> Any:
    default = record._field_defaults[name]
    if isinstance(default, int) and isinstance(value, str):
        return int(value)
    if isinstance(default, float) and isinstance(value, int):
        return float(value)
    if isinstance(default, tuple) and isinstance(value, list):
        return tuple(map(float, value))
    return value


def build(record: type[R], entry: Entry) -> R:
    """A whole record: what the entry leaves out is zero or empty."""
    make: Callable[..., R] = record
    return make(**translate(record, entry))


_FORMS: Final = frozenset(
    OpenAccountRequest._fields + RealAccountTail._fields + Document._fields
)

_FORM_NAMES: Final = {
    "email_confirm_code": "email_code",
    "phone_confirm_code": "phone_code",
    "zip_code": "zipcode",
}


def form_fields(entry: Entry, wanted: Collection[str]) -> dict[str, Any]:
    """What an application's form says, as far as it is wanted.

    The web terminal writes `mt_firstName` for our `first_name`.
    """
    found = {}
    for key, value in entry.items():
        if key.startswith("mt_") and key != "mt_documents":
            snake = re.sub("[A-Z]+", lambda m: f"_{m[0].lower()}", key[3:])
            name = _FORM_NAMES.get(snake, snake)
            if name not in _FORMS:
                raise ValueError(f"no form has {key}")
            found[name] = value
    return {name: found[name] for name in found if name in wanted}


def document(entry: Entry) -> Document:
    """A paper of an applicant; its files are hex digits."""
    return Document(
        **form_fields(entry, Document._fields),
        front=bytes.fromhex(entry.get("front", "")),
        back=bytes.fromhex(entry.get("back", "")),
    )


def position(entry: Entry) -> Position:
    """A position."""
    return build(Position, entry)


def order(entry: Entry) -> Order:
    """An order."""
    return build(Order, entry)


def trade_request(entry: Entry) -> TradeRequest:
    """A trade request."""
    return build(TradeRequest, entry)


def trade_settings(entry: Entry) -> TradeSettings:
    """A symbol's settings, or an override."""
    return build(TradeSettings, entry)


def full_symbol(entry: Entry) -> FullSymbol:
    """A symbol with its own settings."""
    plain = {key: value for key, value in entry.items() if key != "trade"}
    settings = trade_settings(entry.get("trade", {}))
    return build(FullSymbol, plain)._replace(trade=settings)


_TAIL: Final = frozenset(
    [
        "trade_settings",
        "trade_flags",
        "symbols_count",
        "leverage_flags",
        "rules",
        "commissions",
    ]
)
"""What the web terminal joins to the account record."""


def account(entry: Entry) -> Account:
    """The account record alone."""
    return build(Account, {k: v for k, v in entry.items() if k not in _TAIL})


def account_state(entry: Entry) -> AccountState:
    """The account with its overrides and rules."""
    return AccountState(
        account(entry),
        tuple(map(trade_settings, entry.get("trade_settings", ()))),
        entry.get("trade_flags"),
        leverage=tuple(map(floating_leverage, entry.get("rules", ()))),
    )


def floating_leverage(entry: Entry) -> FloatingLeverage:
    """A leverage rule with its tiers."""
    tiers = tuple(build(LeverageTier, tier) for tier in entry.get("tiers", ()))
    plain = {key: value for key, value in entry.items() if key != "tiers"}
    rule = build(LeverageRule, plain)
    return FloatingLeverage(rule._replace(tier_count=len(tiers)), tiers)


def spread(entry: Entry) -> Spread:
    """A spread with its legs."""
    legs = {"legs_a", "legs_b"}
    header = build(SpreadHeader, {k: v for k, v in entry.items() if k not in legs})
    return Spread(header, _legs(entry["legs_a"]), _legs(entry["legs_b"]))


def _legs(entries: Iterable[Entry]) -> tuple[SpreadLeg, ...]:
    return tuple(build(SpreadLeg, entry) for entry in entries)

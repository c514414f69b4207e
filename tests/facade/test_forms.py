"""Accepted arguments: every form of a call, and what reaches the terminal of it."""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mt5web.backend import ByPosition, ByTicket, DateRange
from mt5web.structs import TradeRequest
from mt5web_async.hidden import HiddenText
from tests.facade.fake import Call, Setting, filled
from tests.facade.misuse import Given

MOMENT = datetime(2024, 1, 31, 12, tzinfo=UTC)
SECONDS = 1_706_702_400
NOTHING = (None, None, None, None, 60_000, False)


class Frame(enum.IntEnum):
    """Constants as an author's own enumeration."""

    H1 = 16385
    ALL = -1


class Name(str, enum.Enum):  # noqa: UP042 - scripts that ran before 3.11
    """Names as an author's own enumeration, which prints differently."""

    EURUSD = "EURUSD"


class Silent(int):
    """An int whose own methods would give another number."""

    def __int__(self) -> int:
        return 7

    def __index__(self) -> int:
        return 7


def given(*args: Any, **keywords: Any) -> Given:
    return Given(args, keywords)


FORMS: list[tuple[str, Given, tuple[Any, ...]]] = [
    ("initialize", given(), NOTHING),
    ("initialize", given("a.exe"), ("a.exe", *NOTHING[1:])),
    ("initialize", given(path="a.exe"), ("a.exe", *NOTHING[1:])),
    ("initialize", given("a.exe", path="b.exe"), ("b.exe", *NOTHING[1:])),
    (
        "initialize",
        given(login=5001, password="secret", server="Demo", timeout=5, portable="yes"),
        (None, 5001, "secret", "Demo", 5, True),
    ),
    ("initialize", given(login=0, password="", server="", timeout=0), NOTHING),
    ("initialize", given(login=True), (None, 1, *NOTHING[2:])),
    (
        "initialize",
        given(login=2**64 - 1, timeout=2**32 - 1),
        (None, 2**64 - 1, None, None, 2**32 - 1, False),
    ),
    ("login", given(5001), (5001, None, None, 60_000)),
    ("login", given(5001, "secret", "Demo"), (5001, "secret", "Demo", 60_000)),
    (
        "login",
        given(login=5001, password="secret", server="Demo", timeout=9),
        (5001, "secret", "Demo", 9),
    ),
    ("login", given(5001, password="secret"), (5001, "secret", None, 60_000)),
    ("login", given(5001, "old", password="new"), (5001, "new", None, 60_000)),
    ("login", given(1, login=5001), (5001, None, None, 60_000)),
    ("symbols_get", given(), (None,)),
    ("symbols_get", given(""), (None,)),
    ("symbols_get", given("*", group=""), (None,)),
    ("symbol_info", given("x" * 29), ("x" * 29,)),
    ("symbol_info", given(Name.EURUSD), ("EURUSD",)),
    ("symbol_info", given(np.str_("EURUSD")), ("EURUSD",)),
    ("symbol_info", given("\N{MONEY BAG}" * 14), ("\N{MONEY BAG}" * 14,)),
    ("symbol_info_tick", given("Volatility 10 Index"), ("Volatility 10 Index",)),
    ("symbol_select", given("EURUSD"), ("EURUSD", True)),
    ("symbol_select", given("EURUSD", False), ("EURUSD", False)),
    ("symbol_select", given("EURUSD", "no"), ("EURUSD", True)),
    ("symbol_select", given("EURUSD", []), ("EURUSD", False)),
    ("symbol_select", given("EURUSD", None), ("EURUSD", False)),
    ("market_book_add", given("EURUSD"), ("EURUSD",)),
    ("market_book_get", given("EURUSD"), ("EURUSD",)),
    ("market_book_release", given("EURUSD"), ("EURUSD",)),
    (
        "copy_rates_from",
        given("EURUSD", Frame.H1, MOMENT, np.int64(3)),
        ("EURUSD", 16385, SECONDS, 3),
    ),
    (
        "copy_rates_from_pos",
        given("EURUSD", np.int32(1), True, np.uint8(3)),
        ("EURUSD", 1, 1, 3),
    ),
    ("copy_rates_from_pos", given("", -1, -1, -1), ("", -1, -1, -1)),
    (
        "copy_rates_range",
        given("EURUSD", 1, 0, pd.Timestamp("2024-01-31 12:00", tz="UTC")),
        ("EURUSD", 1, 0, SECONDS),
    ),
    (
        "copy_ticks_from",
        given("EURUSD", 1.9, 3, Frame.ALL),
        ("EURUSD", 1000, 3, -1),
    ),
    (
        "copy_ticks_range",
        given("EURUSD", MOMENT, np.float64(2**31 - 0.5), 1),
        ("EURUSD", SECONDS * 1000, (2**31 - 1) * 1000, 1),
    ),
    ("positions_get", given(), (None, None)),
    ("positions_get", given(symbol="EURUSD", group="*"), (None, "EURUSD")),
    ("positions_get", given(symbol=""), (None, "")),
    ("positions_get", given(ticket=1, symbol="EURUSD"), (1, None)),
    ("positions_get", given(ticket=0), (0, None)),
    ("orders_get", given(ticket=2**64 - 1), (2**64 - 1, None)),
    ("orders_get", given(group="*"), (None, None)),
    ("history_orders_total", given(0, 1.5), (DateRange(0, 1),)),
    ("history_deals_total", given(MOMENT, MOMENT), (DateRange(SECONDS, SECONDS),)),
    ("history_orders_get", given(0, 1, ticket=5), (DateRange(0, 1),)),
    ("history_orders_get", given(ticket=5, position=6), (ByTicket(5),)),
    ("history_orders_get", given(position=6, group="*"), (ByPosition(6),)),
    ("history_deals_get", given(False, True, group="*"), (DateRange(0, 1),)),
    ("history_deals_get", given(ticket=0), (ByTicket(0),)),
    ("order_calc_margin", given(True, "EURUSD", 1, 2), (1, "EURUSD", 1, 2)),
    (
        "order_calc_margin",
        given(0, "EURUSD", np.float32(0.5), np.int64(2)),
        (0, "EURUSD", 0.5, 2.0),
    ),
    (
        "order_calc_profit",
        given(Silent(1), "EURUSD", 1, 2, np.float64(3)),
        (1, "EURUSD", 1.0, 2.0, 3.0),
    ),
]


@pytest.mark.parametrize(
    ("name", "call", "asked"), FORMS, ids=[f"{f[0]} {i}" for i, f in enumerate(FORMS)]
)
def test_each_form_reaches_the_terminal_as_plain_values(
    name: str, call: Given, asked: tuple[Any, ...], setting: Setting
) -> None:
    assert setting.call(name, *call.args, **call.keywords) is not None
    assert setting.terminal.last_error() == (1, "Success")
    assert setting.backend.last == Call(name, asked)
    for value in setting.backend.last.args:
        plain = (int, float, str, bool, type(None), DateRange, ByTicket, ByPosition)
        assert type(value) in (*plain, HiddenText)


REQUESTS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"volume": 0.1, "sl": np.float64(1.5)}, {"volume": 0.1, "sl": 1.5}),
    ({"type": Frame.H1, "magic": True}, {"type": 16385, "magic": 1}),
    ({"symbol": Name.EURUSD, "five": 5}, {"symbol": "EURUSD"}),
    ({"expiration": -5, "position": Silent(1)}, {"expiration": -5, "position": 1}),
    ({"price": float("inf")}, {"price": float("inf")}),
]


@pytest.mark.parametrize("name", ["order_check", "order_send"])
@pytest.mark.parametrize(("request_", "fields"), REQUESTS)
def test_a_request_is_completed_and_made_plain(
    name: str, request_: dict[str, Any], fields: dict[str, Any], setting: Setting
) -> None:
    assert setting.call(name, request_) is not None
    (sent,) = setting.backend.last.args
    assert sent == filled(TradeRequest, **fields)
    assert [type(v) for v in sent] == [type(v) for v in filled(TradeRequest)]


def test_a_request_may_be_given_by_its_fields(setting: Setting) -> None:
    setting.terminal.order_send(action=1, symbol="EURUSD", volume=0.1)
    (sent,) = setting.backend.last.args
    assert sent == filled(TradeRequest, action=1, symbol="EURUSD", volume=0.1)


def test_a_request_may_be_a_kind_of_dict(setting: Setting) -> None:
    class Request(dict[str, Any]):
        def get(self, *_: object) -> Any:
            raise AssertionError

    setting.terminal.order_send(Request(action=1))
    assert setting.backend.last.args == (filled(TradeRequest, action=1),)


def test_an_empty_spread_of_keywords_counts_as_none(setting: Setting) -> None:
    fields: dict[str, Any] = {}
    assert setting.terminal.order_send({"action": 1}, **fields) is not None


def test_symbols_are_filtered_by_the_rules_of_groups(setting: Setting) -> None:
    setting.terminal.symbols_get("*USD,!EUR*")
    (wanted,) = setting.backend.last.args
    assert [wanted(n) for n in ("GBPUSD", "EURUSD", "XAU")] == [True, False, False]
    setting.terminal.symbols_get("EUR*", group="GBP*")
    (wanted,) = setting.backend.last.args
    assert [wanted(n) for n in ("GBPUSD", "EURUSD")] == [True, False]


@pytest.mark.parametrize(
    ("name", "args", "group", "tickets"),
    [
        ("positions_get", (), "*", [1, 2]),
        ("positions_get", (), "EUR*", [1]),
        ("positions_get", (), "", []),
        ("orders_get", (), "*,!EUR*", [4]),
        ("history_orders_get", (0, 1), "GBP*", []),
        ("history_deals_get", (0, 1), "*", [6, 7]),
        ("history_deals_get", (0, 1), "*USD*", [7]),
    ],
)
def test_rows_are_filtered_by_the_group_of_their_symbol(
    name: str,
    args: tuple[Any, ...],
    group: str,
    tickets: list[int],
    setting: Setting,
) -> None:
    rows = setting.call(name, *args, group=group)
    assert type(rows) is tuple
    assert [row.ticket for row in rows] == tickets
    assert setting.terminal.last_error() == (1, "Success")


def test_initialize_closes_the_open_connection_first(setting: Setting) -> None:
    assert setting.terminal.initialize()
    assert [call.method for call in setting.backend.calls] == ["shutdown", "initialize"]


def test_initialize_closes_the_connection_even_for_bad_arguments(
    setting: Setting,
) -> None:
    assert setting.terminal.initialize(login="5001") is False  # type: ignore[arg-type]
    assert setting.backend.calls == [Call("shutdown", ())]


def test_a_terminal_is_made_once(fresh: Setting) -> None:
    assert fresh.terminal.initialize()
    assert fresh.terminal.shutdown()
    assert fresh.terminal.initialize()
    assert fresh.terminal.account_info() is not None

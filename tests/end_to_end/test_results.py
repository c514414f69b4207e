"""What the functions answer with is of the official types, down to each number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

import mt5web as mt5
from mt5web.structseq import StructSequence
from tests.facade.official import PYTHON_TYPES, TYPES, python_type
from tests.waiting import eventually

SYMBOLS = ("EURUSD", "USDJPY", "ACME", "US500F", "XAUUSD")
ALWAYS = 2**31 - 1

LIMITS = {
    "int (signed 32)": (-(2**31), 2**31 - 1),
    "int (unsigned 32)": (0, 2**32 - 1),
    "int (signed 64)": (-(2**63), 2**63 - 1),
    "int (unsigned 64)": (0, 2**64 - 1),
}


def results(terminal: mt5.Terminal) -> Iterator[StructSequence | None]:
    """Some of everything that the functions answer with."""
    for symbol in SYMBOLS:
        assert terminal.symbol_select(symbol)
        assert terminal.market_book_add(symbol)
        yield terminal.symbol_info_tick(symbol)
        yield terminal.Buy(symbol, 1.0)
        yield terminal.order_check({"action": 1, "symbol": symbol, "volume": 1.0})
    eventually(lambda: bool(terminal.market_book_get("ACME")))
    yield from terminal.market_book_get("ACME") or ()
    tick = terminal.symbol_info_tick("EURUSD")
    assert tick is not None
    yield terminal.order_send(
        action=mt5.TRADE_ACTION_PENDING,
        symbol="EURUSD",
        volume=0.1,
        price=round(tick.bid * 0.9, 5),
        type=mt5.ORDER_TYPE_BUY_LIMIT,
        comment="waits",
    )
    yield from terminal.positions_get() or ()
    yield from terminal.orders_get() or ()
    assert terminal.Close("EURUSD") is True
    yield from terminal.history_orders_get(0, ALWAYS) or ()
    yield from terminal.history_deals_get(0, ALWAYS) or ()
    yield from terminal.symbols_get() or ()
    yield terminal.account_info()
    yield terminal.terminal_info()
    yield terminal.order_send({})
    yield terminal.order_check({})


@pytest.fixture
def every(terminal: mt5.Terminal) -> list[StructSequence]:
    found = list(results(terminal))
    assert None not in found, terminal.last_error()
    return [one for one in found if one is not None]


def test_every_value_is_of_the_official_type(every: list[StructSequence]) -> None:
    seen = set()
    for result in every:
        name = type(result).__name__
        seen.add(name)
        for field, value in zip(TYPES[name]["fields"], result, strict=True):
            told = name, field["name"], value
            expected = PYTHON_TYPES.get(python_type(field["type"]), mt5.TradeRequest)
            assert type(value) is expected, told
            if type(value) is int:
                least, most = LIMITS[field["type"]]
                assert least <= value <= most, told
    assert seen | {"TradeRequest"} == TYPES.keys()


def test_every_result_can_be_written_as_json(every: list[StructSequence]) -> None:
    for result in every:
        again: Any = json.loads(json.dumps(result._asdict()))
        assert list(again) == list(result.__match_args__)


def test_single_numbers_are_plain_ones(terminal: mt5.Terminal) -> None:
    for total in (
        terminal.symbols_total(),
        terminal.positions_total(),
        terminal.orders_total(),
        terminal.history_deals_total(0, ALWAYS),
        terminal.history_orders_total(0, ALWAYS),
    ):
        assert type(total) is int
    assert type(terminal.order_calc_margin(0, "EURUSD", 1, 1)) is float
    assert type(terminal.order_calc_profit(0, "EURUSD", 1, 1, 1)) is float
    assert [type(part) for part in terminal.version()] == [int, int, str]
    assert [type(part) for part in terminal.last_error()] == [int, str]

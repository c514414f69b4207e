"""Text columns hold what the decoding of each record gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt5web_async.protocol.columns import texts
from mt5web_async.protocol.records import SYMBOL, Symbol
from mt5web_async.protocol.wire import read_text

from .strategies import any_record, bodies, thorough
from .witness import load


def decoded(body: bytes, field: str) -> list[str]:
    return [getattr(record, field) for record in SYMBOL.records(body)]


@given(bodies(SYMBOL, most=6), st.sampled_from(["name", "description", "path"]))
@thorough
def test_arbitrary_bytes_give_the_same_text(body: bytes, field: str) -> None:
    assert texts(SYMBOL.rows(body), field).tolist() == decoded(body, field)


@given(st.lists(any_record(SYMBOL), max_size=6))
@thorough
def test_any_text_comes_back(records: list[Symbol]) -> None:
    rows = SYMBOL.rows(SYMBOL.write_all(records))
    assert texts(rows, "name").tolist() == [record.name for record in records]


@pytest.mark.parametrize(
    "name",
    ["", "EURUSD", "x" * 32, "Нефть", "\N{MONEY BAG}", "a\N{MONEY BAG}b", "\ud800"],
)
def test_one_odd_row_leaves_the_others_alone(name: str) -> None:
    body = SYMBOL.write_all([Symbol("EURUSD"), Symbol(name), Symbol("XAUUSD")])
    found = texts(SYMBOL.rows(body), "name").tolist()
    assert found == ["EURUSD", decoded(body, "name")[1], "XAUUSD"]


def test_garbage_behind_the_terminator_is_no_text() -> None:
    body = SYMBOL.write_all([Symbol("EUR\0USD"), Symbol("XAUUSD")])
    assert texts(SYMBOL.rows(body), "name").tolist() == ["EUR", "XAUUSD"]


def test_no_rows_give_no_texts() -> None:
    assert texts(SYMBOL.rows(b""), "name").tolist() == []


def test_every_other_row_can_be_asked() -> None:
    body = SYMBOL.write_all(Symbol(f"S{n}") for n in range(4))
    assert texts(SYMBOL.rows(body)[::2], "name").tolist() == ["S0", "S2"]


def test_a_column_does_not_hold_the_message_in_memory() -> None:
    rows = SYMBOL.rows(SYMBOL.write_all([Symbol("EURUSD")]))
    assert not np.shares_memory(texts(rows, "name"), rows)


def test_symbols_of_the_client_are_read() -> None:
    (entry,) = (e for e in load("responses.json") if e["name"] == "symbols 3")
    rows = SYMBOL.rows(bytes.fromhex(entry["hex"])[4:])
    expected = [symbol["symbol_path"] for symbol in entry["parsed"]["symbols"]]
    assert texts(rows, "path").tolist() == expected
    assert [read_text(raw.tobytes()) for raw in rows["path"]] == expected

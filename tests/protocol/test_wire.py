"""Layouts: both decoders, the writer, and what they refuse."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt5web_async.errors import EngineError, InvalidArgument, MalformedMessage
from mt5web_async.protocol.records import (
    FULL_SYMBOL,
    ORDER,
    RATES_REQUEST,
    SESSION,
    SYMBOL_GROUP,
    TICK,
    TRADE_REQUEST,
    FullSymbol,
    Order,
    RatesRequest,
    Session,
    SymbolGroup,
    Tick,
    TradeRequest,
    TradeSettings,
)
from mt5web_async.protocol.wire import (
    Field,
    Layout,
    read_bounded_count,
    read_count,
    read_i32,
    read_text,
    write_text,
)

from .strategies import LAYOUTS, any_record, bodies, quick, texts, thorough


@pytest.mark.parametrize("name", LAYOUTS)
@given(data=st.data())
@quick
def test_a_record_comes_back_as_it_was_written(name: str, data: st.DataObject) -> None:
    layout = LAYOUTS[name]
    record = data.draw(any_record(layout))
    written = layout.write(record)
    assert len(written) == layout.size
    assert layout.read(written) == record


@pytest.mark.parametrize("name", LAYOUTS)
@given(data=st.data())
@quick
def test_both_decoders_read_the_same(name: str, data: st.DataObject) -> None:
    layout = LAYOUTS[name]
    body = data.draw(bodies(layout))
    rows, records = layout.rows(body), layout.records(body)
    assert rows.tobytes() == body
    assert len(rows) == len(records)
    for row, record in zip(rows, records, strict=True):
        for field, value in zip(layout.fields, record, strict=True):
            assert same(column_value(row, field), value), field


def column_value(row: np.void, field: Field) -> object:
    cell = row[field.name]
    if field.wire.read is not None:
        return field.wire.read(cell.tobytes())
    return cell.tobytes() if isinstance(cell, np.void) else cell.item()


def same(left: Any, right: Any) -> bool:
    """Equal, where two that are no number count as equal."""
    if isinstance(left, float) and isinstance(right, float):
        return left == right or (math.isnan(left) and math.isnan(right))
    if isinstance(left, tuple) and isinstance(right, tuple):
        return all(map(same, left, right))
    return bool(left == right)


@pytest.mark.parametrize("name", LAYOUTS)
@given(data=st.data())
@quick
def test_what_was_read_is_written_to_be_read_again(
    name: str, data: st.DataObject
) -> None:
    layout = LAYOUTS[name]
    (record,) = layout.records(
        data.draw(st.binary(min_size=layout.size, max_size=layout.size))
    )
    again = layout.read(layout.write(record))
    assert same(tuple(again), tuple(record))


@given(texts(32))
@thorough
def test_text_comes_back_as_it_was_written(text: str) -> None:
    assert read_text(write_text(text).ljust(64, b"\0")) == text


@given(st.binary(max_size=64).filter(lambda raw: len(raw) % 2 == 0))
@thorough
def test_any_bytes_are_some_text_without_nul(raw: bytes) -> None:
    text = read_text(raw)
    assert "\0" not in text
    assert len(text) <= len(raw) // 2


def test_text_ends_at_the_first_nul() -> None:
    assert read_text("EURUSD\0garbage".encode("utf-16-le")) == "EURUSD"


def test_half_a_surrogate_pair_reads_as_replacement() -> None:
    assert read_text(b"A\0\x3d\xd8") == "A�"


def test_text_that_is_too_long_is_cut() -> None:
    written = SYMBOL_GROUP.write(SymbolGroup("x" * 300))
    assert SYMBOL_GROUP.read(written).name == "x" * 128


def test_a_keyword_loses_its_underscore_in_the_columns() -> None:
    rows = RATES_REQUEST.rows(RATES_REQUEST.write(RatesRequest(from_=5, to=9)))
    assert (rows["from"][0], rows["to"][0]) == (5, 9)


def test_records_are_read_from_any_kind_of_buffer() -> None:
    body = SESSION.write_all([Session(60, 120), Session(180, 240)])
    for buffer in (body, bytearray(body), memoryview(body)):
        assert SESSION.records(buffer) == [Session(60, 120), Session(180, 240)]
        assert SESSION.read(buffer, 4) == Session(180, 240)
        assert SESSION.rows(buffer)["close"].tolist() == [120, 240]


def test_a_run_of_nothing_is_empty() -> None:
    assert TICK.records(b"") == []
    assert TICK.rows(b"").shape == (0,)


def test_a_cut_record_is_malformed() -> None:
    with pytest.raises(MalformedMessage, match="Tick: 49 bytes, needs 50"):
        TICK.read(bytes(49))


def test_a_cut_run_is_malformed_for_both_decoders() -> None:
    for decode in (TICK.records, TICK.rows):
        with pytest.raises(MalformedMessage, match="99 bytes, records of 50"):
            decode(bytes(99))


def test_a_partial_record_at_the_end_can_be_left_out() -> None:
    body = TICK.write_all([Tick(symbol_id=1), Tick(symbol_id=2)])
    assert TICK.complete(body + bytes(49)) == body
    assert len(TICK.complete(bytes(49))) == 0


def test_bytes_behind_a_counted_list_are_ignored() -> None:
    body = SESSION.write_counted([Session(1, 2)])
    assert SESSION.counted(body + b"more") == ([Session(1, 2)], len(body))


def test_a_count_beyond_the_end_is_malformed() -> None:
    with pytest.raises(MalformedMessage, match="4294967295 x Session"):
        SESSION.counted(b"\xff\xff\xff\xff" + bytes(400))


@given(st.integers(0, 2**32 - 1), st.integers(0, 200), st.integers(1, 100))
@thorough
def test_a_bounded_count_fits_what_follows(count: int, left: int, size: int) -> None:
    body = count.to_bytes(4, "little") + bytes(left)
    if count * size <= left:
        assert read_bounded_count(body, 0, size) == count
    else:
        with pytest.raises(MalformedMessage, match="announced"):
            read_bounded_count(body, 0, size)


def test_numbers_beyond_the_end_are_malformed() -> None:
    for read in (read_count, read_i32):
        assert read(bytes(5), 1) == 0
        with pytest.raises(MalformedMessage, match="byte 2 of 5"):
            read(bytes(5), 2)


def test_numbers_keep_their_sign() -> None:
    assert (read_count(b"\xff" * 4), read_i32(b"\xff" * 4)) == (2**32 - 1, -1)


REFUSED: list[tuple[Layout[Any], NamedTuple, str]] = [
    (TRADE_REQUEST, TradeRequest(deviation=-1), "TradeRequest.deviation: -1"),
    (TRADE_REQUEST, TradeRequest(volume=2**64), "volume: 18446744073709551616.*u64"),
    (RATES_REQUEST, RatesRequest(to=2**31), "RatesRequest.to: 2147483648.*i32"),
    (
        FULL_SYMBOL,
        FullSymbol(trade=TradeSettings(stops_level=2**31)),
        "FullSymbol.trade.TradeSettings.stops_level: 2147483648",
    ),
    (
        FULL_SYMBOL,
        FullSymbol(trade=TradeSettings(swap_rates=(0.0,) * 6)),
        r"swap_rates: .* does not fit f64\[7\]",
    ),
    (FULL_SYMBOL, FullSymbol(schedule=bytes(895)), r"schedule.*bytes\[896\]"),
]


@pytest.mark.parametrize(("layout", "record", "message"), REFUSED)
def test_a_value_that_does_not_fit_is_named(
    layout: Layout[Any], record: NamedTuple, message: str
) -> None:
    with pytest.raises(InvalidArgument, match=message):
        layout.write(record)


@pytest.mark.parametrize("value", ["1", None, 1.5])
def test_a_value_of_the_wrong_type_is_named(value: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"Order.order: .* does not fit i64"):
        ORDER.write(Order()._replace(order=value))


def test_text_of_the_wrong_type_is_named() -> None:
    number: Any = 5
    with pytest.raises(InvalidArgument, match=r"Order\.symbol: 5 does not fit utf16"):
        ORDER.write(Order()._replace(symbol=number))


def test_a_refused_value_is_an_error_of_the_engine() -> None:
    assert issubclass(InvalidArgument, EngineError)
    assert issubclass(InvalidArgument, ValueError)

"""Results as data frames."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mt5web
from mt5web.dataframe import MILLISECONDS, SECONDS
from tests.facade.fake import ANSWERS, RATES, TICKS, filled
from tests.facade.official import TYPES

NOON = 1_706_702_400


def test_bars_keep_their_columns_and_get_times() -> None:
    bars = np.zeros(2, RATES)
    bars["time"] = [NOON, NOON + 60]
    bars["close"] = [1.1, 1.2]
    frame = mt5web.to_dataframe(bars)
    assert list(frame) == list(RATES.names or ())
    assert frame["time"].tolist() == [
        pd.Timestamp("2024-01-31 12:00"),
        pd.Timestamp("2024-01-31 12:01"),
    ]
    assert frame["time"].dtype == "datetime64[s]"
    assert frame["tick_volume"].dtype == "uint64"
    assert frame["spread"].dtype == "int32"
    assert frame["close"].tolist() == [1.1, 1.2]


def test_ticks_have_times_in_milliseconds() -> None:
    ticks = np.zeros(1, TICKS)
    ticks["time_msc"] = NOON * 1000 + 7
    frame = mt5web.to_dataframe(ticks)
    assert frame["time_msc"].dtype == "datetime64[ms]"
    assert frame["time_msc"][0] == pd.Timestamp("2024-01-31 12:00:00.007")


def test_a_frame_does_not_share_memory_with_a_read_only_array() -> None:
    bars = np.zeros(2, RATES)
    bars.flags.writeable = False
    frame = mt5web.to_dataframe(bars)
    frame.loc[0, "close"] = 5.0
    assert bars["close"].tolist() == [0.0, 0.0]


def test_empty_arrays_keep_their_columns() -> None:
    frame = mt5web.to_dataframe(np.zeros(0, RATES))
    assert frame.empty
    assert list(frame) == list(RATES.names or ())
    assert frame["time"].dtype == "datetime64[s]"


def test_a_single_bar_is_a_table_of_one_row() -> None:
    bars = np.zeros(2, RATES)
    bars["close"] = [1.1, 1.2]
    frame = mt5web.to_dataframe(bars[-1])
    assert frame["close"].tolist() == [1.2]
    assert frame["time"].dtype == "datetime64[s]"


def test_positions_become_rows() -> None:
    frame = mt5web.to_dataframe(ANSWERS["positions_get"])
    assert frame["ticket"].tolist() == [1, 2]
    assert frame["symbol"].tolist() == ["EURUSD", "GBPUSD"]
    assert list(frame) == TYPES["TradePosition"]["field_order"]


def test_one_result_becomes_one_row() -> None:
    frame = mt5web.to_dataframe(ANSWERS["account_info"])
    assert frame["login"].tolist() == [5001]


def test_a_list_of_results_is_as_good_as_a_tuple() -> None:
    rows = list(ANSWERS["positions_get"])
    assert len(mt5web.to_dataframe([row for row in rows if row.ticket == 1])) == 1


@pytest.mark.parametrize("name", TYPES)
def test_columns_have_the_types_of_their_fields(name: str) -> None:
    kind = getattr(mt5web, name)
    full = mt5web.to_dataframe((filled(kind),))
    empty = mt5web.to_dataframe((), kind)
    assert full.dtypes.tolist() == empty.dtypes.tolist()
    assert list(full) == list(empty)
    expected = {"float": "float64", "bool": "bool"}
    for field in TYPES[name]["fields"]:
        column, official = field["name"], field["type"]
        if column in SECONDS:
            assert full[column].dtype == "datetime64[s]"
        elif column in MILLISECONDS:
            assert full[column].dtype == "datetime64[ms]"
        elif official.startswith("int"):
            assert full[column].dtype == "int64"
        elif official in expected:
            assert full[column].dtype == expected[official]
        elif official == "str":
            assert full[column].tolist() == [""]


def test_every_field_that_is_a_time_is_known_as_one() -> None:
    times = {
        field["name"]
        for kind in TYPES.values()
        for field in kind["fields"]
        if field["type"] == "int (signed 64)"
    }
    assert times == SECONDS | MILLISECONDS


def test_no_time_is_not_a_time() -> None:
    frame = mt5web.to_dataframe(ANSWERS["orders_get"])
    assert frame["time_done"].isna().all()


def test_large_numbers_keep_every_digit() -> None:
    position = filled(mt5web.TradePosition, ticket=2**64 - 1, magic=2**53 + 1)
    frame = mt5web.to_dataframe(position)
    assert frame["ticket"].tolist() == [2**64 - 1]
    assert frame["magic"].tolist() == [2**53 + 1]


def test_the_request_of_a_result_becomes_columns() -> None:
    request = filled(mt5web.TradeRequest, symbol="EURUSD", expiration=NOON)
    result = filled(mt5web.OrderSendResult, request_id=5, request=request)
    frame = mt5web.to_dataframe(result)
    assert frame["request.symbol"].tolist() == ["EURUSD"]
    assert frame["request.expiration"][0] == pd.Timestamp("2024-01-31 12:00")
    assert frame["request_id"].tolist() == [5]
    assert "request" not in frame


def test_nothing_is_a_frame_without_columns() -> None:
    assert mt5web.to_dataframe(()).shape == (0, 0)


def test_a_failed_call_is_told_apart_from_an_empty_result() -> None:
    with pytest.raises(TypeError, match="last_error"):
        mt5web.to_dataframe(mt5web.positions_get())


@pytest.mark.parametrize(
    "wrong",
    [5, 1.5, "EURUSD", (500, 5000, "date"), [{"a": 1}], np.zeros(3), {"time": 1}],
)
def test_what_is_no_result_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError):
        mt5web.to_dataframe(wrong)


def test_rows_of_several_types_are_refused() -> None:
    mixed = (*ANSWERS["positions_get"], *ANSWERS["orders_get"])
    with pytest.raises(TypeError, match="one of the result types"):
        mt5web.to_dataframe(mixed)
    with pytest.raises(TypeError, match="not every row is a TradeDeal"):
        mt5web.to_dataframe(ANSWERS["positions_get"], mt5web.TradeDeal)


def test_a_missing_pandas_is_told_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'mt5web\[pandas\]'"):
        mt5web.to_dataframe(())

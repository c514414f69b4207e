"""Bars of the wire in the official structure."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt5web_async.errors import MalformedMessage
from mt5web_async.protocol.records import BAR, Bar
from mt5web_async.terminal.rates import RATES, to_rates
from tests.protocol.strategies import any_record, bodies
from tests.protocol.witness import DATA, Json, load

BARS = [e for e in load("responses.json") if e["name"].startswith("bars")]


def test_a_row_is_that_of_the_official_package() -> None:
    official = json.loads((DATA / "official_api.json").read_text("utf-8"))
    rates = official["dtypes"]["rates"]
    assert list(map(list, RATES.descr)) == rates["descr"]
    assert RATES.itemsize == rates["itemsize"]


@pytest.mark.parametrize("e", BARS, ids=[e["name"] for e in BARS])
def test_rates_are_what_the_client_reads(e: Json) -> None:
    rates = to_rates(bytes.fromhex(e["hex"]))
    assert rates.tolist() == [
        (
            bar["time"] // 1000,
            bar["open"],
            bar["high"],
            bar["low"],
            bar["close"],
            bar["tickVolume"],
            0,
            math.floor(bar["realVolume"]),
        )
        for bar in e["parsed"]["bars"]
    ]


@given(st.lists(any_record(BAR), max_size=5))
@settings(deadline=None)
def test_no_value_but_the_real_volume_is_changed(bars: list[Bar]) -> None:
    rates = to_rates(BAR.write_all(bars))
    assert [row[:6] for row in rates.tolist()] == [bar[:6] for bar in bars]
    assert rates["spread"].tolist() == [0] * len(bars)


@given(bodies(BAR, most=6))
@settings(deadline=None)
def test_arbitrary_bytes_give_rates(body: bytes) -> None:
    rates = to_rates(body)
    assert rates.dtype == RATES
    assert to_rates(BAR.rows(body)).tobytes() == rates.tobytes()


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (0.0, 0),
        (2.999, 2),
        (1e15, 10**15),
        (-1.0, 0),
        (-0.5, 0),
        (math.nan, 0),
        (math.inf, 0),
        (-math.inf, 0),
        (2.0**64, 0),
        (2.0**63, 2**63),
    ],
)
def test_real_volume_is_the_whole_part_where_there_is_one(
    sent: float, expected: int
) -> None:
    bars = [Bar(real_volume=1.5), Bar(real_volume=sent), Bar(real_volume=7.0)]
    assert to_rates(BAR.write_all(bars))["real_volume"].tolist() == [1, expected, 7]


def test_rates_do_not_hold_the_message_in_memory() -> None:
    rows = BAR.rows(BAR.write(Bar(time=60)))
    rates = to_rates(rows)
    assert not np.shares_memory(rates, rows)
    assert rates.flags.owndata
    assert rates.flags.writeable


def test_some_of_the_rows_can_be_asked() -> None:
    rows = BAR.rows(BAR.write_all(Bar(time=60 * n) for n in range(4)))
    assert to_rates(rows[::2])["time"].tolist() == [0, 120]
    assert to_rates(rows[rows["time"] > 60])["time"].tolist() == [120, 180]


def test_no_bars_are_no_rates() -> None:
    assert to_rates(b"").shape == (0,)


def test_a_cut_answer_is_malformed() -> None:
    with pytest.raises(MalformedMessage, match="47 bytes, records of 48"):
        to_rates(bytes(47))

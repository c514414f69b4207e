"""Functions of single numbers and texts, against what the web terminal computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from mt5web_async.calculation.masks import matches
from mt5web_async.calculation.passwords import check_password
from mt5web_async.calculation.rounding import (
    align,
    compare,
    floored_remainder,
    normalize,
    scaled,
)
from mt5web_async.calculation.spread import (
    Prices,
    Pricing,
    adjusted,
    shifted,
    shifted_ask,
    shifted_bid,
)
from mt5web_async.calculation.texts import (
    Detail,
    decimals,
    period_of,
    price_text,
    short_volume_text,
    time_text,
    volume_decimals,
    volume_text,
)
from mt5web_async.calculation.volumes import lots, size, volume
from tests.names import load

Given = dict[str, Any]

CONTRACT: Final = 100_000.0


def adjustment(given: Given) -> Given:
    pricing = Pricing(
        given["digits"],
        given["point"],
        given["spread_diff"],
        given["spread_diff_balance"],
    )
    raw = Prices(given["bid"], given["ask"])
    return {
        "prices": {
            **shifted(raw, pricing)._asdict(),
            "result": adjusted(raw, pricing) is not None,
        },
        "high_low_bid": shifted_bid(raw.bid, pricing),
        "high_low_ask": shifted_ask(raw.ask, pricing),
    }


def volume_of(given: Given) -> Given:
    value = int(given["value"])
    return {
        "lots": lots(value),
        "decimals": volume_decimals(value),
        "size": size(value, CONTRACT),
        "text": short_volume_text(lots(value)),
    }


def time_of(given: Given) -> Given:
    return {one.name.lower(): time_text(given["time"], one) for one in Detail}


COMPUTED: Final[dict[str, Callable[[Given], object]]] = {
    "normalize": lambda given: normalize(given["value"], given["digits"]),
    "normalize price": lambda given: align(
        given["price"], given["tick_size"], given["digits"]
    ),
    "scaled price": lambda given: scaled(given["value"], given["digits"]),
    "scaled integer price": lambda given: scaled(int(given["value"]), given["digits"]),
    "remainder": lambda given: floored_remainder(given["x"], given["y"]),
    "compare": lambda given: compare(given["x"], given["y"], given["digits"]),
    "decimals": lambda given: decimals(given["value"]),
    "volume to integer": lambda given: str(volume(given["lots"])),
    "volume text": lambda given: {
        "short": short_volume_text(given["lots"]),
        "plain": volume_text(given["lots"]),
    },
    "integer to volume": volume_of,
    "price text": lambda given: price_text(
        given["price"], given["digits"], given["extra"]
    ),
    "time text": time_of,
    "path mask": lambda given: matches(given["mask"], given["path"]),
    "spread adjustment": adjustment,
    "password check": lambda given: check_password(given["password"], given["minimum"]),
    "period code": lambda given: period_of(given["minutes"]) or 0,
}

ENTRIES: Final = [one for one in load("calc.json") if one["kind"] in COMPUTED]


NO_POINT: Final = "the web terminal forgets the point before milliseconds"
DEFECTS: Final = dict.fromkeys(
    ("time text 1750000000123", "time text 951782399999"), NO_POINT
)
"""The only entries that are the web terminal's mistakes."""


def of(entries: list[Given]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("entry", entries, ids=lambda entry: entry["name"])


@of([one for one in ENTRIES if one["name"] not in DEFECTS])
def test_the_function_gives_what_the_web_terminal_gives(entry: Given) -> None:
    assert COMPUTED[entry["kind"]](entry["input"]) == entry["expected"]


@of([one for one in ENTRIES if one["name"] in DEFECTS])
def test_nothing_but_the_point_sets_a_time_apart(entry: Given) -> None:
    computed = COMPUTED[entry["kind"]](entry["input"])
    assert isinstance(computed, dict)
    exact = computed["milliseconds"]
    assert exact != entry["expected"]["milliseconds"]
    assert {
        **computed,
        "milliseconds": exact.replace(exact[-4:], exact[-3:]),
    } == entry["expected"]


def test_every_entry_is_tested_somewhere() -> None:
    whole = {
        one["kind"]
        for one in load("calc.json")
        if isinstance(one["expected"], dict) and "account" in one["expected"]
    }
    kinds = {one["kind"] for one in load("calc.json")}
    assert kinds == COMPUTED.keys() | whole | {"check action"}

"""Numbers of a server that cannot be reckoned with."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt5web_async.calculation.plausible import LARGEST, SMALLEST, plausible
from mt5web_async.protocol.records import (
    Deal,
    DealTransaction,
    FullSymbol,
    LeverageRule,
    LeverageTier,
    Position,
    TradeSettings,
)
from mt5web_async.protocol.responses import DealGroup, FloatingLeverage
from mt5web_async.protocol.wire import Layout
from tests.protocol.strategies import LAYOUTS, attributes

NAN, INFINITE = float("nan"), float("inf")


def numbers(value: Any) -> Iterator[float]:
    """All floats in a record, however deep."""
    if isinstance(value, float):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from numbers(one)


def full_of(layout: Layout[Any], number: float) -> Any:
    """A record with this in every place for a float."""
    changes: dict[str, Any] = {}
    for name, field in zip(attributes(layout), layout.fields, strict=True):
        kind, _, repeat = field.wire.kind.rstrip("]").partition("[")
        if field.wire.inner is not None:
            changes[name] = full_of(field.wire.inner, number)
        elif kind == "f64":
            changes[name] = (number,) * int(repeat) if repeat else number
    return layout.record(**changes)


@pytest.mark.parametrize("name", LAYOUTS)
@given(number=st.floats())
@settings(deadline=None, max_examples=25)
def test_no_number_breaks_a_sum(name: str, number: float) -> None:
    record = plausible(full_of(LAYOUTS[name], number))
    for one in numbers(record):
        assert one == 0 or SMALLEST <= abs(one) <= LARGEST


@pytest.mark.parametrize("name", LAYOUTS)
def test_an_honest_record_is_left_alone(name: str) -> None:
    record = full_of(LAYOUTS[name], -1.0851)
    assert plausible(record) is record


@pytest.mark.parametrize(
    ("told", "read"),
    [
        (NAN, 0.0),
        (INFINITE, LARGEST),
        (-INFINITE, -LARGEST),
        (1.7976931348623157e308, LARGEST),
        (5e-324, 0.0),
        (-0.0, -0.0),
    ],
)
def test_what_is_no_number_is_0_and_what_is_endless_the_largest(
    told: float, read: float
) -> None:
    mended = plausible(Position(profit=told)).profit
    assert (mended, math.copysign(1, mended)) == (read, math.copysign(1, read))


def test_records_in_rows_are_looked_through() -> None:
    rule = FloatingLeverage(LeverageRule(), (LeverageTier(NAN), LeverageTier(1.0)))
    assert plausible(rule).tiers == (LeverageTier(), LeverageTier(1.0))
    deals = (Deal(profit=INFINITE),)
    group = DealGroup(DealTransaction(balance=NAN), deals)
    assert plausible(group).deals[0].profit == LARGEST
    assert plausible(group).transaction.balance == 0


def test_what_is_not_a_number_stays_as_it_was() -> None:
    trade = TradeSettings(
        symbol_path="Forex\\A", margin_hedged=NAN, volume_max=2**64 - 1
    )
    mended = plausible(FullSymbol(name="A", digits=4_000_000_000, trade=trade))
    assert mended.trade == trade._replace(margin_hedged=0.0)
    assert (mended.name, mended.digits) == ("A", 4_000_000_000)

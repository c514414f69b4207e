"""Dates: seconds, truncated, within 32 bits; naive datetimes are local."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt5web.dates import BEYOND, DateOverflow, milliseconds, seconds

I32 = 2**31

aware = st.datetimes(timezones=st.just(UTC))


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine in another time zone."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    assert os.environ.get("TZ") != "Asia/Tokyo"
    time.tzset()


@pytest.mark.usefixtures("tokyo")
def test_a_naive_datetime_is_local_time() -> None:
    assert seconds(datetime(1970, 1, 1, 9)) == 0  # noqa: DTZ001
    assert seconds(datetime(1970, 1, 1, 9, tzinfo=UTC)) == 9 * 3600


@pytest.mark.usefixtures("tokyo")
def test_a_naive_timestamp_of_pandas_is_what_its_own_timestamp_says() -> None:
    stamp = pd.Timestamp("2024-01-31 12:00")
    assert seconds(stamp) == int(stamp.timestamp())


def test_an_aware_datetime_is_converted() -> None:
    cairo = datetime(2024, 7, 1, 12, tzinfo=ZoneInfo("Africa/Cairo"))
    assert seconds(cairo) == seconds(datetime(2024, 7, 1, 9, tzinfo=UTC))


def test_odd_offsets_are_honoured_to_the_second() -> None:
    local_mean = timezone(timedelta(hours=6, minutes=42, seconds=4))
    assert seconds(datetime(1970, 1, 2, tzinfo=local_mean)) == 86400 - 24124


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0),
        (True, 1),
        (-1, -1),
        (I32 - 1, I32 - 1),
        (-I32, -I32),
        (1.999, 1),
        (-1.999, -1),
        (I32 - 0.5, I32 - 1),
        (-I32 - 0.5, -I32),
        (float(I32), BEYOND),
        (-I32 - 1.0, BEYOND),
        (1e300, BEYOND),
        (float("inf"), BEYOND),
        (float("-inf"), BEYOND),
        (float("nan"), BEYOND),
        (np.float64(1.5), 1),
        (datetime(1970, 1, 1, 0, 0, 1, 999_999, tzinfo=UTC), 1),
        (datetime(1969, 12, 31, 23, 59, 58, 1, tzinfo=UTC), -1),
        (datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC), BEYOND),
        (datetime(9999, 1, 1, tzinfo=UTC), BEYOND),
        (pd.Timestamp("2024-01-31", tz="UTC"), 1_706_659_200),
    ],
)
def test_dates_are_cut_to_whole_seconds_of_32_bits(
    value: float | datetime, expected: int
) -> None:
    assert seconds(value) == expected
    assert type(seconds(value)) is int
    assert milliseconds(value) == expected * 1000


@pytest.mark.parametrize("value", [I32, -I32 - 1, 10**30])
def test_an_int_beyond_32_bits_is_an_overflow_of_its_own_kind(value: int) -> None:
    with pytest.raises(DateOverflow) as caught:
        seconds(value)
    assert caught.value.value is value


@given(st.one_of(st.integers(-I32, I32 - 1), st.floats(), aware))
def test_every_date_fits_into_32_bits(value: float | datetime) -> None:
    assert -I32 <= seconds(value) < I32


@given(aware.filter(lambda moment: 1970 <= moment.year < 2038))
def test_a_datetime_and_its_timestamp_are_the_same_date(moment: datetime) -> None:
    assert seconds(moment) == seconds(moment.timestamp()) == int(moment.timestamp())

"""Hours of trading in the server's time."""

from __future__ import annotations

import pytest

from mt5web_async.calculation.sessions import (
    next_opening,
    server_offset,
    session_open,
)
from mt5web_async.protocol.records import Session
from tests.calculation.scenes import account

SUNDAY = 1_772_928_000  # 2026-03-08 00:00:00
DAY = 86_400

CLOSED: tuple[Session, ...] = ()
SPLIT = (Session(600, 720), Session(60, 120))
WEEK = (CLOSED, SPLIT, CLOSED, (Session(0, 1440),), CLOSED, CLOSED, CLOSED)


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> int:
    """A moment of the week that begins on Sunday."""
    return SUNDAY + day * DAY + hour * 3600 + minute * 60 + second


@pytest.mark.parametrize(
    ("time", "is_open"),
    [
        (at(1, 0, 59, 59), False),
        (at(1, 1), True),
        (at(1, 1, 59, 59), True),
        (at(1, 2), False),
        (at(1, 11), True),
        (at(2, 11), False),
        (at(3, 0), True),
        (at(3, 23, 59, 59), True),
        (at(4, 0), False),
    ],
)
def test_a_session_is_open_until_its_last_minute(time: int, is_open: bool) -> None:
    assert session_open(WEEK, time) == is_open


@pytest.mark.parametrize(
    ("time", "opens"),
    [
        (at(0, 12), at(1, 1)),
        (at(1, 0), at(1, 1)),
        (at(1, 1), at(1, 10)),
        (at(1, 10), at(3, 0)),
        (at(3, 5), at(8, 1)),
    ],
)
def test_the_next_opening_is_the_earliest_that_comes(time: int, opens: int) -> None:
    assert next_opening(WEEK, time) == opens


def test_nothing_opens_in_a_week_without_sessions() -> None:
    assert next_opening((CLOSED,) * 7, SUNDAY) is None


def test_server_time_is_that_of_its_zone_and_season() -> None:
    assert server_offset(account(timezone_shift=7200, daylight_mode=1)) == 10_800

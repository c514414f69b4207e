"""Dates as the official functions take them: 32-bit seconds since 1970."""

from __future__ import annotations

from datetime import datetime
from typing import Final, TypeAlias

from .arguments import I32, INVALID, Rejected

Date: TypeAlias = float | datetime
"""Seconds as int or float, or a datetime; a naive one is local time."""

BEYOND: Final = I32.low
"""What a float or datetime outside 32 bits becomes, in the original too."""

OVERFLOWED: Final = -1
"""What an int outside 32 bits becomes, in the original too."""


class DateOverflow(Exception):
    """An int that is no 32-bit date.

    The original goes on with -1 for the date, and its caller gets a `SystemError` in
    place of whatever that call returned.

    Args:
        value: the argument.
    """

    def __init__(self, value: int) -> None:
        super().__init__(value)
        self.value = value


def seconds(value: object) -> int:
    """Seconds since 1970, cut off towards zero, within 32 bits.

    Args:
        value: seconds, or a datetime. Aware ones are converted to UTC, naive ones are
            taken as local time, as `datetime.timestamp` does.

    Raises:
        Rejected: no date at all (`date`, text, None, numpy integers and dates are
            none), or a datetime whose `timestamp` raises.
        DateOverflow: an int outside 32 bits, such as one in milliseconds.

    Example:
        >>> from datetime import UTC, datetime
        >>> seconds(datetime(2024, 1, 31, 12, tzinfo=UTC)), seconds(1.9), seconds(1e12)
        (1706702400, 1, -2147483648)
    """
    if isinstance(value, datetime):
        return _whole(_timestamp(value))
    if isinstance(value, float):
        return _whole(value)
    if not isinstance(value, int):
        raise Rejected(INVALID)
    if not I32.low <= value <= I32.high:
        raise DateOverflow(value)
    return int.__int__(value)


def milliseconds(value: object) -> int:
    """The same moment in milliseconds: what is less than a second has been cut off.

    Example:
        >>> milliseconds(1.9)
        1000
    """
    return seconds(value) * 1000


def _timestamp(value: datetime) -> float:
    try:
        return value.timestamp()
    except Exception as error:
        raise Rejected(INVALID, error) from error


def _whole(value: float) -> int:
    return int(value) if I32.low - 1 < value < I32.high + 1 else BEYOND

"""Where the simulated server's time comes from.

Server time is what every stamp on the wire means: milliseconds since 1970 as the
broker's wall clock shows them, not UTC.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Final, Protocol

MS: Final = 1000
DAY_S: Final = 86_400


class Clock(Protocol):
    """Tells the server time."""

    def now(self) -> int:
        """Server time in ms; never goes back."""


class SystemClock:
    """The machine's time in the server's zone.

    Args:
        shift: seconds that server time is ahead of UTC.
    """

    def __init__(self, shift: int = 0) -> None:
        self._shift = shift * MS
        self._latest = 0

    def now(self) -> int:
        """Server time in ms; stands still while the machine's clock is set back."""
        self._latest = max(self._latest, time.time_ns() // 1_000_000 + self._shift)
        return self._latest


class ManualClock:
    """A clock that stands still until it is moved.

    Args:
        start: server time, s since 1970 or a naive datetime of the server's clock.

    Example:
        >>> clock = ManualClock(datetime(2026, 3, 10, 10, 0))
        >>> clock.move(1.5)
        >>> clock.now()
        1773136801500
    """

    def __init__(self, start: float | datetime) -> None:
        seconds = seconds_of(start) if isinstance(start, datetime) else start
        self._now = round(seconds * MS)

    def now(self) -> int:
        """Server time in ms."""
        return self._now

    def move(self, seconds: float) -> None:
        """Let time pass.

        Raises:
            ValueError: the clock would go back.
        """
        if seconds < 0:
            raise ValueError(f"a clock cannot be moved by {seconds} s: only forward")
        self._now += round(seconds * MS)


def seconds_of(moment: datetime) -> int:
    """Seconds since 1970 that a naive datetime of the server's clock stands for.

    Raises:
        ValueError: the datetime has a time zone; the server's is meant.
    """
    if moment.tzinfo is not None:
        raise ValueError(f"{moment!r} has a time zone; give the server's wall clock")
    return round((moment - datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001

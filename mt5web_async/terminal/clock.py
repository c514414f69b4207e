"""The trade server's clock, as far as a client can know it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

_LATEST: Final = 2.0**31 - 1  # s; times of requests have 32 bits


class ServerClock:
    """Server time out of the local clock, the account's offset and the ticks seen.

    A local clock that runs behind is noticed by ticks from the future; one that runs
    ahead is not, which only makes requests reach a little further.

    Args:
        utc: the local clock, s since 1970.
    """

    def __init__(self, utc: Callable[[], float] = time.time) -> None:
        self._utc = utc
        self._offset = 0
        self._behind = 0.0

    @property
    def offset(self) -> int:
        """Seconds that server time is ahead of UTC."""
        return self._offset

    def set_offset(self, timezone_shift: int, daylight_mode: int) -> None:
        """What the account record says of the server's time zone, s and h."""
        self._offset = timezone_shift + 3600 * daylight_mode
        self._behind = 0.0

    def note(self, time_msc: int) -> None:
        """A tick carried this server time, ms."""
        ahead = time_msc / 1000 - (self._utc() + self._offset)
        if ahead > self._behind:
            self._behind = ahead

    def now(self) -> float:
        """Server time now, s since 1970; never one that requests cannot carry."""
        now = self._utc() + self._offset + self._behind
        return min(max(now, 0.0), _LATEST)

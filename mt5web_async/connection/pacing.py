"""How fast requests may follow each other: a token bucket for each kind."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

from mt5web_async.errors import InvalidArgument
from mt5web_async.protocol.commands import Command
from mt5web_async.waiting import Deadline, pause, settle, wait_for

UNPACED: Final = frozenset(
    {Command.BOOTSTRAP, Command.LOGIN, Command.LOGOUT, Command.PING}
)
"""What keeps a connection alive waits for nothing."""


@dataclass(frozen=True, kw_only=True)
class Rate:
    """So many requests a second on average, and so many at once after a quiet time.

    Raises:
        InvalidArgument: nothing could ever be sent.
    """

    per_second: float
    burst: int

    def __post_init__(self) -> None:
        if not 0 < self.per_second < math.inf or self.burst < 1:
            raise InvalidArgument(f"{self}: both must be above 0, and finite")


TRADE_RATE: Final = Rate(per_second=20.0, burst=25)
OTHER_RATE: Final = Rate(per_second=1000.0, burst=2000)


@dataclass(frozen=True, kw_only=True)
class PacingOptions:
    """The rates of a connection; None: as fast as one can.

    A server that is asked faster than it likes closes the connection or, for trade
    requests, answers 10024.

    Attributes:
        trade: for trade requests; in no second more than the 50 that servers take.
        other: for everything else that is asked.
    """

    trade: Rate | None = TRADE_RATE
    other: Rate | None = OTHER_RATE


class Bucket:
    """Tokens that come at a steady rate; who comes first is served first.

    Args:
        rate: at which they come, and how many are kept.
        clock: in s.
    """

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._tokens = float(rate.burst)
        self._counted_at = clock()
        self._line: deque[Future[None]] = deque()
        self._line_lock = threading.Lock()

    async def take(self, deadline: Deadline) -> None:
        """Wait for a token; whoever leaves early takes none.

        Raises:
            TimeoutError: there is none within the deadline.
        """
        if self.take_at_once():
            return
        place: Future[None] = Future()
        try:  # before anything else: a place left behind would hold up everybody
            self._queue_up(place)
            await wait_for(place, deadline)
            while (missing := self._missing()) > 0:
                left = deadline.left()
                if left is not None and left < missing:
                    raise TimeoutError
                await pause(missing)
        finally:
            self._leave(place)

    def take_at_once(self) -> bool:
        """Take a token if there is one, and nobody waits for it."""
        with self._line_lock:
            return not self._line and self._count_one()

    def _queue_up(self, place: Future[None]) -> None:
        with self._line_lock:
            self._line.append(place)
            first = self._line[0]
        settle(first, None)

    def _missing(self) -> float:
        """Seconds until there is a token; 0.0 when one was taken."""
        with self._line_lock:
            if self._count_one():
                return 0.0
            return (1.0 - self._tokens) / self._rate.per_second

    def _count_one(self) -> bool:
        now = self._clock()
        come = max(now - self._counted_at, 0.0) * self._rate.per_second
        self._tokens = min(self._tokens + come, float(self._rate.burst))
        self._counted_at = now
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True

    def _leave(self, place: Future[None]) -> None:
        with self._line_lock:
            if place in self._line:
                self._line.remove(place)
            first = self._line[0] if self._line else None
        if first is not None:
            settle(first, None)


class Pacing:
    """The buckets of a connection; they outlast its single sessions.

    Args:
        options: the rates.
        clock: in s.
    """

    def __init__(
        self, options: PacingOptions, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._trade = None if options.trade is None else Bucket(options.trade, clock)
        self._other = None if options.other is None else Bucket(options.other, clock)

    async def turn(self, command: int, deadline: Deadline) -> None:
        """Wait until a request of this command may be sent.

        Raises:
            TimeoutError: that is later than the deadline.
        """
        bucket = self._bucket(command)
        if bucket is not None:
            await bucket.take(deadline)

    def at_once(self, command: int) -> bool:
        """Whether a request may be sent now, which then counts as sent."""
        bucket = self._bucket(command)
        return bucket is None or bucket.take_at_once()

    def _bucket(self, command: int) -> Bucket | None:
        if command in UNPACED:
            return None
        return self._trade if command == Command.TRADE else self._other

"""Signs of life: a server that does not answer for too long is gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from mt5web_async.errors import ConnectionLost
from mt5web_async.protocol.commands import Command
from mt5web_async.waiting import Deadline, wait_for

from .session import Session

_LOOKS: Final = 15
_UNREAD: Final = 0.1  # of the time in which there was always more to read


class AwakeTime:
    """Adds up the time in which this process ran.

    Between two looks at most `most` seconds count: whatever is beyond, the process or
    the whole machine slept, or the clock was set.

    Args:
        most: s.
        clock: in s.
    """

    def __init__(
        self, most: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._clock = clock
        self._seen = clock()
        self._sum = 0.0

    def look(self, weight: float = 1.0) -> float:
        """Seconds awake since the beginning; the last ones may count less."""
        now = self._clock()
        self._sum += min(max(now - self._seen, 0.0), self._most) * weight
        self._seen = now
        return self._sum


class Heartbeat:
    """Asks sessions for signs of life.

    Args:
        limit: s that an answer may take.
        look_every: s between two looks at the clock while an answer is awaited; None:
            a fifteenth of the limit.
        clock: in s.
    """

    def __init__(
        self,
        limit: float,
        *,
        look_every: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limit = limit
        self._look_every = limit / _LOOKS if look_every is None else look_every
        self._clock = clock

    async def beat(self, session: Session) -> float:
        """Ask once; the round trip in s.

        Raises:
            ConnectionLost: no answer within the limit, or the connection broke.
        """
        awake = AwakeTime(2 * self.limit / _LOOKS, self._clock)
        start = self._clock()
        answered = session.ask(Command.PING, b"", lambda _: self._clock()).future
        while True:
            try:
                return await wait_for(answered, Deadline(self._look_every)) - start
            except TimeoutError:
                # what has arrived and is not read yet may hold the answer
                weight = 1.0 if session.caught_up() else _UNREAD
                if awake.look(weight) >= self.limit:
                    raise ConnectionLost(
                        f"no sign of life for {self.limit} s", server=session.url
                    ) from None

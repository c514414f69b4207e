"""When to try again after a loss."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mt5web_async.errors import AuthenticationFailed, EngineError, InvalidArgument


@dataclass(frozen=True, kw_only=True)
class Backoff:
    """When to try again after a loss.

    Attributes:
        first: s before the second attempt, at most; the first is made at once.
        cap: longest pause in s; pauses grow twofold and are drawn at random up to
            their bound, so that many clients do not come back at once.
        attempts: give up after so many; None: never.
        limit: give up after so many s; None: never.

    Raises:
        InvalidArgument: one of them is not above 0.
    """

    first: float = 1.0
    cap: float = 60.0
    attempts: int | None = None
    limit: float | None = None

    def __post_init__(self) -> None:
        given = (self.first, self.cap, self.attempts, self.limit)
        # without pauses it would storm the server
        if not all(one is None or 0 < one < math.inf for one in given):
            raise InvalidArgument(f"{self}: all must be above 0, and finite")

    async def repeat(
        self,
        attempt: Callable[[], Awaitable[None]],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Make attempts until one succeeds.

        A refused login is not tried again: servers lock accounts out for that. A
        certificate that does not verify is, as another network may lie between.

        Raises:
            EngineError: the last attempt's, when there will be no other.
        """
        import tenacity

        stops: list[tenacity.stop.stop_base] = []
        if self.attempts is not None:
            stops.append(tenacity.stop_after_attempt(self.attempts))
        if self.limit is not None:
            stops.append(tenacity.stop_before_delay(self.limit))
        retrying = tenacity.AsyncRetrying(
            sleep=sleep,
            wait=tenacity.wait_random_exponential(self.first, self.cap),
            stop=tenacity.stop_any(*stops),
            retry=tenacity.retry_if_exception(_worth_another_try),
            reraise=True,
        )
        await retrying(attempt)


def _worth_another_try(error: BaseException) -> bool:
    refused = isinstance(error, AuthenticationFailed)
    return isinstance(error, EngineError) and not refused

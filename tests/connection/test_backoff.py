"""When lost connections are tried for again."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mt5web_async.connection.backoff import Backoff
from mt5web_async.errors import (
    AuthenticationFailed,
    ConnectionFailed,
    EngineError,
    InsecureConnection,
    InvalidArgument,
    OneTimePasswordRequired,
)


class Attempts:
    """Fails a number of times; time passes in its pauses alone."""

    def __init__(self, *failures: BaseException) -> None:
        self.made = 0
        self.pauses: list[float] = []
        self._failures = list(failures)

    async def attempt(self) -> None:
        self.made += 1
        if self._failures:
            raise self._failures.pop(0)

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


def unreachable(times: int) -> list[ConnectionFailed]:
    return [ConnectionFailed(f"attempt {number}") for number in range(times)]


async def test_the_first_attempt_is_made_at_once() -> None:
    attempts = Attempts()
    await Backoff().repeat(attempts.attempt, attempts.sleep)
    assert (attempts.made, attempts.pauses) == (1, [])


async def test_pauses_grow_at_random_up_to_their_cap() -> None:
    attempts = Attempts(*unreachable(200))
    await Backoff(first=1.0, cap=60.0).repeat(attempts.attempt, attempts.sleep)
    bounds = [min(2.0**number, 60.0) for number in range(200)]
    assert all(0.0 <= p <= b for p, b in zip(attempts.pauses, bounds, strict=True))
    late = attempts.pauses[6:]
    assert min(late) < 15.0 < 45.0 < max(late)  # many clients do not come at once


async def test_a_limit_of_attempts_ends_it_with_the_last_reason() -> None:
    attempts = Attempts(*unreachable(9))
    with pytest.raises(ConnectionFailed, match="attempt 2"):
        await Backoff(attempts=3).repeat(attempts.attempt, attempts.sleep)
    assert attempts.made == 3


async def test_a_limit_of_time_is_not_exceeded_by_a_pause() -> None:
    attempts = Attempts(*unreachable(9))
    backoff = Backoff(first=3600.0, cap=3600.0, limit=0.001)
    with pytest.raises(ConnectionFailed):
        await backoff.repeat(attempts.attempt, attempts.sleep)
    assert attempts.pauses == []


@pytest.mark.parametrize("refusal", [AuthenticationFailed, OneTimePasswordRequired])
async def test_a_refused_login_is_not_tried_again(refusal: type[EngineError]) -> None:
    attempts = Attempts(*unreachable(1), refusal("no"))
    with pytest.raises(refusal):
        await Backoff().repeat(attempts.attempt, attempts.sleep)
    assert attempts.made == 2


async def test_a_network_that_shows_another_certificate_may_pass() -> None:
    attempts = Attempts(InsecureConnection("a hotel's login page"))
    await Backoff().repeat(attempts.attempt, attempts.sleep)
    assert attempts.made == 2


@pytest.mark.parametrize(
    "given",
    [{"first": -1.0}, {"cap": 0.0}, {"cap": math.inf}, {"attempts": 0}, {"limit": 0.0}],
)
def test_what_would_storm_a_server_or_never_end_is_refused(
    given: dict[str, Any],
) -> None:
    with pytest.raises(InvalidArgument, match="above 0"):
        Backoff(**given)


async def test_a_bug_is_not_tried_again() -> None:
    attempts = Attempts(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        await Backoff().repeat(attempts.attempt, attempts.sleep)
    assert attempts.made == 1

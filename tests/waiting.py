"""Waiting for what happens in other threads, with a generous limit."""

from __future__ import annotations

import time
from collections.abc import Callable

LIMIT = 30.0
PAUSE = 0.005


def eventually(happened: Callable[[], bool]) -> None:
    """Return as soon as the condition holds; fail when it does not for long."""
    end = time.monotonic() + LIMIT
    while not happened():
        assert time.monotonic() < end, f"{happened} does not hold after {LIMIT} s"
        time.sleep(PAUSE)

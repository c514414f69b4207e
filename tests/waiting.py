"""Waiting for what happens in other threads, with a generous limit."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LIMIT = 30.0
PAUSE = 0.005


def eventually(happened: Callable[[], bool]) -> None:
    """Return as soon as the condition holds; fail when it does not for long."""
    end = time.monotonic() + LIMIT
    while not happened():
        assert time.monotonic() < end, f"{happened} does not hold after {LIMIT} s"
        time.sleep(PAUSE)


@contextmanager
def interrupted_when(happened: Callable[[], bool]) -> Iterator[None]:
    """Ctrl-C for the main thread, as soon as something has happened.

    What starts the tests may have it ignored: shells do for jobs in the background.
    """

    def press() -> None:
        eventually(happened)
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    pressing = threading.Thread(target=press)
    pressing.start()
    try:
        yield
    finally:
        pressing.join()
        signal.signal(signal.SIGINT, before)

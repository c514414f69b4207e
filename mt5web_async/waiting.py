"""Waiting that works alike in a coroutine and in a plain thread.

The engine's methods are coroutines, written once, that wait through this module
alone. Awaited in an event loop they wait as any coroutine does. Given to
:func:`drive` they run to their end in the caller's own thread and wait in place: a
blocking caller pays for no hop to another thread. Either way the thing waited for is
a :class:`concurrent.futures.Future` that another thread completes.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Any, Final, TypeVar

T = TypeVar("T")

SLICE: Final = 0.2
"""Longest uninterrupted wait of a blocking caller, in s: Ctrl-C works everywhere."""


class Deadline:
    """One time limit for all the steps of one call.

    Args:
        timeout: s from now; None for no limit.
    """

    def __init__(
        self, timeout: float | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self.timeout = timeout
        self._end = None if timeout is None else clock() + timeout

    def __repr__(self) -> str:
        return f"<Deadline, {self.left()} s left>"

    def left(self) -> float | None:
        """Seconds left, never negative; None for no limit."""
        return None if self._end is None else max(self._end - self._clock(), 0.0)

    def within(self, timeout: float) -> Deadline:
        """This deadline, or one after so many s if that comes first."""
        left = self.left()
        shorter = left is not None and left <= timeout
        return self if shorter else Deadline(timeout, self._clock)

    def passed(self) -> bool:
        """Whether the time is up."""
        return self._end is not None and self._clock() >= self._end


class _Mode(threading.local):
    driving = False
    served_here = False  # what is waited for comes through this very thread


_mode = _Mode()


def forbid_waiting() -> None:
    """Call it in a thread that completes what others wait for.

    Should a listener that runs there :func:`drive` something that has to wait, it
    gets an error at once, not a thread that waits for itself.
    """
    _mode.served_here = True


def drive(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run an engine coroutine to its end in this thread, waiting in place.

    Raises:
        RuntimeError: the coroutine waited on something that this module does not
            know (only the engine's own methods can be driven), or it has to wait in a
            thread that must not.
    """
    before, _mode.driving = _mode.driving, True
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    finally:
        _mode.driving = before
        coroutine.close()
    raise RuntimeError(f"{coroutine!r} cannot be driven without an event loop")


async def wait_for(future: Future[T], deadline: Deadline) -> T:
    """The future's result.

    Raises:
        TimeoutError: the deadline passed first; the future is left alone.
    """
    if _mode.driving:
        return _wait_in_place(future, deadline)
    if not future.done():
        with suppress(TimeoutError):
            async with asyncio.timeout(deadline.left()):
                await _end_of(future)
    if not future.done():
        raise TimeoutError
    return future.result()


def in_thread(work: Callable[[], T]) -> Future[T]:
    """Begin work that blocks, in a thread of its own; its result is on the way."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            settle(future, work())
        except BaseException as exc:  # noqa: BLE001 - it is for whoever waits
            settle_error(future, exc)

    threading.Thread(target=run, name="mt5web-asking", daemon=True).start()
    return future


async def pause(seconds: float) -> None:
    """Sleep."""
    if not _mode.driving:
        await asyncio.sleep(seconds)
        return
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, SLICE))


def settle(future: Future[T], result: T) -> bool:
    """Complete the future, unless somebody already did or gave up on it."""
    try:
        future.set_result(result)
    except InvalidStateError:
        return False
    return True


def settle_error(future: Future[Any], error: BaseException) -> bool:
    """Fail the future, unless somebody already did or gave up on it."""
    try:
        future.set_exception(error)
    except InvalidStateError:
        return False
    return True


def _end_of(future: Future[Any]) -> asyncio.Future[None]:
    """Completes in this loop when the other is done, whatever that brings."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()

    def note() -> None:
        if not ended.done():
            ended.set_result(None)

    def tell(_: Future[Any]) -> None:
        with suppress(RuntimeError):  # the loop is gone, and who waited with it
            loop.call_soon_threadsafe(note)

    future.add_done_callback(tell)
    return ended


def _wait_in_place(future: Future[T], deadline: Deadline) -> T:
    if _mode.served_here and not future.done():
        raise RuntimeError(
            f"{threading.current_thread().name} would wait for itself: a listener must "
            "not ask the server for anything; let another thread do so"
        )
    while True:
        left = deadline.left()
        try:
            return future.result(SLICE if left is None else min(left, SLICE))
        except TimeoutError:
            if future.done():  # in the very moment in which the slice was over
                return future.result()
            if deadline.passed():
                raise

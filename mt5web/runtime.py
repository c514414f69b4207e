"""The background thread that runs the engine's event loop, one per process.

It is started when a terminal is opened first and ended with the interpreter. A child
made by `fork` has no copy of it: there it is started anew when it is needed.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from mt5web_async.waiting import Deadline, drive, forbid_waiting, wait_for

from .ending import at_end

T = TypeVar("T")


class Runtime:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._run, name="mt5web-loop", daemon=True
        )
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether coroutines can be run: not after the end, nor in a forked child."""
        return self.pid == os.getpid() and self._thread.is_alive()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the loop and wait for it; Ctrl-C cancels it.

        Raises:
            RuntimeError: this is called in the loop's own thread, by a listener.
        """
        future = self.start(coroutine)
        try:
            return drive(wait_for(future, Deadline(None)))
        except BaseException:
            future.cancel()
            raise

    def start(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine in the loop, and wait for nothing."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def stop(self) -> None:
        """End the loop and wait for its thread."""
        if self.alive:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def _run(self) -> None:
        forbid_waiting()
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(_finish())
            self._loop.close()


async def _finish() -> None:
    """End what still runs in the loop."""
    current = asyncio.current_task()
    rest = [task for task in asyncio.all_tasks() if task is not current]
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_default_executor()


_runtime: Runtime | None = None
_runtime_lock = threading.Lock()


def runtime() -> Runtime:
    """The process's runtime, started now unless it runs already."""
    global _runtime
    with _runtime_lock:
        if _runtime is None or not _runtime.alive:
            _runtime = Runtime()
            at_end(_runtime.stop)
        return _runtime

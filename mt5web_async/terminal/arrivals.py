"""Waiting for what the server tells of a symbol first."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Future
from typing import Generic, TypeVar

from mt5web_async.waiting import Deadline, settle, wait_for

log = logging.getLogger("mt5web_async.terminal")

T = TypeVar("T")


class Arrivals(Generic[T]):
    """What is awaited of symbols; all who wait for the same share one future.

    Args:
        known: what there is of a symbol by now; None: nothing yet.
    """

    def __init__(self, known: Callable[[str], T | None]) -> None:
        self._known = known
        self._awaited: dict[str, Future[T]] = {}
        self._awaited_lock = threading.Lock()
        self._deadlines: dict[str, Deadline] = {}

    async def wait(self, names: Iterable[str], timeout: float) -> None:
        """Wait for the first of each symbol, so many s.

        The time runs from the first wait for a symbol: one of which the server never
        tells anything holds up its callers no more afterwards.
        """
        waits = [
            (name, self._deadlines.setdefault(name, Deadline(timeout)))
            for name in names
            if self._known(name) is None
        ]
        for name, deadline in waits:
            if deadline.passed():
                continue
            try:
                await wait_for(self.first(name), deadline)
            except TimeoutError:
                log.info("%s: nothing within %s s", name, timeout)

    def forget(self, kept: Collection[str] = ()) -> None:
        """The time for other symbols begins anew with the next wait."""
        for name in set(self._deadlines).difference(kept):
            self._deadlines.pop(name, None)

    def first(self, name: str) -> Future[T]:
        """A future that the first that comes completes; it may be complete."""
        with self._awaited_lock:
            future = self._awaited.setdefault(name, Future())
        here = self._known(name)
        if here is not None:
            self.came({name: here})
        return future

    def came(self, news: Mapping[str, T]) -> None:
        """This is known by now."""
        if not self._awaited:
            return
        with self._awaited_lock:
            ready = [
                (future, one)
                for name, one in news.items()
                if (future := self._awaited.pop(name, None)) is not None
            ]
        for future, one in ready:
            settle(future, one)

"""Functions that are called when something happens."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Listeners(Generic[P]):
    """Calls functions; a mistake in one of them costs neither caller nor the others.

    Args:
        log: what is told of mistakes.

    Example:
        >>> heard = []
        >>> listeners = Listeners(logging.getLogger("example"))
        >>> listeners.add(heard.append)
        >>> listeners.tell("news")
        >>> heard
        ['news']
    """

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._all: tuple[Callable[P, object], ...] = ()
        self._mistakes: Counter[Callable[P, object]] = Counter()

    def add(self, listener: Callable[P, object]) -> None:
        """Call this one too from now on; any thread may say so."""
        self._all = (*self._all, listener)

    def tell(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Call all of them, in the order in which they came."""
        for listener in self._all:
            try:
                listener(*args, **kwargs)
            except Exception:  # noqa: BLE001 - logged, unless that would be a flood
                self._failed(listener)

    def _failed(self, listener: Callable[P, object]) -> None:
        self._mistakes[listener] += 1
        count = self._mistakes[listener]
        if count & (count - 1) == 0:  # the 1st, 2nd, 4th, 8th
            self._log.exception("listener %r failed (%d)", listener, count)

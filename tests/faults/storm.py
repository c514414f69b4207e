"""Faults by chance, as often and of as many kinds as a connection can bear."""

from __future__ import annotations

import random
from typing import Final

from mt5web_async.protocol.commands import PUSHES, Command

from .proxy import Fault, Way

_FIRST: Final = frozenset({Command.BOOTSTRAP, Command.LOGIN})

_BREAKING: Final = (
    Fault.CUT,
    Fault.CUT,
    Fault.CUT,
    Fault.TRUNCATE,
    Fault.TRUNCATE,
    Fault.CORRUPT,
    Fault.CORRUPT,
    Fault.STALL,
    Fault.HALF_OPEN,
)
_ODD: Final = (Fault.DELAY, Fault.DELAY, Fault.REORDER, Fault.REORDER)


class Storm:
    """Decides for each message that passes a proxy what happens to it.

    Args:
        seed: the same one gives the same decisions for the same messages.
        breaking: chance that a message breaks its connection.
        odd: chance that it is late, or behind others.
        doubled: chance that an answer comes twice.
        dropped: chance that an answer is lost while the connection stays.
    """

    def __init__(
        self,
        seed: int,
        *,
        breaking: float = 0.06,
        odd: float = 0.1,
        doubled: float = 0.015,
        dropped: float = 0.003,
    ) -> None:
        self._random = random.Random(seed)  # noqa: S311 - nothing to protect
        self._breaking = breaking
        self._odd = odd
        self._doubled = doubled
        self._dropped = dropped

    def fault(self, way: Way, command: int) -> Fault | None:
        """What happens to this message."""
        draw = self._random.random()
        if draw < self._breaking:
            return self._random.choice(_BREAKING)
        draw -= self._breaking
        if command in _FIRST:  # they stand alone: nothing can overtake them
            return None
        if draw < self._odd:
            return self._random.choice(_ODD)
        draw -= self._odd
        if way is Way.REQUEST or command in PUSHES or command == Command.TRADE:
            return None  # no transport loses or doubles these by itself
        if draw < self._doubled:
            return Fault.DOUBLE
        draw -= self._doubled
        return Fault.DROP if draw < self._dropped else None

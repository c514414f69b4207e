"""What a program is told when its connection breaks, in four words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mt5web_async.errors import ConnectionLost, EngineError

from .state import Input, Listener, Move, State


@dataclass(frozen=True, kw_only=True)
class Callbacks:
    """Functions that are called in the event loop's thread; they must return quickly.

    Attributes:
        lost: the connection broke, for this reason.
        reconnecting: an attempt begins, the first, second and so on after the loss.
        restored: the connection is up again, and everything known is up to date.
        given_up: there will be no other attempt, for this reason.
    """

    lost: Callable[[EngineError], object] | None = None
    reconnecting: Callable[[int], object] | None = None
    restored: Callable[[], object] | None = None
    given_up: Callable[[EngineError], object] | None = None

    def listener(self) -> Listener:
        """Calls these functions on the moves of one connection."""
        return _Teller(self).take


class _Teller:
    def __init__(self, callbacks: Callbacks) -> None:
        self._callbacks = callbacks
        self._attempts: int | None = None  # since the loss; None: all is well

    def take(self, move: Move) -> None:
        tell = self._callbacks
        reason = move.reason or ConnectionLost("connection lost")
        if move.before is State.SYNCHRONISED and move.what is Input.LOST:
            self._attempts = 0
            if tell.lost is not None:
                tell.lost(reason)
        elif self._attempts is None:
            return
        elif move.what is Input.OPEN:
            self._attempts += 1
            if tell.reconnecting is not None:
                tell.reconnecting(self._attempts)
        elif move.what is Input.MODEL_LOADED:
            self._attempts = None
            if tell.restored is not None:
                tell.restored()
        elif move.what is Input.GIVE_UP:
            self._attempts = None
            if tell.given_up is not None:
                tell.given_up(reason)

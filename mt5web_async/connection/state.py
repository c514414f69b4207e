"""The states of a connection and the only moves between them.

::

    DISCONNECTED -> CONNECTING -> BOOTSTRAPPED -> AUTHENTICATED -> SYNCHRONISED
         ^              |               |               |               |
         +-- given up --+---------------+---------------+               |
         ^              |               |               |               |
         |              +---------------+-------+-------+---------------+
         |                                      v (lost)
         +-- given up ------------------- RECONNECTING -> CONNECTING
         +-- CLOSING <- close, from anywhere

A move outside the table is a bug and raises. Every move is logged and told to the
listeners.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from mt5web_async.errors import EngineError, ProtocolViolation
from mt5web_async.listeners import Listeners

log = logging.getLogger("mt5web_async.connection")


class State(Enum):
    """Where a connection stands."""

    DISCONNECTED = auto()
    CONNECTING = auto()  # socket being opened, session key awaited
    BOOTSTRAPPED = auto()  # session key in use, nobody logged in
    AUTHENTICATED = auto()  # logged in, the model still loading
    SYNCHRONISED = auto()  # the model equals the server
    RECONNECTING = auto()  # lost; waiting for the next attempt
    CLOSING = auto()  # by our own wish


class Input(Enum):
    """What can happen to a connection."""

    OPEN = auto()
    KEY_RECEIVED = auto()
    LOGIN_ACCEPTED = auto()
    LOGIN_REFUSED = auto()
    MODEL_LOADED = auto()
    LOST = auto()
    GIVE_UP = auto()
    CLOSE = auto()
    CLOSED = auto()


_UP: Final = (
    State.CONNECTING,
    State.BOOTSTRAPPED,
    State.AUTHENTICATED,
    State.SYNCHRONISED,
)

TRANSITIONS: Final[Mapping[tuple[State, Input], State]] = {
    (State.DISCONNECTED, Input.OPEN): State.CONNECTING,
    (State.RECONNECTING, Input.OPEN): State.CONNECTING,
    (State.CONNECTING, Input.KEY_RECEIVED): State.BOOTSTRAPPED,
    (State.BOOTSTRAPPED, Input.LOGIN_ACCEPTED): State.AUTHENTICATED,
    (State.BOOTSTRAPPED, Input.LOGIN_REFUSED): State.BOOTSTRAPPED,
    (State.AUTHENTICATED, Input.MODEL_LOADED): State.SYNCHRONISED,
    **{(state, Input.LOST): State.RECONNECTING for state in _UP},
    # the first attempt has no other to follow
    **{
        (state, Input.GIVE_UP): State.DISCONNECTED
        for state in (
            State.CONNECTING,
            State.BOOTSTRAPPED,
            State.AUTHENTICATED,
            State.RECONNECTING,
        )
    },
    **{(state, Input.CLOSE): State.CLOSING for state in (*_UP, State.RECONNECTING)},
    (State.DISCONNECTED, Input.CLOSE): State.DISCONNECTED,
    (State.CLOSING, Input.CLOSE): State.CLOSING,
    (State.CLOSING, Input.CLOSED): State.DISCONNECTED,
    # losing what is already given up changes nothing
    **{
        (state, Input.LOST): state
        for state in (State.DISCONNECTED, State.RECONNECTING, State.CLOSING)
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A change of state that happened, and why, if something went wrong."""

    before: State
    what: Input
    after: State
    reason: EngineError | None = None


Listener = Callable[[Move], None]


class StateMachine:
    """Holds the state; any thread may move it, one move at a time."""

    def __init__(self) -> None:
        self._state = State.DISCONNECTED
        self._listeners: Listeners[Move] = Listeners(log)
        self._state_lock = threading.RLock()

    def __repr__(self) -> str:
        return f"<StateMachine {self._state.name}>"

    @property
    def state(self) -> State:
        """Where the connection stands now."""
        return self._state

    def listen(self, listener: Listener) -> None:
        """Call `listener(move)` on every move that changes the state.

        It runs in the moving thread and must return quickly; what it raises is logged.
        """
        self._listeners.add(listener)

    def step(self, what: Input, reason: EngineError | None = None) -> State:
        """Move, for a reason if something went wrong.

        Raises:
            ProtocolViolation: the table has no such move.
        """
        with self._state_lock:
            before = self._state
            try:
                after = TRANSITIONS[before, what]
            except KeyError:
                raise ProtocolViolation(
                    f"{what.name} cannot happen in state {before.name}"
                ) from None
            self._state = after
            if after is not before:
                self._tell(Move(before=before, what=what, after=after, reason=reason))
            return after

    def _tell(self, move: Move) -> None:
        because = "" if move.reason is None else f" ({move.reason})"
        log.info(
            "%s: %s -> %s%s", move.what.name, move.before.name, move.after.name, because
        )
        self._listeners.tell(move)

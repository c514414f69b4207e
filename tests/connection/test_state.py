"""The states of a connection and the moves between them."""

from __future__ import annotations

import logging
from itertools import product

import pytest

from mt5web_async.connection.state import (
    TRANSITIONS,
    Input,
    Move,
    State,
    StateMachine,
)
from mt5web_async.errors import ConnectionLost, ProtocolViolation

WAYS: dict[State, list[Input]] = {
    State.DISCONNECTED: [],
    State.CONNECTING: [Input.OPEN],
    State.BOOTSTRAPPED: [Input.OPEN, Input.KEY_RECEIVED],
    State.AUTHENTICATED: [Input.OPEN, Input.KEY_RECEIVED, Input.LOGIN_ACCEPTED],
    State.SYNCHRONISED: [
        Input.OPEN,
        Input.KEY_RECEIVED,
        Input.LOGIN_ACCEPTED,
        Input.MODEL_LOADED,
    ],
    State.RECONNECTING: [Input.OPEN, Input.LOST],
    State.CLOSING: [Input.OPEN, Input.CLOSE],
}
"""How each state is reached from the beginning."""

ALLOWED: dict[State, dict[Input, State]] = {
    State.DISCONNECTED: {
        Input.OPEN: State.CONNECTING,
        Input.CLOSE: State.DISCONNECTED,
        Input.LOST: State.DISCONNECTED,
    },
    State.CONNECTING: {
        Input.KEY_RECEIVED: State.BOOTSTRAPPED,
        Input.LOST: State.RECONNECTING,
        Input.GIVE_UP: State.DISCONNECTED,
        Input.CLOSE: State.CLOSING,
    },
    State.BOOTSTRAPPED: {
        Input.LOGIN_ACCEPTED: State.AUTHENTICATED,
        Input.LOGIN_REFUSED: State.BOOTSTRAPPED,
        Input.LOST: State.RECONNECTING,
        Input.GIVE_UP: State.DISCONNECTED,
        Input.CLOSE: State.CLOSING,
    },
    State.AUTHENTICATED: {
        Input.MODEL_LOADED: State.SYNCHRONISED,
        Input.LOST: State.RECONNECTING,
        Input.GIVE_UP: State.DISCONNECTED,
        Input.CLOSE: State.CLOSING,
    },
    State.SYNCHRONISED: {
        Input.LOST: State.RECONNECTING,
        Input.CLOSE: State.CLOSING,
    },
    State.RECONNECTING: {
        Input.OPEN: State.CONNECTING,
        Input.LOST: State.RECONNECTING,
        Input.GIVE_UP: State.DISCONNECTED,
        Input.CLOSE: State.CLOSING,
    },
    State.CLOSING: {
        Input.LOST: State.CLOSING,
        Input.CLOSE: State.CLOSING,
        Input.CLOSED: State.DISCONNECTED,
    },
}

PAIRS = list(product(State, Input))


def machine_in(state: State) -> StateMachine:
    machine = StateMachine()
    for what in WAYS[state]:
        machine.step(what)
    assert machine.state is state
    return machine


@pytest.mark.parametrize(
    ("state", "what"), PAIRS, ids=[f"{s.name}-{w.name}" for s, w in PAIRS]
)
def test_every_input_moves_as_allowed_or_is_refused(state: State, what: Input) -> None:
    machine = machine_in(state)
    moves: list[Move] = []
    machine.listen(moves.append)
    reason = ConnectionLost("cable")
    after = ALLOWED[state].get(what)
    if after is None:
        with pytest.raises(ProtocolViolation, match=f"{what.name}.*{state.name}"):
            machine.step(what, reason)
        assert machine.state is state
        assert moves == []
        return
    assert machine.step(what, reason) is after
    assert machine.state is after
    changed = [Move(before=state, what=what, after=after, reason=reason)]
    assert moves == ([] if after is state else changed)


def test_the_table_holds_nothing_but_the_allowed_moves() -> None:
    flat = {(s, w): after for s, moves in ALLOWED.items() for w, after in moves.items()}
    assert flat == TRANSITIONS


def test_every_move_is_logged_with_its_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    machine = machine_in(State.SYNCHRONISED)
    with caplog.at_level(logging.INFO, "mt5web_async.connection"):
        machine.step(Input.LOST, ConnectionLost("cable pulled"))
    (line,) = caplog.messages
    assert line == "LOST: SYNCHRONISED -> RECONNECTING (cable pulled)"


def test_a_listener_that_fails_stops_neither_the_move_nor_other_listeners(
    caplog: pytest.LogCaptureFixture,
) -> None:
    machine = StateMachine()
    told: list[Move] = []

    def clumsy(move: Move) -> None:
        raise ValueError("clumsy")

    machine.listen(clumsy)
    machine.listen(told.append)
    machine.step(Input.OPEN)
    assert machine.state is State.CONNECTING
    assert [move.after for move in told] == [State.CONNECTING]
    assert "clumsy" in caplog.text

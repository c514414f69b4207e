"""The life of an order, as a table."""

from __future__ import annotations

from itertools import product

import pytest

from mt5web_async.enums import OrderState
from mt5web_async.simulator.trading.order_states import (
    TRANSITIONS,
    OrderEvent,
    OrderStateViolation,
    next_state,
)

S, E = OrderState, OrderEvent

ALLOWED = {
    S.STARTED: {
        E.PLACE: S.PLACED,
        E.FILL_PART: S.PARTIAL,
        E.FILL: S.FILLED,
        E.REJECT: S.REJECTED,
    },
    S.PLACED: {
        E.CHANGE: S.PLACED,
        E.TRIGGER: S.PLACED,
        E.FILL_PART: S.PARTIAL,
        E.FILL: S.FILLED,
        E.CANCEL: S.CANCELED,
        E.REJECT: S.REJECTED,
        E.EXPIRE: S.EXPIRED,
    },
    S.PARTIAL: {
        E.CHANGE: S.PARTIAL,
        E.FILL_PART: S.PARTIAL,
        E.FILL: S.FILLED,
        E.DROP_REST: S.PARTIAL,
        E.CANCEL: S.CANCELED,
        E.REJECT: S.REJECTED,
        E.EXPIRE: S.EXPIRED,
    },
}


@pytest.mark.parametrize(("state", "event"), list(product(OrderState, OrderEvent)))
def test_every_event_in_every_state_follows_the_table_or_is_a_violation(
    state: OrderState, event: OrderEvent
) -> None:
    wanted = ALLOWED.get(state, {}).get(event)
    if wanted is None:
        with pytest.raises(OrderStateViolation, match=state.name):
            next_state(state, event)
    else:
        assert next_state(state, event) is wanted


def test_orders_that_are_done_stay_so() -> None:
    done = {S.CANCELED, S.FILLED, S.REJECTED, S.EXPIRED}
    assert not done & {state for state, _ in TRANSITIONS}


def test_every_state_of_the_table_can_be_reached_from_the_start() -> None:
    reached = {S.STARTED}
    while more := {
        after
        for (state, _), after in TRANSITIONS.items()
        if state in reached and after not in reached
    }:
        reached |= more
    assert reached == {state for state, _ in TRANSITIONS} | set(TRANSITIONS.values())


def test_a_number_from_the_wire_is_a_state() -> None:
    assert next_state(1, E.FILL) is S.FILLED

"""The life of an order as a table: (state, event) gives the next state."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from mt5web_async.enums import OrderState
from mt5web_async.errors import EngineError


class OrderEvent(Enum):
    """What can happen to an order."""

    PLACE = auto()  # accepted, waits for its price or for volume
    CHANGE = auto()  # its owner changed prices, levels or expiry
    TRIGGER = auto()  # a stop limit turned into a limit
    FILL_PART = auto()  # some of its volume was dealt
    FILL = auto()  # the last of its volume was dealt
    DROP_REST = auto()  # dealt in part, the rest is given up
    CANCEL = auto()
    REJECT = auto()
    EXPIRE = auto()


class OrderStateViolation(EngineError):
    """An event that cannot happen to an order in its state."""


_S = OrderState
_E = OrderEvent

TRANSITIONS: Final[Mapping[tuple[OrderState, OrderEvent], OrderState]] = {
    (_S.STARTED, _E.PLACE): _S.PLACED,
    (_S.STARTED, _E.FILL_PART): _S.PARTIAL,
    (_S.STARTED, _E.FILL): _S.FILLED,
    (_S.STARTED, _E.REJECT): _S.REJECTED,
    (_S.PLACED, _E.CHANGE): _S.PLACED,
    (_S.PLACED, _E.TRIGGER): _S.PLACED,
    (_S.PLACED, _E.FILL_PART): _S.PARTIAL,
    (_S.PLACED, _E.FILL): _S.FILLED,
    (_S.PLACED, _E.CANCEL): _S.CANCELED,
    (_S.PLACED, _E.REJECT): _S.REJECTED,
    (_S.PLACED, _E.EXPIRE): _S.EXPIRED,
    (_S.PARTIAL, _E.CHANGE): _S.PARTIAL,
    (_S.PARTIAL, _E.FILL_PART): _S.PARTIAL,
    (_S.PARTIAL, _E.FILL): _S.FILLED,
    (_S.PARTIAL, _E.DROP_REST): _S.PARTIAL,
    (_S.PARTIAL, _E.CANCEL): _S.CANCELED,
    (_S.PARTIAL, _E.REJECT): _S.REJECTED,
    (_S.PARTIAL, _E.EXPIRE): _S.EXPIRED,
}


def next_state(state: int, event: OrderEvent) -> OrderState:
    """The state after an event.

    Raises:
        OrderStateViolation: the event cannot happen in that state.

    Example:
        >>> next_state(OrderState.PLACED, OrderEvent.FILL)
        <OrderState.FILLED: 4>
    """
    try:
        return TRANSITIONS[OrderState(state), event]
    except KeyError:
        raise OrderStateViolation(
            f"{event.name} cannot happen to an order in state {OrderState(state).name}"
        ) from None

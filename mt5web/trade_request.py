"""The fields of a trade request: which types they accept, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple, TypeAlias

from .arguments import (
    COMMENT_LIMIT,
    I64,
    INVALID,
    SYMBOL_LIMIT,
    U32,
    U64,
    Rejected,
    integer,
    named,
    real,
    text,
)
from .structs import TradeRequest

Value: TypeAlias = int | float | str


class Field(NamedTuple):
    """What a field accepts, and what stands in for it when it is left out."""

    read: Callable[[object, str], Value]
    missing: Value


_U32: Final = Field(lambda value, problem: integer(value, U32, problem), 0)
_U64: Final = Field(lambda value, problem: integer(value, U64, problem), 0)
_I64: Final = Field(lambda value, problem: integer(value, I64, problem), 0)
_REAL: Final = Field(real, 0.0)
_SYMBOL: Final = Field(lambda value, problem: text(value, SYMBOL_LIMIT, problem), "")
_COMMENT: Final = Field(lambda value, problem: text(value, COMMENT_LIMIT, problem), "")

FIELDS: Final = {
    "action": _U32,
    "magic": _U64,
    "order": _U64,
    "symbol": _SYMBOL,
    "volume": _REAL,
    "price": _REAL,
    "stoplimit": _REAL,
    "sl": _REAL,
    "tp": _REAL,
    "deviation": _U64,
    "type": _U32,
    "type_filling": _U32,
    "type_time": _U32,
    "expiration": _I64,
    "comment": _COMMENT,
    "position": _U64,
    "position_by": _U64,
}
"""In the order of checks, which is that of `TradeRequest`."""


def read(given: object) -> TradeRequest:
    """Check a request and fill in what it leaves out.

    Args:
        given: a dict; keys that are no fields are ignored.

    Raises:
        Rejected: no dict, or a field that is not of its type; the first one counts.

    Example:
        >>> read({"symbol": "EURUSD", "volume": 0.1}).volume
        0.1
        >>> read({"symbol": "EURUSD", "volume": 1})
        Traceback (most recent call last):
            ...
        mt5web.arguments.Rejected: Invalid "volume" argument
    """
    if not isinstance(given, dict):
        raise Rejected(INVALID)
    return TradeRequest(_values(given))


def _values(given: dict[str, Any]) -> Iterator[Value]:
    missing = object()
    for name, field in FIELDS.items():
        value = dict.get(given, name, missing)
        yield field.missing if value is missing else field.read(value, named(name))

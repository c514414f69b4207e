"""Records without numbers that break sums: servers are not trusted.

One NaN among the prices of a symbol would be in every sum of money that the symbol is
part of, and one price of 1e308 makes infinities of products.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from math import copysign
from operator import is_
from typing import (
    Any,
    Final,
    NamedTuple,
    TypeAlias,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

R = TypeVar("R", bound=NamedTuple)

_Mend: TypeAlias = Callable[[Any], Any]

SMALLEST: Final = 1e-18
LARGEST: Final = 1e18
"""No price, volume, sum of money or rate lies outside, in whatever unit."""


def plausible(record: R) -> R:
    """The record with numbers that can be reckoned with.

    What is no number becomes 0, and so does what is absurdly small; what is absurdly
    large, as infinities are, becomes `LARGEST`. Records inside the record, and rows of
    records or numbers, are looked through too.

    >>> from typing import NamedTuple
    >>> class Band(NamedTuple):
    ...     low: float
    ...     high: float
    >>> plausible(Band(float("nan"), 1.797e308))
    Band(low=0.0, high=1e+18)
    """
    changes = {}
    for name, index, mend in _mendable(type(record)):
        value = record[index]
        better = mend(value)
        if better is not value:
            changes[name] = better
    return record._replace(**changes) if changes else record


def _number(value: float) -> float:
    if value == 0 or SMALLEST <= abs(value) <= LARGEST:
        return value
    return copysign(LARGEST, value) if abs(value) > LARGEST else 0.0


@cache
def _mendable(kind: type[Any]) -> tuple[tuple[str, int, _Mend], ...]:
    """The fields that hold numbers: name, place, and what mends them."""
    hints = get_type_hints(kind).items()
    return tuple(
        (name, index, mend)
        for index, (name, hint) in enumerate(hints)
        if (mend := _mend_for(hint)) is not None
    )


def _mend_for(hint: Any) -> _Mend | None:
    """What mends values of this type; None: there is nothing to mend."""
    if hint is float:
        return _number
    if hasattr(hint, "_fields"):
        return plausible
    mend = _mend_for(get_args(hint)[0]) if get_origin(hint) is tuple else None
    return None if mend is None else partial(_row, mend)


def _row(mend: _Mend, values: tuple[Any, ...]) -> tuple[Any, ...]:
    better = tuple(map(mend, values))
    return values if all(map(is_, values, better)) else better

"""Rounding as MetaTrader does it (section 1.1).

Everything is done in IEEE doubles in a fixed order of operations: two programs that
round the same number agree in its last bit.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, floor
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MAX_DIGITS: Final = 8
"""No number is rounded to more decimal places."""

BIAS: Final = 0.5000001
"""Half a unit of the last digit, and a little to make up for binary fractions."""

POWERS: Final = tuple(10.0**digits for digits in range(MAX_DIGITS + 1))
"""Powers of ten by number of digits, 0 to 8."""


_POWERS: Final = np.array(POWERS)


def normalize(value: float, digits: int) -> float:
    """Round half away from zero: `floor(|value| * 10**digits + 0.5000001)`.

    Args:
        value: any number; infinities and NaN come back as they are.
        digits: decimal places, taken as 0 below 0 and as 8 above 8.

    >>> normalize(1.005, 2), normalize(-1.005, 2), normalize(0.4999998, 0)
    (1.01, -1.01, 0.0)
    """
    power = POWERS[digits] if 0 <= digits <= MAX_DIGITS else power_of_ten(digits)
    try:
        if value >= 0:
            return floor(value * power + BIAS) / power
        return ceil(value * power - BIAS) / power
    except (OverflowError, ValueError):
        return value * power


def normalized(values: Iterable[float], digits: int) -> list[float]:
    """:func:`normalize` for many numbers.

    >>> normalized([1.005, -1.005], 2)
    [1.01, -1.01]
    """
    return [normalize(value, digits) for value in values]


def power_of_ten(digits: int) -> float:
    """`10**digits`, `digits` taken as 0 below 0 and as 8 above 8.

    >>> power_of_ten(5), power_of_ten(12)
    (100000.0, 100000000.0)
    """
    return POWERS[0 if digits < 0 else min(digits, MAX_DIGITS)]


def scaled(value: float, digits: int) -> float:
    """The price behind a transmitted number, which is the price x `10**digits`.

    >>> scaled(108512, 5)
    1.08512
    """
    return normalize(value / power_of_ten(digits), digits)


def scaled_column(
    values: NDArray[np.float64], digits: NDArray[np.integer[Any]]
) -> NDArray[np.float64]:
    """:func:`scaled` of many: shape (n,), each number with digits of its own.

    >>> scaled_column(np.array([108512.0, -150.0]), np.array([5, 2])).tolist()
    [1.08512, -1.5]
    """
    power = _POWERS[np.clip(digits, 0, MAX_DIGITS)]
    with np.errstate(all="ignore"):  # infinities and NaN come back as they are
        units = values / power * power
        whole = np.where(values >= 0, np.floor(units + BIAS), np.ceil(units - BIAS))
        scaled: NDArray[np.float64] = whole / power + 0.0  # no negative zero
    return scaled


def floored_remainder(value: float, step: float) -> float:
    """What is left of `value` above a whole number of steps; 0 without a step.

    >>> floored_remainder(5000.75, 0.5), floored_remainder(-0.25, 1.0)
    (0.25, 0.75)
    """
    if step == 0:
        return 0.0
    return value - floor(value / step) * step


def compare(first: float, second: float, digits: int) -> int:
    """0 if both are equal to within a tenth of the last digit, else the sign.

    >>> compare(1.1, 1.1000001, 5), compare(1.1, 1.2, 5)
    (0, -1)
    """
    if abs(first - second) < 10.0 ** -(digits + 1):
        return 0
    return 1 if first > second else -1


def align(price: float, tick_size: float, digits: int) -> float:
    """The price on the nearest tick, rounded to the symbol's digits.

    >>> align(4950.26, 0.5, 1), align(1.0912345, 0.0, 5)
    (4950.5, 1.09123)
    """
    if tick_size:
        price = normalize(price / tick_size, 0) * tick_size
    return normalize(price, digits)

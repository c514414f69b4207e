"""What the official functions accept as one argument, and what they make of it.

Each check returns a plain `int`, `float` or `str`, or raises `Rejected`. Subclasses
(`bool`, `IntEnum`, `numpy.float64`, enums of strings) are taken for their value, with
none of their own methods.
"""

from __future__ import annotations

import math
import operator
from typing import Any, Final, NamedTuple

INVALID: Final = "Invalid arguments"


class Rejected(Exception):
    """An argument that the original refuses.

    Args:
        text: what `last_error()` says, with code -2.
        pending: the Python exception that the original forgets to clear; its caller
            then gets a `SystemError` instead of a result.
    """

    def __init__(self, text: str, pending: Exception | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.pending = pending


class Width(NamedTuple):
    """The numbers that fit into a C integer."""

    low: int
    high: int


I32: Final = Width(-(2**31), 2**31 - 1)
I64: Final = Width(-(2**63), 2**63 - 1)
U32: Final = Width(0, 2**32 - 1)
U64: Final = Width(0, 2**64 - 1)

SYMBOL_LIMIT: Final = 29
COMMENT_LIMIT: Final = 29
SERVER_LIMIT: Final = 253
PASSWORD_LIMIT: Final = 253
PATH_LIMIT: Final = 257
GROUP_LIMIT: Final = 1997


def named(name: str) -> str:
    """The text about a bad argument that has a name.

    Example:
        >>> named("login")
        'Invalid "login" argument'
    """
    return f'Invalid "{name}" argument'


def text(value: object, limit: int, problem: str = INVALID) -> str:
    """A string of at most `limit` UTF-16 units that can be sent.

    Strings are sent as UTF-16 that ends with a zero, so one with a zero character or
    half a surrogate pair is refused instead of arriving as another text.

    Args:
        value: what the caller gave.
        limit: the most UTF-16 units; a character beyond U+FFFF takes two.
        problem: what `last_error()` will say.

    Raises:
        Rejected: no string, too long, or with characters that cannot be sent.
    """
    if not isinstance(value, str):
        raise Rejected(problem)
    plain = str.__str__(value)
    if utf16_units(plain) > limit or "\0" in plain:
        raise Rejected(problem)
    return plain


def utf16_units(value: str) -> float:
    """The length of a string in UTF-16 units; infinite when it cannot be encoded.

    Example:
        >>> utf16_units("EURUSD"), utf16_units("\N{MONEY BAG}")
        (6, 2)
    """
    if value.isascii():
        return len(value)
    try:
        return len(value.encode("utf-16-le")) // 2
    except UnicodeEncodeError:
        return math.inf


def symbol(value: object) -> str:
    """The name of a symbol, given by position."""
    if type(value) is not str or not value.isascii() or "\0" in value:
        return text(value, SYMBOL_LIMIT)
    if len(value) > SYMBOL_LIMIT:
        raise Rejected(INVALID)
    return value  # as nearly always, at a quarter of the cost


def integer(value: object, width: Width, problem: str) -> int:
    """An `int` and nothing else: no float, no numpy integer.

    Raises:
        Rejected: no int; or, leaving an `OverflowError` pending, one that does not fit.
    """
    if not isinstance(value, int):
        raise Rejected(problem)
    return fitting(int.__int__(value), width, problem)


def real(value: object, problem: str) -> float:
    """A `float` and nothing else; numpy's `float64` is one, an int is not.

    Raises:
        Rejected: no float.
    """
    if not isinstance(value, float):
        raise Rejected(problem)
    return float.__float__(value)


def c_int(value: Any) -> int:
    """A number as the C interface of Python reads a 32-bit int.

    Raises:
        Rejected: always with an exception pending: no integer, or outside 32 bits.
    """
    try:
        number = operator.index(value)
    except Exception as error:  # whatever an __index__ raises
        raise Rejected(INVALID, error) from error
    return fitting(int.__int__(number), I32, INVALID)


def c_unsigned(value: object) -> int:
    """A number as the C interface of Python reads an unsigned 32-bit int: cut to it.

    Raises:
        Rejected: with an exception pending: no int.
    """
    if not isinstance(value, int):
        error = TypeError(f"argument must be int, not {type(value).__name__}")
        raise Rejected(INVALID, error)
    return int.__int__(value) & U32.high


def c_double(value: Any) -> float:
    """A number as the C interface of Python reads a double: any number, no text.

    Raises:
        Rejected: always with an exception pending: no number, or a too large one.
    """
    try:
        return math.ldexp(value, 0)  # float() would also read text
    except Exception as error:  # whatever a __float__ raises
        raise Rejected(INVALID, error) from error


def c_bool(value: object, problem: str = INVALID) -> bool:
    """The truth value of any object.

    Raises:
        Rejected: with an exception pending: the object has none.
    """
    try:
        return bool(value)
    except Exception as error:
        raise Rejected(problem, error) from error


def fitting(number: int, width: Width, problem: str) -> int:
    """The number, when it fits.

    Raises:
        Rejected: with an `OverflowError` pending: it does not.
    """
    if width.low <= number <= width.high:
        return number
    error = OverflowError(f"{number} is outside {width.low} .. {width.high}")
    raise Rejected(problem, error)

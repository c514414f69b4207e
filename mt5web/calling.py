"""The ways in which the original's functions may be called, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Generic, NamedTuple, TypeAlias, TypeVar

from .arguments import INVALID, Rejected

A_co = TypeVar("A_co", covariant=True)

UNNAMED: Final = "Unnamed arguments not allowed"
NUMBER: Final = "Invalid number of arguments"

Check: TypeAlias = Callable[[str, tuple[object, ...], Mapping[str, object]], None]
"""Look at how a function, of this name, was called; raise TypeError or Rejected."""


class Convention(NamedTuple):
    """How a function may be called.

    Attributes:
        plain: so many arguments, none by keyword, are right: nothing need be checked.
        check: of any other call.
    """

    plain: range
    check: Check


def _no_arguments(
    name: str, args: tuple[object, ...], keywords: Mapping[str, object]
) -> None:
    """Any argument is a TypeError, in the original's words."""
    if keywords:
        raise TypeError(f"MetaTrader5._core.{name}() takes no keyword arguments")
    if args:
        raise TypeError(
            f"MetaTrader5._core.{name}() takes no arguments ({len(args)} given)"
        )


def positional(least: int, most: int) -> Convention:
    """Arguments by position only: keywords are a TypeError."""
    plain = range(least, most + 1)

    def check(
        name: str, args: tuple[object, ...], keywords: Mapping[str, object]
    ) -> None:
        if keywords:
            raise TypeError(f"{name}() takes no keyword arguments")
        if len(args) not in plain:
            raise Rejected(INVALID)

    return Convention(plain, check)


def with_keywords(most: int, problem: str) -> Convention:
    """Arguments by keyword, unknown ones ignored, and a few by position."""
    plain = range(most + 1)

    def check(
        _name: str, args: tuple[object, ...], _keywords: Mapping[str, object]
    ) -> None:
        if len(args) not in plain:
            raise Rejected(problem)

    return Convention(plain, check)


def _anything(
    _name: str, _args: tuple[object, ...], _keywords: Mapping[str, object]
) -> None:
    """No check: the function does it later."""


no_arguments: Final = Convention(range(1), _no_arguments)
anything: Final = Convention(range(0), _anything)


class Answers(NamedTuple, Generic[A_co]):
    """What stands for a result where there is none."""

    misuse: A_co
    failure: A_co


NONE: Final = Answers(misuse=None, failure=None)
FALSE: Final = Answers(misuse=False, failure=False)

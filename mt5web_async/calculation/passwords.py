"""What is tested before a new password is sent (section 15)."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

USUAL_LENGTH: Final = 8
"""Of the shortest password, where the account does not say."""

_KINDS: Final = 4


class PasswordCheck(IntEnum):
    """What is wrong with a password; the codes are the terminal's."""

    GOOD = 0
    TOO_SHORT = 2000
    TOO_SIMPLE = 2001
    EMPTY = 2007


def check_password(password: str, shortest: int = 0) -> PasswordCheck:
    """Whether a password may be set.

    It needs a digit, letters of both cases and something else; what has no case counts
    as that.

    Args:
        password: as the user types it.
        shortest: UTF-16 units that it has to have, the account's `password_min`; 0:
            the usual 8.

    >>> check_password("Demo-12345"), check_password("demo-12345")
    (<PasswordCheck.GOOD: 0>, <PasswordCheck.TOO_SIMPLE: 2001>)
    """
    if not password:
        return PasswordCheck.EMPTY
    units = _units(password)
    if len(units) < (shortest or USUAL_LENGTH):
        return PasswordCheck.TOO_SHORT
    kinds = {kind for unit in units if (kind := _kind(unit))}
    return PasswordCheck.GOOD if len(kinds) == _KINDS else PasswordCheck.TOO_SIMPLE


def _units(text: str) -> list[str]:
    """The UTF-16 units of a text; the halves of a pair stand for themselves."""
    raw = text.encode("utf-16-le", "surrogatepass")
    pairs = (raw[at : at + 2] for at in range(0, len(raw), 2))
    return [pair.decode("utf-16-le", "surrogatepass") for pair in pairs]


def _kind(unit: str) -> str:
    """What a character counts as; empty: nothing, as a title-case letter."""
    if unit in "0123456789":
        return "digit"
    upper, lower = unit.upper(), unit.lower()
    if upper == lower:
        return "other"
    if unit == upper:
        return "upper"
    return "lower" if unit == lower else ""

"""Passwords, kept as salted scrypt hashes only."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

SALT_SIZE: Final = 16

USUAL_LENGTH: Final = 8
"""Of the shortest password, where the account does not say."""

_KINDS: Final = 4

_COST: Final = {"n": 2**13, "r": 8, "p": 1}


def hash_password(password: str, salt: bytes) -> bytes:
    """The salt and the hash, to be stored; nothing for an empty password.

    Args:
        password: as the user types it.
        salt: `SALT_SIZE` random bytes, new for every password.
    """
    if len(salt) != SALT_SIZE:
        raise ValueError(f"salt of {len(salt)} bytes, needs {SALT_SIZE}")
    if not password:
        return b""
    return salt + _digest(password, salt)


def password_matches(password: str, stored: bytes) -> bool:
    """Whether this password made the stored hash; an empty one never does."""
    if not stored or not password:
        return False
    salt, digest = stored[:SALT_SIZE], stored[SALT_SIZE:]
    return hmac.compare_digest(_digest(password, salt), digest)


def is_acceptable(password: str, shortest: int) -> bool:
    """Whether a password may be set: long enough, with all kinds of characters.

    Args:
        password: as the user types it.
        shortest: UTF-16 units that it has to have.

    Example:
        >>> is_acceptable("Demo-12345", 8), is_acceptable("demo-12345", 8)
        (True, False)
    """
    kinds = {_kind(character) for character in password}
    units = len(password.encode("utf-16-le", "surrogatepass")) // 2
    return units >= shortest and len(kinds) == _KINDS


def _kind(character: str) -> str:
    """A digit 0 to 9, a letter of one case or the other, or anything else."""
    if character in "0123456789":
        return "digit"
    if character.lower() == character.upper():
        return "other"
    return "lower" if character == character.lower() else "upper"


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8"), salt=salt, **_COST)

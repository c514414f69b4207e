"""Passwords, kept as salted scrypt hashes only."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

SALT_SIZE: Final = 16

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


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8"), salt=salt, **_COST)

"""One-time passwords by time, as authenticator programs make them (RFC 6238)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from typing import Final

_STEP_S: Final = 30
_DIGITS: Final = 6
_DRIFT: Final = 1  # steps that the client's clock may be off


def one_time_password(secret: str, time: float) -> str:
    """The code that a generator shows.

    Args:
        secret: what it works from, base32.
        time: s since 1970, UTC.

    Raises:
        ValueError: the secret is not base32.

    Example:
        >>> one_time_password("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59)
        '287082'
    """
    counter = struct.pack(">Q", int(time) // _STEP_S)
    digest = hmac.new(_raw(secret), counter, hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}}"


def is_current(code: str, secret: str, time: float) -> bool:
    """Whether the generator shows this code now, or did or will half a minute off."""
    steps = range(-_DRIFT, _DRIFT + 1)
    shown = [one_time_password(secret, time + step * _STEP_S) for step in steps]
    return any(hmac.compare_digest(code.encode(), one.encode()) for one in shown)


def _raw(secret: str) -> bytes:
    text = secret.replace(" ", "").upper()
    try:
        return base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error:
        raise ValueError("the secret of a generator must be base32 text") from None

"""Answers about the connection, the login and applications for accounts."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from mt5web_async.errors import InvalidArgument, MalformedMessage
from mt5web_async.hidden import HiddenBytes
from mt5web_async.protocol.records import (
    LOGIN_RESPONSE,
    VERIFICATION_RESPONSE,
    LoginResponse,
    VerificationResponse,
)
from mt5web_async.protocol.wire import Buffer, pack

TOKEN_SIZE: Final = 64
"""Bytes of the token that a connection gets and shows when it comes again."""

LOGIN_TOKEN_SIZE: Final = 160
"""Bytes of the token that logs in again in place of the password."""

KEY_SIZES: Final = frozenset({16, 24, 32})
"""Bytes that an AES key may have."""

_BUILD = struct.Struct("<H")


class Bootstrap(NamedTuple):
    """What a new connection starts with (command 0)."""

    build: int
    token: bytes
    key: bytes

    def __repr__(self) -> str:
        return f"Bootstrap(build={self.build}, token=..., key=...)"


def read_bootstrap(body: Buffer, key: bytes = b"") -> Bootstrap:
    """The session's token and AES key.

    Args:
        body: the answer.
        key: that was agreed on before: it counts, and the answer may leave it out.

    Raises:
        MalformedMessage: what is left for the key is not 16, 24 or 32 bytes.
    """
    start, end = _BUILD.size, _BUILD.size + TOKEN_SIZE
    if key and len(body) >= end:
        return Bootstrap(_BUILD.unpack_from(body)[0], HiddenBytes(body[start:end]), key)
    if len(body) - end not in KEY_SIZES:
        raise MalformedMessage(
            f"bootstrap of {len(body)} bytes; {end} and a key of 16, 24 or 32 are right"
        )
    build = _BUILD.unpack_from(body)[0]
    return Bootstrap(build, HiddenBytes(body[start:end]), HiddenBytes(body[end:]))


def write_bootstrap(bootstrap: Bootstrap) -> bytes:
    """The way back of :func:`read_bootstrap`."""
    if len(bootstrap.token) != TOKEN_SIZE or len(bootstrap.key) not in KEY_SIZES:
        raise InvalidArgument(
            f"token of {len(bootstrap.token)} and key of {len(bootstrap.key)} bytes; "
            f"{TOKEN_SIZE} and 16, 24 or 32 are right"
        )
    return pack(_BUILD, bootstrap.build) + bootstrap.token + bootstrap.key


def read_login(body: Buffer) -> LoginResponse:
    """Token and session of a login; older servers leave the session out."""
    if len(body) < LOGIN_TOKEN_SIZE:
        raise MalformedMessage(
            f"login answer of {len(body)} bytes, its token has {LOGIN_TOKEN_SIZE}"
        )
    if len(body) == LOGIN_TOKEN_SIZE:
        return LoginResponse(HiddenBytes(body[:LOGIN_TOKEN_SIZE]))
    return LOGIN_RESPONSE.read(body)


def read_verification(body: Buffer) -> VerificationResponse:
    """Which codes an application needs (27, 40); a missing byte means no code."""
    if len(body) == 0:
        raise MalformedMessage("verification answer of 0 bytes, 1 or 2 are right")
    return VERIFICATION_RESPONSE.read(bytes(body).ljust(2, b"\0"))

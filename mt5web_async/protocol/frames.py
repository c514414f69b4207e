"""Frames: one WebSocket message each, a header and an encrypted body.

::

    u32 body length | u32 version = 1 | AES(
        client to server:  2 random bytes | u16 command | payload
        server to client:  2 bytes        | u16 command | u8 result | payload )
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from mt5web_async.errors import InvalidArgument, MalformedMessage

from .cipher import Cipher
from .wire import Buffer, pack

VERSION: Final = 1
MAX_FRAME: Final = 64 * 1024 * 1024
"""Largest message that is accepted, in bytes; far above what a server sends."""

_HEADER = struct.Struct("<II")
_REQUEST = struct.Struct("<2xH")
_ANSWER = struct.Struct("<2xHB")
_SALT: Final = 2


class Request(NamedTuple):
    """What a client sent."""

    command: int
    payload: memoryview


class Answer(NamedTuple):
    """What a server sent: an answer or a push."""

    command: int
    result: int
    payload: memoryview


def write_request(
    cipher: Cipher, command: int, payload: bytes = b"", *, salt: bytes
) -> bytes:
    """The frame of a request.

    Args:
        cipher: with the key that is in use.
        command: what is asked.
        payload: what is behind the command number.
        salt: two random bytes.

    Raises:
        InvalidArgument: a salt of another size, or a command out of range.
    """
    if len(salt) != _SALT:
        raise InvalidArgument(f"salt of {len(salt)} bytes, {_SALT} are right")
    return _sealed(cipher, salt + pack(_REQUEST, command)[_SALT:] + payload)


def read_request(cipher: Cipher, frame: Buffer) -> Request:
    """What the frame of a client holds.

    Raises:
        MalformedMessage: not a frame, or not encrypted with this key.
    """
    inner = _opened(cipher, frame)
    if len(inner) < _REQUEST.size:
        raise MalformedMessage(f"request of {len(inner)} bytes")
    (command,) = _REQUEST.unpack_from(inner)
    return Request(command, inner[_REQUEST.size :])


def write_answer(
    cipher: Cipher, command: int, payload: bytes = b"", *, result: int = 0
) -> bytes:
    """The frame of an answer or a push."""
    return _sealed(cipher, pack(_ANSWER, command, result) + payload)


def read_answer(cipher: Cipher, frame: Buffer) -> Answer:
    """What the frame of a server holds.

    Raises:
        MalformedMessage: not a frame, or not encrypted with this key.
    """
    inner = _opened(cipher, frame)
    if len(inner) < _ANSWER.size:
        raise MalformedMessage(f"answer of {len(inner)} bytes")
    command, result = _ANSWER.unpack_from(inner)
    return Answer(command, result, inner[_ANSWER.size :])


def _sealed(cipher: Cipher, inner: bytes) -> bytes:
    body = cipher.encrypt(inner)
    return _HEADER.pack(len(body), VERSION) + body


def _opened(cipher: Cipher, frame: Buffer) -> memoryview:
    if len(frame) > MAX_FRAME:
        raise MalformedMessage(f"frame of {len(frame)} bytes, limit {MAX_FRAME}")
    if len(frame) < _HEADER.size:
        raise MalformedMessage(f"frame of {len(frame)} bytes, header needs 8")
    length, version = _HEADER.unpack_from(frame)
    body = memoryview(frame)[_HEADER.size :]
    if version != VERSION:
        raise MalformedMessage(f"frame version {version}, only {VERSION} is known")
    if length != len(body):
        raise MalformedMessage(f"frame announces {length} bytes and holds {len(body)}")
    return cipher.decrypt(body)

"""Whole messages out of websocket-client, none larger than allowed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import websocket
from websocket import ABNF
from websocket._abnf import frame_buffer

from mt5web_async.errors import MalformedMessage

PROTOCOL_BROKEN: Final = 1002
NOT_BINARY: Final = 1003
TOO_BIG: Final = 1009

_MAX_CONTROL: Final = 125
_CONTROL: Final = frozenset(
    {ABNF.OPCODE_PING, ABNF.OPCODE_PONG, ABNF.OPCODE_CLOSE},
)


class RefusedFrame(MalformedMessage):
    """A frame that ends the connection.

    Attributes:
        close_code: what the peer is told, a WebSocket close code.
    """

    def __init__(self, message: str, close_code: int = PROTOCOL_BROKEN) -> None:
        super().__init__(message)
        self.close_code = close_code


class Closed(websocket.WebSocketConnectionClosedException):
    """The peer said goodbye."""


class MessageSocket(websocket.WebSocket):
    """A WebSocket that hands out binary messages of a limited size.

    Args:
        limit: bytes of the largest message.
        replying: called before a ping is answered, for which the peer may take long.
    """

    sock: Any

    def __init__(self, limit: int, replying: Callable[[], None]) -> None:
        super().__init__(enable_multithread=True, skip_utf8_validation=True)
        self._replying = replying
        self._limit = limit
        self._joined: bytearray | None = None  # the beginning of a split message
        self.frame_buffer = _BoundedFrames(self._exactly, self._room)

    def next_message(self) -> bytes | bytearray:
        """The next binary message; pings are answered, fragments joined.

        Raises:
            RefusedFrame: the peer breaks the rules of WebSockets or our limits.
            Closed: the peer said goodbye.
            websocket.WebSocketException: the connection is lost.
            OSError: likewise.
        """
        while True:
            frame = self._next_frame()
            data: bytes = frame.data
            if frame.opcode in _CONTROL:
                self._control(frame.opcode, data)
                continue
            if frame.opcode == ABNF.OPCODE_TEXT:
                raise RefusedFrame("text message; the protocol is binary", NOT_BINARY)
            if (frame.opcode == ABNF.OPCODE_CONT) is (self._joined is None):
                raise RefusedFrame("fragments of messages out of order")
            if frame.fin and self._joined is None:
                return data
            if self._joined is None:
                self._joined = bytearray()
            self._joined.extend(data)
            if frame.fin:
                message, self._joined = self._joined, None
                return message

    def _next_frame(self) -> Any:
        try:
            return self.recv_frame()
        except (
            websocket.WebSocketProtocolException,
            websocket.WebSocketPayloadException,
        ) as exc:
            raise RefusedFrame(str(exc)) from exc

    def _control(self, opcode: int, data: bytes) -> None:
        if len(data) > _MAX_CONTROL:
            raise RefusedFrame(f"control frame of {len(data)} bytes")
        if opcode == ABNF.OPCODE_PING:
            self._replying()
            self.pong(data)
        elif opcode == ABNF.OPCODE_CLOSE:
            raise Closed(f"closed by the server {_close_reason(data)}")

    def _exactly(self, size: int) -> Any:
        return self.sock.read(size)

    def _room(self) -> int:
        """Bytes that the next frame may have."""
        return self._limit - len(self._joined or b"")


class _BoundedFrames(frame_buffer):
    """The library's frame parser, refusing a length before anything is read for it.

    Args:
        exactly: reads so many bytes and no fewer, in one piece: the library would ask
            for pieces of 16 KiB.
        room: bytes that the next frame may have.
    """

    def __init__(self, exactly: Callable[[int], Any], room: Callable[[], int]) -> None:
        super().__init__(exactly, skip_utf8_validation=True)
        self._room = room

    def recv_strict(self, bufsize: int) -> Any:
        """So many bytes; a bytearray where they are many."""
        return self.recv(bufsize)

    def recv_length(self) -> None:
        """Read the length and hold it against the limit."""
        super().recv_length()
        length = self.length or 0
        if length > self._room():
            raise RefusedFrame(
                f"frame of {length} bytes, room for {self._room()}", TOO_BIG
            )


def _close_reason(data: bytes) -> str:
    code = int.from_bytes(data[:2], "big") if len(data) >= 2 else 1005
    text = data[2:].decode("utf-8", "replace")
    return f"({code}, {text!r})" if text else f"({code})"

"""A connected socket for two threads: one reads, in large chunks, others write."""

from __future__ import annotations

import logging
import math
import os
import selectors
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable
from typing import Final, TypeVar

from mt5web_async.errors import MalformedMessage
from mt5web_async.waiting import Deadline

_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)

log = logging.getLogger("mt5web_async.connection.stream")

T = TypeVar("T")

CHUNK: Final = 256 * 1024
_AT_ONCE: Final = 0.2e-3
"""s that a wait lasts for what is there already; a slow machine's may take longer."""

MAX_HANDSHAKE: Final = 64 * 1024
"""Most bytes of the HTTP answer that opens a WebSocket."""


class Stream:
    """The bytes of a connection, plain or TLS.

    Reading waits outside the lock and then takes what is there, so a writer never
    waits for the peer to say something. Until :meth:`established` everything has one
    deadline and a limited size. The class looks like a socket to websocket-client.

    Args:
        connected: the socket; it belongs to the stream from now on.
        opening: how long the TLS and WebSocket handshakes may take.
        patience: s that the peer may read nothing while there is something to send.

    Attributes:
        idle: called by the reader before it waits for more to arrive.
    """

    def __init__(
        self, connected: socket.socket, opening: Deadline, patience: float
    ) -> None:
        connected.settimeout(0)
        self._socket = connected
        self._lock: threading.Lock | None = None
        self._opening: Deadline | None = opening
        self._allowance = MAX_HANDSHAKE
        self._chunk = b""  # what was read from the socket,
        self._at = 0  # and how much of it was handed out
        self._over = False
        self._refilled = False
        self._dry = False  # nothing was there at the last look
        self._calm = False  # the last chunk had to be waited for,
        self._spent = False  # and left room: hardly more is there
        self._reader: selectors.BaseSelector | None = None
        self._waiting_since: float | None = None  # s; surely in vain from -inf on
        self._has_waited = False
        self.patience = patience
        self.idle: Callable[[], None] = _nothing
        _streams.add(self)

    def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Encrypt from now on.

        Raises:
            OSError: the handshake failed; `ssl.SSLCertVerificationError` among them.
        """
        self._socket = secured = context.wrap_socket(
            self._socket, server_hostname=host, do_handshake_on_connect=False
        )
        self._lock = threading.Lock()
        self._check_not_over()
        while True:
            try:
                secured.do_handshake()
            except ssl.SSLWantReadError:
                self._wait(selectors.EVENT_READ, self._time_to_read())
            except ssl.SSLWantWriteError:
                self._wait(selectors.EVENT_WRITE, self._time_to_read())
            else:
                return

    def established(self) -> None:
        """The handshakes are done: reading waits as long as it takes."""
        self._opening = None
        self._check_not_over()

    def gettimeout(self) -> float:
        """Never blocking, as far as the library is concerned."""
        return 0.0

    def settimeout(self, timeout: float | None) -> None:
        """Reading and writing have limits of their own."""

    def fileno(self) -> int:
        """The socket's descriptor."""
        return self._socket.fileno()

    def drained(self) -> bool:
        """Whether all bytes that have arrived were read.

        A peer that never pauses is taken for pausing after every chunk.
        """
        if self._at < len(self._chunk):
            return False
        if self._refilled:
            self._refilled = False
            return True
        chunk = self._take()
        if not chunk:  # the end of the stream comes again when it is read
            self._dry = chunk is None
            return True
        self._chunk, self._at, self._refilled = chunk, 0, True
        return False

    def caught_up(self) -> bool:
        """Whether all that had arrived was read, at least once since the last look."""
        since = self._waiting_since
        waits = since is not None and _in_vain(since)
        caught_up, self._has_waited = waits or self._has_waited, False
        return caught_up

    def recv(self, size: int) -> bytes:
        """At most `size` bytes; b"" at the end of the stream.

        Raises:
            MalformedMessage: the handshake's answer is too long.
        """
        if self._at == len(self._chunk):
            self._chunk, self._at = self._next_chunk(), 0
        taken = self._chunk[self._at : self._at + size]
        self._at += len(taken)
        if self._opening is not None:
            self._allowance -= len(taken)
            if self._allowance < 0:
                raise MalformedMessage(
                    f"answer to the WebSocket handshake above {MAX_HANDSHAKE} bytes"
                )
        return taken

    def read(self, size: int) -> bytes | bytearray:
        """Exactly so many bytes.

        Raises:
            ConnectionAbortedError: the stream ends before.
        """
        end = self._at + size
        if end <= len(self._chunk):
            taken, self._at = self._chunk[self._at : end], end
            return taken
        whole = bytearray(size)
        room, filled = memoryview(whole), 0
        while filled < size:
            if self._at == len(self._chunk) and size - filled >= CHUNK:
                filled += self._take_into(room[filled:])
                continue
            part = self.recv(size - filled)
            if not part:
                raise ConnectionAbortedError("ended by the peer")
            room[filled : filled + len(part)] = part
            filled += len(part)
        return whole

    def send(self, data: bytes) -> int:
        """Write some of the data.

        Raises:
            TimeoutError: the peer reads nothing for too long.
        """
        while True:
            try:
                if self._lock is None:
                    return self._socket.send(data)
                with self._lock:
                    return self._socket.send(data)
            except ssl.SSLWantReadError:
                self._wait(selectors.EVENT_READ, self.patience)
            except (BlockingIOError, ssl.SSLWantWriteError):
                self._wait(selectors.EVENT_WRITE, self.patience)

    def shutdown(self, how: int) -> None:
        """Shut the socket down."""
        self._socket.shutdown(how)

    def cut(self) -> None:
        """Break the connection; whoever reads sees the end of the stream."""
        self._over = True
        self._shut()

    def close(self) -> None:
        """Release the descriptor."""
        self._over = True
        self._socket.close()

    def _shut(self) -> None:
        try:
            # the plain socket's method: TLS would try to say goodbye first
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        except OSError as exc:
            log.debug("already cut: %s", exc)

    def _check_not_over(self) -> None:
        """`cut` may have met the socket before it was this one."""
        if self._over:
            self._shut()
            raise ConnectionAbortedError("given up while connecting")

    def _time_to_read(self) -> float | None:
        return None if self._opening is None else self._opening.left()

    def _next_chunk(self) -> bytes:
        """What arrives next, as soon as it does; b"" at the end of the stream."""
        chunk = self._when_there(lambda: self._socket.recv(CHUNK))
        # TLS keeps some to itself; a plain socket gives all that it has
        self._spent = self._calm and self._lock is None and len(chunk) < CHUNK
        return chunk

    def _take_into(self, room: memoryview) -> int:
        """Read what arrives next into some memory; how many bytes."""
        size = self._when_there(lambda: self._socket.recv_into(room))
        if not size:
            raise ConnectionAbortedError("ended by the peer")
        return size

    def _take(self) -> bytes | None:
        """What has arrived, b"" at the end of the stream, None if nothing has."""
        return self._unless_waiting(lambda: self._socket.recv(CHUNK))

    def _when_there(self, receive: Callable[[], T]) -> T:
        # where nothing will be there, waiting comes first: each look is a system call
        dry, self._dry = self._dry, False
        spent, self._spent = self._spent, False
        self._calm = False
        while dry or spent or (received := self._unless_waiting(receive)) is None:
            self.idle()
            self._wait_for_more(sure=dry or not spent)
            dry = spent = False
        return received

    def _wait_for_more(self, *, sure: bool) -> None:
        """As :meth:`_wait`, for the one thread that reads, again and again.

        Args:
            sure: a look has shown that there is nothing, so all was read.
        """
        if self._reader is None:
            self._reader = _Selector()
            self._reader.register(self._descriptor(), selectors.EVENT_READ)
        self._descriptor()
        began = time.monotonic()
        self._waiting_since = -math.inf if sure else began
        _select(self._reader, self._time_to_read())
        self._calm = _in_vain(began)
        self._has_waited = self._has_waited or sure or self._calm
        self._waiting_since = None

    def _unless_waiting(self, receive: Callable[[], T]) -> T | None:
        """What the socket gives, None if nothing has arrived."""
        try:
            if self._lock is None:
                return receive()
            with self._lock:
                return receive()
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        except ssl.SSLWantWriteError:
            self._wait(selectors.EVENT_WRITE, self.patience)
            return self._unless_waiting(receive)

    def _wait(self, event: int, timeout: float | None) -> None:
        with _Selector() as selector:
            selector.register(self._descriptor(), event)
            _select(selector, timeout)

    def _descriptor(self) -> int:
        descriptor = self._socket.fileno()
        if descriptor < 0:
            raise ConnectionAbortedError("closed")
        return descriptor


def _select(selector: selectors.BaseSelector, timeout: float | None) -> None:
    if not selector.select(timeout):
        raise TimeoutError("the peer did not move in time")


def _in_vain(since: float) -> bool:
    """Whether a wait has lasted for longer than if something had been there."""
    return time.monotonic() - since >= _AT_ONCE


def _nothing() -> None:
    pass


_streams: weakref.WeakSet[Stream] = weakref.WeakSet()


def _leave_to_parent() -> None:
    """In a forked child: let go of connections without breaking the parent's."""
    for stream in list(_streams):
        stream.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)

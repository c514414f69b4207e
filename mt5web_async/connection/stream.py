"""A connected socket for two threads: one reads, in large chunks, others write."""

from __future__ import annotations

import logging
import os
import selectors
import socket
import ssl
import threading
import weakref
from typing import Final

from mt5web_async.errors import MalformedMessage
from mt5web_async.waiting import Deadline

_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)

log = logging.getLogger("mt5web_async.connection.stream")

CHUNK: Final = 256 * 1024
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
    """

    def __init__(
        self, connected: socket.socket, opening: Deadline, patience: float
    ) -> None:
        connected.settimeout(0)
        self._socket = connected
        self._lock: threading.Lock | None = None
        self._opening: Deadline | None = opening
        self._allowance = MAX_HANDSHAKE
        self._buffer = memoryview(b"")
        self._over = False
        self._refilled = False
        self._waiting = self._has_waited = False
        self.patience = patience
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
        if self._buffer:
            return False
        if self._refilled:
            self._refilled = False
            return True
        chunk = self._take()
        if not chunk:  # the end of the stream comes again when it is read
            return True
        self._buffer, self._refilled = memoryview(chunk), True
        return False

    def caught_up(self) -> bool:
        """Whether all that had arrived was read, at least once since the last look."""
        caught_up, self._has_waited = self._waiting or self._has_waited, False
        return caught_up

    def recv(self, size: int) -> bytes:
        """At most `size` bytes; b"" at the end of the stream.

        Raises:
            MalformedMessage: the handshake's answer is too long.
        """
        while not self._buffer:
            chunk = self._take()
            if chunk is None:
                self._waiting = self._has_waited = True
                self._wait(selectors.EVENT_READ, self._time_to_read())
                self._waiting = False
            elif not chunk:
                return b""
            else:
                self._buffer = memoryview(chunk)
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        if self._opening is not None:
            self._allowance -= len(taken)
            if self._allowance < 0:
                raise MalformedMessage(
                    f"answer to the WebSocket handshake above {MAX_HANDSHAKE} bytes"
                )
        return bytes(taken)

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

    def _take(self) -> bytes | None:
        """What has arrived, b"" at the end of the stream, None if nothing has."""
        try:
            if self._lock is None:
                return self._socket.recv(CHUNK)
            with self._lock:
                return self._socket.recv(CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        except ssl.SSLWantWriteError:
            self._wait(selectors.EVENT_WRITE, self.patience)
            return None

    def _wait(self, event: int, timeout: float | None) -> None:
        descriptor = self._socket.fileno()
        if descriptor < 0:
            raise ConnectionAbortedError("closed")
        with _Selector() as selector:
            selector.register(descriptor, event)
            if not selector.select(timeout):
                raise TimeoutError("the peer did not move in time")


_streams: weakref.WeakSet[Stream] = weakref.WeakSet()


def _leave_to_parent() -> None:
    """In a forked child: let go of connections without breaking the parent's."""
    for stream in list(_streams):
        stream.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)

"""One WebSocket to a server, read by a thread of its own.

The library does the handshake, the framing and the proxies; here it gets a socket
that reads in large chunks (a quarter of the calls per message) and that one thread
can read while another writes, which a TLS socket alone does not promise.
"""

from __future__ import annotations

import logging
import select
import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import websocket
from websocket import ABNF
from websocket._abnf import frame_buffer

from mt5web_async.errors import (
    ConnectionFailed,
    ConnectionLost,
    EngineError,
    InsecureConnection,
    MalformedMessage,
)
from mt5web_async.protocol.frames import MAX_FRAME
from mt5web_async.waiting import settle, settle_error

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger("mt5web_async.connection.transport")

CHUNK: Final = 256 * 1024
SEND_TIMEOUT: Final = 10.0
"""Longest that the peer may read nothing while a frame waits to be sent, in s."""

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """A proxy on the way to the server.

    Attributes:
        kind: ``http``, ``socks4``, ``socks4a``, ``socks5`` or ``socks5h``; the SOCKS
            kinds need the package python-socks (extra ``proxy``).
        username: with `password`, if the proxy asks for them.
    """

    host: str
    port: int
    kind: str = "http"
    username: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        return f"Proxy({self.kind}://{self.host}:{self.port})"


@dataclass(frozen=True, kw_only=True)
class TransportOptions:
    """How to reach a server.

    Attributes:
        allow_insecure: permit ``ws://`` to other hosts than loopback.
        ca_file: certificates to trust in place of the system's.
        proxy: on the way to the server.
        origin: what a browser would name as the page's address; derived from the
            URL when left out.
        max_message: largest message accepted, in bytes.
    """

    allow_insecure: bool = False
    ca_file: Path | str | None = None
    proxy: Proxy | None = None
    origin: str | None = None
    max_message: int = MAX_FRAME


class Transport:
    """An open WebSocket: any thread may send, one thread receives.

    Args:
        url: ``wss://host/terminal``; ``ws://`` only to loopback, unless allowed.
        received: called with every message, in the I/O thread, in order.
        closed: called once when it is over, in the I/O thread, with the reason.

    Raises:
        InsecureConnection: the URL is not safe to use.
        ConnectionFailed: the URL is none.
    """

    def __init__(
        self,
        url: str,
        *,
        received: Callable[[bytes], None],
        closed: Callable[[EngineError], None],
        options: TransportOptions | None = None,
    ) -> None:
        self._options = options or TransportOptions()
        self.url = url
        self._origin = _checked_origin(url, self._options)
        self._received = received
        self._closed = closed
        self._socket: _DuplexSocket | None = None
        self._websocket = _BoundedWebSocket(self._options.max_message)
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def __repr__(self) -> str:
        return f"<Transport {self.url}>"

    def open(self, timeout: float) -> Future[None]:
        """Start connecting; the future completes when messages can be sent."""
        opened: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._run, args=(opened, timeout), name="mt5web-io", daemon=True
        )
        self._thread.start()
        return opened

    def send(self, message: bytes) -> None:
        """Send one binary message.

        Raises:
            ConnectionLost: it could not be handed over whole; the transport is cut.
        """
        if self._socket is None or self._closing.is_set():
            raise ConnectionLost("not connected", server=self.url)
        try:
            self._websocket.send_binary(message)
        except (OSError, websocket.WebSocketException) as exc:
            self.cut()
            raise ConnectionLost(f"cannot send: {exc}", server=self.url) from exc

    def close(self, timeout: float = 2.0) -> None:
        """Say goodbye, cut the socket and wait for the I/O thread. Idempotent."""
        if not self._closing.is_set() and self._socket is not None:
            self._socket.patience = timeout
            try:
                self._websocket.send_close()
            except (OSError, websocket.WebSocketException) as exc:
                log.debug("no goodbye to %s: %s", self.url, exc)
        self.cut()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def cut(self) -> None:
        """Break the connection now; the I/O thread reports it and ends."""
        self._closing.set()
        if self._socket is not None:
            self._socket.cut()

    def _run(self, opened: Future[None], timeout: float) -> None:
        try:
            self._connect(timeout)
        except EngineError as exc:
            settle_error(opened, exc)
            return
        settle(opened, None)
        # stands if a handler fails by a bug of ours, which the thread then reports
        reason: EngineError = ConnectionLost("internal error", server=self.url)
        try:
            reason = self._read()
        finally:
            self._closing.set()
            sock = self._websocket.sock  # None once the library has closed it
            if sock is not None:
                sock.close()
            self._closed(reason)

    def _connect(self, timeout: float) -> None:
        proxy = self._options.proxy
        try:
            self._websocket.settimeout(timeout)
            self._websocket.sock_opt.sslopt = _tls(self._options)
            self._websocket.connect(
                self.url,
                timeout=timeout,
                origin=self._origin,
                redirect_limit=0,
                **({} if proxy is None else _proxy_options(proxy, timeout)),
            )
        except ssl.SSLCertVerificationError as exc:
            raise InsecureConnection(
                f"certificate of {self.url} does not verify: {exc.verify_message}; "
                "pass ca_file if it is signed by a private authority",
                server=self.url,
            ) from exc
        except (OSError, ValueError, websocket.WebSocketException) as exc:
            raise ConnectionFailed(
                f"cannot connect to {self.url}: {exc}", server=self.url
            ) from exc
        self._socket = _DuplexSocket(self._websocket.sock)
        self._websocket.sock = self._socket
        if self._closing.is_set():
            self._socket.close()
            raise ConnectionFailed("given up while connecting", server=self.url)

    def _release(self) -> None:
        # the library's own reference: it forgets the socket at the end of the stream
        if self._socket is not None:
            self._socket.close()

    def _read(self) -> EngineError:
        """Receive until it is over, and tell why."""
        try:
            while True:
                self._received(self._websocket.next_message())
        except EngineError as exc:
            return exc
        except (OSError, websocket.WebSocketException) as exc:
            return ConnectionLost(f"connection lost: {exc}", server=self.url)


class _BoundedFrames(frame_buffer):
    """The library's frame parser, refusing a length before anything is read for it."""

    def __init__(self, recv: Callable[[int], bytes], limit: int) -> None:
        super().__init__(recv, skip_utf8_validation=True)
        self._limit = limit

    def recv_length(self) -> None:
        """Read the length and hold it against the limit."""
        super().recv_length()
        _check_size(self.length or 0, self._limit)


class _BoundedWebSocket(websocket.WebSocket):
    """A WebSocket whose messages have a size limit."""

    sock: Any

    def __init__(self, limit: int) -> None:
        super().__init__(enable_multithread=True, skip_utf8_validation=True)
        self._limit = limit
        self.frame_buffer = _BoundedFrames(self._recv, limit)

    def next_message(self) -> bytes:
        """The next binary message; pings are answered, fragments joined."""
        parts: list[bytes] = []
        while True:
            frame = self.recv_frame()
            if frame.opcode in {ABNF.OPCODE_BINARY, ABNF.OPCODE_CONT}:
                parts.append(frame.data)
                _check_size(sum(map(len, parts)), self._limit)
                if frame.fin:
                    return parts[0] if len(parts) == 1 else b"".join(parts)
            elif frame.opcode == ABNF.OPCODE_PING:
                self.pong(frame.data)
            elif frame.opcode == ABNF.OPCODE_CLOSE:
                raise websocket.WebSocketConnectionClosedException(
                    f"closed by the server {_close_reason(frame.data)}".rstrip()
                )
            elif frame.opcode == ABNF.OPCODE_TEXT:
                raise MalformedMessage("text message; the protocol is binary")


class _DuplexSocket:
    """A connected socket that one thread reads, in chunks, while others write.

    Reading waits outside the lock and then takes what is there, so a writer never
    waits for the peer to say something.
    """

    def __init__(self, connected: socket.socket) -> None:
        connected.settimeout(0)
        self._socket = connected
        self._lock: threading.Lock | None = (
            threading.Lock() if isinstance(connected, ssl.SSLSocket) else None
        )
        self._buffer = memoryview(b"")
        self.patience = SEND_TIMEOUT

    def gettimeout(self) -> float:
        """Never blocking, as far as the library is concerned."""
        return 0.0

    def settimeout(self, timeout: float | None) -> None:
        """Reading waits as long as it takes and writing has its own limit."""

    def fileno(self) -> int:
        """The socket's descriptor."""
        return self._socket.fileno()

    def recv(self, size: int) -> bytes:
        """At most `size` bytes; b"" at the end of the stream."""
        while not self._buffer:
            chunk = self._take()
            if chunk is not None:
                self._buffer = memoryview(chunk)
                if not chunk:
                    return b""
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
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
                self._wait(select.POLLIN, self.patience)
            except (BlockingIOError, ssl.SSLWantWriteError):
                self._wait(select.POLLOUT, self.patience)

    def shutdown(self, how: int) -> None:
        """Shut the stream down."""
        self._socket.shutdown(how)

    def cut(self) -> None:
        """Wake the reading thread with an end of stream."""
        try:
            # the plain socket's method: TLS would try to unwrap first
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        except OSError as exc:
            log.debug("already cut: %s", exc)

    def close(self) -> None:
        """Release the descriptor."""
        self._socket.close()

    def _take(self) -> bytes | None:
        try:
            if self._lock is None:
                return self._socket.recv(CHUNK)
            with self._lock:
                return self._socket.recv(CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError):
            self._wait(select.POLLIN, None)
        except ssl.SSLWantWriteError:
            self._wait(select.POLLOUT, self.patience)
        return None

    def _wait(self, event: int, timeout: float | None) -> None:
        poll = select.poll()
        poll.register(self._socket.fileno(), event)
        if not poll.poll(None if timeout is None else timeout * 1000):
            raise TimeoutError(f"peer took nothing for {timeout} s")


def _checked_origin(url: str, options: TransportOptions) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"ws", "wss"} or not parts.hostname:
        raise ConnectionFailed(
            f"{url!r} is no WebSocket address; wss://host/terminal would be",
            server=url,
        )
    safe = parts.scheme == "wss" or parts.hostname in _LOOPBACK
    if not safe and not options.allow_insecure:
        raise InsecureConnection(
            f"{url} sends passwords in the open; use wss:// or allow_insecure=True",
            server=url,
        )
    if options.origin:
        return options.origin
    return f"{'https' if parts.scheme == 'wss' else 'http'}://{parts.netloc}"


def _tls(options: TransportOptions) -> dict[str, object]:
    context = ssl.create_default_context(
        cafile=None if options.ca_file is None else str(options.ca_file)
    )
    return {"context": context}


def _proxy_options(proxy: Proxy, timeout: float) -> dict[str, object]:
    auth = (proxy.username, proxy.password) if proxy.username else None
    return {
        "http_proxy_host": proxy.host,
        "http_proxy_port": proxy.port,
        "proxy_type": proxy.kind,
        "http_proxy_auth": auth,
        "http_proxy_timeout": timeout,
    }


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise MalformedMessage(f"message of {size} bytes, limit {limit}")


def _close_reason(data: bytes) -> str:
    code = int.from_bytes(data[:2], "big") if len(data) >= 2 else 1005
    return f"({code}) {data[2:].decode('utf-8', 'replace')}"

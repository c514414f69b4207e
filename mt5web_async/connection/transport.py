"""One WebSocket to a server, read by a thread of its own.

The library does the handshake, the framing and the proxies; here it gets a socket
that reads in large chunks (a quarter of the calls per message) and that one thread
can read while another writes, which a TLS socket alone does not promise.
"""

from __future__ import annotations

import logging
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import websocket

from mt5web_async.errors import (
    ConnectionFailed,
    ConnectionLost,
    EngineError,
    InsecureConnection,
    ProtocolViolation,
)
from mt5web_async.protocol.frames import MAX_FRAME
from mt5web_async.waiting import (
    Deadline,
    forbid_waiting,
    settle,
    settle_error,
    wait_for,
)

from .dialling import Address, dial, tls_context
from .framing import PROTOCOL_BROKEN, Closed, MessageSocket, RefusedFrame
from .proxies import Proxy, brief, of_environment, pass_through
from .stream import Stream

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger("mt5web_async.connection.transport")

_NORMAL: Final = 1000
_CUT: Final = 2.0  # s that the I/O thread may take to notice


@dataclass(frozen=True, kw_only=True)
class TransportOptions:
    """How to reach a server.

    Attributes:
        allow_insecure: permit ``ws://`` to other hosts than loopback.
        ca_file: certificates to trust in place of the system's.
        proxy: on the way to the server; None: what the environment names.
        origin: what a browser would name as the page's address; derived from the
            URL when left out.
        max_message: largest message accepted, in bytes.
        send_timeout: s that the server may read nothing while a message waits.
    """

    allow_insecure: bool = False
    ca_file: Path | str | None = None
    proxy: Proxy | None = None
    origin: str | None = None
    max_message: int = MAX_FRAME
    send_timeout: float = 10.0


class Transport:
    """An open WebSocket: any thread may send, one thread receives.

    Args:
        url: ``wss://host/terminal``; ``ws://`` only to loopback, unless allowed.
        received: called with every message, in the I/O thread, in order.
        undrained: asked there whether `drained` is wanted; a look costs a system call.
        drained: called there when everything that had arrived was handed over.
        idle: called there before it waits, be it for the rest of a message, or for
            the peer to take what it has to send.
        closed: called once when it is over, in the I/O thread, with the reason.

    Raises:
        InsecureConnection: the URL is not safe to use.
        ConnectionFailed: the URL is none.
    """

    def __init__(
        self,
        url: str,
        *,
        received: Callable[[bytes | bytearray], None],
        undrained: Callable[[], bool],
        drained: Callable[[], None],
        idle: Callable[[], None],
        closed: Callable[[EngineError], None],
        options: TransportOptions | None = None,
    ) -> None:
        self.url = url  # first: reports on an error show what is only half made
        self._options = options or TransportOptions()
        self._address = Address.of(url, allow_insecure=self._options.allow_insecure)
        self._received = received
        self._undrained = undrained
        self._drained = drained
        self._idle = idle
        self._closed = closed
        self._stream: Stream | None = None
        self._websocket = MessageSocket(self._options.max_message, idle)
        self._closing = threading.Event()
        self._dialling = False
        self._thread: threading.Thread | None = None
        self._ended: Future[None] = Future()

    def __repr__(self) -> str:
        return f"<Transport {self.url}>"

    def open(self, timeout: float) -> Future[None]:
        """Start connecting; the future completes when messages can be sent.

        Args:
            timeout: s that connecting and all handshakes may take together.
        """
        opened: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._run, args=(opened, timeout), name="mt5web-io", daemon=True
        )
        self._thread.start()
        return opened

    def send(self, message: bytes) -> None:
        """Send one binary message.

        Raises:
            ConnectionLost: it was not handed over whole; the transport is cut.
        """
        if self._stream is None or self._closing.is_set():
            raise ConnectionLost("not connected", server=self.url)
        try:
            self._websocket.send_binary(message)
        except (OSError, websocket.WebSocketException) as exc:
            self.cut()
            raise ConnectionLost(f"cannot send: {exc}", server=self.url) from exc
        except BaseException:  # Ctrl-C: who knows how much of the frame is out
            self.cut()
            raise

    @property
    def closing(self) -> bool:
        """Whether it is over, or about to be."""
        return self._closing.is_set()

    def caught_up(self) -> bool:
        """Whether all that had arrived was handed over since the last look."""
        return self._stream is None or self._stream.caught_up()

    async def close(self, timeout: float = 2.0) -> None:
        """Say goodbye, cut the socket and see the I/O thread end. Idempotent.

        An attempt that is still looking for the server is not waited for: it cannot
        be interrupted, and ends by itself when its time is up.

        Args:
            timeout: s that the server may take to say goodbye too.
        """
        if not self._closing.is_set():
            self._say_goodbye(_NORMAL)
            await self._end(timeout)
        self.cut()
        await self._end(_CUT)

    def cut(self) -> None:
        """Break the connection now; the I/O thread reports it and ends."""
        self._closing.set()
        if self._stream is not None:
            self._stream.cut()

    async def _end(self, timeout: float) -> None:
        thread = self._thread
        if thread is None or thread is threading.current_thread() or self._dialling:
            return
        with suppress(TimeoutError):
            await wait_for(self._ended, Deadline(timeout))
            thread.join(timeout)

    def _say_goodbye(self, code: int) -> None:
        """Without waiting: a peer that takes nothing any more hears none."""
        self._closing.set()
        socket = self._websocket
        if self._stream is None or not socket.connected or socket.lock.locked():
            self.cut()
            return
        self._stream.patience = 0.0
        try:
            socket.send_close(code)
        except (OSError, websocket.WebSocketException) as exc:
            log.debug("no goodbye to %s: %s", self.url, exc)
            self.cut()

    def _run(self, opened: Future[None], timeout: float) -> None:
        forbid_waiting()
        # stands if something fails by a bug of ours, which the thread then reports
        reason: EngineError = ConnectionLost("internal error", server=self.url)
        try:
            stream = self._connect(Deadline(timeout), timeout)
            settle(opened, None)
            reason = self._read(stream)
        except EngineError as exc:  # of the attempt
            reason = exc
        finally:
            self._closing.set()
            if self._stream is not None:
                self._stream.close()
            try:
                if not settle_error(opened, reason):
                    self._closed(reason)
            finally:
                settle(self._ended, None)

    def _connect(self, deadline: Deadline, timeout: float) -> Stream:
        try:
            return self._open_stream(deadline, timeout)
        except ssl.SSLCertVerificationError as exc:
            raise InsecureConnection(
                f"certificate of {self.url} does not verify: {exc.verify_message}; "
                "pass ca_file if it is signed by a private authority",
                server=self.url,
            ) from exc
        except websocket.WebSocketBadStatusException as exc:
            # its text holds the whole answer, which is none of the log's business
            raise ConnectionFailed(
                f"{self.url} answers with HTTP status {exc.status_code}",
                server=self.url,
            ) from None
        except (OSError, ValueError, websocket.WebSocketException) as exc:
            raise ConnectionFailed(
                f"cannot connect to {self.url}: {brief(exc)}", server=self.url
            ) from exc

    def _open_stream(self, deadline: Deadline, timeout: float) -> Stream:
        options, address = self._options, self._address
        context = tls_context(options.ca_file) if address.secure else None
        proxy = options.proxy or of_environment(address)
        self._dialling = True
        try:
            connected = dial(address, proxy, timeout)
        finally:
            self._dialling = False
        self._stream = stream = Stream(connected, deadline, options.send_timeout)
        if self._closing.is_set():
            raise ConnectionFailed("given up while connecting", server=self.url)
        if proxy is not None and proxy.kind == "http":
            pass_through(stream, proxy, address)
        if context is not None:
            stream.start_tls(context, address.host)
        self._websocket.connect(
            self.url,
            socket=stream,
            origin=options.origin or address.origin,
            redirect_limit=0,
        )
        stream.established()
        stream.idle = self._idle
        return stream

    def _read(self, stream: Stream) -> EngineError:
        """Receive until it is over, and tell why."""
        try:
            while True:
                if self._undrained() and stream.drained():
                    self._drained()
                self._received(self._websocket.next_message())
        except RefusedFrame as exc:
            self._say_goodbye(exc.close_code)
            return exc
        except ProtocolViolation as exc:
            self._say_goodbye(PROTOCOL_BROKEN)
            return exc
        except Closed as exc:
            self._say_goodbye(_NORMAL)
            return ConnectionLost(str(exc), server=self.url)
        except (OSError, websocket.WebSocketException) as exc:
            return ConnectionLost(f"connection lost: {exc}", server=self.url)


__all__ = ["Proxy", "Transport", "TransportOptions"]

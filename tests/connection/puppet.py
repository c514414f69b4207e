"""A WebSocket server that does what a test tells it to."""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from mt5web_async.protocol.cipher import BOOTSTRAP_KEY, Cipher
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.frames import read_request, write_answer
from mt5web_async.protocol.responses import Bootstrap, write_bootstrap

Answerer = Callable[["Peer", int, bytes], None]


class Received(NamedTuple):
    """A request."""

    command: int
    payload: bytes


class Peer:
    """One connection, as the server sees it.

    Attributes:
        requests: what came behind the bootstrap.
        close_code: how the client ended it; None: it did not, or not in words.
    """

    def __init__(self, socket: ServerConnection, answerer: Answerer) -> None:
        self.socket = socket
        self.requests: list[Received] = []
        self.close_code: int | None = None
        self._answerer = answerer
        self._cipher = Cipher(BOOTSTRAP_KEY)

    def send(self, command: int, payload: bytes = b"", result: int = 0) -> None:
        """Send an answer or a push."""
        self.raw(self.frame(command, payload, result))

    def frame(self, command: int, payload: bytes = b"", result: int = 0) -> bytes:
        """What `send` would send."""
        return write_answer(self._cipher, command, payload, result=result)

    def raw(self, message: bytes | str) -> None:
        """Send any message, unless the client is gone."""
        with suppress(ConnectionClosed):
            self.socket.send(message)

    def serve(self) -> None:
        """Answer the bootstrap, and leave the rest to the answerer."""
        try:
            for message in self.socket:
                if isinstance(message, bytes):
                    self.take(message)
        except ConnectionClosed:
            pass
        self.close_code = self.socket.close_code

    def take(self, message: bytes) -> None:
        """One message of the client."""
        request = read_request(self._cipher, message)
        if request.command == Command.BOOTSTRAP:
            key = os.urandom(32)
            answer = write_bootstrap(Bootstrap(5687, bytes(64), key))
            frame = self.frame(Command.BOOTSTRAP, answer)
            self._cipher = Cipher(key)  # before anybody can know that it is open
            self.raw(frame)
            return
        self.requests.append(Received(request.command, bytes(request.payload)))
        self._answerer(self, request.command, bytes(request.payload))


def _say_nothing(_peer: Peer, _command: int, _payload: bytes) -> None:
    pass


class Puppet:
    """The server.

    Args:
        answerer: gets every request behind the bootstrap, in the connection's thread.
        tls: to serve ``wss://``.
    """

    def __init__(
        self, answerer: Answerer = _say_nothing, *, tls: ssl.SSLContext | None = None
    ) -> None:
        self.answerer = answerer
        self.peers: list[Peer] = []
        self.headers: list[dict[str, str]] = []
        self._tls = tls
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._server = serve(
            self._handle, "127.0.0.1", 0, ssl=self._tls, compression=None, max_size=None
        )
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        assert self._thread is not None
        self._server.shutdown()
        for peer in self.peers:
            peer.socket.close()
        self._thread.join()

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        port: int = self._server.socket.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """Its address."""
        scheme = "ws" if self._tls is None else "wss"
        return f"{scheme}://localhost:{self.port}/terminal"

    @property
    def peer(self) -> Peer:
        """The newest connection."""
        return self.peers[-1]

    def make_peer(self, socket: ServerConnection) -> Peer:
        """What stands for a connection."""
        # what a connection still has to say is for whoever listened when it began
        return Peer(socket, self.answerer)

    def _handle(self, socket: ServerConnection) -> None:
        peer = self.make_peer(socket)
        assert socket.request is not None
        self.headers.append(dict(socket.request.headers.raw_items()))
        self.peers.append(peer)
        peer.serve()


class RawPuppet(Puppet):
    """Speaks no protocol: what comes is kept as it is."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls=tls)
        self.frames: list[bytes] = []

    def make_peer(self, socket: ServerConnection) -> Peer:
        """Keeps what comes."""
        return _RawPeer(socket, self.frames)


class _RawPeer(Peer):
    def __init__(self, socket: ServerConnection, frames: list[bytes]) -> None:
        super().__init__(socket, _say_nothing)
        self._frames = frames

    def take(self, message: bytes) -> None:
        self._frames.append(message)

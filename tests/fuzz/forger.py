"""A man in the middle who rewrites what a server says, with the right keys."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import NamedTuple, Self, TypeAlias

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import Server, ServerConnection, serve

from mt5web_async.protocol.cipher import BOOTSTRAP_KEY, Cipher
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.frames import read_answer, write_answer
from mt5web_async.protocol.responses import read_bootstrap


class Said(NamedTuple):
    """An answer or a push of the server."""

    command: int
    result: int
    payload: bytes


Forged: TypeAlias = Said | bytes | str
"""What the client gets: a message in a good frame, or any bytes or text at all."""

Forgery: TypeAlias = Callable[[Said], Iterable[Forged]]
"""What to send in place of a message; called in the threads of connections."""


def honest(said: Said) -> Iterable[Forged]:
    """Everything as it was."""
    return (said,)


class Forger:
    """Passes connections on to a server and forges its messages.

    Args:
        url: the server's address.

    Attributes:
        forgery: what becomes of the messages; may be changed at any time.
        connections: how many were made so far.
    """

    def __init__(self, url: str) -> None:
        self._target = url
        self.forgery: Forgery = honest
        self.connections = 0
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self._open: set[ServerConnection] = set()

    def __enter__(self) -> Self:
        self._server = serve(
            self._serve, "127.0.0.1", 0, compression=None, max_size=None
        )
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        assert self._thread is not None
        self._server.shutdown()
        for client in tuple(self._open):
            client.close()
        self._thread.join()

    @property
    def url(self) -> str:
        """The address through this proxy."""
        assert self._server is not None
        port = self._server.socket.getsockname()[1]
        return f"ws://127.0.0.1:{port}/terminal"

    def _serve(self, client: ServerConnection) -> None:
        self.connections += 1
        self._open.add(client)
        with (
            suppress(ConnectionClosed, OSError),
            connect(
                self._target, compression=None, max_size=None, proxy=None
            ) as server,
        ):
            back = threading.Thread(target=self._forge, args=(server, client))
            back.start()
            try:
                for frame in client:
                    server.send(frame)
            finally:
                server.close()
                back.join()
        self._open.discard(client)

    def _forge(self, server: ClientConnection, client: ServerConnection) -> None:
        cipher = Cipher(BOOTSTRAP_KEY)
        with suppress(ConnectionClosed, OSError):
            for frame in server:
                assert isinstance(frame, bytes)
                command, result, payload = read_answer(cipher, frame)
                said = Said(command, result, bytes(payload))
                for forged in self.forgery(said):
                    client.send(
                        write_answer(
                            cipher,
                            forged.command,
                            forged.payload,
                            result=forged.result,
                        )
                        if isinstance(forged, Said)
                        else forged
                    )
                if command == Command.BOOTSTRAP:
                    cipher = Cipher(read_bootstrap(payload).key)
        client.close()

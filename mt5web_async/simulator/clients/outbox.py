"""Messages on their way to one client, as many as the server is ready to keep."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

logger: Final = logging.getLogger("mt5web_async.simulator")


class Outbox:
    """Sends messages in their order, without making the sender wait.

    Args:
        connection: to the client.
        limit: most bytes that may wait; a client that reads too slowly is dropped.
        patience: s that one message may take; a client that reads nothing is dropped.
    """

    def __init__(
        self, connection: ServerConnection, limit: int, patience: float
    ) -> None:
        self._connection = connection
        self._limit = limit
        self._patience = patience
        self._waiting: deque[bytes | str] = deque()
        self._size = 0
        self._filled = asyncio.Event()
        self._closing = False

    def put(self, message: bytes | str) -> None:
        """Send a message as soon as those before it are sent."""
        if self._closing:
            return
        self._waiting.append(message)
        self._size += len(message)
        self._filled.set()
        if self._size > self._limit:
            logger.warning(
                "client dropped: %d bytes wait for it, %d are allowed",
                self._size,
                self._limit,
            )
            self.abort()

    def abort(self) -> None:
        """Break the connection off, and with it what waits."""
        self._closing = True
        self._waiting.clear()
        self._filled.set()
        self._connection.transport.abort()

    def finish(self) -> None:
        """Take nothing more; the connection is closed when all is sent."""
        self._closing = True
        self._filled.set()

    async def run(self) -> None:
        """Send until the connection ends or the outbox is finished."""
        try:
            while True:
                await self._filled.wait()
                self._filled.clear()
                while self._waiting:
                    message = self._waiting.popleft()
                    async with asyncio.timeout(self._patience):
                        await self._connection.send(message)
                    self._size -= len(message)
                if self._closing:
                    await self._connection.close()
                    return
        except ConnectionClosed:
            self._closing = True
            self._waiting.clear()
        except TimeoutError:
            logger.warning("client dropped: nothing read for %g s", self._patience)
            self.abort()

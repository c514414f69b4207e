"""A proxy between client and server that does harm to the connections through it.

It reads the frames that pass, so that a fault can be aimed at a message of a command,
in either direction.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple, Self, TypeVar
from urllib.parse import urlsplit

from mt5web_async.errors import MalformedMessage
from mt5web_async.protocol.cipher import BOOTSTRAP_KEY, Cipher
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.frames import read_answer, read_request
from mt5web_async.protocol.responses import read_bootstrap

T = TypeVar("T")

_HEADER = 8
_BLOCK = 16


class Way(Enum):
    """Which way a message goes."""

    REQUEST = auto()
    ANSWER = auto()  # and pushes


class Fault(Enum):
    """What can happen to a message and to its connection."""

    CUT = auto()  # the connection breaks, and the message is lost
    TRUNCATE = auto()  # half of the message, then the connection breaks
    CORRUPT = auto()  # a bit of the body is wrong
    DROP = auto()  # the message is lost, the connection stays
    DOUBLE = auto()  # the message comes twice
    DELAY = auto()  # this message and all behind it are late
    REORDER = auto()  # it comes behind the next message of another command
    STALL = auto()  # nothing passes any more, in either direction
    HALF_OPEN = auto()  # the server is gone, and the client is not told


class Aim(NamedTuple):
    """A fault that waits for its message; a command of None is any command."""

    fault: Fault
    way: Way
    command: int | None


class Message(NamedTuple):
    """A WebSocket frame and the command in it; -1: it is none of the protocol's."""

    command: int
    frame: bytes
    body: int  # where the payload of the frame begins


@dataclass(eq=False)
class _Ends:
    """The two sides of a connection."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    stalled: bool = False

    def abort(self) -> None:
        for side in (self.client, self.server):
            side.transport.abort()


class FaultProxy:
    """Passes connections on to a server and harms them when it is told to.

    Methods may be called from any thread.

    Args:
        url: the server's ``ws://`` address.

    Attributes:
        refusing: new connections are broken off at once.
        accept_delay: s that a new connection waits before it is passed on.
        delay: s by which a delayed message is late.
        injected: faults that have happened.
        connections: how many were made so far.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "", parts.port or 80)
        self._path = parts.path
        self.refusing = False
        self.accept_delay = 0.0
        self.delay = 0.05
        self.injected = 0
        self.connections = 0
        self.port = 0
        self._aims: list[Aim] = []
        self._chance: Callable[[Way, int], Fault | None] = lambda _way, _command: None
        self._ends: set[_Ends] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="fault-proxy")
        self._ready = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    @property
    def url(self) -> str:
        """The address through this proxy."""
        return f"ws://127.0.0.1:{self.port}{self._path}"

    def inject(
        self, fault: Fault, command: int | None = None, way: Way = Way.ANSWER
    ) -> None:
        """Let it happen to the next message of a command that goes this way."""
        self._do(lambda: self._aims.append(Aim(fault, way, command)))

    def happen(self, chance: Callable[[Way, int], Fault | None]) -> None:
        """Ask for a fault at every message; called in the proxy's thread."""

        def set_chance() -> None:
            self._chance = chance

        self._do(set_chance)

    def calm(self) -> None:
        """No faults any more; what stalls is broken off."""

        def clear() -> None:
            self._aims.clear()
            self._chance = lambda _way, _command: None
            self.refusing, self.accept_delay = False, 0.0
            for ends in tuple(self._ends):
                if ends.stalled:
                    ends.abort()

        self._do(clear)

    def cut(self) -> int:
        """Break all connections; how many there were."""

        def abort() -> int:
            count = len(self._ends)
            for ends in tuple(self._ends):
                ends.abort()
            self.injected += count
            return count

        return self._do(abort)

    def stall(self) -> None:
        """From now on nothing passes through the connections that there are."""

        def freeze() -> None:
            self.injected += 1
            for ends in self._ends:
                ends.stalled = True

        self._do(freeze)

    @property
    def open(self) -> int:
        """How many connections there are now."""
        return self._do(lambda: len(self._ends))

    def _do(self, work: Callable[[], T]) -> T:
        async def run() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._accept, "127.0.0.1", 0)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        try:
            self._loop.run_forever()
        finally:
            server.close()
            self._loop.run_until_complete(self._end())
            self._loop.run_until_complete(server.wait_closed())
            self._loop.close()

    async def _end(self) -> None:
        this = asyncio.current_task()
        while tasks := asyncio.all_tasks() - {this}:  # one may be accepting another
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # sockets are closed in the loop's next turn

    def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.connections += 1
        if self.refusing:
            self.injected += 1
            writer.transport.abort()
            return
        task = self._loop.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # not in the task: one that is cancelled before its first step does nothing
        task.add_done_callback(lambda _: writer.transport.abort())

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            if self.accept_delay:
                self.injected += 1
                await asyncio.sleep(self.accept_delay)
            there, back = await asyncio.open_connection(*self._target)
            await self._join(_Ends(writer, back), reader, there)
        except OSError:
            return

    async def _join(
        self, ends: _Ends, client: asyncio.StreamReader, server: asyncio.StreamReader
    ) -> None:
        self._ends.add(ends)
        try:
            await _Passage(self, ends, client, server).run()
        finally:
            self._ends.discard(ends)
            ends.abort()

    def fault_for(self, way: Way, command: int) -> Fault | None:
        """What happens to this message; in the proxy's thread."""
        for aim in self._aims:
            if aim.way is way and aim.command in {None, command}:
                self._aims.remove(aim)
                self.injected += 1
                return aim.fault
        fault = self._chance(way, command)
        self.injected += fault is not None
        return fault


class _Broken(Exception):
    """The connection ends here."""


class _Passage:
    """One connection through the proxy."""

    def __init__(
        self,
        proxy: FaultProxy,
        ends: _Ends,
        client: asyncio.StreamReader,
        server: asyncio.StreamReader,
    ) -> None:
        self._proxy = proxy
        self._ends = ends
        self._client = client
        self._server = server
        self._request_cipher = self._answer_cipher = Cipher(BOOTSTRAP_KEY)

    async def run(self) -> None:
        """Pass everything on, until one side ends."""
        ways = [
            asyncio.create_task(self._pass(self._client, self._ends.server, way))
            if way is Way.REQUEST
            else asyncio.create_task(self._pass(self._server, self._ends.client, way))
            for way in Way
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in ways:
                task.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pass(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: Way
    ) -> None:
        held: Message | None = None
        try:
            sink.write(await source.readuntil(b"\r\n\r\n"))
            while True:
                message = self._read(await _frame(source), way)
                fault = self._proxy.fault_for(way, message.command)
                if fault is Fault.REORDER and held is None:
                    held = message
                    continue
                await self._send(sink, message, fault)
                if held is not None and held.command != message.command:
                    await self._send(sink, held, None)
                    held = None
        except (asyncio.IncompleteReadError, OSError, _Broken):
            await self._mourn()

    async def _mourn(self) -> None:
        """A side is gone: tell the other, unless that is the fault."""
        if self._ends.stalled:
            await asyncio.get_running_loop().create_future()  # until it is aborted

    async def _send(
        self, sink: asyncio.StreamWriter, message: Message, fault: Fault | None
    ) -> None:
        frame = message.frame
        if fault is Fault.STALL:
            self._ends.stalled = True
        elif fault is Fault.HALF_OPEN:
            self._ends.stalled = True
            self._ends.server.transport.abort()
        if self._ends.stalled or fault is Fault.DROP:
            return
        if fault is Fault.CUT:
            raise _Broken
        if fault is Fault.DELAY:
            await asyncio.sleep(self._proxy.delay)
        if fault is Fault.TRUNCATE:
            sink.write(frame[: max(len(frame) // 2, 1)])
            await sink.drain()
            raise _Broken
        if fault is Fault.CORRUPT:
            frame = _with_wrong_bit(message)
        sink.write(frame * 2 if fault is Fault.DOUBLE else frame)
        await sink.drain()

    def _read(self, frame: tuple[bytes, int, bytes], way: Way) -> Message:
        raw, start, payload = frame
        try:
            if way is Way.REQUEST:
                command = read_request(self._request_cipher, payload).command
            else:
                command, _, body = read_answer(self._answer_cipher, payload)
                if command == Command.BOOTSTRAP:
                    key = Cipher(read_bootstrap(body).key)
                    self._request_cipher = self._answer_cipher = key
        except MalformedMessage:
            command = -1
        return Message(command, raw, start)


async def _frame(source: asyncio.StreamReader) -> tuple[bytes, int, bytes]:
    """A frame as it is, where its payload begins, and the payload unmasked."""
    head = await source.readexactly(2)
    size = head[1] & 0x7F
    if size >= 126:
        extension = await source.readexactly(2 if size == 126 else 8)
        head += extension
        size = int.from_bytes(extension, "big")
    mask = b""
    if head[1] & 0x80:
        mask = await source.readexactly(4)
        head += mask
    payload = await source.readexactly(size)
    return head + payload, len(head), _unmasked(payload, mask)


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    if not mask:
        return payload
    size = len(payload)
    pad = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")).to_bytes(
        size, "big"
    )


def _with_wrong_bit(message: Message) -> bytes:
    """Damage that can be noticed: the protocol has no checksum for any other."""
    frame = bytearray(message.frame)
    blocks = len(frame) - message.body - _HEADER
    # in the block before the last: it reverses the same bit of the padding's length
    frame[-1 - _BLOCK if blocks > _BLOCK else message.body] ^= 1
    return bytes(frame)

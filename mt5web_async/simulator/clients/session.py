"""One connection of a client, from its first frame to its end."""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from enum import Enum, auto
from typing import NamedTuple

from mt5web_async.errors import MalformedMessage
from mt5web_async.protocol.cipher import BOOTSTRAP_KEY, Cipher
from mt5web_async.protocol.frames import Request, read_request, write_answer
from mt5web_async.simulator.faults import Damage, Faults
from mt5web_async.simulator.trading.accounts import Access

from .outbox import Outbox


class Stage(Enum):
    """How far a connection has come."""

    CONNECTED = auto()  # its first frame is awaited
    BOOTSTRAPPED = auto()  # it has its key, nobody is logged in
    LOGGED_IN = auto()


class Reply(NamedTuple):
    """The answer to a request."""

    payload: bytes = b""
    result: int = 0


class Session:
    """What the server knows of a connection, and the way to its client.

    Args:
        number: tells it from all others.
        outbox: takes its messages.
        faults: that the server has.
    """

    def __init__(self, number: int, outbox: Outbox, faults: Faults) -> None:
        self.number = number
        self.stage = Stage.CONNECTED
        self.login = 0
        self.access = Access.REFUSED
        self.received = 0  # requests so far
        self.quoted: set[int] = set()  # symbols whose ticks it gets
        self.booked: set[int] = set()  # symbols whose book it gets
        self.newcomers: deque[int] = deque()  # subscribed, first tick not yet sent
        self._outbox = outbox
        self._faults = faults
        self._cipher = Cipher(BOOTSTRAP_KEY)

    def __repr__(self) -> str:
        return f"<Session {self.number}, {self.stage.name}, login {self.login}>"

    def open(self, frame: bytes) -> Request:
        """What the client's frame holds.

        Raises:
            MalformedMessage: it cannot be read.
        """
        request = read_request(self._cipher, frame)
        self.received += 1
        return request

    def use_key(self, key: bytes) -> None:
        """From the next message on, this key is used."""
        self._cipher = Cipher(key)
        self.stage = Stage.BOOTSTRAPPED

    def enter(self, login: int, access: Access) -> None:
        """The client has logged in."""
        self.login, self.access, self.stage = login, access, Stage.LOGGED_IN

    def leave(self) -> None:
        """The client has logged out; its subscriptions end."""
        self.login, self.access, self.stage = 0, Access.REFUSED, Stage.BOOTSTRAPPED
        self.quoted.clear()
        self.booked.clear()
        self.newcomers.clear()

    def answer(self, command: int, reply: Reply) -> None:
        """Answer a request, with the faults that concern it."""
        faults = self._faults
        times = 2 if faults.takes_double(command) else 1

        def send() -> None:
            for _ in range(times):
                self.send(command, reply.payload, reply.result)

        if command in faults.held:
            faults.held[command].append(send)
        elif command in faults.delays:
            asyncio.get_running_loop().call_later(faults.delays[command], send)
        else:
            send()

    def send(self, command: int, payload: bytes, result: int = 0) -> None:
        """Send a message: an answer or a push."""
        if self._faults.silent:
            return
        damage = self._faults.takes_damage(command)
        payload = _damaged_payload(damage, payload)
        frame = write_answer(self._cipher, command, payload, result=result)
        self._outbox.put(_damaged_frame(damage, frame, self._cipher))

    def abort(self) -> None:
        """Break the connection off at once."""
        self._outbox.abort()

    def finish(self) -> None:
        """Close the connection once everything is sent."""
        self._outbox.finish()


def _damaged_payload(damage: Damage | None, payload: bytes) -> bytes:
    if damage is Damage.EMPTY_PAYLOAD:
        return b""
    if damage is Damage.CUT_PAYLOAD:
        return payload[: max(len(payload) // 2, len(payload) - 3)]
    return payload


def _damaged_frame(damage: Damage | None, frame: bytes, key: Cipher) -> bytes | str:
    if damage is Damage.GARBAGE:
        return frame[:8] + _unreadable(len(frame) - 8, key)
    if damage is Damage.CUT_FRAME:
        return frame[:-1]
    if damage is Damage.VERSION:
        return frame[:4] + struct.pack("<I", 2) + frame[8:]
    return "text" if damage is Damage.TEXT else frame


def _unreadable(size: int, key: Cipher) -> bytes:
    """Bytes that this key surely does not decrypt: by chance, some would."""
    for filler in range(256):
        body = bytes((filler,)) * size
        try:
            key.decrypt(body)
        except MalformedMessage:
            return body
    raise AssertionError("every body decrypts")

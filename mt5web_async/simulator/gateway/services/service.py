"""What a service is: how one command is carried out."""

from __future__ import annotations

import inspect
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

from mt5web_async.simulator.broker import Broker
from mt5web_async.simulator.clients.session import Reply, Session, Stage


class Result(IntEnum):
    """Result bytes of answers."""

    OK = 0
    INTERNAL_ERROR = 1
    NO_TRADE_SERVER = 2
    INVALID_ACCOUNT = 3
    ONE_TIME_PASSWORD_NEEDED = 5
    TWO_FACTOR_NEEDED = 6
    INVALID_EMAIL = 7
    INVALID_PHONE = 8
    WRONG_ONE_TIME_PASSWORD = 201


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks whom.

    Attributes:
        broker: what is behind the server.
        session: the connection that the request came from.
    """

    broker: Broker
    session: Session


Outcome = Reply | None
"""An answer; None: there is none, or it is on its way already."""

Handler = Callable[[Context, bytes], Outcome | Awaitable[Outcome]]


class Service(NamedTuple):
    """How a command is carried out.

    Attributes:
        handle: does it. MalformedMessage from it is answered by an error.
        stage: how far the connection must have come.
        refusal: what is answered when it has not.
    """

    handle: Handler
    stage: Stage = Stage.LOGGED_IN
    refusal: Reply = Reply(result=Result.INVALID_ACCOUNT)

    @property
    def takes_time(self) -> bool:
        """Whether its answer has to be waited for."""
        return inspect.iscoroutinefunction(self.handle)


ERROR: Final = Reply(result=Result.INTERNAL_ERROR)
"""The answer to what cannot be understood."""

_U32 = struct.Struct("<I")
_I32 = struct.Struct("<i")


def u32(value: int) -> bytes:
    """A number as four bytes."""
    return _U32.pack(value)


def i32(value: int) -> bytes:
    """A signed number as four bytes."""
    return _I32.pack(value)

"""Faults that a server can be told to have, for trying out how clients bear them.

Everything here is changed and read by the server's own thread only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

Send = Callable[[], None]
"""Puts one message on its way."""


class Damage(Enum):
    """What can happen to a message on its way."""

    GARBAGE = auto()  # a body that no key decrypts
    CUT_FRAME = auto()  # fewer bytes than the header announces
    CUT_PAYLOAD = auto()  # a frame in order, its payload's last part missing
    EMPTY_PAYLOAD = auto()  # a frame in order without any payload
    VERSION = auto()  # an unknown frame version
    TEXT = auto()  # text in place of bytes


class TradeLoss(Enum):
    """When a connection breaks around a trade request."""

    BEFORE = auto()  # the request arrives and is not executed
    AFTER = auto()  # it is executed, and nothing of that is told


@dataclass(slots=True)
class Faults:
    """The faults in force.

    Attributes:
        refusing: connections are turned away.
        silent: nothing at all is sent; None of the connections notices anything.
        deaf: commands that are read and ignored; None: all of them.
        errors: result bytes that answer commands in place of an answer.
        delays: s by which answers are late, by command.
        held: answers that wait, by command, while the command is in here.
        doubled: commands whose next answer is sent twice.
        damages: what happens to the next message; of one command, or of any (None).
        wrong_keys: how many connections are given a key that is not used.
        trade_loss: what happens at the next trade request.
    """

    refusing: bool = False
    silent: bool = False
    deaf: frozenset[int] | None = frozenset()
    errors: dict[int, int] = field(default_factory=dict)
    delays: dict[int, float] = field(default_factory=dict)
    held: dict[int, deque[Send]] = field(default_factory=dict)
    doubled: set[int] = field(default_factory=set)
    damages: deque[tuple[int | None, Damage]] = field(default_factory=deque)
    wrong_keys: int = 0
    trade_loss: TradeLoss | None = None

    def ignores(self, command: int) -> bool:
        """Whether a request is read and left unanswered."""
        return self.deaf is None or command in self.deaf

    def hold(self, command: int) -> None:
        """Keep the answers to a command back until they are released."""
        self.held.setdefault(command, deque())

    def release(self, command: int) -> int:
        """Send the answers that were kept back; how many there were."""
        waiting = self.held.pop(command, deque())
        for send in waiting:
            send()
        return len(waiting)

    def takes_double(self, command: int) -> bool:
        """Whether this answer is to be sent twice."""
        twice = command in self.doubled
        self.doubled.discard(command)
        return twice

    def takes_damage(self, command: int) -> Damage | None:
        """What happens to this message."""
        if not self.damages or self.damages[0][0] not in {None, command}:
            return None
        return self.damages.popleft()[1]

    def takes_wrong_key(self) -> bool:
        """Whether this connection is given a wrong key."""
        wrong = self.wrong_keys > 0
        self.wrong_keys -= wrong
        return wrong

    def takes_trade_loss(self, when: TradeLoss) -> bool:
        """Whether the connection breaks here."""
        if self.trade_loss is not when:
            return False
        self.trade_loss = None
        return True

    def clear(self) -> None:
        """No faults any more; answers that were kept back are sent."""
        self.refusing = self.silent = False
        self.deaf = frozenset()
        self.wrong_keys = 0
        self.trade_loss = None
        for fault in (self.errors, self.delays, self.doubled, self.damages):
            fault.clear()
        for command in list(self.held):
            self.release(command)

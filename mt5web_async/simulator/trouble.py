"""Faults that are switched on and off from outside the server's thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .faults import Damage, Faults, TradeLoss

Change = Callable[[Faults], Any]


class Trouble:
    """What a server does wrong, for trying out how clients bear it.

    Args:
        change: has the faults changed in the server's thread.

    Example:
        >>> from mt5web_async.simulator import Simulator
        >>> with Simulator() as server:
        ...     server.trouble.hold(12)  # trade requests are not answered
        ...     server.trouble.release(12)  # until now
        0
    """

    def __init__(self, change: Callable[[Change], Any]) -> None:
        self._change = change

    def refuse(self, refusing: bool = True) -> None:
        """Turn new connections away, or take them again."""
        self._change(lambda faults: setattr(faults, "refusing", refusing))

    def silence(self, silent: bool = True) -> None:
        """Send nothing any more on open connections, or speak again."""
        self._change(lambda faults: setattr(faults, "silent", silent))

    def ignore(self, *commands: int) -> None:
        """Read these commands without ever answering; none named: all of them."""
        deaf = frozenset(commands) or None
        self._change(lambda faults: setattr(faults, "deaf", deaf))

    def hear(self) -> None:
        """Answer all commands again; what was ignored stays unanswered."""
        self._change(lambda faults: setattr(faults, "deaf", frozenset()))

    def hold(self, command: int) -> None:
        """Keep the answers to a command back until they are released."""
        self._change(lambda faults: faults.hold(command))

    def release(self, command: int) -> int:
        """Send the answers that were kept back; how many there were."""
        released: int = self._change(lambda faults: faults.release(command))
        return released

    def held(self, command: int) -> int:
        """How many answers to a command are kept back."""
        count: int = self._change(lambda faults: len(faults.held.get(command, ())))
        return count

    def delay(self, command: int, seconds: float) -> None:
        """Answer a command late; 0: at once again."""

        def change(faults: Faults) -> None:
            faults.delays.pop(command, None)
            if seconds:
                faults.delays[command] = seconds

        self._change(change)

    def fail(self, command: int, result: int = 1) -> None:
        """Answer a command by a result byte and nothing else; 0: properly again."""

        def change(faults: Faults) -> None:
            faults.errors.pop(command, None)
            if result:
                faults.errors[command] = result

        self._change(change)

    def double(self, command: int) -> None:
        """Send the next answer to a command twice."""
        self._change(lambda faults: faults.doubled.add(command))

    def damage(self, damage: Damage, command: int | None = None) -> None:
        """Spoil the next message.

        Args:
            damage: what happens to it.
            command: of which command; None: whichever comes first.
        """
        self._change(lambda faults: faults.damages.append((command, damage)))

    def wrong_key(self, connections: int = 1) -> None:
        """Give the next connections a key that is not used."""
        self._change(lambda faults: setattr(faults, "wrong_keys", connections))

    def lose_trade(self, when: TradeLoss = TradeLoss.AFTER) -> None:
        """Break the connection off around the next trade request."""
        self._change(lambda faults: setattr(faults, "trade_loss", when))

    def clear(self) -> None:
        """Do everything right again; answers that were kept back are sent."""
        self._change(lambda faults: faults.clear())

"""A connection that outlives `shutdown` for a short time.

Programs that call `initialize` and `shutdown` around every request find it again,
already logged in, as long as they name the same account.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mt5web_async.terminal.terminal import Terminal

    from .opening import Visited


class WarmPlace:
    """Room for one connection that nobody uses at the moment.

    Args:
        close: closes a connection for good.
    """

    def __init__(self, close: Callable[[Terminal], None]) -> None:
        self._close = close
        self._kept: tuple[Visited, Terminal] | None = None
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def keep(self, target: Visited, terminal: Terminal, seconds: float) -> None:
        """Keep a connection for so long; one that was kept before is closed."""
        self.clear()
        with self._lock:
            self._kept = target, terminal
            self._timer = threading.Timer(seconds, self.clear)
            self._timer.daemon = True
            self._timer.start()

    def take(self, target: Visited) -> Terminal | None:
        """The connection to this target, if it is kept and still up."""
        with self._lock:
            if self._kept is None or self._kept[0] != target:
                return None
            terminal = self._kept[1]
            if not terminal.connected:
                return None
            self._forget()
            return terminal

    def clear(self) -> None:
        """Close what is kept."""
        with self._lock:
            kept = self._kept
            self._forget()
        if kept is not None:
            self._close(kept[1])

    def _forget(self) -> None:
        self._kept = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

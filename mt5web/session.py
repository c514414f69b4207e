"""What the official functions work on: a backend, and how the last call ended."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, NoReturn, cast

from .backend import Backend, CallFailed
from .constants import RES_E_INTERNAL_FAIL_CONNECT
from .outcome import Outcome


class Unopened:
    """A backend before the first `initialize`: nothing is connected.

    It lets programs ask `terminal_info() is None` before they connect without paying
    for the import of everything that a connection needs.
    """

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        return self._refuse

    def shutdown(self) -> None:
        """Do nothing, as there is nothing to close."""

    @staticmethod
    def _refuse(*_: object) -> NoReturn:
        raise CallFailed(RES_E_INTERNAL_FAIL_CONNECT)


UNOPENED: Final = cast("Backend", Unopened())


def blocking_terminal() -> Backend:
    """Make the backend of real terminals; imports it first."""
    from .terminal import BlockingTerminal

    return BlockingTerminal()


class Session:
    """The terminal behind a set of official functions.

    Args:
        engine: makes the backend, once, when `initialize` is called first.
        outcome: where calls record how they ended; by default one of its own.

    Attributes:
        backend: what does the work.
        was_ready: `initialize` has succeeded at least once.
    """

    def __init__(
        self,
        engine: Callable[[], Backend] = blocking_terminal,
        outcome: Outcome | None = None,
    ) -> None:
        self.backend: Backend = UNOPENED
        self.was_ready = False
        self.outcome = outcome or Outcome()
        self._engine = engine
        self._backend_lock = threading.Lock()

    def open(self) -> Backend:
        """The backend, made now unless it has been made before."""
        with self._backend_lock:
            if self.backend is UNOPENED:
                self.backend = self._engine()
            return self.backend

"""Functions of a program that are called when its connection breaks and comes back."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from functools import partial

from mt5web_async.connection.callbacks import Callbacks
from mt5web_async.connection.state import Listener

log = logging.getLogger("mt5web")


class Notices:
    """Calls them one after the other, in a thread that lives as long as it is needed.

    The engine's own threads must not wait; here a function may ask for anything.
    """

    def __init__(self) -> None:
        self.callbacks = Callbacks()
        self._calls: deque[Callable[[], object]] = deque()
        self._running = False
        self._calls_lock = threading.Lock()

    def listener(self, wanted: Callable[[], bool]) -> Listener:
        """What listens to a connection.

        Args:
            wanted: whether the program still cares for this connection.
        """

        def tell(name: str, *about: object) -> None:
            function = getattr(self.callbacks, name)
            if function is not None and wanted():
                self._call(partial(function, *about))

        return Callbacks(
            lost=partial(tell, "lost"),
            reconnecting=partial(tell, "reconnecting"),
            restored=partial(tell, "restored"),
            given_up=partial(tell, "given_up"),
        ).listener()

    def forget(self) -> None:
        """In a forked child: the thread and what it had to do are the parent's."""
        self._calls_lock = threading.Lock()
        self._calls.clear()
        self._running = False

    def _call(self, function: Callable[[], object]) -> None:
        with self._calls_lock:
            self._calls.append(function)
            if self._running:
                return
            self._running = True
        threading.Thread(target=self._run, name="mt5web-notices", daemon=True).start()

    def _run(self) -> None:
        while True:
            with self._calls_lock:
                if not self._calls:
                    self._running = False
                    return
                function = self._calls.popleft()
            try:
                function()
            except BaseException:
                log.exception("%r failed", function)

"""From `initialize` to `shutdown`: which engine terminal is in use."""

from __future__ import annotations

import functools
import logging
import os
import threading
import weakref
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from mt5web_async.errors import EngineError, NotConnected
from mt5web_async.waiting import Deadline

from .backend import CallFailed
from .constants import RES_E_AUTH_FAILED
from .ending import at_end
from .notices import Notices
from .opening import (
    Target,
    Visited,
    another_way,
    connect,
    environment,
    find,
    make_terminal,
    read_settings,
)
from .runtime import Runtime, runtime
from .settings import Account, Options, Settings
from .warm import WarmPlace

if TYPE_CHECKING:
    from mt5web_async.connection.callbacks import Callbacks
    from mt5web_async.terminal.terminal import Terminal

log = logging.getLogger("mt5web")

_lives: weakref.WeakSet[Lifecycle] = weakref.WeakSet()


@functools.cache
def _close_at_exit(_: Runtime) -> None:
    """Have :func:`_close_all` called before this runtime ends, which comes first."""
    at_end(_close_all)


def _close_all() -> None:
    """Log out of what a program leaves open when it ends."""
    for life in list(_lives):
        life.close()


def _forget_parent() -> None:
    """In a forked child: who held a lock is not here to let it go."""
    for life in list(_lives):
        life.forget_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_parent)


def _disconnect(engine: Terminal) -> None:
    try:
        runtime().run(engine.close())
    except EngineError as exc:
        log.warning("while closing the connection: %s", exc)


def _connect(engine: Terminal, options: Options, timeout: float) -> None:
    """Connect, or leave nothing behind.

    Raises:
        EngineError: it did not work.
    """
    try:
        connect(engine, options, timeout)
    except EngineError:
        _disconnect(engine)
        raise
    except BaseException:  # Ctrl-C: whoever presses it does not want to wait
        runtime().start(engine.close())
        raise


class Lifecycle:
    """The connection of one program's terminal: made, switched, kept warm, closed.

    Attributes:
        options: the settings' options, as of the last login.
    """

    def __init__(self) -> None:
        self.options = Options()
        self._engine: Terminal | None = None
        self._target: Visited | None = None
        self._forked = False  # since it was opened
        self._switching_lock = threading.Lock()
        self._warm = WarmPlace(_disconnect)
        self._notices = Notices()
        _lives.add(self)

    def engine(self) -> Terminal:
        """The engine terminal in use.

        Raises:
            NotConnected: there is none, or it belongs to the parent of this process.
        """
        engine = self._engine
        if engine is None:
            raise NotConnected("not connected: call initialize() first")
        if self._forked:
            raise NotConnected(
                "the connection belongs to the process that this one was forked from: "
                "call initialize() here too"
            )
        return engine

    def begin(self, given: Account, timeout: float) -> None:
        """Connect to an account; what was connected before is closed first.

        Raises:
            CallFailed: nobody knows where to connect to, or as whom.
            EngineError: it did not work.
        """
        with self._switching_lock:
            self._close()
            self._open(given, timeout)

    def switch(self, given: Account, timeout: float) -> None:
        """Log in to another account, by default at the same server.

        Raises:
            NotConnected: there is no connection yet.
            CallFailed: nobody can be logged in with what is known.
            EngineError: it did not work, and the connection is as before.
        """
        with self._switching_lock:
            before = self.engine()
            if not given.server and self._target is not None:
                given = replace(given, server=self._target.server)
            try:
                self._open(given, timeout)
            except CallFailed as exc:
                raise CallFailed(RES_E_AUTH_FAILED, reason=str(exc)) from exc
            _disconnect(before)

    def end(self) -> None:
        """Disconnect, or keep the connection warm."""
        with self._switching_lock:
            self._close()

    def watch(self, callbacks: Callbacks) -> None:
        """Tell these of the connection from now on, and none of those before."""
        self._notices.callbacks = callbacks

    def close(self) -> None:
        """Disconnect for good, whatever the settings keep warm."""
        self.end()
        if not self._forked:
            self._warm.clear()

    def forget_parent(self) -> None:
        """In a forked child: what the parent's threads are about goes on there."""
        self._forked = True
        self._switching_lock = threading.Lock()
        self._notices.forget()

    def _open(self, given: Account, timeout: float) -> None:
        settings = read_settings()
        target = find(given, settings, environment())
        if self._forked:
            self._warm = WarmPlace(_disconnect)
        engine = self._warm.take(target.visited())
        if engine is None:
            self._warm.clear()
            engine = self._connected(target, settings, timeout)
        self._engine, self._target = engine, target.visited()
        self.options, self._forked = settings.options, False
        _close_at_exit(runtime())

    def _connected(
        self, target: Target, settings: Settings, timeout: float
    ) -> Terminal:
        """A terminal that is connected to a target, in the way that there is.

        Raises:
            EngineError: there is none.
        """
        deadline = Deadline(timeout)
        try:
            return self._attempt(target, settings, timeout)
        except EngineError as exc:
            target = another_way(target, exc, settings, deadline.left() or 0.0)
        return self._attempt(target, settings, deadline.left() or 0.0)

    def _attempt(self, target: Target, settings: Settings, timeout: float) -> Terminal:
        engine = make_terminal(target, settings)
        engine.listen_moves(self._notices.listener(partial(self._uses, engine)))
        _connect(engine, settings.options, timeout)
        return engine

    def _uses(self, engine: Terminal) -> bool:
        return self._engine is engine

    def _close(self) -> None:
        engine, self._engine = self._engine, None
        if engine is None or self._forked:
            return
        if self.options.keep_warm > 0 and self._target is not None:
            self._warm.keep(self._target, engine, self.options.keep_warm)
        else:
            _disconnect(engine)

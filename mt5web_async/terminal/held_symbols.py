"""Symbols come to be watched as the account comes to hold them."""

from __future__ import annotations

import asyncio
import logging

from mt5web_async.errors import EngineError
from mt5web_async.events import Event, OrderChanged, PositionChanged

from .market_watch import MarketWatch
from .model import Model
from .subscription import Need

log = logging.getLogger("mt5web_async.terminal")


class HeldSymbols:
    """Watches the symbols of new positions and orders, and what converts their money.

    Args:
        model: tells of them.
        watch: has symbols quoted.
    """

    def __init__(self, model: Model, watch: MarketWatch) -> None:
        self._symbols = model.symbols
        self._watch = watch
        self._loop = loop = asyncio.get_running_loop()
        self._coming: set[tuple[str, ...]] = set()  # symbols about to be watched
        self._tasks: set[asyncio.Task[None]] = set()
        model.holdings.listen(self._on_event)
        model.listen_terms(lambda: loop.call_soon_threadsafe(self._hold))

    def stop(self) -> None:
        """Watch no more."""
        for task in tuple(self._tasks):
            task.cancel()

    def _on_event(self, event: Event) -> None:
        """In the I/O thread: a symbol is held that is not watched yet."""
        match event:
            case PositionChanged(position=held) | OrderChanged(order=held):
                name = held.symbol
            case _:
                return
        if not self._watch.held(name) and name in self._symbols:
            self._loop.call_soon_threadsafe(self._hold, name)

    def _hold(self, *names: str) -> None:
        """Watch symbols that are held, and what converts money as things are now."""
        if names in self._coming:  # told again and again, they are watched once
            return
        if names:
            self._coming.add(names)
        task = self._loop.create_task(self._watch_quietly(names))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch_quietly(self, held: tuple[str, ...]) -> None:
        try:
            await self._watch.need(Need.HELD, held)
        except EngineError as exc:
            log.warning("what the account needs cannot be watched: %s", exc)
        finally:
            self._coming.discard(held)

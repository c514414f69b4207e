"""The thread in which a simulated server runs."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, wait
from typing import Any, Final, TypeVar

from mt5web_async.simulator.broker import Broker

from .gateway import Gateway

logger: Final = logging.getLogger("mt5web_async.simulator")

T = TypeVar("T")

_LOOK_S: Final = 1.0


class Host:
    """Runs a gateway and its broker until it is stopped.

    Args:
        broker: what is behind the gateway.
        port: 0: any that is free.
        pace: s between two looks at the clock.

    Raises:
        OSError: the port is taken.
    """

    def __init__(self, broker: Broker, port: int, pace: float) -> None:
        self._broker = broker
        self._gateway = Gateway(broker, port)
        self._pace = pace
        self._loop = asyncio.new_event_loop()
        self._moving: asyncio.Task[None] | None = None
        self._thread = threading.Thread(
            target=self._run, name="mt5web-simulator", daemon=True
        )
        self._thread.start()
        try:
            self._wait_for(self._begin())
        except BaseException:
            self.stop()
            raise

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._gateway.port

    def do(self, work: Callable[[Broker], T]) -> T:
        """Run something in the server's thread and return what it returns.

        Raises:
            RuntimeError: the server is stopped.
        """

        async def run() -> T:
            return work(self._broker)

        return self._wait_for(run())

    def stop(self) -> None:
        """Break off all connections and end; returns when that is done."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            done = asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:
            work.close()
            raise
        while not wait([done], timeout=_LOOK_S).done:
            if not self._thread.is_alive():  # it ended without having heard of it
                work.close()
                done.cancel()
        try:
            return done.result()
        except CancelledError:
            raise RuntimeError("the simulator was stopped meanwhile") from None

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._end())
            self._loop.close()

    async def _begin(self) -> None:
        await self._gateway.start()
        self._moving = self._loop.create_task(self._move())

    async def _move(self) -> None:
        """Let the market move and time do its work."""
        while True:
            try:
                self._broker.step()
            except Exception:  # a market that stands still would tell nobody why
                logger.exception("the market could not move on")
            await asyncio.sleep(self._pace)

    async def _end(self) -> None:
        await self._gateway.stop()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await asyncio.get_running_loop().shutdown_default_executor()
        self._broker.close()

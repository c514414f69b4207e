"""A simulated trade server in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final, Self, TypeVar

from mt5web_async.enums import AccountType, MarginMode, TickFields

from .broker import Broker, clock_of
from .clock import ManualClock
from .config import SimulatorConfig
from .faults import Faults
from .gateway import Gateway
from .ledger import Ledger
from .page import TERMINAL
from .plans import account_plan
from .quotes import Depth, DepthLevel
from .ticks import LiveTick
from .tokens import Tokens

T = TypeVar("T")

_FIRST_ORDER: Final = 70_000_001
_FIRST_DEAL: Final = 50_000_001
_VOLUME_UNITS: Final = 100_000_000


class Simulator:
    """A trade server with its market, listening at a port of this machine.

    Methods may be called from any thread; what they do is done when they return.

    Args:
        config: how it is set up.

    Example:
        >>> with Simulator() as server:
        ...     server.url.startswith("ws://127.0.0.1:")
        True
    """

    def __init__(self, config: SimulatorConfig | None = None) -> None:
        self.config = config or SimulatorConfig()
        path = self.config.ledger or ":memory:"
        self._ledger = Ledger(path, first_order=_FIRST_ORDER, first_deal=_FIRST_DEAL)
        self._clock = clock_of(self.config)
        self._tokens = Tokens()
        self._port = self.config.port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._broker: Broker | None = None

    def __repr__(self) -> str:
        state = "running" if self._loop is not None else "stopped"
        return f"<Simulator {self.url}, {state}>"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Address of its WebSocket."""
        scheme = "ws" if self.config.tls is None else "wss"
        return f"{scheme}://{self.config.host}:{self._port}{TERMINAL}"

    @property
    def login(self) -> int:
        """Number of the account that is there from the start."""
        return self.config.login

    @property
    def password(self) -> str:
        """Its password."""
        return self.config.password

    @property
    def investor_password(self) -> str:
        """Its password for looking on."""
        return self.config.investor_password

    # life

    def start(self) -> None:
        """Listen; returns when clients can connect.

        Raises:
            OSError: the port is taken.
        """
        if self._loop is not None:
            return
        self._broker = Broker(self.config, self._ledger, self._clock, self._tokens)
        self._open_first_account(self._broker)
        gateway = Gateway(self._broker)
        gateway.port = self._port
        started: list[BaseException | None] = []
        ready = threading.Event()
        loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=_serve,
            args=(loop, gateway, self._broker, self.config.pace, started, ready),
            name="mt5web-simulator",
            daemon=True,
        )
        self._thread.start()
        ready.wait()
        if started[0] is not None:
            self._thread.join()
            raise started[0]
        self._loop, self._port = loop, gateway.port

    def stop(self) -> None:
        """Break off all connections and end; the ledger stays as it is."""
        loop, self._loop = self._loop, None
        if loop is not None and self._thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            self._thread.join()

    def restart(self, *, forget_tokens: bool = False) -> None:
        """Stop and start with the same books, at the same port.

        Args:
            forget_tokens: logins of before need their passwords again.
        """
        self.stop()
        if forget_tokens:
            self._tokens = Tokens()
        self.start()

    def _open_first_account(self, broker: Broker) -> None:
        config = self.config
        if broker.exchange.knows_account(config.login):
            return
        plan = account_plan(
            config,
            name=config.name,
            login=config.login,
            password=config.password,
            investor_password=config.investor_password,
        )
        broker.open_account(plan, config.balance)

    # market

    def quote(
        self,
        symbol: str,
        *,
        bid: float | None = None,
        ask: float | None = None,
        last: float | None = None,
        volume: float | None = None,
    ) -> None:
        """Set a symbol's prices; from then on it is quoted by hand only.

        Args:
            symbol: its name.
            bid: None: as it is; so are the others.
            ask: likewise.
            last: price of a deal.
            volume: of that deal, units.

        Raises:
            KeyError: there is no such symbol.
        """

        def set_quote(broker: Broker) -> None:
            now, scale = broker.now, broker.wake(symbol).scale
            given = {
                TickFields.BID: bid,
                TickFields.ASK: ask,
                TickFields.LAST: last,
                TickFields.VOLUME: volume,
            }
            fields = sum(field for field, one in given.items() if one is not None)
            tick = LiveTick(
                now,
                fields,
                round((bid or 0.0) * scale),
                round((ask or 0.0) * scale),
                round((last or 0.0) * scale),
                round((volume or 0.0) * _VOLUME_UNITS),
            )
            broker.tick(symbol, tick)
            broker.audience.flush()

        self._do(set_quote)

    def depth(
        self,
        symbol: str,
        bids: Iterable[tuple[float, float]],
        asks: Iterable[tuple[float, float]],
    ) -> None:
        """Set what orders can be filled from, as (price, lots); see `book_depth`.

        Raises:
            KeyError: there is no such symbol.
        """
        made = Depth.of(
            [DepthLevel(price, round(lots * _VOLUME_UNITS)) for price, lots in bids],
            [DepthLevel(price, round(lots * _VOLUME_UNITS)) for price, lots in asks],
        )

        def set_depth(broker: Broker) -> None:
            broker.wake(symbol)
            broker.exchange.set_depth(symbol, made)

        self._do(set_depth)

    def advance(self, seconds: float) -> None:
        """Let time pass on a :class:`ManualClock`.

        Raises:
            TypeError: the server runs by the machine's clock.
        """
        clock = self._clock
        if not isinstance(clock, ManualClock):
            raise TypeError(f"{clock!r} cannot be moved; configure a ManualClock")

        def move(broker: Broker) -> None:
            clock.move(seconds)
            broker.step()

        self._do(move)

    # accounts

    def add_account(
        self,
        password: str,
        *,
        login: int = 0,
        balance: float = 10_000.0,
        margin_mode: MarginMode | None = None,
        currency: str = "",
        leverage: int = 0,
    ) -> int:
        """Open another account and return its login.

        Raises:
            ValueError: there is an account of this login.
        """
        plan = account_plan(
            self.config,
            name="Added Account",
            password=password,
            login=login,
            kind=AccountType.DEMO,
            currency=currency,
            leverage=leverage,
            margin_mode=margin_mode,
        )
        return self._do(lambda broker: broker.open_account(plan, balance))

    def deposit(self, amount: float, login: int = 0) -> None:
        """Pay in, or out when negative."""
        to = login or self.login

        def pay(broker: Broker) -> None:
            broker.route(broker.exchange.balance_operation(to, amount, broker.now))

        self._do(pay)

    def positions(self, login: int = 0) -> int:
        """How many positions are open."""
        return self._do(lambda b: len(b.exchange.positions(login or self.login)))

    # faults

    def fault(self, change: Callable[[Faults], T]) -> T:
        """Change the faults that the server has, see :class:`Faults`.

        Example:
            >>> with Simulator() as server:
            ...     server.fault(lambda faults: faults.hold(12))
        """
        return self._do(lambda broker: change(broker.faults))

    def disconnect(self) -> None:
        """Break off all connections."""

        def cut(broker: Broker) -> None:
            for session in broker.audience:
                session.abort()

        self._do(cut)

    def set_connected(self, connected: bool) -> None:
        """Let the gateway lose its trade server, or find it again."""
        self._do(lambda broker: broker.set_connected(connected))

    def do(self, work: Callable[[Broker], T]) -> T:
        """Run anything on the server's thread; for what has no method of its own."""
        return self._do(work)

    def _do(self, work: Callable[[Broker], T]) -> T:
        loop, broker = self._loop, self._broker
        if loop is None or broker is None:
            raise RuntimeError("the simulator is not running: call start() first")

        async def run() -> T:
            return work(broker)

        call: Coroutine[Any, Any, T] = run()
        return asyncio.run_coroutine_threadsafe(call, loop).result()


def _serve(
    loop: asyncio.AbstractEventLoop,
    gateway: Gateway,
    broker: Broker,
    pace: float,
    started: list[BaseException | None],
    ready: threading.Event,
) -> None:
    """The server's thread."""
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(gateway.start())
    except OSError as exc:
        started.append(exc)
        loop.close()
        return
    else:
        started.append(None)
    finally:
        ready.set()
    ticking = loop.create_task(_tick(broker, pace))
    try:
        loop.run_forever()
    finally:
        ticking.cancel()
        loop.run_until_complete(_end(gateway, ticking))
        loop.close()


async def _tick(broker: Broker, pace: float) -> None:
    while True:
        broker.step()
        broker.audience.flush()
        await asyncio.sleep(pace)


async def _end(gateway: Gateway, ticking: asyncio.Task[None]) -> None:
    await asyncio.gather(ticking, return_exceptions=True)
    await gateway.stop()
    current = asyncio.current_task()
    rest = [task for task in asyncio.all_tasks() if task is not current]
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_default_executor()

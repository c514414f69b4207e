"""A simulated trade server in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final, Self, TypeVar

from mt5web_async.enums import AccountType, MarginMode, TickFields
from mt5web_async.protocol.records import FullSymbol, Position
from mt5web_async.protocol.responses import AccountState

from .broker import Broker, clock_of, market_of
from .clients.tokens import Tokens
from .clock import MS, Clock, ManualClock, seconds_of
from .config import SimulatorConfig
from .gateway.hosting import Host
from .gateway.page import TERMINAL
from .market.market import Market
from .plans import account_plan
from .trading.accounts import Access
from .trading.ledger import Ledger
from .trouble import Trouble

T = TypeVar("T")

_TICKETS_A_SECOND: Final = 10
_FIRST_YEAR: Final = seconds_of(datetime(2025, 1, 1))  # noqa: DTZ001
_DEALS_APART: Final = 1_000_000_000
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
"""Where a server can be reached that listens at all addresses."""
_VALUES: Final = (TickFields.BID, TickFields.ASK, TickFields.LAST, TickFields.VOLUME)


class Simulator:
    """A trade server with its market, listening at a port of this machine.

    Methods may be called from any thread; what they do is done when they return.

    Args:
        config: how it is set up.

    Attributes:
        config: likewise.
        trouble: faults to try out how clients bear them.

    Example:
        >>> with Simulator() as server:
        ...     server.url.startswith("ws://127.0.0.1:")
        True
    """

    def __init__(self, config: SimulatorConfig | None = None) -> None:
        self.config = config or SimulatorConfig()
        self.trouble = Trouble(lambda change: self.do(lambda b: change(b.faults)))
        self._clock = clock_of(self.config)
        self._tokens = Tokens()
        self._port = self.config.port
        self._ledger: Ledger | None = None
        self._market: Market | None = None
        self._host: Host | None = None

    def __repr__(self) -> str:
        state = "stopped" if self._host is None else "running"
        return f"<Simulator {self.url}, {state}>"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Address of its WebSocket."""
        scheme = "ws" if self.config.tls is None else "wss"
        host = _EVERYWHERE.get(self.config.host, self.config.host)
        host = f"[{host}]" if ":" in host else host
        return f"{scheme}://{host}:{self._port}{TERMINAL}"

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

    @property
    def credentials(self) -> dict[str, Any]:
        """What logs in to it, as the keywords of `mt5web.initialize()`."""
        return {"server": self.url, "login": self.login, "password": self.password}

    # life

    def start(self) -> None:
        """Listen; returns when clients can connect.

        Raises:
            OSError: the port is taken.
            LedgerUnusable: the ledger's file cannot be opened, or is in use.
            ValueError: no symbol is quoted in the currency that was configured.
        """
        if self._host is not None:
            return
        first = self._ledger is None
        try:
            self._host = self._hosted()
        except BaseException:
            if first:
                self.close()
            raise
        self._port = self._host.port

    def _hosted(self) -> Host:
        if self._ledger is None:
            self._ledger = _ledger(self.config, self._clock)
        if self._market is None:
            self._market = market_of(self.config, self._clock)
        broker = Broker(
            self.config, self._ledger, self._clock, self._market, self._tokens
        )
        self._open_first_account(broker)
        return Host(broker, self._port, self.config.pace)

    def stop(self) -> None:
        """Break off all connections and listen no more; :meth:`start` goes on."""
        host, self._host = self._host, None
        if host is not None:
            host.stop()

    def close(self) -> None:
        """Stop, and close the books; those without a file are lost."""
        self.stop()
        ledger, self._ledger, self._market = self._ledger, None, None
        if ledger is not None:
            ledger.close()

    def restart(self, *, forget_tokens: bool = False) -> None:
        """Stop and start with the same books and prices, at the same port.

        Args:
            forget_tokens: logins of before need their passwords again.
        """
        self.stop()
        if forget_tokens:
            self._tokens.forget()
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
            ValueError: a price is not above 0, or does not lie on the tick size.
        """
        values = zip(_VALUES, (bid, ask, last, volume), strict=True)
        given = {field: value for field, value in values if value is not None}
        self.do(lambda broker: broker.quote(symbol, given))

    def depth(
        self,
        symbol: str,
        bids: Iterable[tuple[float, float]],
        asks: Iterable[tuple[float, float]],
    ) -> None:
        """Set the depth of market as (price, lots).

        Clients are told of it where the symbol has one; orders are filled from it
        with the switch `book_depth`.

        Raises:
            KeyError: there is no such symbol.
            ValueError: a price or volume is not above 0, or a price comes twice.
        """
        both = tuple(bids), tuple(asks)
        self.do(lambda broker: broker.set_depth(symbol, *both))

    def release(self, symbol: str) -> None:
        """Let a symbol's quotes and depth move by themselves again.

        Raises:
            KeyError: there is no such symbol.
        """
        self.do(lambda broker: broker.release(symbol))

    def change_symbol(
        self, symbol: str, change: Callable[[FullSymbol], FullSymbol]
    ) -> None:
        """Give a symbol other settings; what its prices are made by stays.

        Raises:
            KeyError: there is no such symbol.
            ValueError: name, id, digits, tick size, chart mode or depth would change.
        """
        self.do(lambda broker: broker.change_symbol(symbol, change))

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

        self.do(move)

    # accounts

    def add_account(
        self,
        password: str,
        *,
        investor_password: str = "",
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
            investor_password=investor_password,
            login=login,
            kind=AccountType.DEMO,
            currency=currency,
            leverage=leverage,
            margin_mode=margin_mode,
        )
        return self.do(lambda broker: broker.open_account(plan, balance))

    def kept_differently(self) -> list[str]:
        """What of the first account is not as configured: the ledger had it before."""
        return self.do(lambda broker: _differences(self.config, broker))

    def deposit(self, amount: float, login: int = 0) -> None:
        """Pay in, or out when negative."""
        to = login or self.login

        def pay(broker: Broker) -> None:
            broker.route(broker.exchange.balance_operation(to, amount, broker.now))

        self.do(pay)

    def change_account(
        self, change: Callable[[AccountState], AccountState], login: int = 0
    ) -> None:
        """Give an account other conditions; its money stays as it is.

        Example:
            >>> with Simulator() as server:
            ...     server.change_account(
            ...         lambda state: state._replace(
            ...             account=state.account._replace(leverage=50)
            ...         )
            ...     )
        """
        self.do(lambda broker: broker.change_account(login or self.login, change))

    def positions(self, login: int = 0) -> tuple[Position, ...]:
        """What is open, by ascending ticket."""
        return self.do(lambda broker: broker.exchange.positions(login or self.login))

    # faults

    def disconnect(self) -> None:
        """Break off all connections."""

        def cut(broker: Broker) -> None:
            for session in broker.audience:
                session.abort()

        self.do(cut)

    def set_connected(self, connected: bool) -> None:
        """Let the gateway lose its trade server, or find it again."""
        self.do(lambda broker: broker.set_connected(connected))

    def do(self, work: Callable[[Broker], T]) -> T:
        """Run anything in the server's thread; for what has no method of its own.

        Raises:
            RuntimeError: the server is stopped.
        """
        host = self._host
        if host is None:
            raise RuntimeError("the simulator is not running: call start() first")
        return host.do(work)


def _differences(config: SimulatorConfig, broker: Broker) -> list[str]:
    exchange, login = broker.exchange, config.login
    account = exchange.account_state(login).account
    found = {
        f"a {MarginMode(account.margin_mode).name.lower()} account": (
            account.margin_mode == config.margin_mode
        ),
        f"an account in {account.currency}": account.currency == config.currency,
        f"a leverage of 1:{account.leverage}": account.leverage == config.leverage,
        "another password": exchange.authenticate(login, config.password)
        is Access.MAIN,
    }
    return [difference for difference, same in found.items() if not same]


def _ledger(config: SimulatorConfig, clock: Clock) -> Ledger:
    first = first_ticket(clock.now() // MS)
    return Ledger(
        config.ledger or ":memory:",
        first_order=first,
        first_deal=first + _DEALS_APART,
    )


def first_ticket(now: int) -> int:
    """Where the orders of new books begin, at a server time in s.

    Clients keep notes by ticket, so books that replace lost ones may not begin with
    the same tickets again.
    """
    return max(now - _FIRST_YEAR, 0) * _TICKETS_A_SECOND + 1

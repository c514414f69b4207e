"""The simulated broker: its market, its trading, and those who are connected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from mt5web_async.enums import TickFields
from mt5web_async.protocol.records import FullSymbol, TradeRequest
from mt5web_async.protocol.responses import AccountState

from .clients.audience import Audience
from .clients.quote_desk import QuoteDesk
from .clients.session import Session
from .clients.tokens import Tokens
from .clock import MS, Clock, SystemClock
from .config import SimulatorConfig
from .depths import Depths, Side
from .faults import Faults
from .market.catalogue import Catalogue, standard, synthetic, together
from .market.instrument import Instrument
from .market.market import Market, Sent
from .plans import as_kept_here
from .trading.accounts import Access, AccountPlan
from .trading.exchange import Exchange
from .trading.ledger import Ledger
from .trading.pushes import Push, ServerStatePush

_BACKLOG_MS: Final = 10 * 60_000


class Broker:
    """Everything behind the connections; used by one thread only.

    Args:
        config: how it is set up.
        ledger: its books.
        clock: its time.
        market: its prices; they go on while the server is down.
        tokens: that clients hold from before, when the server was restarted.
    """

    def __init__(
        self,
        config: SimulatorConfig,
        ledger: Ledger,
        clock: Clock,
        market: Market,
        tokens: Tokens,
    ) -> None:
        self.config = config
        self.clock = clock
        self.market = market
        self.tokens = tokens
        self.faults = Faults()
        self.audience = Audience()
        self.connected = True
        self.hashing = ThreadPoolExecutor(1, "mt5web-simulator-hashing")
        symbols = {one.symbol.name: one.symbol for one in self.catalogue.listings}
        self._names = {symbol.symbol_id: name for name, symbol in symbols.items()}
        self.exchange = Exchange(ledger, symbols, config.switches)
        self._take_over(ledger.accounts.logins())
        self.desk = QuoteDesk(self.audience, self.wake_id, market.awake)
        deep = config.switches.book_depth
        self._depths = Depths(self.exchange, self.desk, dealt=deep)
        for instrument in market.awake.values():
            self._introduce(instrument)
        in_use = self.exchange.symbols_in_use
        for one in self.catalogue.listings:
            if one.core or one.symbol.name in in_use:
                self.wake(one.symbol.name)

    def close(self) -> None:
        """End what it started."""
        self.hashing.shutdown()

    def _take_over(self, logins: Iterable[int]) -> None:
        """Let accounts of a server of before tell of this one."""
        for login in logins:
            state = self.exchange.account_state(login)
            account = as_kept_here(self.config, state.account)
            if account != state.account:
                self.exchange.put_account(login, state._replace(account=account))

    @property
    def catalogue(self) -> Catalogue:
        """The symbols with their own settings."""
        return self.market.catalogue

    @property
    def now(self) -> int:
        """Server time in ms, with all that was due until then done."""
        self.step()
        return self.market.now

    @property
    def utc(self) -> float:
        """Seconds since 1970, UTC."""
        return self.clock.now() / MS - self.config.shift

    def step(self) -> None:
        """Let happen what is due: ticks, and all that follows from them and time."""
        until = self.clock.now()
        backlog = _BACKLOG_MS if isinstance(self.clock, SystemClock) else None
        for sent in self.market.run(until, backlog=backlog):
            self._spread(sent)
        self.audience.route(self.exchange.advance(until))
        self.desk.settle(until)

    def wake(self, name: str) -> Instrument:
        """The instrument of a symbol, quoted from now on.

        Raises:
            KeyError: there is no such symbol.
        """
        if name in self.market.awake:
            return self.market.awake[name]
        instrument = self.market.wake(name)
        self._introduce(instrument)
        return instrument

    def wake_id(self, symbol_id: int) -> Instrument | None:
        """The same by the symbol's number; None: there is no such symbol."""
        name = self._names.get(symbol_id)
        return None if name is None else self.wake(name)

    def symbol_of(self, symbol_id: int) -> FullSymbol | None:
        """Everything about a symbol; None: there is no such symbol."""
        name = self._names.get(symbol_id)
        return None if name is None else self.exchange.symbol(name)

    def knows(self, name: str) -> bool:
        """Whether there is a symbol of this name."""
        return self.market.knows(name)

    def quote(self, name: str, given: Mapping[TickFields, float]) -> None:
        """Set some of a symbol's prices by hand; its price process falls silent.

        Args:
            name: of the symbol.
            given: plain prices, and whole units of volume.

        Raises:
            KeyError: there is no such symbol.
            ValueError: a price is not above 0, or does not lie on the tick size.
        """
        now, instrument = self.now, self.wake(name)
        tick = instrument.tick(now, given)
        self.market.drive(name)
        instrument.apply(tick)
        self._spread(Sent(instrument, tick))
        self.desk.settle(now)

    def set_depth(self, name: str, bids: Side, asks: Side) -> None:
        """Set a depth of market by hand, as prices and lots.

        Raises:
            KeyError: there is no such symbol.
            ValueError: a price or volume is not above 0, or a price comes twice.
        """
        now = self.now
        self._depths.set(self.wake(name), bids, asks)
        self.desk.settle(now)

    def release(self, name: str) -> None:
        """Let a symbol's quotes and depth move by themselves again.

        Raises:
            KeyError: there is no such symbol.
        """
        now = self.now
        self.market.release(name)
        self._depths.release(self.wake(name))
        self.desk.settle(now)

    def trade(self, session: Session, request: TradeRequest) -> list[Push]:
        """Carry out a trade request; what is returned has yet to be routed."""
        now, known = self.now, self.knows(request.symbol)
        if known:
            self.wake(request.symbol)
        pushes = self.exchange.submit(
            session.number,
            session.login,
            request,
            now,
            investor=session.access is Access.INVESTOR,
        )
        if known:
            self._depths.traded(self.wake(request.symbol))
        return pushes

    def change_symbol(
        self, name: str, change: Callable[[FullSymbol], FullSymbol]
    ) -> None:
        """Give a symbol other settings; what its prices are made by stays.

        Raises:
            KeyError: there is no such symbol.
            ValueError: name, id, digits, tick size, chart mode or depth would change.
        """
        self.wake(name)
        symbol = change(self.exchange.symbol(name))
        self.market.change(name, symbol)
        self.route(self.exchange.change_symbol(symbol))

    @property
    def is_full(self) -> bool:
        """Whether clients may open no more accounts."""
        return self.exchange.accounts_total >= self.config.limits.accounts

    def open_account(self, plan: AccountPlan, deposit: float) -> int:
        """Open an account and return its login.

        Args:
            plan: what it begins with.
            deposit: its first money; 0: none.

        Raises:
            ValueError: the plan names a login that exists, or a currency that nothing
                is quoted in.
        """
        currency, quoted = plan.account.currency, self.catalogue.currencies
        if quoted and currency not in quoted:
            raise ValueError(
                f"currency {currency!r}: must be one of {', '.join(sorted(quoted))}"
            )
        login = self.exchange.open_account(plan)
        if deposit:
            self.route(self.exchange.balance_operation(login, deposit, self.now))
        return login

    def change_account(
        self, login: int, change: Callable[[AccountState], AccountState]
    ) -> None:
        """Give an account other conditions; its money stays as it is.

        Raises:
            NotFound: there is no such account.
        """
        state = change(self.exchange.account_state(login))
        self.route(self.exchange.change_account(login, state))

    def route(self, pushes: Iterable[Push]) -> None:
        """Send what the exchange hands out."""
        self.audience.route(pushes)

    def set_connected(self, connected: bool) -> None:
        """Lose the trade server behind the gateway, or find it again."""
        self.connected = connected
        self.audience.route([ServerStatePush(0 if connected else 1)])

    def _introduce(self, instrument: Instrument) -> None:
        """Tell the exchange what an instrument is worth at present."""
        if instrument.quote is not None:
            quote = instrument.quote.quote(instrument.scale)
            self._depths.quoted(instrument)
            name = instrument.symbol.name
            self.audience.route(self.exchange.tick(name, quote, self.market.now))

    def _spread(self, sent: Sent) -> None:
        """Tell a tick to those who quote by it and to the exchange."""
        self.desk.moved(sent)
        self._depths.quoted(sent.instrument)
        name, tick = sent.instrument.symbol.name, sent.tick
        quote = tick.quote(sent.instrument.scale)
        pushes = self.exchange.tick(name, quote, tick.time)
        if pushes:
            self.audience.route(pushes)
            self._depths.traded(sent.instrument)


def clock_of(config: SimulatorConfig) -> Clock:
    """The clock that a configuration asks for."""
    return config.clock or SystemClock(config.shift)


def market_of(config: SimulatorConfig, clock: Clock) -> Market:
    """The market that a configuration asks for."""
    return Market(
        _catalogue(config, clock),
        seed=config.seed,
        history_start=config.history_from,
        now=clock.now(),
        automatic=config.automatic,
    )


def _catalogue(config: SimulatorConfig, clock: Clock) -> Catalogue:
    catalogue = config.catalogue
    if catalogue is None:
        catalogue = standard(clock.now() // MS, always_open=config.always_open)
    if config.synthetic_symbols:
        more = synthetic(config.synthetic_symbols, always_open=config.always_open)
        catalogue = together(catalogue, more)
    return catalogue

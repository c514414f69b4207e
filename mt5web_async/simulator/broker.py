"""The simulated broker: its market, its trading, and those who are connected."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from mt5web_async.protocol.records import FullSymbol

from .accounts import AccountPlan
from .audience import Audience
from .catalogue import Catalogue, standard, synthetic, together
from .clock import MS, Clock, SystemClock
from .config import SimulatorConfig
from .exchange import Exchange
from .faults import Faults
from .instrument import Instrument
from .ledger import Ledger
from .market import Market, Sent
from .pushes import Push, ServerStatePush
from .quote_desk import QuoteDesk
from .ticks import LiveTick
from .tokens import Tokens

_BACKLOG_MS: Final = 10 * 60_000


class Broker:
    """Everything behind the connections; used by one thread only.

    Args:
        config: how it is set up.
        ledger: its books.
        clock: its time.
        tokens: that clients hold from before, when the server was restarted.
    """

    def __init__(
        self, config: SimulatorConfig, ledger: Ledger, clock: Clock, tokens: Tokens
    ) -> None:
        self.config = config
        self.clock = clock
        self.tokens = tokens
        self.faults = Faults()
        self.audience = Audience()
        self.connected = True
        self.catalogue = _catalogue(config, clock)
        symbols = {one.symbol.name: one.symbol for one in self.catalogue.listings}
        self._names = {symbol.symbol_id: name for name, symbol in symbols.items()}
        self.exchange = Exchange(ledger, symbols, config.switches)
        self.market = Market(
            self.catalogue,
            seed=config.seed,
            history_start=config.history_from,
            now=clock.now(),
            automatic=config.automatic,
        )
        self.desk = QuoteDesk(self.audience, self.wake_id, self.market.awake)
        in_use = self.exchange.symbols_in_use
        for one in self.catalogue.listings:
            if one.core or one.symbol.name in in_use:
                self.wake(one.symbol.name)

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
        if instrument.quote is not None:
            quote = instrument.quote.quote(instrument.scale)
            self.audience.route(self.exchange.tick(name, quote, self.market.now))
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

    def tick(self, name: str, tick: LiveTick) -> None:
        """Set a quote by hand; the price process of the symbol falls silent.

        Raises:
            KeyError: there is no such symbol.
            ValueError: the tick is older than the one before.
        """
        self.wake(name)
        instrument = self.market.drive(name)
        instrument.apply(tick)
        self._spread(Sent(instrument, tick))
        self.desk.settle(self.market.now)

    def open_account(self, plan: AccountPlan, deposit: float) -> int:
        """Open an account and return its login.

        Args:
            plan: what it begins with.
            deposit: its first money; 0: none.

        Raises:
            ValueError: the plan names a login that exists.
        """
        login = self.exchange.open_account(plan)
        if deposit:
            self.route(self.exchange.balance_operation(login, deposit, self.now))
        return login

    def route(self, pushes: Iterable[Push]) -> None:
        """Send what the exchange hands out."""
        self.audience.route(pushes)

    def set_connected(self, connected: bool) -> None:
        """Lose the trade server behind the gateway, or find it again."""
        self.connected = connected
        self.audience.route([ServerStatePush(0 if connected else 1)])

    def _spread(self, sent: Sent) -> None:
        """Tell a tick to those who quote by it and to the exchange."""
        self.desk.moved(sent)
        name, tick = sent.instrument.symbol.name, sent.tick
        quote = tick.quote(sent.instrument.scale)
        pushes = self.exchange.tick(name, quote, tick.time)
        if pushes:
            self.audience.route(pushes)


def clock_of(config: SimulatorConfig) -> Clock:
    """The clock that a configuration asks for."""
    return config.clock or SystemClock(config.shift)


def _catalogue(config: SimulatorConfig, clock: Clock) -> Catalogue:
    catalogue = config.catalogue
    if catalogue is None:
        catalogue = standard(clock.now() // MS, always_open=config.always_open)
    if config.synthetic_symbols:
        more = synthetic(config.synthetic_symbols, always_open=config.always_open)
        catalogue = together(catalogue, more)
    return catalogue

"""The Market Watch: which symbols are known in full, which are quoted, and from when.

A symbol is quoted while there is any :class:`~.subscription.Need` for it. What
converts the money of such symbols is quoted too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from mt5web_async.calculation.quotes import Quote
from mt5web_async.connection.exchange import Ticket
from mt5web_async.connection.session import Session
from mt5web_async.errors import NotFound
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import FullSymbol
from mt5web_async.waiting import Deadline

from . import loading
from .model import Model
from .subscription import Need, Subscription, Using, Watch

_VALUED = Need.SHOWN, Need.HELD, Need.ASKED
"""Symbols whose money has to be converted."""


class MarketWatch:
    """Loads the symbols of one terminal, and has them quoted.

    Args:
        model: what is known.
        using: does something on the connection.
        quoted_only: called in the I/O thread with the symbols that are quoted from
            now on, and no others.
        timeout: s to wait for a symbol's first quote.
    """

    def __init__(
        self,
        model: Model,
        using: Using,
        quoted_only: Callable[[frozenset[str]], None],
        timeout: float,
    ) -> None:
        self._model = model
        self._using = using
        self._quoted_only = quoted_only
        self._timeout = timeout
        self._ticks = Subscription(Command.SUBSCRIBE_TICKS, self._confirmed)
        self._had: frozenset[str] = frozenset()  # quotes, before the connection broke

    @property
    def watch(self) -> Watch:
        """Which symbols are shown, and which are quoted at all."""
        return Watch(self._ticks.needed(Need.SHOWN), self._ticks.names)

    def subscribed(self, name: str) -> bool:
        """Whether the server sends the symbol's quotes, for whatever reason."""
        return name in self._ticks.names

    def held(self, name: str) -> bool:
        """Whether the symbol is watched as that of a position or an order."""
        return name in self._ticks.needed(Need.HELD)

    async def full_symbols(self, names: Iterable[str]) -> list[FullSymbol]:
        """See :meth:`Terminal.full_symbols`."""
        wanted = list(names)
        await self.load_symbols(wanted)
        full = self._model.symbols.full
        silent = next((name for name in wanted if name not in full), None)
        if silent is not None:
            raise NotFound(f"the server tells nothing of {silent!r}", symbol=silent)
        return [full[name] for name in wanted]

    async def load_symbols(self, names: Sequence[str]) -> None:
        """See :meth:`Terminal.load_symbols`."""
        if not all(map(self._model.symbols.loaded, names)):
            await self._using(
                lambda session, deadline: loading.load_full_symbols(
                    session, self._model, names, deadline
                )
            )

    async def need(self, need: Need, names: Iterable[str]) -> None:
        """Subscribe to symbols for this reason, and to what converts their money.

        Raises:
            NotFound: the server has no symbol of one of the names.
        """
        wanted = list(names)

        async def subscribe(session: Session, deadline: Deadline) -> None:
            await loading.load_full_symbols(session, self._model, wanted, deadline)
            if need is Need.HELD:
                await loading.load_spreads(session, self._model, wanted, deadline)
            self._ticks.add(need, wanted)
            await self._update(session, deadline)

        await self._using(subscribe)

    async def hide(self, name: str) -> None:
        """See :meth:`Terminal.hide`."""
        self._ticks.drop(Need.SHOWN, name)
        self._ticks.drop(Need.ASKED, name)
        await self._using(self._update)

    async def ask(self, name: str) -> None:
        """See :meth:`Terminal.ask`."""
        if name not in self._ticks.needed(*_VALUED) or not self._ticks.told(name):
            await self.need(Need.ASKED, [name])

    async def quote(self, name: str) -> Quote | None:
        """See :meth:`Terminal.quote`."""
        quote = self._model.quotes.get(name)
        if quote is not None:
            return quote
        await self.ask(name)
        await self.quoted([name])
        return self._model.quotes.get(name)

    async def quoted(self, names: Iterable[str]) -> None:
        """See :meth:`Terminal.quoted`."""
        wanted = [
            n for n in names if n in self._ticks.names and n in self._model.symbols
        ]
        await self._model.quotes.arrivals.wait(wanted, self._timeout)

    async def valued(self, names: Iterable[str]) -> None:
        """See :meth:`Terminal.valued`."""
        wanted = list(names)
        await self.quoted([*wanted, *self._conversions(wanted)])

    # a new connection

    def broken(self) -> None:
        """Keep in mind what was quoted until now."""
        quotes = self._model.quotes
        self._had = frozenset(n for n in self._ticks.names if quotes.get(n) is not None)

    def begin(self) -> None:
        """A server that was told of nothing yet."""
        self._ticks.forget_sent()

    async def restore(self, session: Session, deadline: Deadline) -> None:
        """Load and subscribe to what is held, and to all that was needed before."""
        self._ticks.replace(Need.HELD, loading.held_symbols(self._model))
        needed = [name for name in self._ticks.names if name in self._model.symbols]
        await loading.load_full_symbols(session, self._model, needed, deadline)
        self._ticks.replace(Need.CONVERSION, ())
        await self._update(session, deadline)

    async def restored(self) -> None:
        """Wait for what values the positions, and for what was quoted before."""
        needed = self._ticks.needed(Need.HELD, Need.CONVERSION)
        await self.quoted(needed | self._had)

    def end(self, session: Session) -> Ticket[None] | None:
        """Have nothing quoted any more; None if nothing is."""
        return self._ticks.end(session)

    async def _update(self, session: Session, deadline: Deadline) -> None:
        """Have quoted what is needed by now, and what converts its money."""
        self._ticks.derive(Need.HELD, lambda _: loading.held_symbols(self._model))
        pairs = self._conversions(self._ticks.needed(*_VALUED))
        await loading.load_full_symbols(session, self._model, pairs, deadline)
        self._ticks.derive(Need.CONVERSION, self._conversions, *_VALUED)
        await self._ticks.tell(session, self._model.symbols, deadline)

    def _conversions(self, names: Iterable[str]) -> list[str]:
        """The symbols whose quotes convert the money of loaded symbols."""
        full = self._model.symbols.full
        return self._model.conversion_symbols(full[n] for n in names if n in full)

    def _confirmed(self, names: frozenset[str]) -> None:
        """In the I/O thread: others are not subscribed to any more."""
        self._model.quotes.keep(names)
        self._quoted_only(names)

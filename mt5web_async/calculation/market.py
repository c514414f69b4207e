"""What a computation may look at: account, symbols, quotes, rules; all immutable."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .masks import matches
from .quotes import Quote
from .settings import effective_symbol, is_forex, quotes_delayed
from .values import Account, AccountState, FloatingLeverage, FullSymbol, Spread


class QuoteSource(Protocol):
    """Where the quotes of symbols are found, by name."""

    def live(self, name: str) -> Quote | None:
        """The live quote; None: there is none yet."""

    def delayed(self, name: str) -> Quote | None:
        """The delayed quote."""


@dataclass(frozen=True, slots=True)
class Quotes:
    """All quotes of one moment. It never changes: :meth:`put` makes another one.

    Attributes:
        live_by_name: quotes by the name of their symbol; not to be changed any more.
        delayed_by_name: quotes of symbols without a subscription to live ones.

    >>> moment = Quotes({"EURUSD": Quote(1.1, 1.2)})
    >>> later = moment.put("EURUSD", Quote(1.3, 1.4))
    >>> moment.live("EURUSD").bid, later.live("EURUSD").bid, later.live("USDJPY")
    (1.1, 1.3, None)
    """

    live_by_name: Mapping[str, Quote] = field(default_factory=dict)
    delayed_by_name: Mapping[str, Quote] = field(default_factory=dict)

    def live(self, name: str) -> Quote | None:
        """The live quote of a symbol; None: there is none yet."""
        return self.live_by_name.get(name)

    def delayed(self, name: str) -> Quote | None:
        """The delayed quote of a symbol; None: there is none yet."""
        return self.delayed_by_name.get(name)

    def put(self, name: str, quote: Quote, *, delayed: bool = False) -> Quotes:
        """These quotes with another one for a symbol."""
        if delayed:
            return Quotes(self.live_by_name, {**self.delayed_by_name, name: quote})
        return Quotes({**self.live_by_name, name: quote}, self.delayed_by_name)


class Pairs:
    """Names of all currency pairs that the server has, loaded or not (4.2).

    Args:
        names: names of the symbols of calculation modes 0 and 5, in any order.

    >>> Pairs(["EURUSD.m", "EURUSD", "USDJPY"]).first("EURUSD")
    'EURUSD'
    """

    __slots__ = ("names",)

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names = tuple(sorted(names))

    def first(self, beginning: str) -> str | None:
        """The first name, in code-point order, that begins so; None: there is none."""
        at = bisect_left(self.names, beginning)
        if at < len(self.names) and self.names[at].startswith(beginning):
            return self.names[at]
        return None


@dataclass(frozen=True, slots=True)
class Market:
    """One moment of everything that profit and margin depend on.

    Attributes:
        account: the account record.
        symbols: fully loaded symbols by name, with their effective settings.
        quotes: quotes by name.
        pairs: all currency pairs of the server.
        leverage: floating leverage rules; a symbol's is the first that matches.
        spreads: margin reliefs between futures.
        trade_flags: bits of :class:`~mt5web_async.enums.GroupFlags`.
    """

    account: Account
    symbols: Mapping[str, FullSymbol] = field(default_factory=dict)
    quotes: QuoteSource = field(default_factory=Quotes)
    pairs: Pairs = field(default_factory=Pairs)
    leverage: Sequence[FloatingLeverage] = ()
    spreads: Sequence[Spread] = ()
    trade_flags: int = 0

    @classmethod
    def of(
        cls,
        state: AccountState,
        symbols: Iterable[FullSymbol],
        quotes: QuoteSource,
        pairs: Iterable[str] | None = None,
        spreads: Sequence[Spread] = (),
    ) -> Market:
        """A market from records as they came.

        Args:
            state: the account with its overrides and leverage rules.
            symbols: full symbols with their own settings, overrides not applied.
            quotes: quotes by name.
            pairs: names of all currency pairs on the server; None: those given.
            spreads: margin reliefs between futures.
        """
        loaded = {one.name: effective_symbol(one, state.settings) for one in symbols}
        forex = (one.name for one in loaded.values() if is_forex(one))
        return cls(
            state.account,
            loaded,
            quotes,
            Pairs(forex if pairs is None else pairs),
            state.leverage,
            spreads,
            state.trade_flags or 0,
        )

    def quote(self, symbol: FullSymbol) -> Quote | None:
        """The quote that counts for a symbol's positions, orders and checks (2.4)."""
        if quotes_delayed(symbol):
            return self.quotes.delayed(symbol.name)
        return self.quotes.live(symbol.name)

    def leverage_of(self, symbol: FullSymbol) -> FloatingLeverage | None:
        """The floating leverage of a symbol; None: it has none (6.9)."""
        path = symbol.trade.symbol_path
        for floating in self.leverage:
            if matches(floating.rule.path, path):
                return floating
        return None

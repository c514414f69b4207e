"""An account's live value, computed again only where something has changed.

A portfolio never changes: :meth:`Portfolio.then` makes the next one and takes over
what neither a quote nor a deal has touched. A tick changes the results of its own
symbol and of those that are converted by it; margins follow quotes only where there
are orders, on exchange accounts, and where values are measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from mt5web_async.enums import MarginMode

from .account import AccountFigures, combined
from .conversion import conversion_symbols, route_symbols
from .exchange import tomorrow_name
from .leverage import by_value
from .market import Market
from .quotes import Quote
from .settings import is_collateral, margin_mode
from .symbol_figures import (
    SymbolFigures,
    SymbolGroup,
    group_by_symbol,
    group_storage,
    group_valued,
    symbol_margin,
    symbol_results,
)
from .values import FullSymbol, Order, Position
from .worth import Valued

PositionT = TypeVar("PositionT", bound=Position)
OrderT = TypeVar("OrderT", bound=Order)


class ValuedPosition(NamedTuple, Generic[PositionT]):
    """A position at the prices of the moment.

    Attributes:
        position: its record.
        price_close: the price that would close it.
        profit: account currency, without swap and commission.
    """

    position: PositionT
    price_close: float
    profit: float


_Seen: TypeAlias = tuple[FullSymbol | None, Quote | None, Quote | None]
"""Settings, live and delayed quote; the same objects mean the same results."""


@dataclass(frozen=True, slots=True)
class _Part(Generic[PositionT, OrderT]):
    """One symbol's part of the account.

    Attributes:
        group: positions and orders.
        worth: what the positions are worth.
        storage: their swaps together.
        figures: what they add to the account.
        priced_by: names of the symbols whose settings and quotes decided `worth`.
        margined_by: of those that decided the margin.
    """

    group: SymbolGroup[PositionT, OrderT]
    worth: Valued
    storage: float
    figures: SymbolFigures
    priced_by: frozenset[str]
    margined_by: frozenset[str]


@dataclass(frozen=True)
class Portfolio(Generic[PositionT, OrderT]):
    """Positions and orders of an account, valued at one moment.

    Attributes:
        market: the moment: account, symbols, quotes.
        held: open positions by ticket.
        waiting: open orders by ticket.
        parts: what each symbol adds.
        seen: settings and quotes of the symbols that something depends on, by name;
            the market's source of quotes may have moved on since.

    Example:
        >>> from mt5web_async.protocol.records import Account
        >>> before = Portfolio.of(Market(Account(balance=100.0)), {}, {})
        >>> richer = Market(Account(balance=150.0))
        >>> before.then(richer, before.held, before.waiting).figures.equity
        150.0
    """

    market: Market
    held: Mapping[int, PositionT]
    waiting: Mapping[int, OrderT]
    parts: Mapping[str, _Part[PositionT, OrderT]]
    seen: Mapping[str, _Seen]

    @classmethod
    def of(
        cls,
        market: Market,
        held: Mapping[int, PositionT],
        waiting: Mapping[int, OrderT],
    ) -> Portfolio[PositionT, OrderT]:
        """Value everything from the beginning."""
        groups = group_by_symbol(held.values(), waiting.values())
        parts = {group.name: _part(market, group) for group in groups}
        return cls(market, held, waiting, parts, _seen(market, parts.values()))

    def then(
        self,
        market: Market,
        held: Mapping[int, PositionT],
        waiting: Mapping[int, OrderT],
    ) -> Portfolio[PositionT, OrderT]:
        """The portfolio at a later moment.

        Whatever is the same object as before, a quote, a symbol, a position, is taken
        to be unchanged.

        Args:
            market: the later moment.
            held: open positions by ticket.
            waiting: open orders by ticket.
        """
        if not _same_rules(self.market, market):
            return Portfolio.of(market, held, waiting)
        groups = self._groups(held, waiting)
        changed = self._changed(market)
        parts = {group.name: self._next(market, group, changed) for group in groups}
        return Portfolio(market, held, waiting, parts, _seen(market, parts.values()))

    def ticked(self, market: Market) -> Portfolio[PositionT, OrderT]:
        """The portfolio at other quotes, with the same positions and orders."""
        return self.then(market, self.held, self.waiting)

    @cached_property
    def figures(self) -> AccountFigures:
        """Profit, equity, margin and the rest of the account."""
        return combined(self.market, [part.figures for part in self.parts.values()])

    @property
    def positions(self) -> tuple[ValuedPosition[PositionT], ...]:
        """All positions by ascending ticket."""
        valued = chain.from_iterable(
            map(ValuedPosition, group.positions, worth.closes, worth.profits)
            for group, worth in ((one.group, one.worth) for one in self.parts.values())
        )
        return tuple(sorted(valued, key=lambda one: one.position.position_id))

    def _groups(
        self, held: Mapping[int, PositionT], waiting: Mapping[int, OrderT]
    ) -> Iterable[SymbolGroup[PositionT, OrderT]]:
        if held is self.held and waiting is self.waiting:
            return [part.group for part in self.parts.values()]
        return group_by_symbol(held.values(), waiting.values())

    def _changed(self, market: Market) -> frozenset[str]:
        """Of the symbols that something depends on, those that are not as before."""
        return frozenset(
            name
            for name, (symbol, live, delayed) in self.seen.items()
            if market.quotes.live(name) is not live
            or market.symbols.get(name) is not symbol
            or market.quotes.delayed(name) is not delayed
        )

    def _next(
        self,
        market: Market,
        group: SymbolGroup[PositionT, OrderT],
        changed: frozenset[str],
    ) -> _Part[PositionT, OrderT]:
        """A symbol's part at a later moment; what nothing has touched stays."""
        symbol, before = market.symbols.get(group.name), self.parts.get(group.name)
        if (
            before is None
            or before.figures.symbol is not symbol
            or before.group != group
        ):
            return _part(market, group)
        priced = before.priced_by.isdisjoint(changed)
        margined = before.margined_by.isdisjoint(changed)
        if priced and margined:
            return before
        _, results, margin = before.figures
        worth, storage = before.worth, before.storage
        if not priced:
            worth = group_valued(market, symbol, group.positions, before.worth)
        if worth is not before.worth:
            results = symbol_results(market, symbol, group.positions, worth, storage)
        if not margined:
            margin = symbol_margin(market, symbol, group, checking=False)
        figures = SymbolFigures(symbol, results, margin)
        return replace(before, worth=worth, figures=figures)


def _seen(
    market: Market, parts: Iterable[_Part[PositionT, OrderT]]
) -> Mapping[str, _Seen]:
    """Settings and quotes of the moment that the parts depend on."""
    names = {name for part in parts for name in (*part.priced_by, *part.margined_by)}
    symbols, quotes = market.symbols, market.quotes
    return {
        name: (symbols.get(name), quotes.live(name), quotes.delayed(name))
        for name in names
    }


def _same_rules(one: Market, other: Market) -> bool:
    """Whether what decides every symbol's part is the same."""
    return (
        one.pairs is other.pairs
        and one.leverage is other.leverage
        and _terms(one) == _terms(other)
    )


def _terms(market: Market) -> tuple[object, ...]:
    """What of the account counts for symbols; its money does not."""
    account = market.account
    return (
        account.currency,
        account.currency_digits,
        account.leverage,
        account.margin_mode,
    )


def _part(
    market: Market, group: SymbolGroup[PositionT, OrderT]
) -> _Part[PositionT, OrderT]:
    """A symbol's part, computed from the beginning."""
    symbol, positions = market.symbols.get(group.name), group.positions
    worth = group_valued(market, symbol, positions)
    storage = group_storage(market, positions)
    results = symbol_results(market, symbol, positions, worth, storage)
    margin = symbol_margin(market, symbol, group, checking=False)
    return _Part(
        group,
        worth,
        storage,
        SymbolFigures(symbol, results, margin),
        _pricing_names(market, group, symbol),
        _margin_names(market, group, symbol),
    )


def _pricing_names(
    market: Market, group: SymbolGroup[PositionT, OrderT], symbol: FullSymbol | None
) -> frozenset[str]:
    """The symbols that results are computed from."""
    if symbol is None or not group.positions:
        return frozenset({group.name})
    account = market.account.currency
    converting = route_symbols(symbol, symbol.currency_profit, account, market.pairs)
    return frozenset({group.name, *converting})


def _margin_names(
    market: Market, group: SymbolGroup[PositionT, OrderT], symbol: FullSymbol | None
) -> frozenset[str]:
    """The symbols that margins are computed from."""
    if symbol is None:
        return frozenset({group.name})
    floating = market.leverage_of(symbol)
    measured = floating is not None and by_value(floating)
    exchange = margin_mode(market.account) == MarginMode.EXCHANGE
    if not (group.orders or measured or exchange or is_collateral(symbol)):
        return frozenset()
    converting = conversion_symbols(
        symbol,
        market.account.currency,
        market.pairs,
        None if floating is None else floating.rule.range_currency,
    )
    stand_in = tomorrow_name(symbol) or group.name
    return frozenset({group.name, *converting, stand_in})

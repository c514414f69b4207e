"""An account's live value, computed again only where something has changed.

A portfolio never changes: :meth:`Portfolio.then` makes the next one and takes over
what neither a quote nor a deal has touched. A tick changes the results of its own
symbol and of those that are converted by it; margins follow quotes only where there
are orders, on exchange accounts, and where values are measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Generic, NamedTuple, TypeVar

from mt5web_async.enums import MarginMode

from .account import AccountFigures, combined
from .conversion import conversion_symbols, route_symbols
from .exchange import tomorrow_name
from .leverage import by_value
from .market import Market
from .profit import Worth
from .settings import is_collateral, margin_mode
from .symbol_figures import (
    SymbolFigures,
    SymbolGroup,
    group_by_symbol,
    group_worths,
    symbol_margin,
    symbol_results,
)
from .values import FullSymbol, Order, Position

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


class _Basis(NamedTuple):
    """What something was computed from.

    Attributes:
        names: of the symbols whose settings or quotes counted.
        seen: these settings and quotes; the same objects mean the same result.
    """

    names: tuple[str, ...]
    seen: tuple[object, ...]

    @classmethod
    def of(cls, market: Market, names: tuple[str, ...]) -> _Basis:
        return cls(names, _seen(market, names))

    def holds(self, market: Market) -> bool:
        """Whether nothing of it has changed."""
        if not self.names:
            return True
        return all(map(_same, self.seen, _seen(market, self.names)))


def _seen(market: Market, names: tuple[str, ...]) -> tuple[object, ...]:
    symbols, live, delayed = market.symbols, market.quotes.live, market.quotes.delayed
    return tuple([of(name) for name in names for of in (symbols.get, live, delayed)])


def _same(one: object, other: object) -> bool:
    return one is other


@dataclass(frozen=True, slots=True)
class _Part(Generic[PositionT, OrderT]):
    """One symbol's part of the account, and what it was computed from."""

    group: SymbolGroup[PositionT, OrderT]
    worths: tuple[Worth, ...]
    figures: SymbolFigures
    priced: _Basis
    margined: _Basis

    def about(
        self, group: SymbolGroup[PositionT, OrderT], symbol: FullSymbol | None
    ) -> bool:
        """Whether it is the part of just these positions and orders."""
        return self.figures.symbol is symbol and self.group == group


@dataclass(frozen=True)
class Portfolio(Generic[PositionT, OrderT]):
    """Positions and orders of an account, valued at one moment.

    Attributes:
        market: the moment: account, symbols, quotes.
        held: open positions by ticket.
        waiting: open orders by ticket.
        parts: what each symbol adds.

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

    @classmethod
    def of(
        cls,
        market: Market,
        held: Mapping[int, PositionT],
        waiting: Mapping[int, OrderT],
    ) -> Portfolio[PositionT, OrderT]:
        """Value everything from the beginning."""
        groups = group_by_symbol(held.values(), waiting.values())
        parts = {group.name: _valued(market, group, None) for group in groups}
        return cls(market, held, waiting, parts)

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
        parts = {
            group.name: _valued(market, group, self.parts.get(group.name))
            for group in self._groups(held, waiting)
        }
        return Portfolio(market, held, waiting, parts)

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
            map(_pair, part.group.positions, part.worths)
            for part in self.parts.values()
        )
        return tuple(sorted(valued, key=lambda one: one.position.position_id))

    def _groups(
        self, held: Mapping[int, PositionT], waiting: Mapping[int, OrderT]
    ) -> Iterable[SymbolGroup[PositionT, OrderT]]:
        if held is self.held and waiting is self.waiting:
            return [part.group for part in self.parts.values()]
        return group_by_symbol(held.values(), waiting.values())


def _pair(position: PositionT, worth: Worth) -> ValuedPosition[PositionT]:
    return ValuedPosition(position, worth.price_close, worth.profit)


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


def _valued(
    market: Market,
    group: SymbolGroup[PositionT, OrderT],
    before: _Part[PositionT, OrderT] | None,
) -> _Part[PositionT, OrderT]:
    """A symbol's part; of what was computed before, all that still holds."""
    symbol = market.symbols.get(group.name)
    if before is not None and not before.about(group, symbol):
        before = None
    priced = before is not None and before.priced.holds(market)
    margined = before is not None and before.margined.holds(market)
    if before is not None and priced and margined:
        return before
    if before is not None and priced:
        worths, basis, results = before.worths, before.priced, before.figures.results
    else:
        worths = group_worths(market, symbol, group.positions)
        results = symbol_results(market, symbol, group.positions, worths)
        basis = _Basis.of(market, _pricing_names(market, group, symbol))
    if before is not None and margined:
        margin, margin_basis = before.figures.margin, before.margined
    else:
        margin = symbol_margin(market, symbol, group, checking=False)
        margin_basis = _Basis.of(market, _margin_names(market, group, symbol))
    figures = SymbolFigures(symbol, results, margin)
    return _Part(group, worths, figures, basis, margin_basis)


def _pricing_names(
    market: Market, group: SymbolGroup[PositionT, OrderT], symbol: FullSymbol | None
) -> tuple[str, ...]:
    """The symbols that results are computed from."""
    if symbol is None or not group.positions:
        return (group.name,)
    account = market.account.currency
    converting = route_symbols(symbol, symbol.currency_profit, account, market.pairs)
    return (group.name, *converting)


def _margin_names(
    market: Market, group: SymbolGroup[PositionT, OrderT], symbol: FullSymbol | None
) -> tuple[str, ...]:
    """The symbols that margins are computed from."""
    if symbol is None:
        return (group.name,)
    floating = market.leverage_of(symbol)
    measured = floating is not None and by_value(floating)
    exchange = margin_mode(market.account) == MarginMode.EXCHANGE
    if not (group.orders or measured or exchange or is_collateral(symbol)):
        return ()
    converting = conversion_symbols(
        symbol,
        market.account.currency,
        market.pairs,
        None if floating is None else floating.rule.range_currency,
    )
    stand_in = tomorrow_name(symbol) or group.name
    return tuple(dict.fromkeys((group.name, *converting, stand_in)))

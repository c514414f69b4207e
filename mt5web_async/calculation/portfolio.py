"""An account's live value, computed again only where something has changed.

A portfolio never changes: :meth:`Portfolio.then` makes the next one and takes over
the parts of all symbols that neither a quote nor a deal has touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from .account import AccountFigures, combined
from .conversion import conversion_symbols
from .market import Market
from .profit import Worth
from .quotes import Quote
from .symbol_figures import (
    SymbolFigures,
    SymbolGroup,
    group_by_symbol,
    group_worths,
    symbol_margin,
    symbol_results,
)

if TYPE_CHECKING:
    from mt5web_async.protocol.records import Order, Position


class Valued(NamedTuple):
    """A position at the prices of the moment.

    Attributes:
        position: its record.
        price_close: the price that would close it.
        profit: account currency, without swap and commission.
    """

    position: Position
    price_close: float
    profit: float


@dataclass(frozen=True, slots=True)
class _Part:
    """One symbol's part of the account, and what it was computed from."""

    group: SymbolGroup[Position, Order]
    quoted: tuple[str, ...]
    quotes: tuple[Quote | None, ...]
    worths: tuple[Worth, ...]
    figures: SymbolFigures


@dataclass(frozen=True)
class Portfolio:
    """Positions and orders of an account, valued at one moment.

    Attributes:
        market: the moment: account, symbols, quotes.
        held: open positions by ticket.
        waiting: open orders by ticket.
        parts: what each symbol adds.
    """

    market: Market
    held: Mapping[int, Position]
    waiting: Mapping[int, Order]
    parts: Mapping[str, _Part]

    @classmethod
    def of(
        cls,
        market: Market,
        held: Mapping[int, Position],
        waiting: Mapping[int, Order],
    ) -> Portfolio:
        """Value everything from the beginning."""
        groups = group_by_symbol(held.values(), waiting.values())
        parts = {group.name: _valued(market, group) for group in groups}
        return cls(market, held, waiting, parts)

    def then(
        self,
        market: Market,
        held: Mapping[int, Position],
        waiting: Mapping[int, Order],
    ) -> Portfolio:
        """The portfolio at a later moment.

        Args:
            market: the later moment; rules and symbols that did not change are the
                same objects as before.
            held: open positions by ticket; the same object if nothing changed.
            waiting: open orders by ticket, likewise.
        """
        if not _same_rules(self.market, market):
            return Portfolio.of(market, held, waiting)
        if held is self.held and waiting is self.waiting:
            groups: Iterable[SymbolGroup[Position, Order]] = (
                part.group for part in self.parts.values()
            )
        else:
            groups = group_by_symbol(held.values(), waiting.values())
        parts = {group.name: self._part(market, group) for group in groups}
        return Portfolio(market, held, waiting, parts)

    @cached_property
    def figures(self) -> AccountFigures:
        """Profit, equity, margin and the rest of the account."""
        return combined(self.market, [part.figures for part in self.parts.values()])

    @property
    def positions(self) -> list[Valued]:
        """All positions by ascending ticket."""
        valued = chain.from_iterable(
            map(_pair, part.group.positions, part.worths)
            for part in self.parts.values()
        )
        return sorted(valued, key=lambda one: one.position.position_id)

    def _part(self, market: Market, group: SymbolGroup[Position, Order]) -> _Part:
        before = self.parts.get(group.name)
        if before is not None and before.group == group:
            quotes = _quotes(market, before.quoted)
            unchanged = all(map(_is, quotes, before.quotes))
            if unchanged:
                return before
        return _valued(market, group)


def _pair(position: Position, worth: Worth) -> Valued:
    return Valued(position, worth.price_close, worth.profit)


def _is(one: object, other: object) -> bool:
    return one is other


def _same_rules(one: Market, other: Market) -> bool:
    """Whether what decides money, apart from quotes and balance, is the same."""
    return (
        one.symbols is other.symbols
        and one.pairs is other.pairs
        and one.leverage is other.leverage
        and one.spreads is other.spreads
        and one.trade_flags == other.trade_flags
        and one.account is other.account
    )


def _quotes(market: Market, names: Iterable[str]) -> tuple[Quote | None, ...]:
    quotes = market.quotes
    return tuple(
        quote for name in names for quote in (quotes.live(name), quotes.delayed(name))
    )


def _valued(market: Market, group: SymbolGroup[Position, Order]) -> _Part:
    symbol = market.symbols.get(group.name)
    worths = group_worths(market, symbol, group.positions)
    results = symbol_results(market, symbol, group.positions, worths)
    margin = symbol_margin(market, symbol, group, checking=False)
    quoted = _depends_on(market, group.name)
    return _Part(
        group,
        quoted,
        _quotes(market, quoted),
        worths,
        SymbolFigures(symbol, results, margin),
    )


def _depends_on(market: Market, name: str) -> tuple[str, ...]:
    """The symbols whose quotes a symbol's part is computed from."""
    symbol = market.symbols.get(name)
    if symbol is None:
        return (name,)
    leverage = market.leverage_of(symbol)
    converting = conversion_symbols(
        symbol,
        market.account.currency,
        market.pairs,
        None if leverage is None else leverage.rule.range_currency,
    )
    return tuple(dict.fromkeys((name, *converting)))

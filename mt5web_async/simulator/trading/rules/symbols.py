"""The server's symbols, as they are and as each account sees them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mt5web_async.calculation.market import Pairs
from mt5web_async.calculation.settings import effective_symbol, is_forex
from mt5web_async.enums import CalcMode
from mt5web_async.errors import NotFound
from mt5web_async.protocol.records import FullSymbol, TradeSettings


class Symbols:
    """Symbols by name.

    Args:
        symbols: with their own settings.
    """

    def __init__(self, symbols: Mapping[str, FullSymbol]) -> None:
        self._own = dict(symbols)
        self._effective: dict[tuple[int, str], FullSymbol] = {}
        self.pairs = _pairs(self._own)
        """All currency pairs."""

    def __contains__(self, name: object) -> bool:
        return name in self._own

    def __iter__(self) -> Iterator[str]:
        return iter(self._own)

    def __len__(self) -> int:
        return len(self._own)

    def own(self, name: str) -> FullSymbol:
        """A symbol with its own settings.

        Raises:
            NotFound: there is no such symbol.
        """
        try:
            return self._own[name]
        except KeyError:
            raise NotFound(f"no symbol {name!r}", symbol=name) from None

    def of(
        self, login: int, overrides: Iterable[TradeSettings], name: str
    ) -> FullSymbol:
        """A symbol with the settings that an account's overrides leave it.

        Raises:
            NotFound: there is no such symbol.
        """
        key = login, name
        if key not in self._effective:
            self._effective[key] = effective_symbol(self.own(name), overrides)
        return self._effective[key]

    def put(self, symbol: FullSymbol) -> None:
        """Add or replace a symbol."""
        self._own[symbol.name] = symbol
        self._effective.clear()
        self.pairs = _pairs(self._own)

    def forget(self, login: int) -> None:
        """The account's overrides changed."""
        for key in [key for key in self._effective if key[0] == login]:
            del self._effective[key]


def _pairs(symbols: Mapping[str, FullSymbol]) -> Pairs:
    return Pairs(name for name, symbol in symbols.items() if is_forex(symbol))


def priced_by_last(symbol: FullSymbol) -> bool:
    """Whether stops look at the last price, as on exchanges, not at bid and ask."""
    return CalcMode.EXCH_STOCKS <= symbol.calc_mode <= CalcMode.EXCH_BONDS_MOEX

"""The symbols of a server: the list, and the full records loaded so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mt5web_async.calculation.market import Pairs
from mt5web_async.calculation.settings import effective_symbol, quotes_delayed
from mt5web_async.calculation.spread import Pricing
from mt5web_async.enums import CalcMode
from mt5web_async.errors import NotFound
from mt5web_async.protocol.columns import texts
from mt5web_async.protocol.records import SYMBOL, FullSymbol, Symbol, TradeSettings

_PAIR_MODES = (CalcMode.FOREX, CalcMode.FOREX_NO_LEVERAGE)


class Quoted(NamedTuple):
    """What a quote of a symbol needs to be understood.

    Attributes:
        name: the symbol's name.
        pricing: digits and mark-up.
        delayed: whether its delayed quote is the one that counts.
    """

    name: str
    pricing: Pricing
    delayed: bool


class Symbols:
    """All symbols by name; full records come when they are asked for.

    Written by the I/O thread only; every mapping is read as it stands.

    Attributes:
        rows: the list as columns of the SYMBOL layout.
        pairs: names of all currency pairs.
        full: full records by name, `trade` being the effective settings.
        quoted: how to read the quotes of the symbols loaded so far, by id.
        delayed: names of the symbols whose delayed quotes are those that count.
    """

    def __init__(self) -> None:
        self.rows: NDArray[np.void] = np.empty(0, SYMBOL.dtype)
        self.pairs = Pairs()
        self.full: Mapping[str, FullSymbol] = {}
        self.quoted: Mapping[int, Quoted] = {}
        self.delayed: frozenset[str] = frozenset()
        self._index: Mapping[str, int] = {}  # name -> row
        self._own: dict[str, FullSymbol] = {}  # with the symbols' own settings
        self._outdated: frozenset[str] = frozenset()  # records of before the list
        self._overrides: Sequence[TradeSettings] = ()

    def __len__(self) -> int:
        return len(self._index)

    def __contains__(self, name: object) -> bool:
        return name in self._index

    @property
    def names(self) -> Iterable[str]:
        """All names, in the server's order."""
        return self._index.keys()

    def listed(self, name: str) -> Symbol:
        """The list's record of a symbol.

        Raises:
            NotFound: the server has no symbol of that name.
        """
        return SYMBOL.read(self.rows[self._row(name)].tobytes())

    def id_of(self, name: str) -> int:
        """The number by which pushes and requests speak of the symbol.

        Raises:
            NotFound: the server has no symbol of that name.
        """
        return int(self.rows["symbol_id"][self._row(name)])

    def path_of(self, name: str) -> str:
        """The own path of a loaded symbol, which an override's masks may hide."""
        return self._own[name].trade.symbol_path

    def missing(self, names: Iterable[str]) -> list[str]:
        """Those whose full records have to be asked for."""
        return [n for n in names if n not in self.full or n in self._outdated]

    def take_list(self, rows: NDArray[np.void]) -> None:
        """The whole list, anew.

        Full records of before stay until they are replaced, but are as good as
        missing: a server may have changed them, or numbered its symbols anew.
        """
        names = texts(rows, "name").tolist()
        self.rows = rows
        self._index = {name: row for row, name in enumerate(names)}
        is_pair = np.isin(rows["calc_mode"], _PAIR_MODES)
        self.pairs = Pairs(names[row] for row in np.flatnonzero(is_pair))
        self._own = {n: own for n, own in self._own.items() if n in self._index}
        self._outdated = frozenset(self._own)
        self.full = {n: full for n, full in self.full.items() if n in self._index}
        self.quoted = {}

    def take_full(self, records: Iterable[FullSymbol]) -> list[FullSymbol]:
        """Full records, new or changed; the same with effective settings."""
        arrived = {record.name: record for record in records}
        self._own.update(arrived)
        self._outdated = self._outdated.difference(arrived)
        return self._publish(arrived)

    def take_overrides(self, overrides: Sequence[TradeSettings]) -> None:
        """The account's overrides: all effective settings follow."""
        self._overrides = overrides
        self._publish(self._own)

    def _publish(self, own: Mapping[str, FullSymbol]) -> list[FullSymbol]:
        """Let records count, with the settings that are effective for the account."""
        changed = [effective_symbol(one, self._overrides) for one in own.values()]
        delayed = (one.name for one in changed if quotes_delayed(one))
        self.delayed = self.delayed.difference(own).union(delayed)
        self.full = {**self.full, **{one.name: one for one in changed}}
        self.quoted = {
            **self.quoted,
            **{
                one.symbol_id: Quoted(one.name, Pricing.of(one), quotes_delayed(one))
                for one in changed
                if one.name not in self._outdated
            },
        }
        return changed

    def _row(self, name: str) -> int:
        try:
            return self._index[name]
        except KeyError:
            raise NotFound(f"no symbol {name!r} on this server", symbol=name) from None

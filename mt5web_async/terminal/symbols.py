"""The symbols of a server: the list, and the full records loaded so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mt5web_async.calculation.market import Pairs
from mt5web_async.calculation.plausible import plausible
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


class _Listed(NamedTuple):
    """The symbol list: its rows, and where each name is among them."""

    rows: NDArray[np.void]  # of the SYMBOL layout
    places: Mapping[str, int]

    def row(self, name: str) -> np.void:
        try:
            row: np.void = self.rows[self.places[name]]
        except KeyError:
            raise NotFound(f"no symbol {name!r} on this server", symbol=name) from None
        return row


class Symbols:
    """All symbols by name; full records come when they are asked for.

    Written by one thread at a time; whatever is read is replaced whole.

    Attributes:
        pairs: names of all currency pairs.
        full: full records by name, `trade` being the effective settings. Those of an
            earlier connection stay until they are loaded again.
        quoted: how to read the quotes of the symbols loaded on this connection, by id.
        delayed: names of the symbols whose delayed quotes are those that count.
    """

    def __init__(self) -> None:
        self.pairs = Pairs()
        self.full: Mapping[str, FullSymbol] = {}
        self.quoted: Mapping[int, Quoted] = {}
        self.delayed: frozenset[str] = frozenset()
        self._listed = _Listed(np.empty(0, SYMBOL.dtype), {})
        self._own: dict[str, FullSymbol] = {}  # with the symbols' own settings
        self._stale: frozenset[str] = frozenset()  # full records that may have changed
        self._overrides: Sequence[TradeSettings] = ()

    def __len__(self) -> int:
        return len(self._listed.places)

    def __contains__(self, name: object) -> bool:
        return name in self._listed.places

    @property
    def names(self) -> Iterable[str]:
        """All names, in the server's order."""
        return self._listed.places.keys()

    def begin(self) -> None:
        """A new connection: full records may have changed, and ids as well."""
        self._stale = frozenset(self._own)
        self.quoted = {}

    def loaded(self, name: str) -> bool:
        """Whether the full record is there, as the present connection told it."""
        return name in self.full and name not in self._stale

    def listed(self, name: str) -> Symbol:
        """The list's record of a symbol.

        Raises:
            NotFound: the server has no symbol of that name.
        """
        return SYMBOL.read(self._listed.row(name).tobytes())

    def id_of(self, name: str) -> int:
        """The number by which pushes and requests speak of the symbol.

        Raises:
            NotFound: the server has no symbol of that name.
        """
        return int(self._listed.row(name)["symbol_id"])

    def path_of(self, name: str) -> str:
        """The own path of a loaded symbol, which an override's masks may hide."""
        return self._own[name].trade.symbol_path

    def take_list(self, rows: NDArray[np.void]) -> None:
        """The whole list, anew."""
        names = texts(rows, "name").tolist()
        self._listed = _Listed(rows, {name: row for row, name in enumerate(names)})
        is_pair = np.isin(rows["calc_mode"], _PAIR_MODES)
        self.pairs = Pairs(names[row] for row in np.flatnonzero(is_pair))
        self._own = {name: one for name, one in self._own.items() if name in self}
        self.full = {name: one for name, one in self.full.items() if name in self}

    def take_full(self, records: Iterable[FullSymbol]) -> list[FullSymbol]:
        """Full records, new or changed; the same with effective settings.

        Those of symbols that are not listed are left out: nothing could ask for them.
        """
        arrived = {r.name: plausible(r) for r in records if r.name in self}
        self._own.update(arrived)
        self._stale = self._stale.difference(arrived)
        return self._publish(arrived)

    def take_overrides(self, overrides: Sequence[TradeSettings]) -> None:
        """The account's overrides: all effective settings follow."""
        self._overrides = overrides
        self._publish(self._own)

    def _effective(self, own: FullSymbol) -> FullSymbol:
        return plausible(effective_symbol(own, self._overrides))

    def _publish(self, own: Mapping[str, FullSymbol]) -> list[FullSymbol]:
        """Let records count, with the settings that are effective for the account."""
        changed = [self._effective(one) for one in own.values()]
        delayed = (one.name for one in changed if quotes_delayed(one))
        self.delayed = self.delayed.difference(own).union(delayed)
        self.full = {**self.full, **{one.name: one for one in changed}}
        self.quoted = {
            **self.quoted,
            **{
                one.symbol_id: Quoted(one.name, Pricing.of(one), quotes_delayed(one))
                for one in changed
                if one.name not in self._stale
            },
        }
        return changed

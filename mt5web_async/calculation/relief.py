"""Margin relief for spreads between futures, on netting accounts (section 6.10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from mt5web_async.enums import Side

from .rounding import normalize
from .values import FullSymbol, Spread, SpreadLeg
from .volumes import LOT

VALUE: Final = 0
MAXIMAL: Final = 1
PERCENT: Final = 2
DIFFERENCE: Final = 3
"""Margin types: fixed money, the larger leg, percent, difference and money."""

BY_NAME: Final = 0
BY_BASIS: Final = 1
"""Modes of a leg."""


class Exposure(NamedTuple):
    """A symbol in the direction that decides its margin.

    Attributes:
        symbol: the symbol.
        side: bought or sold.
        volume: 1e-8 lots.
        rate: margin per 1e-8 lots, account currency.
    """

    symbol: FullSymbol
    side: Side
    volume: int
    rate: float


class _Match(NamedTuple):
    """A spread found among the exposures.

    Attributes:
        saving: account currency.
        kind: margin type.
        used: volumes that it takes, by name of symbol.
    """

    saving: float
    kind: int
    used: dict[str, int]


def spread_relief(
    spreads: Sequence[Spread],
    exposures: Iterable[Exposure],
    digits: int,
    *,
    checking: bool = False,
) -> float:
    """What spreads save of the margin, account currency.

    The best saving is taken first and the volumes it uses are taken out, until nothing
    is saved any more.

    Args:
        spreads: all spreads of the symbols concerned.
        exposures: the symbols with their margins.
        digits: of the account currency.
        checking: an order is being checked, so that initial margins count.
    """
    left = [one for one in exposures if one.volume > 0]
    total = 0.0
    while best := _best(spreads, left, digits, checking=checking):
        total = normalize(total + best.saving, digits)
        left = [
            one._replace(volume=one.volume - best.used.get(one.symbol.name, 0))
            for one in left
        ]
        left = [one for one in left if one.volume > 0]
    return total


def _best(
    spreads: Sequence[Spread],
    exposures: Sequence[Exposure],
    digits: int,
    *,
    checking: bool,
) -> _Match | None:
    """The best match; among percent and difference the higher type goes first."""
    found = [
        match
        for spread in spreads
        for first, second in ((Side.BUY, Side.SELL), (Side.SELL, Side.BUY))
        if (match := _match(spread, exposures, first, second, digits, checking))
        and match.saving > 0
    ]
    graded = [match for match in found if match.kind >= PERCENT]
    top = max((match.kind for match in graded), default=0)
    kept = [match for match in found if match.kind < PERCENT or match.kind == top]
    return max(kept, key=lambda match: match.saving, default=None)


def _match(
    spread: Spread,
    exposures: Sequence[Exposure],
    side_a: Side,
    side_b: Side,
    digits: int,
    checking: bool,
) -> _Match | None:
    """The spread with its first legs on one side and its second on the other."""
    first = _legs(spread.legs_a, [one for one in exposures if one.side == side_a])
    second = _legs(spread.legs_b, [one for one in exposures if one.side == side_b])
    if not (first and second):
        return None
    count = min(int(held.volume // leg.ratio) for leg, held in first + second)
    if count <= 0:
        return None
    kind = spread.header.margin_type
    if kind == MAXIMAL:
        saving = min(_full(first), _full(second))
        used = {held.symbol.name: held.volume for _, held in first + second}
        return _Match(normalize(saving, digits), kind, used)
    sides = _margin(first, count), _margin(second, count)
    saving = _saving(spread, sides, count, digits, checking=checking)
    used = {h.symbol.name: _taken(leg, h, count) for leg, h in first + second}
    return _Match(saving, kind, used) if any(used.values()) else None


_Pairing = list[tuple[SpreadLeg, Exposure]]


def _legs(legs: Sequence[SpreadLeg], exposures: Sequence[Exposure]) -> _Pairing:
    """Each leg with the first exposure that it means; empty unless all have one."""
    paired: _Pairing = []
    free = list(exposures)
    for leg in legs:
        found = next((one for one in free if leg_matches(leg, one.symbol)), None)
        if found is None:
            return []
        free.remove(found)
        paired.append((leg, found))
    return paired


def leg_matches(leg: SpreadLeg, symbol: FullSymbol) -> bool:
    """Whether a leg means a symbol: by name, or by basis and expiration."""
    if leg.ratio <= 0:
        return False
    if leg.mode == BY_NAME:
        return leg.symbol == symbol.name
    if leg.mode != BY_BASIS or leg.symbol != symbol.basis:
        return False
    expiration = symbol.time_expiration
    late_enough = not leg.time_from or expiration >= leg.time_from
    return late_enough and (not leg.time_to or expiration <= leg.time_to)


def _full(pairing: _Pairing) -> float:
    return sum(held.rate * held.volume for _, held in pairing)


def _taken(leg: SpreadLeg, held: Exposure, count: int) -> int:
    return min(held.volume, int(leg.ratio * count))


def _margin(pairing: _Pairing, count: int) -> float:
    return sum(held.rate * _taken(leg, held, count) for leg, held in pairing)


def _saving(
    spread: Spread,
    sides: tuple[float, float],
    count: int,
    digits: int,
    *,
    checking: bool,
) -> float:
    """What a spread saves of the margins `mA` and `mB` of its sides.

    ==========  ==================================================
    value       `mA + mB - initial * n`
    percent     `(mA + mB) * x / 100`
    difference  `mA + mB - (abs(mA - mB) + x * n)`
    ==========  ==================================================

    `n` is the lots of the spread, `x` its maintenance margin if it has one and no order
    is being checked, else its initial margin. Other types save nothing.
    """
    first, second = sides
    header = spread.header
    initial, maintained = header.margin_initial, header.margin_maintenance
    level = initial if checking else maintained or initial
    if header.margin_type == VALUE:
        return normalize(first + second - initial * count / LOT, digits)
    if header.margin_type == PERCENT:
        return normalize((first + second) * level / 100, digits)
    if header.margin_type == DIFFERENCE:
        charged = abs(first - second) + level * count / LOT
        return normalize(first + second - charged, digits)
    return 0.0

"""Floating leverage: margin that grows by tiers of lots or value (section 6.9)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from mt5web_async.enums import Side

from .conversion import profit_rate
from .margin import Kind, Part, Requirement, symbol_amount
from .market import Market
from .rounding import normalize
from .valuation import market_value
from .values import FloatingLeverage, FullSymbol, LeverageTier
from .volumes import lots

UNSET: Final = sys.float_info.max
"""A bound of a tier that is not set."""

LOTS_TOGETHER: Final = 0
LOTS_EACH: Final = 1
VALUE_TOGETHER: Final = 2
VALUE_EACH: Final = 3
"""Range modes: what is measured, of all symbols of a rule together or of each."""

_TOGETHER: Final = (LOTS_TOGETHER, VALUE_TOGETHER)
_EACH: Final = (LOTS_EACH, VALUE_EACH)
_VALUES: Final = (VALUE_TOGETHER, VALUE_EACH)


class Portion(NamedTuple):
    """A part of a margin with its measure.

    Attributes:
        measure: lots or value, `x`.
        margin: account currency before tiers, `m`.
    """

    measure: float = 0.0
    margin: float = 0.0


class Portions(NamedTuple):
    """The three parts of a symbol's margin; each starts at the first tier."""

    positions: Portion = Portion()
    position_orders: Portion = Portion()
    orders: Portion = Portion()


KINDS: Final = Portions._fields
_MAINTAINED: Final = Portions._fields.index("positions")


def portions(
    market: Market,
    symbol: FullSymbol,
    floating: FloatingLeverage,
    requirement: Requirement,
) -> Portions:
    """The parts of a symbol's margin, measured as its rule wants."""
    parts = (
        requirement.positions,
        requirement.position_orders,
        requirement.orders,
    )
    return Portions._make(_portion(market, symbol, floating, part) for part in parts)


def _portion(
    market: Market, symbol: FullSymbol, floating: FloatingLeverage, part: Part
) -> Portion:
    if part.volume <= 0:
        return Portion(0.0, part.margin)
    if by_value(floating):
        return Portion(part_value(market, symbol, floating, part), part.margin)
    return Portion(lots(part.volume), part.margin)


def by_value(floating: FloatingLeverage) -> bool:
    """Whether a rule measures values, which depend on quotes, and not lots."""
    return floating.rule.range_mode in _VALUES


def part_value(
    market: Market, symbol: FullSymbol, floating: FloatingLeverage, part: Part
) -> float:
    """Value of a part: its market value at the average price, converted.

    Converted at the average margin rate of the part; by market rates where base and
    margin currency differ, or values are measured in another currency than the
    account's.
    """
    rule, account = floating.rule, market.account
    amount = symbol_amount(symbol, part.volume)
    value = market_value(market, symbol, Side.BUY, amount, part.price)
    foreign = rule.range_currency not in ("", account.currency)
    base = symbol.currency_base
    if base == symbol.currency_margin and not foreign:
        return normalize(value * part.rate, account.currency_digits)
    target = rule.range_currency or account.currency
    rate = profit_rate(market, symbol, base, target, Side.BUY)
    return normalize(value * rate, rule.range_currency_digits)


def rule_margin(
    floating: FloatingLeverage, symbols: Sequence[Portions], digits: int
) -> float:
    """Margin of all symbols of a rule, account currency.

    An unknown range mode gives 0; a rule without tiers the sum of the margins.

    Args:
        floating: the rule with its tiers.
        symbols: the portions of each of its symbols.
        digits: of the account currency.
    """
    if not floating.tiers:
        return _plain(symbols, digits)
    if floating.rule.range_mode in _TOGETHER:
        return tiered_margin(floating, _sum(symbols), digits)
    if floating.rule.range_mode not in _EACH:
        return 0.0
    total = 0.0
    for one in symbols:
        total = normalize(total + tiered_margin(floating, one, digits), digits)
    return total


def _plain(symbols: Iterable[Portions], digits: int) -> float:
    total = 0.0
    for one in symbols:
        margin = sum(portion.margin for portion in one)
        total = normalize(total + margin, digits)
    return total


def _sum(symbols: Iterable[Portions]) -> Portions:
    columns = zip(*symbols, strict=True)
    return Portions._make(
        Portion(sum(one.measure for one in column), sum(one.margin for one in column))
        for column in columns
    )


def tiered_margin(floating: FloatingLeverage, parts: Portions, digits: int) -> float:
    """The three portions through the tiers, added with rounding."""
    total = 0.0
    for position, portion in enumerate(parts):
        kind = Kind.MAINTENANCE if position == _MAINTAINED else Kind.INITIAL
        margin = tier_walk(floating.tiers, portion, kind, digits)
        total = normalize(total + margin, digits)
    return total


def tier_walk(
    tiers: Sequence[LeverageTier], portion: Portion, kind: Kind, digits: int
) -> float:
    """Margin of a portion: each tier charges its share of the measure at its rate.

    `N(sum + m * part / x * rate)` tier by tier; what is left beyond the last tier is
    charged at the rate of the last. A tier with a bound that is not set ends the walk.

    >>> class Tier(NamedTuple):
    ...     range_from: float
    ...     range_to: float
    ...     margin_rate_initial: float
    ...     margin_rate_maintenance: float = 1.0
    >>> tiers = [Tier(0, 1, 1.0), Tier(1, 5, 2.0), Tier(5, UNSET, 4.0)]
    >>> tier_walk(tiers, Portion(2.0, 2180.0), Kind.INITIAL, 2)
    3270.0
    """
    measure, margin = portion
    if not tiers or measure <= 0 or margin == 0:
        return 0.0
    left, total = measure, 0.0
    for tier in tiers:
        if UNSET in (tier.range_from, tier.range_to):
            break
        span = tier.range_to - tier.range_from
        if span <= 0:
            continue
        part = min(span, left)
        total = normalize(total + margin * (part / measure) * _rate(tier, kind), digits)
        left -= part
        if left == 0:
            break
    if left > 0:
        rest = margin * (left / measure) * _rate(tiers[-1], kind)
        total = normalize(total + rest, digits)
    return total


def _rate(tier: LeverageTier, kind: Kind) -> float:
    if kind is Kind.MAINTENANCE:
        return tier.margin_rate_maintenance
    return tier.margin_rate_initial

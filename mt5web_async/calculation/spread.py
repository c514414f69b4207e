"""Widened and narrowed spreads: an account's mark-up on the prices (section 3.3)."""

from __future__ import annotations

from math import trunc
from typing import NamedTuple

from .rounding import normalize, power_of_ten
from .values import FullSymbol


class Pricing(NamedTuple):
    """What turns transmitted prices into effective ones.

    Attributes:
        digits: decimal places of prices.
        point: `10 ** -digits`.
        diff: points by which the spread is wider; 0: raw prices are effective.
        balance: points by which the wider spread is shifted upwards.
    """

    digits: int
    point: float = 0.0
    diff: int = 0
    balance: int = 0

    @classmethod
    def of(cls, symbol: FullSymbol) -> Pricing:
        """The pricing of a fully loaded symbol; of others only `digits` are known."""
        trade = symbol.trade
        point = symbol.point or 1 / power_of_ten(symbol.digits)
        diff, balance = trade.spread_diff, trade.spread_diff_balance
        return cls(symbol.digits, point, diff, balance)


class Prices(NamedTuple):
    """Bid and ask."""

    bid: float
    ask: float


def adjusted(raw: Prices, pricing: Pricing) -> Prices | None:
    """Effective bid and ask of a raw pair; None if they would cross.

    >>> adjusted(Prices(1.08500, 1.08510), Pricing(5, 0.00001, diff=5))
    Prices(bid=1.08497, ask=1.08512)
    """
    prices = shifted(raw, pricing)
    return prices if prices is raw or prices.bid <= prices.ask else None


def shifted(raw: Prices, pricing: Pricing) -> Prices:
    """A raw pair with the mark-up, even if it crosses.

    The bid is shifted by its part of the mark-up; the ask follows at the new spread
    of `N((ask - bid) / point + diff, 0)` points. A pair with a price missing stays raw.
    """
    if not (pricing.diff and raw.bid and raw.ask):
        return raw
    spread = (raw.ask - raw.bid) / pricing.point + pricing.diff
    bid = shifted_bid(raw.bid, pricing)
    ask = normalize(bid + pricing.point * normalize(spread, 0), pricing.digits)
    return Prices(bid, ask)


def shifted_bid(bid: float, pricing: Pricing) -> float:
    """A single bid: `N(bid - point * (diff - trunc(diff / 2) -+ balance), digits)`.

    The balance is taken off a mark-up and added to a narrowing.
    """
    _, point, diff, balance = pricing
    if diff == 0:
        return bid
    lower = diff - trunc(diff / 2)
    shift = lower - balance if diff > 0 else lower + balance
    return normalize(bid - point * shift, pricing.digits)


def shifted_ask(ask: float, pricing: Pricing) -> float:
    """A single ask: `N(ask + point * (trunc(diff / 2) +- balance), digits)`."""
    _, point, diff, balance = pricing
    if diff == 0:
        return ask
    upper = trunc(diff / 2)
    shift = upper + balance if diff > 0 else upper - balance
    return normalize(ask + point * shift, pricing.digits)

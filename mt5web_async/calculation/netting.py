"""Margin of a symbol on netting accounts: one position, orders of two sides (6.6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from mt5web_async.enums import CalcMode, Side

from .margin import (
    Kind,
    Part,
    Requirement,
    WorkingOrder,
    account_leverage,
    fixed_margin,
    forts_order_margin,
    forts_position_margin,
    margin_factor,
    record_amount,
    unit_margin,
    working_order,
)
from .market import Market
from .orders import position_side
from .rounding import normalize
from .settings import is_collateral
from .values import FullSymbol, Order, Position


class Orders(NamedTuple):
    """The orders of one side together.

    Attributes:
        margin: account currency, rounded after each order.
        volume: 1e-8 lots.
        priced: sum of volume x price.
        rated: sum of volume x rate.
    """

    margin: float = 0.0
    volume: int = 0
    priced: float = 0.0
    rated: float = 0.0

    def part(self, margin: float) -> Part:
        """These orders at what is charged for them."""
        if not self.volume:
            return Part(margin=margin)
        price, rate = self.priced / self.volume, self.rated / self.volume
        return Part(self.volume, margin, price, rate)


def netting_margin(
    market: Market,
    symbol: FullSymbol,
    positions: Iterable[Position],
    orders: Iterable[Order],
    *,
    checking: bool = False,
) -> Requirement:
    """Margin of a symbol's position and orders on a netting account.

    `max(buy, sell)`, where the position counts for its side, and the orders of the
    other side only for what they exceed the position by.

    Args:
        market: account, symbols and quotes.
        symbol: the symbol.
        positions: its position, if any.
        orders: its orders.
        checking: one of the orders is being checked (6.4).
    """
    if is_collateral(symbol):
        return Requirement()
    sides = _order_sides(market, symbol, orders, checking=checking)
    held = next(iter(positions), None)
    if held is None:
        totals = sides[Side.BUY].margin, sides[Side.SELL].margin
        return _decided(totals, sides, None, Part())
    own = position_margin(market, symbol, held)
    totals = _against_position(market, symbol, held, own, sides)
    part = Part(held.volume, own, held.price_open, held.rate_margin)
    return _decided(totals, sides, position_side(held), part)


def position_margin(market: Market, symbol: FullSymbol, held: Position) -> float:
    """Margin of a position alone, account currency, rounded."""
    amount = record_amount(symbol, held.volume, held.contract_size)
    if symbol.calc_mode == CalcMode.EXCH_FUTURES_FORTS:
        side = position_side(held)
        unit = forts_position_margin(symbol, amount.lots, side, held.price_open)
    else:
        fixed = fixed_margin(symbol, Kind.MAINTENANCE)
        leverage = account_leverage(market.account)
        unit = unit_margin(symbol, amount, held.price_open, fixed, leverage)
    factor = margin_factor(symbol, position_side(held), Kind.MAINTENANCE)
    margin = unit * held.rate_margin * factor
    return normalize(margin, market.account.currency_digits)


def order_margin(market: Market, symbol: FullSymbol, working: WorkingOrder) -> float:
    """Margin of an order alone, account currency, not rounded."""
    amount = record_amount(symbol, working.volume, working.contract_size)
    if symbol.calc_mode == CalcMode.EXCH_FUTURES_FORTS:
        unit = forts_order_margin(symbol, amount.lots, working.type, working.price)
    else:
        fixed = fixed_margin(symbol, Kind.INITIAL)
        leverage = account_leverage(market.account)
        unit = unit_margin(symbol, amount, working.price, fixed, leverage)
    return unit * working.rate * working.factor


def _order_sides(
    market: Market, symbol: FullSymbol, orders: Iterable[Order], *, checking: bool
) -> dict[Side, Orders]:
    digits = market.account.currency_digits
    sides = {Side.BUY: Orders(), Side.SELL: Orders()}
    for order in orders:
        working = working_order(market, symbol, order, checking=checking)
        if working is None:
            continue
        margin, volume, priced, rated = sides[working.side]
        sides[working.side] = Orders(
            normalize(margin + order_margin(market, symbol, working), digits),
            volume + working.volume,
            priced + working.volume * working.price,
            rated + working.volume * working.rate,
        )
    return sides


def _against_position(
    market: Market,
    symbol: FullSymbol,
    held: Position,
    own: float,
    sides: dict[Side, Orders],
) -> tuple[float, float]:
    """Margin of both sides, the orders against the position relieved by it."""
    digits = market.account.currency_digits
    buying = position_side(held) == Side.BUY
    other = sides[Side.SELL if buying else Side.BUY]
    against = other.margin
    if symbol.calc_mode == CalcMode.EXCH_FUTURES_FORTS:
        amount = record_amount(symbol, held.volume, held.contract_size)
        opposite = Side.SELL if buying else Side.BUY
        covered = forts_position_margin(symbol, amount.lots, opposite, held.price_open)
        against = normalize(against - covered, digits)
    elif against > 0:
        against -= normalize(against / other.volume * held.volume, digits)
    along = sides[position_side(held)].margin + own
    return (along, against) if buying else (against, along)


def _decided(
    totals: tuple[float, float],
    sides: dict[Side, Orders],
    held_side: Side | None,
    held: Part,
) -> Requirement:
    """The side that needs more; a position of the other side is left out."""
    side = Side.BUY if totals[0] >= totals[1] else Side.SELL
    orders, total = sides[side], totals[side]
    if side == held_side:
        volume = held.volume + orders.volume
        part = orders.part(total - held.margin)
        return Requirement(total, held, Part(), part, side, volume)
    part = orders.part(total)
    return Requirement(total, Part(), Part(), part, side, orders.volume)

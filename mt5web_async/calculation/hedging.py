"""Margin of a symbol on hedging accounts: a buy leg against a sell leg (6.5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import trunc
from typing import Final, NamedTuple

from mt5web_async.enums import MarginFlags, OrderType, Side

from .margin import (
    Amount,
    Kind,
    Part,
    Requirement,
    WorkingOrder,
    account_leverage,
    fixed_margin,
    margin_factor,
    symbol_amount,
    unit_margin,
    working_order,
)
from .market import Market
from .orders import MARKET_TYPES, position_side
from .settings import is_collateral
from .values import FullSymbol, Order, Position
from .volumes import lots, size


class Pile(NamedTuple):
    """Volumes that count together, at their average price and rate.

    Attributes:
        volume: 1e-8 lots.
        priced: sum of volume x price.
        rated: sum of volume x rate.
        factor: `R`; 0: not set.
        fresh: the part of the volume that comes from market orders.
    """

    volume: int = 0
    priced: float = 0.0
    rated: float = 0.0
    factor: float = 0.0
    fresh: int = 0

    @property
    def price(self) -> float:
        """Average price."""
        return self.priced / self.volume if self.volume else 0.0

    @property
    def rate(self) -> float:
        """Average rate from margin to account currency."""
        return self.rated / self.volume if self.volume else 0.0

    def plus(
        self, volume: int, price: float, rate: float, factor: float, fresh: int = 0
    ) -> Pile:
        """With some more volume; the new factor holds for all of it."""
        return Pile(
            self.volume + volume,
            self.priced + volume * price,
            self.rated + volume * rate,
            factor,
            self.fresh + fresh,
        )

    def merged(self, other: Pile) -> Pile:
        """Together with market orders; the factor is the other's only if unset."""
        return Pile(
            self.volume + other.volume,
            self.priced + other.priced,
            self.rated + other.rated,
            self.factor or other.factor,
            self.fresh + other.volume,
        )


class Book(NamedTuple):
    """Everything of a symbol, sorted.

    Attributes:
        buy, sell: the legs.
        cells: other orders, by type 0 to 7.
    """

    buy: Pile
    sell: Pile
    cells: tuple[Pile, ...]


class Net(NamedTuple):
    """Margin of both legs against each other.

    Attributes:
        margin: of uncovered and hedged volume together.
        fresh_margin: the part for the market orders in the uncovered volume.
        uncovered: volume of the larger leg beyond the smaller.
        fresh: the part of it that comes from market orders.
        hedged: volume of the smaller leg.
    """

    margin: float
    fresh_margin: float
    uncovered: int
    fresh: int
    hedged: int


_BUY_CELLS: Final = (
    OrderType.BUY_LIMIT,
    OrderType.BUY_STOP,
    OrderType.BUY_STOP_LIMIT,
)
_SELL_CELLS: Final = (
    OrderType.SELL_LIMIT,
    OrderType.SELL_STOP,
    OrderType.SELL_STOP_LIMIT,
)


def hedging_margin(
    market: Market,
    symbol: FullSymbol,
    positions: Iterable[Position],
    orders: Iterable[Order],
    *,
    checking: bool = False,
) -> Requirement:
    """Margin of a symbol's positions and orders on a hedging account.

    Uncovered volume needs full margin, hedged volume that of `margin_hedged`; pending
    orders of both directions are added. With the larger-leg flag the larger of the two
    directions decides alone.

    Args:
        market: account, symbols and quotes.
        symbol: the symbol.
        positions: its positions.
        orders: its orders.
        checking: one of the orders is being checked (6.4).
    """
    if is_collateral(symbol):
        return Requirement()
    scale = _Scale(symbol, account_leverage(market.account))
    book = _collect(market, symbol, positions, orders, checking=checking)
    if symbol.trade.margin_flags & MarginFlags.LARGER_LEG:
        return _larger_leg(scale, book)
    return _both_legs(scale, book)


class _Scale(NamedTuple):
    """What turns volumes of one symbol into margin."""

    symbol: FullSymbol
    leverage: int

    def margin(self, volume: int, price: float, kind: Kind) -> float:
        """Unit margin of a volume."""
        amount = symbol_amount(self.symbol, volume)
        fixed = fixed_margin(self.symbol, kind)
        return unit_margin(self.symbol, amount, price, fixed, self.leverage)

    def hedged(self, volume: int, price: float) -> float:
        """Unit margin of a hedged volume: `margin_hedged` is size, or money per lot."""
        hedged = self.symbol.trade.margin_hedged
        amount = Amount(lots(volume), size(volume, hedged))
        fixed = hedged if fixed_margin(self.symbol, Kind.MAINTENANCE) else 0.0
        return unit_margin(self.symbol, amount, price, fixed, self.leverage)

    def cell(self, pile: Pile) -> float:
        """Margin of orders of one type."""
        unit = self.margin(pile.volume, pile.price, Kind.INITIAL)
        return unit * pile.rate * pile.factor


def _collect(
    market: Market,
    symbol: FullSymbol,
    positions: Iterable[Position],
    orders: Iterable[Order],
    *,
    checking: bool,
) -> Book:
    legs = [Pile(), Pile()]
    for held in positions:
        side = position_side(held)
        factor = margin_factor(symbol, side, Kind.MAINTENANCE)
        legs[side] = legs[side].plus(
            held.volume, held.price_open, held.rate_margin, factor
        )
    cells = [Pile()] * 8
    for working in _counted(market, symbol, orders, checking=checking):
        order_type, side, volume, _, price, rate, factor = working
        if checking and order_type in MARKET_TYPES:
            legs[side] = legs[side].plus(volume, price, rate, factor, fresh=volume)
        else:
            cell = cells[order_type]
            cells[order_type] = cell.plus(volume, price, rate, factor)
    return Book(legs[0], legs[1], tuple(cells))


def _counted(
    market: Market, symbol: FullSymbol, orders: Iterable[Order], *, checking: bool
) -> Iterable[WorkingOrder]:
    """The orders that need margin: not those that close a position."""
    for order in orders:
        if order.position_id and order.type in MARKET_TYPES:
            continue
        working = working_order(market, symbol, order, checking=checking)
        if working is not None:
            yield working


def _net(scale: _Scale, buy: Pile, sell: Pile) -> Net:
    larger, smaller = (buy, sell) if buy.volume >= sell.volume else (sell, buy)
    uncovered, hedged = larger.volume - smaller.volume, smaller.volume
    fresh = min(uncovered, larger.fresh)
    margin = _uncovered(scale, larger, uncovered, fresh)
    margin = margin * larger.rate * larger.factor
    fresh_margin = scale.margin(fresh, larger.price, Kind.INITIAL)
    fresh_margin = fresh_margin * larger.rate * larger.factor
    if hedged > 0:
        both = buy.merged(sell)
        factors = buy.factor + sell.factor
        margin += scale.hedged(hedged, both.price) * both.rate * factors / 2
    return Net(margin, fresh_margin, uncovered, fresh, hedged)


def _uncovered(scale: _Scale, leg: Pile, uncovered: int, fresh: int) -> float:
    """Unit margin of a leg's uncovered volume, its market orders at initial margin."""
    if fresh == 0:
        return scale.margin(uncovered, leg.price, Kind.MAINTENANCE)
    unit = scale.margin(fresh, leg.price, Kind.INITIAL)
    if fresh == uncovered:
        return unit
    return unit + scale.margin(uncovered - fresh, leg.price, Kind.MAINTENANCE)


def _both_legs(scale: _Scale, book: Book) -> Requirement:
    """Legs against each other, pending orders of both directions on top."""
    buy, sell = book.buy, book.sell
    net = _net(scale, buy, sell)
    if book.cells[OrderType.BUY].volume or book.cells[OrderType.SELL].volume:
        with_buys = buy.merged(book.cells[OrderType.BUY])
        with_sells = sell.merged(book.cells[OrderType.SELL])
        merged = _net(scale, with_buys, with_sells)
        if merged.margin >= net.margin:
            buy, sell, net = with_buys, with_sells, merged
    buying = sum(scale.cell(cell) for cell in _cells(book, _BUY_CELLS))
    selling = sum(scale.cell(cell) for cell in _cells(book, _SELL_CELLS))
    pending = _cells(book, _BUY_CELLS + _SELL_CELLS)
    return Requirement(
        net.margin + buying + selling,
        *_leg_parts(scale.symbol, buy, sell, net),
        _orders_part(pending, buying + selling),
    )


def _cells(book: Book, types: Sequence[int]) -> list[Pile]:
    return [book.cells[one] for one in types if book.cells[one].volume]


def _leg_parts(
    symbol: FullSymbol, buy: Pile, sell: Pile, net: Net
) -> tuple[Part, Part]:
    """Positions and position orders: hedged volume counts by its contract size."""
    larger = buy if buy.volume >= sell.volume else sell
    counted = 0
    if symbol.contract_size:
        counted = trunc(net.hedged * symbol.trade.margin_hedged / symbol.contract_size)
    rest = net.uncovered - net.fresh
    both = buy.merged(sell)
    average = Pile().plus(rest, larger.price, larger.rate, 0.0)
    average = average.plus(counted, both.price, both.rate, 0.0)
    margin = max(net.margin - net.fresh_margin, 0.0)
    return (
        Part(average.volume, margin, average.price, average.rate),
        Part(net.fresh, net.fresh_margin, larger.price, larger.rate),
    )


def _orders_part(cells: Iterable[Pile], margin: float) -> Part:
    total = Pile()
    for cell in cells:
        total = total.merged(cell)
    return Part(total.volume, margin, total.price, total.rate)


def _larger_leg(scale: _Scale, book: Book) -> Requirement:
    """The direction that needs more, with all its orders."""
    buy = _direction(scale, book.buy, book.cells[0::2])
    sell = _direction(scale, book.sell, book.cells[1::2])
    if buy.margin >= sell.margin:
        return buy
    return sell._replace(side=Side.SELL)


def _direction(scale: _Scale, leg: Pile, cells: Sequence[Pile]) -> Requirement:
    held = leg.volume - leg.fresh
    unit = scale.margin(held, leg.price, Kind.MAINTENANCE)
    held_margin = unit * leg.rate * leg.factor
    unit = scale.margin(leg.fresh, leg.price, Kind.INITIAL)
    fresh_margin = unit * leg.rate * leg.factor
    pending = sum(scale.cell(cell) for cell in cells if cell.volume)
    return Requirement(
        fresh_margin + held_margin + pending,
        Part(held, held_margin, leg.price, leg.rate),
        Part(leg.fresh, fresh_margin, leg.price, leg.rate),
        _orders_part(cells, pending),
    )

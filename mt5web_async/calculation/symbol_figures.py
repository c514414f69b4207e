"""What each symbol adds to an account: results, margin, assets (sections 5 to 7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from mt5web_async.enums import MarginFlags, MarginMode, Side

from .exchange import Group, exchange_margin
from .hedging import hedging_margin
from .leverage import Portions, portions
from .margin import Requirement
from .market import Market
from .netting import netting_margin
from .orders import position_side
from .profit import profit_rates
from .rounding import normalize, normalized
from .settings import is_collateral, margin_mode
from .valuation import collateral_value
from .values import FullSymbol, Order, Position
from .worth import Valued, live_price, recorded, valued

PositionT = TypeVar("PositionT", bound=Position)
OrderT = TypeVar("OrderT", bound=Order)


class SymbolGroup(NamedTuple, Generic[PositionT, OrderT]):
    """Everything that an account has of one symbol.

    Attributes:
        name: of the symbol.
        positions, orders: in the order of the account's lists.
    """

    name: str
    positions: tuple[PositionT, ...] = ()
    orders: tuple[OrderT, ...] = ()


class Results(NamedTuple):
    """Sums over the positions of a symbol, account currency.

    Attributes:
        profit: without swap.
        storage: swap.
        excluded: profit of long positions that may not be used.
        floating: what adds to the equity of an exchange account.
    """

    profit: float = 0.0
    storage: float = 0.0
    excluded: float = 0.0
    floating: float = 0.0


class SymbolMargin(NamedTuple):
    """What a symbol adds to the margin figures of an account, account currency.

    Attributes:
        margin, initial, maintenance, assets, liabilities, collateral: section 6.
        requirement: on retail accounts, where floating leverage and spreads go on.
        portions: measured for its floating leverage; None: it has none.
    """

    margin: float = 0.0
    initial: float = 0.0
    maintenance: float = 0.0
    assets: float = 0.0
    liabilities: float = 0.0
    collateral: float = 0.0
    requirement: Requirement = Requirement()
    portions: Portions | None = None


class SymbolFigures(NamedTuple):
    """A symbol's part of an account."""

    symbol: FullSymbol | None
    results: Results
    margin: SymbolMargin


def group_by_symbol(
    positions: Iterable[PositionT], orders: Iterable[OrderT]
) -> list[SymbolGroup[PositionT, OrderT]]:
    """Positions and orders by symbol, in the order in which symbols appear."""
    held: dict[str, list[PositionT]] = {}
    waiting: dict[str, list[OrderT]] = {}
    for position in positions:
        held.setdefault(position.symbol, []).append(position)
    for order in orders:
        waiting.setdefault(order.symbol, []).append(order)
    return [
        SymbolGroup(name, tuple(held.get(name, ())), tuple(waiting.get(name, ())))
        for name in {**held, **waiting}
    ]


def symbol_figures(
    market: Market, group: SymbolGroup[PositionT, OrderT], *, checking: bool
) -> SymbolFigures:
    """A symbol's part of an account, computed from the beginning."""
    symbol = market.symbols.get(group.name)
    worth = group_valued(market, symbol, group.positions)
    storage = group_storage(market, group.positions)
    results = symbol_results(market, symbol, group.positions, worth, storage)
    margin = symbol_margin(market, symbol, group, checking=checking)
    return SymbolFigures(symbol, results, margin)


def group_valued(
    market: Market,
    symbol: FullSymbol | None,
    positions: Sequence[Position],
    before: Valued | None = None,
) -> Valued:
    """What positions of a symbol are worth; unknown symbols stay as recorded."""
    if symbol is None:
        return recorded(positions)
    return valued(market, symbol, positions, before)


def group_storage(market: Market, positions: Iterable[Position]) -> float:
    """Swaps of positions together, each rounded to the account's digits."""
    digits = market.account.currency_digits
    swaps = normalized([position.storage for position in positions], digits)
    return normalize(sum(swaps), digits)


def symbol_results(
    market: Market,
    symbol: FullSymbol | None,
    positions: Sequence[Position],
    worth: Valued,
    storage: float,
) -> Results:
    """Sums of profits and swaps, each rounded to the account's digits.

    Collateral has no results. On exchange accounts what stocks, bonds and options
    gain is in the assets instead of the floating result.

    Args:
        market: the account.
        symbol: the symbol; None: it is not loaded.
        positions: its positions.
        worth: what they are worth.
        storage: their swaps together.
    """
    if symbol is not None and is_collateral(symbol):
        return Results()
    digits = market.account.currency_digits
    profits = worth.rounded(digits)
    profit = normalize(sum(profits), digits)
    excluded = _excluded(market, symbol, positions, profits)
    in_assets = symbol is not None and Group.of(symbol) is not Group.OTHER
    floating = 0.0 if in_assets else normalize(profit + storage, digits)
    return Results(profit, storage, excluded, floating)


def _excluded(
    market: Market,
    symbol: FullSymbol | None,
    positions: Sequence[Position],
    profits: Sequence[float],
) -> float:
    """Profit of long positions that does not count for margins."""
    if symbol is None or not (
        symbol.trade.margin_flags & MarginFlags.EXCLUDE_LONG_PROFIT
    ):
        return 0.0
    pairs = zip(positions, profits, strict=True)
    long = sum(profit for held, profit in pairs if position_side(held) == Side.BUY)
    return normalize(long, market.account.currency_digits)


def symbol_margin(
    market: Market,
    symbol: FullSymbol | None,
    group: SymbolGroup[PositionT, OrderT],
    *,
    checking: bool,
) -> SymbolMargin:
    """What a symbol adds to the margin figures; one that is not loaded adds nothing."""
    if symbol is None:
        return SymbolMargin()
    if is_collateral(symbol):
        return _collateral(market, symbol, group.positions)
    positions, orders = group.positions, group.orders
    mode = margin_mode(market.account)
    if mode == MarginMode.EXCHANGE:
        return SymbolMargin(
            *exchange_margin(market, symbol, positions, orders, checking=checking)
        )
    margin = hedging_margin if mode == MarginMode.HEDGING else netting_margin
    requirement = margin(market, symbol, positions, orders, checking=checking)
    floating = market.leverage_of(symbol)
    if floating is None:
        return SymbolMargin(requirement=requirement)
    measured = portions(market, symbol, floating, requirement)
    return SymbolMargin(requirement=requirement, portions=measured)


def _collateral(
    market: Market, symbol: FullSymbol, positions: Iterable[Position]
) -> SymbolMargin:
    """Worth of collateral positions; they need no margin (6.8)."""
    digits = market.account.currency_digits
    rates = profit_rates(market, symbol)
    assets = liabilities = 0.0
    for held in positions:
        side, price = position_side(held), _collateral_price(market, symbol, held)
        value = collateral_value(
            symbol, side, held.volume, held.contract_size, price, rates, digits
        )
        assets = normalize(assets + value.assets, digits)
        liabilities = normalize(liabilities + value.liabilities, digits)
    return SymbolMargin(
        assets=assets,
        liabilities=liabilities,
        collateral=normalize(assets + liabilities, digits),
    )


def _collateral_price(market: Market, symbol: FullSymbol, held: Position) -> float:
    price = live_price(market, symbol, held)
    quote = market.quote(symbol)
    if price or quote is None or margin_mode(market.account) == MarginMode.EXCHANGE:
        return price
    return quote.bid if position_side(held) == Side.BUY else quote.ask

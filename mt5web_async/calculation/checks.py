"""What a terminal tests before it sends a trade request (section 9).

Every action has its list of tests; the first that fails gives the code, and nothing is
sent. Some of them repair the request on the way. Money, sessions, freeze levels and
limits on numbers of orders are left to the server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, Generic, NamedTuple, TypeAlias, TypeVar, cast

from mt5web_async.enums import (
    ExecutionMode,
    FillFlags,
    Filling,
    OrderFlags,
    OrderState,
    OrderTime,
    Retcode,
    Side,
    TradeAction,
    TradeMode,
    TypeFlags,
)

from .cases import (
    DEALS,
    Case,
    Found,
    Relation,
    above_instant,
    deal_action,
    find_both,
    find_order,
    find_target,
)
from .market import Market
from .orders import (
    LIMIT_TYPES,
    MARKET_TYPES,
    ORDER_FLAGS,
    STOP_TYPES,
    order_side,
    position_side,
)
from .rounding import compare
from .settings import is_collateral
from .stops import Levels, price_valid, refused_prices, refused_stops
from .values import FullSymbol, Order, Position, TradeRequest

RequestT = TypeVar("RequestT", bound=TradeRequest)

MAX_DEVIATION: Final = 2**31 - 1
LATEST: Final = 2**31 - 1
"""The last second that an expiration may have."""


class Checked(NamedTuple, Generic[RequestT]):
    """What the tests made of a request.

    Attributes:
        retcode: of the test that failed; None: it may be sent.
        request: as it is to be sent, with what was repaired up to there.
    """

    retcode: Retcode | None
    request: RequestT


def check_request(
    market: Market,
    request: RequestT,
    positions: Iterable[Position],
    orders: Iterable[Order],
) -> Checked[RequestT]:
    """Test a request before it is sent, and repair it as a terminal does.

    Args:
        market: account, symbols and quotes.
        request: its action 1 to 4 is replaced by that of the symbol's execution mode.
        positions: all open positions.
        orders: all open orders.

    Returns:
        The code of the first test that fails, and the request as repaired.
    """
    if request.action in DEALS:
        symbol = market.symbols.get(request.symbol)
        if symbol is None:
            return Checked(Retcode.INVALID, request)
        request = request._replace(action=int(deal_action(symbol, request.volume)))
    plan = _PLANS.get(request.action)
    if plan is None:
        free = request.action == TradeAction.TRANSFER
        return Checked(None if free else Retcode.INVALID, request)
    case = plan.find(market, request, positions, orders)
    if isinstance(case, Retcode):
        return Checked(case, request)
    retcode, case = _tested(case, plan.tests)
    # cases change their request by _replace alone, which keeps its type
    return Checked(retcode, cast(RequestT, case.request))


def _tested(case: Case, tests: Iterable[Test]) -> tuple[Retcode | None, Case]:
    for test in tests:
        outcome = test(case)
        if isinstance(outcome, Retcode):
            return outcome, case
        if outcome is not None:
            case = outcome
    return None, case


Outcome: TypeAlias = Case | Retcode | None
"""Of a test: the case as repaired, the code of a failure, or None: passed."""

Test: TypeAlias = Callable[[Case], Outcome]


def _prices_asked(case: Case) -> Outcome:
    """Prices are asked for where deals are made by request only."""
    symbol, volume = case.symbol, case.request.volume
    by_request = case.mode == ExecutionMode.REQUEST or (
        case.mode == ExecutionMode.INSTANT and above_instant(symbol, volume)
    )
    if not by_request:
        return Retcode.INVALID
    return None if _volume_fits(symbol, volume) else Retcode.INVALID_VOLUME


def _volume_fits(symbol: FullSymbol, volume: int) -> bool:
    """Whether a volume is above 0, not above the maximum, and on the step."""
    step = symbol.trade.volume_step
    on_step = step == 0 or volume % step == 0
    return 0 < volume <= symbol.trade.volume_max and on_step


def _volume(case: Case) -> Outcome:
    """A volume within bounds; to close, less than the minimum will do."""
    symbol, volume = case.symbol, case.request.volume
    small = volume < symbol.trade.volume_min and case.relation is not Relation.CLOSE
    return Retcode.INVALID_VOLUME if small or not _volume_fits(symbol, volume) else None


def _price(case: Case) -> Outcome:
    valid = price_valid(case.symbol, case.request.price_order)
    return None if valid else Retcode.INVALID_PRICE


def _executed(mode: ExecutionMode) -> Test:
    """The symbol must be dealt in this mode."""

    def test(case: Case) -> Outcome:
        return None if case.mode == mode else Retcode.INVALID

    return test


_NEEDED_FLAG: Final[dict[int, FillFlags]] = {
    Filling.FOK: FillFlags.FOK,
    Filling.IOC: FillFlags.IOC,
    Filling.BOC: FillFlags.BOC,
}


def _fill_allowed(case: Case, fillings: tuple[Filling, ...]) -> bool:
    filling = case.request.type_filling
    if filling not in fillings:
        return False
    needed = _NEEDED_FLAG.get(filling)
    return needed is None or bool(case.symbol.trade.fill_flags & needed)


def _deal_filling(case: Case) -> Outcome:
    """A filling that the symbol's execution mode allows."""
    if case.mode in _DEALER:
        return case.changed(type_filling=int(Filling.FOK))
    if case.mode == ExecutionMode.MARKET:
        allowed = _fill_allowed(case, (Filling.FOK, Filling.IOC))
    else:
        allowed = _fill_allowed(case, tuple(Filling))
    return None if allowed else Retcode.INVALID_FILL


_DEALER: Final = (ExecutionMode.REQUEST, ExecutionMode.INSTANT)


def _order_filling(case: Case) -> Outcome:
    """Fillings are chosen on exchanges only, and not by stop orders."""
    if case.mode != ExecutionMode.EXCHANGE:
        return case.changed(type_filling=int(Filling.RETURN))
    if case.request.type in STOP_TYPES and case.request.type_filling in _NEEDED_FLAG:
        return case.changed(
            type_filling=int(Filling.RETURN), type_time=int(OrderTime.GTC)
        )
    return None if _fill_allowed(case, tuple(Filling)) else Retcode.INVALID_FILL


def _deal_prices(case: Case) -> Outcome:
    """Prices and levels of a deal; levels that it closes do not count."""
    held, levels = case.position, case.levels._replace(trigger=0.0)
    refused = refused_prices(case.symbol, levels)
    if refused is not None:
        return refused
    if case.quote is None:
        return Retcode.PRICE_OFF
    old = Levels(case.price_close)
    if held is not None and not _closes_whole(case, held):
        old = old._replace(sl=held.sl, tp=held.tp)
    return refused_stops(case.symbol, case.quote, case.request.type, levels, old)


def _closes_whole(case: Case, held: Position) -> bool:
    opposite = order_side(case.request.type) != position_side(held)
    return opposite and case.request.volume >= held.volume


def _order_prices(case: Case) -> Outcome:
    """Prices and levels of a new or changed order."""
    refused = refused_prices(case.symbol, case.levels)
    if refused is not None:
        return refused
    if case.quote is None:
        return Retcode.PRICE_OFF
    old = Levels() if case.order is None else order_levels(case.order)
    return refused_stops(case.symbol, case.quote, case.request.type, case.levels, old)


def order_levels(order: Order) -> Levels:
    """The prices of an order."""
    return Levels(order.price_order, order.price_trigger, order.sl, order.tp)


def _trade_mode(case: Case) -> Outcome:
    """What the symbol lets be opened; closing is allowed wherever there is trading."""
    mode, closing = case.symbol.trade.trade_mode, case.relation is Relation.CLOSE
    if mode == TradeMode.CLOSE_ONLY:
        return None if closing else Retcode.CLOSE_ONLY
    if mode not in _OPENING or is_collateral(case.symbol):
        return Retcode.TRADE_DISABLED
    if closing or mode == TradeMode.FULL:
        return None
    side = order_side(case.request.type)
    if mode == TradeMode.LONG_ONLY:
        return None if side == Side.BUY else Retcode.LONG_ONLY
    return None if side == Side.SELL else Retcode.SHORT_ONLY


_OPENING: Final = (TradeMode.LONG_ONLY, TradeMode.SHORT_ONLY, TradeMode.FULL)


def _order_type(case: Case) -> Outcome:
    """Orders of this type must be allowed for the symbol."""
    needed = ORDER_FLAGS.get(case.request.type)
    if needed is None or needed & ~case.symbol.trade.order_flags:
        return Retcode.INVALID_ORDER
    return None


def _deviation(case: Case) -> Outcome:
    within = case.request.deviation <= MAX_DEVIATION
    return None if within else Retcode.TRADE_DISABLED


def _filled_whole(case: Case) -> Outcome:
    return case.changed(type_filling=int(Filling.FOK))


def _at_market(case: Case) -> Outcome:
    """Exchanges deal at their own price."""
    flags = case.request.type_flags | TypeFlags.MARKET
    return case.changed(type_flags=int(flags), price_order=0.0)


_EXPIRING: Final = (OrderTime.SPECIFIED, OrderTime.SPECIFIED_DAY)


def _expiration(case: Case) -> Outcome:
    """An expiry that the symbol allows, with a moment where one is needed."""
    kind, moment = case.request.type_time, case.request.time_expiration
    if kind not in tuple(OrderTime) or not case.symbol.trade.time_flags & 1 << kind:
        return Retcode.INVALID_EXPIRATION
    if kind in _EXPIRING and not 0 < moment <= LATEST:
        return Retcode.INVALID_EXPIRATION
    return None


def _price_limits(case: Case) -> Outcome:
    """Limit orders stay within the limits of the session."""
    if case.request.type not in LIMIT_TYPES:
        return None
    symbol, price, digits = case.symbol, case.request.price_order, case.symbol.digits
    lowest, highest = symbol.price_limit_min, symbol.price_limit_max
    below = lowest and compare(price, lowest, digits) < 0
    above = highest and compare(price, highest, digits) > 0
    return Retcode.INVALID_PRICE if below or above else None


def _position_there(case: Case) -> Outcome:
    held = case.position
    return None if held and held.volume > 0 else Retcode.POSITION_CLOSED


def _level_prices(case: Case) -> Outcome:
    """New levels must be prices; the price that they are tested at is the market's."""
    request = case.request
    refused = refused_prices(case.symbol, Levels(sl=request.sl, tp=request.tp))
    if refused is not None or case.position is None:
        return refused
    return case.changed(
        price_order=case.price_close, type=int(position_side(case.position))
    )


def _level_stops(case: Case) -> Outcome:
    """New levels of a position keep their distance, and at least one of them is new."""
    held, request = case.position, case.request
    if case.quote is None or held is None:
        return Retcode.PRICE_OFF
    old = Levels(case.price_close, sl=held.sl, tp=held.tp)
    levels = case.levels._replace(trigger=0.0)
    refused = refused_stops(case.symbol, case.quote, request.type, levels, old)
    if refused is None and (request.sl, request.tp) == (held.sl, held.tp):
        return Retcode.NO_CHANGES
    return refused


def _own_type(case: Case) -> Outcome:
    """The request takes over the type of its order."""
    return None if case.order is None else case.changed(type=int(case.order.type))


def _pending_order(case: Case) -> Outcome:
    return Retcode.INVALID if case.request.type in MARKET_TYPES else None


def _open_order(case: Case) -> Outcome:
    """The order is working on the server, not on its way."""
    working = case.order is not None and case.order.state in _WORKING
    return None if working else Retcode.INVALID


_WORKING: Final = (OrderState.PLACED, OrderState.PARTIAL)


def _order_differs(case: Case) -> Outcome:
    """Something of the order is changed."""
    request, order = case.request, case.order
    if order is None:
        return Retcode.INVALID
    wanted = (*case.levels, request.type_time, request.time_expiration)
    present = (*order_levels(order), order.type_time, order.time_expiration)
    return Retcode.NO_CHANGES if wanted == present else None


def _trading(case: Case) -> Outcome:
    disabled = case.symbol.trade.trade_mode == TradeMode.DISABLED
    return Retcode.TRADE_DISABLED if disabled else None


def _deletable(case: Case) -> Outcome:
    """Market orders wait, and so can be deleted, on exchanges only."""
    market_order = case.order is not None and case.order.type in MARKET_TYPES
    barred = market_order and case.mode != ExecutionMode.EXCHANGE
    return Retcode.INVALID if barred else None


def _named(case: Case) -> Outcome:
    """The request takes over symbol and digits of what it is about."""
    return case.changed(symbol=case.symbol.name, digits=case.symbol.digits)


def _close_by_allowed(case: Case) -> Outcome:
    allowed = case.symbol.trade.order_flags & OrderFlags.CLOSE_BY
    return None if allowed else Retcode.INVALID_ORDER


def _whole_volume(case: Case) -> Outcome:
    held = case.position
    return None if held is None else case.changed(volume=held.volume)


class _Plan(NamedTuple):
    """How the case of an action is found, and what is tested then, in order."""

    find: Callable[[Market, TradeRequest, Iterable[Position], Iterable[Order]], Found]
    tests: tuple[Test, ...]


_DEAL: Final = (_deal_filling, _volume, _deal_prices, _trade_mode)

_PLANS: Final[dict[int, _Plan]] = {
    TradeAction.PRICES: _Plan(find_target, (_prices_asked,)),
    TradeAction.REQUEST: _Plan(find_target, (*_DEAL, _order_type, _filled_whole)),
    TradeAction.INSTANT: _Plan(
        find_target,
        (
            _price,
            _executed(ExecutionMode.INSTANT),
            *_DEAL,
            _deviation,
            _order_type,
            _filled_whole,
        ),
    ),
    TradeAction.MARKET: _Plan(
        find_target, (_price, _executed(ExecutionMode.MARKET), *_DEAL, _order_type)
    ),
    TradeAction.EXCHANGE: _Plan(
        find_target,
        (_price, _executed(ExecutionMode.EXCHANGE), *_DEAL, _order_type, _at_market),
    ),
    TradeAction.PENDING: _Plan(
        find_target,
        (
            _expiration,
            _volume,
            _order_prices,
            _price_limits,
            _trade_mode,
            _order_filling,
            _order_type,
        ),
    ),
    TradeAction.SLTP: _Plan(
        find_target, (_position_there, _level_prices, _level_stops, _order_type)
    ),
    TradeAction.MODIFY: _Plan(
        find_order,
        (
            _own_type,
            _pending_order,
            _open_order,
            _order_prices,
            _order_differs,
            _order_type,
            _named,
        ),
    ),
    TradeAction.REMOVE: _Plan(
        find_order, (_trading, _deletable, _open_order, _own_type, _named)
    ),
    TradeAction.CLOSE_BY: _Plan(
        find_both, (_trading, _close_by_allowed, _named, _whole_volume)
    ),
}

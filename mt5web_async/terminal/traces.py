"""Traces that trade requests leave at the server, and whose they may be.

A request that makes an order of its own can be found again by symbol, type, volume,
position, price, comment, time and ticket. None of them is proof alone: servers may
change the end of comments, and clocks differ.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from mt5web_async.enums import DealEntry, OrderType, Reason, TradeAction
from mt5web_async.protocol.records import Deal, Order, Position, TradeRequest

from .fate import Sending

PATIENCE: Final = 180.0
"""s that a server may hold a request before it gives up on it by itself."""

CLOCKS: Final = 60.0
"""s that this side's idea of server time may be wrong, with nothing else to go by."""

CLOCKS_AT_MOST: Final = 3700.0
"""s that it may be wrong when tickets tell old from new: an hour for summer time."""

SERVER_MADE: Final = frozenset(
    {
        Reason.SL,
        Reason.TP,
        Reason.SO,
        Reason.ROLLOVER,
        Reason.VARIATION_MARGIN,
        Reason.SETTLEMENT,
        Reason.TRANSFER,
        Reason.SYNC,
        Reason.MIGRATION,
        Reason.SPLIT,
        Reason.CORPORATE_ACTION,
    }
)
"""Reasons of what no client asked for."""

ACTIVATED: Final[dict[int, int]] = {
    OrderType.BUY_STOP_LIMIT: OrderType.BUY_LIMIT,
    OrderType.SELL_STOP_LIMIT: OrderType.SELL_LIMIT,
}
"""What stop limits become when their price is reached."""

_OTHERS: Final = SERVER_MADE | {Reason.DEALER, Reason.MOBILE}
_BUCKET: Final = 10_000  # ms; nearer than that, the order of sending counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of an account.

    Attributes:
        now_msc: server time, ms.
        positions: open ones.
        orders: open ones.
        history: orders that are done.
        deals: as far as they are known.
        since: history and deals are complete from here on, s; None: they are not.
    """

    now_msc: int
    positions: Collection[Position] = ()
    orders: Collection[Order] = ()
    history: Collection[Order] = ()
    deals: Collection[Deal] = ()
    since: int | None = None


class Trace(NamedTuple):
    """An order that was made, from whatever tells of it.

    Attributes:
        order: its ticket.
        type: OrderType; a plain side when only deals or a position tell of it.
        volume: asked for; less when only deals or a position tell of it.
        position: that it closed or was added to; its own ticket or 0 on opening.
        price: of the order; None: not told.
        exact: the order itself is known.
    """

    order: int
    symbol: str
    type: int
    volume: int
    position: int
    comment: str
    time_msc: int
    reason: int
    price: float | None = None
    trigger: float = 0.0
    exact: bool = False

    @classmethod
    def of_order(cls, order: Order) -> Trace:
        """What an order tells."""
        return cls(
            order.order,
            order.symbol,
            order.type,
            order.volume_initial,
            order.position_id,
            order.comment,
            1000 * order.time_setup + order.time_setup_ms,
            order.reason,
            order.price_order,
            order.price_trigger,
            exact=True,
        )

    @classmethod
    def of_deals(cls, deals: Sequence[Deal]) -> Trace:
        """What the deals of an order tell."""
        first = deals[0]
        return cls(
            first.order,
            first.symbol,
            OrderType.CLOSE_BY if first.entry == DealEntry.OUT_BY else first.action,
            sum(deal.volume for deal in deals),
            first.position_id,
            first.comment,
            1000 * first.time_create + first.time_create_ms,
            first.reason,
        )

    @classmethod
    def of_position(cls, position: Position) -> Trace:
        """What a position tells of the order that opened it."""
        return cls(
            position.order or position.position_id,
            position.symbol,
            position.action,
            position.volume,
            position.position_id,
            position.comment,
            1000 * position.time_create + position.time_create_ms,
            position.reason,
        )


def traces(known: Known) -> dict[int, Trace]:
    """The orders that are known of, by ticket; orders tell more than deals do."""
    deals = deals_by_order(known.deals)
    found = {p.order or p.position_id: Trace.of_position(p) for p in known.positions}
    found.update({ticket: Trace.of_deals(those) for ticket, those in deals.items()})
    for order in (*known.orders, *known.history):
        found[order.order] = Trace.of_order(order)
    found.pop(0, None)
    return found


def deals_by_order(deals: Collection[Deal]) -> dict[int, list[Deal]]:
    """Deals by the ticket of their order, in the order of their tickets."""
    grouped: dict[int, list[Deal]] = defaultdict(list)
    for deal in sorted(deals):
        if deal.order:
            grouped[deal.order].append(deal)
    return grouped


def likeness(sending: Sending, trace: Trace) -> int | None:
    """How well a trace fits a request; None: it is not that of the request.

    Returns:
        0 is best; traces of equal numbers fit equally well.
    """
    if not resembles(sending, trace):
        return None
    request = sending.request
    clocks = CLOCKS_AT_MOST if sending.newest_order else CLOCKS
    comment = _comment(request, trace.comment)
    if (
        comment is None
        or not _in_time(sending, trace, clocks, CLOCKS)
        or not _price_fits(sending, trace)
    ):
        return None
    distance = abs(trace.time_msc - sending.time_msc) // _BUCKET
    doubts = comment + (trace.reason != Reason.WEB) + 10 * sending.missed
    return doubts * 10_000 + distance


def resembles(sending: Sending, trace: Trace) -> bool:
    """Whether nothing that is sure speaks against a trace being that of a request."""
    request = sending.request
    return (
        trace.order > sending.newest_order
        and trace.reason not in _OTHERS
        and trace.symbol == request.symbol
        and _kind_fits(sending, trace)
        and (not sending.hedging or _position_fits(request.position, trace))
        and _in_time(sending, trace, CLOCKS_AT_MOST, CLOCKS_AT_MOST)
        and _may_be_kept(request, trace.comment)
    )


def _kind_fits(sending: Sending, trace: Trace) -> bool:
    request = sending.request
    if request.action == TradeAction.CLOSE_BY:
        return trace.type == OrderType.CLOSE_BY
    if trace.exact:
        same = trace.type in {request.type, ACTIVATED.get(request.type)}
        return same and trace.volume == request.volume
    return trace.type == request.type % 2 and trace.volume <= request.volume


def _position_fits(asked: int, trace: Trace) -> bool:
    """On accounts with one position of a symbol, the symbol says it all."""
    return trace.position in ((asked,) if asked else (0, trace.order))


def _price_fits(sending: Sending, trace: Trace) -> bool:
    request = sending.request
    if request.action != TradeAction.PENDING or trace.price is None:
        return True
    wanted = prices_of(request, trace.type)
    found = trace.price, trace.trigger
    return all(map(same_price, wanted, found, (request.digits, request.digits)))


def prices_of(request: TradeRequest, order_type: int) -> tuple[float, float]:
    """Price and trigger that the order of a request has while it is of this type."""
    if order_type == ACTIVATED.get(request.type):
        return request.price_trigger, 0.0
    return request.price_order, request.price_trigger


def _in_time(sending: Sending, trace: Trace, before: float, after: float) -> bool:
    late = trace.time_msc - sending.time_msc
    return -1000 * before <= late <= 1000 * (PATIENCE + after)


def _comment(request: TradeRequest, found: str) -> int | None:
    """0: the same; 1: what a server may have made of it; None: another one."""
    sent = request.comment
    if request.action == TradeAction.CLOSE_BY:
        # servers write their own
        sent = f"close #{request.position} by #{request.position_by}"
        return 0 if sent == found else None if found.startswith("close #") else 1
    if sent == found:
        return 0
    likely = not found or 2 * _kept(sent, found) >= len(sent)
    return 1 if sent and likely else None


def _may_be_kept(request: TradeRequest, found: str) -> bool:
    """Whether one can have become the other; servers leave beginnings alone."""
    if request.action == TradeAction.CLOSE_BY:
        return _comment(request, found) is not None
    return not request.comment or not found or _kept(request.comment, found) > 0


def _kept(sent: str, found: str) -> int:
    """Characters that two comments begin with in common."""
    pairs = enumerate(zip(sent, found, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(sent), len(found)))


def same_price(one: float, other: float, digits: int) -> bool:
    """Whether two prices are the same at so many digits."""
    return abs(one - other) < 0.5 * 10.0 ** -min(digits, 15)


def assigned(sendings: Sequence[Sending], found: Collection[Trace]) -> dict[int, Trace]:
    """The most likely trace of each request, each trace given away once.

    Requests that are alike in everything get their traces in the order of sending; if
    one of them was lost, it is taken to be the last. Those that were looked for in
    vain before come after the others.

    Returns:
        Traces by the index of the request.
    """
    pairs = sorted(_pairs(sendings, found))
    chosen: dict[int, Trace] = {}
    given: set[int] = set()
    for _, index, ticket, trace in pairs:
        if index not in chosen and ticket not in given:
            chosen[index] = trace
            given.add(ticket)
    return chosen


def _pairs(
    sendings: Sequence[Sending], found: Collection[Trace]
) -> Iterator[tuple[int, int, int, Trace]]:
    for index, sending in enumerate(sendings):
        for trace in found:
            alike = likeness(sending, trace)
            if alike is not None:
                yield alike, index, trace.order, trace

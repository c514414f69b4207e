"""What became of requests whose answers were lost, told from what is there now.

Pure functions. A request is taken for executed when something shows it, and for not
executed only when nothing can be hidden: everything since is known and the time is
over that a server may hold a request. Until then its fate is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

from mt5web_async.enums import OrderState, OrderTime, Retcode, TradeAction
from mt5web_async.protocol.records import Deal, Order, Position

from .fate import MAKES_ORDER, Executed, Fate, NotExecuted, Sending, Unknown
from .traces import (
    CLOCKS,
    PATIENCE,
    Known,
    Trace,
    assigned,
    deals_by_order,
    likeness,
    prices_of,
    resembles,
    same_price,
    traces,
)


def settle(
    sending: Sending,
    known: Known,
    claimed: Collection[int] = frozenset(),
    patience: float = PATIENCE,
) -> Fate:
    """What became of one request; see :func:`settle_all`."""
    return settle_all([sending], known, claimed, patience)[0]


def settle_all(
    sendings: Sequence[Sending],
    known: Known,
    claimed: Collection[int] = frozenset(),
    patience: float = PATIENCE,
    awaited: Sequence[Sending] = (),
    elsewhere: Collection[Sending] = (),
) -> list[Fate]:
    """What became of requests of unknown fate.

    Args:
        sendings: of one account, in the order of sending.
        known: the account now, after a reconnect.
        claimed: tickets of orders that other requests are known to have made.
        patience: s that a server may hold a request.
        awaited: requests whose answer is still to come, and whose an order may be.
        elsewhere: those of the requests whose answer may still come, to other
            processes, as long as a server may hold them.

    Returns:
        The fate of each request.
    """
    found = [t for ticket, t in traces(known).items() if ticket not in claimed]
    everybody = [*sendings, *awaited]
    makers = [i for i, s in enumerate(everybody) if s.request.action in MAKES_ORDER]
    chosen = assigned([everybody[i] for i in makers], found)
    by_index = {makers[i]: trace for i, trace in chosen.items()}
    lent = [trace for i, trace in by_index.items() if i >= len(sendings)]
    held = [s for s in elsewhere if _may_be_held(s, known, patience)]
    given = {
        index: trace
        for index, trace in by_index.items()
        if not _contested(everybody[index], trace, sendings, [*awaited, *held])
    }
    taken = {trace.order for trace in (*given.values(), *lent)}
    left = [trace for trace in found if trace.order not in taken]
    return [
        _made(sending, given[index], known)
        if index in given
        else _unmade(sending, known, left, lent) or _absent(sending, known, patience)
        for index, sending in enumerate(sendings)
    ]


def _contested(
    sending: Sending,
    trace: Trace,
    sendings: Sequence[Sending],
    answerable: Sequence[Sending],
) -> bool:
    """Whether an answer may still tell that a trace is another request's.

    Args:
        sending: the request that the trace is likely to be of.
        trace: what was found.
        sendings: all requests of unknown fate.
        answerable: requests whose answer may still come.
    """
    own_answer = any(one is sending for one in answerable)
    rivals = [*sendings, *answerable] if own_answer else answerable
    return any(
        rival is not sending
        and rival.request.action in MAKES_ORDER
        and likeness(rival, trace) is not None
        for rival in rivals
    )


def _unmade(
    sending: Sending, known: Known, left: Iterable[Trace], lent: Iterable[Trace]
) -> Fate | None:
    """What can be said of a request that made no order; None: there is no sign of it.

    Args:
        sending: the request.
        known: the account.
        left: traces that nobody was given.
        lent: traces that may be those of awaited requests.
    """
    action = sending.request.action
    if action not in MAKES_ORDER:
        look = _LOOKS.get(action)
        return None if look is None else look(sending, known)
    for trace in left:
        if resembles(sending, trace):
            return Unknown(why=f"order {trace.order} may be its own", order=trace.order)
    if any(resembles(sending, trace) for trace in lent):
        return Unknown(why="an order like it may be that of a request under way")
    return None


def looked_everywhere(sending: Sending, known: Known) -> bool:
    """Whether all orders that were made since a request was sent are known."""
    earliest = sending.time_msc - 1000 * CLOCKS
    return known.since is not None and 1000 * known.since <= earliest


def _absent(sending: Sending, known: Known, patience: float) -> Fate:
    """There is no sign of the request."""
    if sending.request.action in MAKES_ORDER and not looked_everywhere(sending, known):
        return Unknown(why="the history since then is not known")
    if _may_be_held(sending, known, patience):
        return Unknown(why="no sign of it yet")
    return NotExecuted(
        retcode=Retcode.TIMEOUT, why="there is no sign of it", settled=True
    )


def _may_be_held(sending: Sending, known: Known, patience: float) -> bool:
    """Whether a server may still execute the request."""
    return known.now_msc - sending.time_msc <= 1000 * patience


# requests that make an order


def _made(sending: Sending, trace: Trace, known: Known) -> Fate:
    """What became of the order that a request made."""
    deals = deals_by_order(known.deals).get(trace.order, [])
    done = {o.order: o for o in known.history}.get(trace.order)
    order = done or {o.order: o for o in known.orders}.get(trace.order)
    if order is None:
        return _executed(sending, trace, known, deals)
    pending = sending.request.action == TradeAction.PENDING
    if order.state in _UNDECIDED:
        return Unknown(why="its order is being processed", order=trace.order)
    ended = order.state in (OrderState.CANCELED, OrderState.EXPIRED) and not pending
    if not deals and (ended or order.state == OrderState.REJECTED):
        return NotExecuted(
            retcode=Retcode.REJECT,
            why=f"order {order.order} was refused",
            order=order.order,
            settled=True,
        )
    return _executed(sending, trace, known, deals, order)


_UNDECIDED: Final = (OrderState.STARTED, OrderState.REQUEST_ADD)


def _executed(
    sending: Sending,
    trace: Trace,
    known: Known,
    deals: Sequence[Deal],
    order: Order | None = None,
) -> Executed:
    volume = sum(deal.volume for deal in deals)
    if order is not None and not deals:
        volume = order.volume_initial - order.volume_current
    elif order is None and not deals:
        volume = trace.volume  # only its position is known
    return Executed(
        retcode=_retcode(sending, volume, order),
        order=trace.order,
        deal=deals[-1].deal if deals else 0,
        position=_position_of(trace, known, deals),
        volume=volume,
        price=_average(deals),
        settled=True,
    )


def _retcode(sending: Sending, volume: int, order: Order | None) -> int:
    request = sending.request
    if request.action in (TradeAction.PENDING, TradeAction.CLOSE_BY):
        return Retcode.DONE
    if not volume:
        return Retcode.PLACED
    whole = volume >= request.volume or (order is None and not request.volume)
    return Retcode.DONE if whole else Retcode.DONE_PARTIAL


def _position_of(trace: Trace, known: Known, deals: Sequence[Deal]) -> int:
    """Ticket of the position that the order opened or changed; 0: none yet."""
    identifier = deals[-1].position_id if deals else trace.position
    for position in known.positions:
        if identifier and identifier == position.expert_position_id:
            return position.position_id
        if position.position_id == trace.order:
            return trace.order
    return identifier


def _average(deals: Sequence[Deal]) -> float:
    volume = sum(deal.volume for deal in deals)
    if not volume:
        return 0.0
    return sum(deal.price_open * deal.volume for deal in deals) / volume


# requests that change what is there: an answer, or None while there is no sign


def _levels(sending: Sending, known: Known) -> Fate | None:
    request = sending.request
    for position in known.positions:
        if position.position_id == request.position or (
            not request.position and position.symbol == request.symbol
        ):
            return _done(sending, position) if _has_levels(sending, position) else None
    last = [d for d in sorted(known.deals) if d.position_id == request.position != 0]
    if not last:
        return Unknown(why="the position is gone")
    if _has_levels(sending, last[-1]):
        return _done(sending, last[-1])
    return NotExecuted(
        retcode=Retcode.POSITION_CLOSED,
        why="the position was closed with other levels",
        settled=True,
    )


def _change(sending: Sending, known: Known) -> Fate | None:
    for order in known.orders:
        if order.order == sending.request.order:
            return _done(sending, order) if _is_changed(sending, order) else None
    for order in known.history:
        if order.order == sending.request.order:
            if _is_changed(sending, order):
                return _done(sending, order)
            return _too_late("the order was done unchanged")
    return Unknown(why="the order is gone")


def _removal(sending: Sending, known: Known) -> Fate | None:
    for order in known.history:
        if order.order == sending.request.order:
            if order.state == OrderState.CANCELED:
                return _done(sending, order)
            return _too_late("the order was done, not deleted")
    if any(order.order == sending.request.order for order in known.orders):
        return None
    return Unknown(why="the order is gone")


def _question(_sending: Sending, _known: Known) -> Fate | None:
    return NotExecuted(
        retcode=Retcode.TIMEOUT, why="it only asked for prices", settled=True
    )


_LOOKS: Final[dict[int, Callable[[Sending, Known], Fate | None]]] = {
    TradeAction.PRICES: _question,
    TradeAction.SLTP: _levels,
    TradeAction.MODIFY: _change,
    TradeAction.REMOVE: _removal,
}


def _too_late(why: str) -> NotExecuted:
    return NotExecuted(retcode=Retcode.ORDER_CHANGED, why=why, settled=True)


def _done(sending: Sending, subject: Position | Deal | Order) -> Executed:
    order = subject.order if isinstance(subject, Order) else 0
    position = 0 if isinstance(subject, Deal | Order) else subject.position_id
    return Executed(
        order=order, position=position or sending.request.position, settled=True
    )


def _has_levels(sending: Sending, subject: Position | Deal | Order) -> bool:
    request = sending.request
    return same_price(request.sl, subject.sl, request.digits) and same_price(
        request.tp, subject.tp, request.digits
    )


def _is_changed(sending: Sending, order: Order) -> bool:
    request = sending.request
    price, trigger = prices_of(request, order.type)
    return (
        _has_levels(sending, order)
        and same_price(price, order.price_order, request.digits)
        and same_price(trigger, order.price_trigger, request.digits)
        and request.type_time == order.type_time
        and (
            request.type_time != OrderTime.SPECIFIED
            or request.time_expiration == order.time_expiration
        )
    )

"""Done orders and deals, kept once they are known.

A span of the past is asked for once; from then on pushes keep it complete, and it is
read from memory. After a reconnect what may have been missed is asked for again.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Generic, TypeVar

from mt5web_async.calculation.plausible import plausible
from mt5web_async.errors import MalformedMessage
from mt5web_async.events import DealAdded, Event, OrderDone
from mt5web_async.protocol.records import Deal, Order
from mt5web_async.protocol.responses import read_history

FAR: Final = 2**31 - 1
"""The end of time of the wire's clock, s."""

OVERLAP: Final = 24 * 3600
"""s before the newest known record that are asked for again after a reconnect."""

MAX_RECORDS: Final = 2_000_000
"""Most deals, and done orders likewise, that are kept; some 2 GB each."""

R = TypeVar("R")
HeldT = TypeVar("HeldT", Deal, Order)


class History:
    """The past of one account as far as it was asked for.

    Written by the I/O thread only; mappings are replaced, never changed.

    Attributes:
        since: everything from here on is known, s of server time; None: nothing is.
    """

    def __init__(self) -> None:
        self.since: int | None = None
        self._missed_since: int | None = None
        self._deals: _Records[Deal] = _Records({}, ())
        self._orders: _Records[Order] = _Records({}, ())

    def missing(self, start: int) -> tuple[int, int] | None:
        """The span to ask for before everything from `start` on is known."""
        if self.since is None:
            return start, FAR
        if start < self.since:
            return start, self.since if self._missed_since is None else FAR
        return None if self._missed_since is None else (self._missed_since, FAR)

    def interrupted(self) -> None:
        """The connection broke: pushes may be missing since the newest record."""
        if self.since is not None:
            newest = max(self._deals.newest, self._orders.newest, self.since)
            missed = max(newest - OVERLAP, self.since)
            if self._missed_since is not None:  # an attempt to reconnect failed
                missed = min(missed, self._missed_since)
            self._missed_since = missed

    def take(self, start: int, end: int, payload: memoryview) -> None:
        """The answer to a request for a span."""
        read = read_history(payload)
        deals, orders = map(plausible, read[0]), map(plausible, read[1])
        self._deals = self._deals.with_all({d.deal: d for d in deals}, _deal_time)
        self._orders = self._orders.with_all({o.order: o for o in orders}, _order_time)
        if end == FAR and start <= (self._missed_since or start):
            self._missed_since = None
        if self.since is None or start < self.since:
            self.since = start

    def take_event(self, event: Event) -> None:
        """A pushed change."""
        if isinstance(event, DealAdded):
            self._deals = self._deals.with_all(
                {event.deal.deal: event.deal}, _deal_time
            )
        elif isinstance(event, OrderDone):
            order = event.order
            self._orders = self._orders.with_all({order.order: order}, _order_time)

    def deals(self, start: int, end: int) -> list[Deal]:
        """Deals made from `start` to `end`, both included, by ascending ticket."""
        return self._deals.between(start, end)

    def orders(self, start: int, end: int) -> list[Order]:
        """Orders done from `start` to `end`, both included, by ascending ticket."""
        return self._orders.between(start, end)

    @property
    def newest_order(self) -> int:
        """The highest ticket of a known done order; 0: none."""
        return max(self._orders.by_ticket, default=0)

    def deal(self, ticket: int) -> Deal | None:
        """A known deal."""
        return self._deals.by_ticket.get(ticket)

    def order(self, ticket: int) -> Order | None:
        """A known done order."""
        return self._orders.by_ticket.get(ticket)


class _Records(Generic[R]):
    """Records by ticket, and their tickets by time; never changed."""

    def __init__(
        self, by_ticket: Mapping[int, R], times: Sequence[tuple[int, int]]
    ) -> None:
        self.by_ticket = by_ticket
        self._times = times  # (s, ticket), ascending

    @property
    def newest(self) -> int:
        """Time of the newest record, s; 0 without any."""
        return self._times[-1][0] if self._times else 0

    def with_all(
        self, records: Mapping[int, R], time_of: Callable[[R], int]
    ) -> _Records[R]:
        by_ticket = {**self.by_ticket, **records}
        if len(by_ticket) > MAX_RECORDS:
            raise MalformedMessage(f"a history of more than {MAX_RECORDS} records")
        if len(records) == len(by_ticket) - len(self.by_ticket):
            fresh = sorted((time_of(r), t) for t, r in records.items())
            times = [*self._times, *fresh]
            if self._times and fresh and fresh[0] < self._times[-1]:
                times.sort()
        else:
            times = sorted((time_of(r), t) for t, r in by_ticket.items())
        return _Records(by_ticket, times)

    def between(self, start: int, end: int) -> list[R]:
        first = bisect.bisect_left(self._times, (start, 0))
        last = bisect.bisect_right(self._times, (end, FAR << 32))
        return [
            self.by_ticket[t] for t in sorted(t for _, t in self._times[first:last])
        ]


def _deal_time(deal: Deal) -> int:
    return deal.time_create


def _order_time(order: Order) -> int:
    return order.time_done


def of_position(records: Iterable[HeldT], position: int) -> list[HeldT]:
    """The records that belong to a position."""
    return [one for one in records if one.position_id == position]

"""Magic numbers of positions, orders and deals, out of what a journal knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mt5web_async.protocol.records import Order, Position
from mt5web_async.terminal.traces import SERVER_MADE, Trace, likeness

from .magic_tags import untag

if TYPE_CHECKING:
    from mt5web_async.terminal.fate import Sending
    from mt5web_async.terminal.journal import Record

_U64: Final = 2**64 - 1


@dataclass
class Magics:
    """A lookup of magic numbers at one moment; see `MagicLookup` of the engine.

    What the server tells comes first, then the journal by ticket, then the requests of
    unknown fate that a record fits to, then the tag in its comment. What the server
    did by itself, such as a stop loss, belongs to the program of the position.

    Attributes:
        by_order: magic numbers by the ticket of the order.
        older: finds those that are not in `by_order`.
        unfinished: requests whose order is not known, oldest first.
        read_tags: read comments.
    """

    by_order: dict[int, int] = field(default_factory=dict)
    older: Callable[[int], int | None] | None = None
    unfinished: Sequence[Sending] = ()
    read_tags: bool = False
    _given: dict[int, int] = field(default_factory=dict)  # order: index of unfinished

    def __call__(self, record: Record) -> int:
        """The magic number of a record; 0: none."""
        if record.expert:
            return record.expert & _U64
        for ticket in _tickets(record):
            magic = self._of_order(ticket)
            if magic is not None:
                return magic
        magic = self._of_unfinished(record)
        if magic is None and self.read_tags:
            return untag(record.comment).magic
        return magic or 0

    def _of_order(self, ticket: int) -> int | None:
        magic = self.by_order.get(ticket)
        if magic is None and ticket and self.older is not None:
            return self.older(ticket)
        return magic

    def _of_unfinished(self, record: Record) -> int | None:
        if not self.unfinished:
            return None
        trace = _trace(record)
        index = self._given.get(trace.order)
        if index is None and trace.order:
            index = min(self._likely(trace), default=(0, None))[1]
        if index is None:
            return None
        self._given[trace.order] = index
        return self.unfinished[index].magic

    def _likely(self, trace: Trace) -> Iterable[tuple[int, int]]:
        """How well the trace fits, and to which request; those given away left out."""
        given = set(self._given.values())
        for index, sending in enumerate(self.unfinished):
            if sending.request.symbol == trace.symbol and index not in given:
                alike = likeness(sending, trace)
                if alike is not None:
                    yield alike, index


def _tickets(record: Record) -> tuple[int, ...]:
    """The orders whose program a record may belong to, most likely first."""
    if isinstance(record, Position):
        return record.position_id, record.order, record.expert_position_id
    own = record.order
    return (own, record.position_id) if record.reason in SERVER_MADE else (own,)


def _trace(record: Record) -> Trace:
    if isinstance(record, Position):
        return Trace.of_position(record)
    if isinstance(record, Order):
        return Trace.of_order(record)
    return Trace.of_deals([record])

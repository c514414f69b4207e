"""What the journal knows of positions, orders and deals, and the server does not."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

from mt5web_async.enums import OrderType
from mt5web_async.errors import JournalFailed

from .magic_tags import cut, untag

if TYPE_CHECKING:
    from mt5web_async.protocol.records import Order
    from mt5web_async.terminal.journal import Entry, Record
    from mt5web_async.terminal.terminal import Terminal

log = logging.getLogger("mt5web")


class Kept:
    """Looks things up for one call of a function.

    Args:
        engine: the terminal.

    Attributes:
        magic: gives the magic number of a record.
    """

    def __init__(self, engine: Terminal) -> None:
        self.magic = engine.magics()
        self._journal = engine.options.journal
        self._account = engine.key

    def comment(self, record: Record) -> str:
        """The comment as its program gave it, without the tag.

        What a tag left no room for is known where the request was sent.
        """
        comment, magic = untag(record.comment)
        if not magic or not cut(record.comment):
            return comment
        entry = self._made(record.order)
        whole = "" if entry is None else _given(entry, "comment")
        return whole if whole.startswith(comment) else comment

    def position_by(self, order: Order) -> int:
        """The position that a close by closed another one with; 0: not known."""
        entry = self._made(order.order) if order.type == OrderType.CLOSE_BY else None
        return 0 if entry is None else entry.sending.request.position_by

    def _made(self, ticket: int) -> Entry | None:
        """The request that made an order."""
        if self._journal is None:
            return None
        try:
            return self._journal.by_order(self._account, ticket)
        except JournalFailed as exc:
            log.warning("order %d is not looked up: %s", ticket, exc)
            return None


def _given(entry: Entry, name: str) -> str:
    """A text that the program gave; "" if the journal does not have it."""
    try:
        return str(json.loads(entry.sending.original)[name])
    except (ValueError, LookupError, TypeError):
        return ""

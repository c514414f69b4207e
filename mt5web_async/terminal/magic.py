"""The programs' numbers of positions, orders and deals, as an engine can tell them."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Final

from mt5web_async.enums import DealEntry, MarginMode
from mt5web_async.errors import JournalFailed
from mt5web_async.protocol.records import Deal, Position

from .fate import AccountKey
from .history import FAR
from .journal import Journal, MagicLookup, Record
from .model import Model
from .traces import SERVER_MADE

log = logging.getLogger("mt5web_async.terminal")

_U64: Final = 2**64 - 1


def magic_lookup(
    journal: Journal | None, account: AccountKey, model: Model
) -> MagicLookup:
    """A lookup of magic numbers, up to date now; for one batch of records.

    A journal that fails costs the numbers that only it knows.
    """
    if journal is None:
        return told
    try:
        known = journal.magics(account)
    except JournalFailed as exc:
        log.warning("magic numbers are not known: %s", exc)
        return told
    if model.holdings.account.margin_mode == MarginMode.HEDGING:
        return known
    return OfTurned(known, model)


def told(record: Record) -> int:
    """The number that the server tells; 0: none."""
    return record.expert & _U64


class OfTurned:
    """A lookup for accounts on which a deal can turn a position.

    A position that was turned belongs to the order that did it, but keeps the
    identifier that what the server does to it is known by, such as a stop loss.

    Args:
        known: the lookup by identifier.
        model: knows the deals that turned positions.
    """

    def __init__(self, known: MagicLookup, model: Model) -> None:
        self._known = known
        self._model = model

    def __call__(self, record: Record) -> int:
        """The magic number of a record; 0: none."""
        if not isinstance(record, Position) and record.reason in SERVER_MADE:
            before = (
                order
                for order in self._turns.get(record.position_id, ())
                if order < record.order
            )
            turned = max(before, default=record.position_id)
            record = record._replace(position_id=turned)
        return self._known(record)

    @cached_property
    def _turns(self) -> dict[int, list[int]]:
        return turns(self._model.history.deals(0, FAR))


def turns(deals: Iterable[Deal]) -> dict[int, list[int]]:
    """The orders that turned positions, by the identifier of the position."""
    found: dict[int, list[int]] = defaultdict(list)
    for deal in deals:
        if deal.entry == DealEntry.INOUT:
            found[deal.position_id].append(deal.order)
    return found

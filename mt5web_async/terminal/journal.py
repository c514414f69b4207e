"""What the engine needs of a journal of trade requests; it works without one.

The protocol cannot carry a program's magic number, and an answer can be lost. Both are
mended by what is written down before a request is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from mt5web_async.protocol.records import Deal, Order, Position

from .fate import AccountKey, Fate, Sending, Unknown
from .settlement import looked_everywhere, settle_all
from .traces import PATIENCE, Known

Record: TypeAlias = Position | Order | Deal

MagicLookup: TypeAlias = Callable[[Record], int]
"""The magic number of a record; 0: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A request in the journal.

    Attributes:
        number: of the entry; later ones have higher numbers.
        sending: the request.
        fate: what became of it; None: its answer is still awaited, or its process
            ended before anything was heard.
        own: sent by this process.
    """

    number: int
    sending: Sending
    fate: Fate | None = None
    own: bool = False

    @property
    def awaited(self) -> bool:
        """Whether this process waits for its answer."""
        return self.own and self.fate is None


class Journal(Protocol):
    """Keeps requests, for this process and for later ones.

    Methods are called from any thread, take well below a millisecond, and raise
    :class:`~mt5web_async.errors.JournalFailed` when the journal cannot be used.
    """

    def sending(self, sending: Sending) -> int:
        """Note a request; when this returns the note outlives the process.

        Returns:
            The number of the entry.
        """

    def finish(self, number: int, fate: Fate) -> None:
        """Note what became of it; what the server told wins over conclusions."""

    def missed(self, number: int) -> None:
        """Note that a request of unknown fate was looked for in vain."""

    def unsettled(self, account: AccountKey) -> Sequence[Entry]:
        """Entries of unknown fate, oldest first.

        Those are what processes that are gone left behind, what ended unknown, and
        what is awaited here or elsewhere.
        """

    def claimed(self, account: AccountKey) -> Collection[int]:
        """Tickets of orders whose request is known."""

    def by_order(self, account: AccountKey, ticket: int) -> Entry | None:
        """The request that made an order."""

    def magics(self, account: AccountKey) -> MagicLookup:
        """A lookup of magic numbers, up to date now; for one batch of records."""


def settle_entries(
    journal: Journal,
    account: AccountKey,
    known: Known,
    patience: float = PATIENCE,
    numbers: Collection[int] | None = None,
) -> list[Entry]:
    """Settle what can be settled of an account's requests of unknown fate.

    Args:
        journal: is told what became of them.
        account: whose requests.
        known: the account as it is now.
        patience: s that a server may hold a request.
        numbers: of the entries to settle, which had ended before the account was looked
            at; orders may be those of others. None: all that nobody here waits for.

    Returns:
        The entries whose fate is known now.

    Raises:
        JournalFailed: the journal cannot be used.
    """
    unsettled = journal.unsettled(account)
    if numbers is None:
        numbers = {entry.number for entry in unsettled if not entry.awaited}
    entries = [entry for entry in unsettled if entry.number in numbers]
    fates = settle_all(
        [entry.sending for entry in entries],
        known,
        journal.claimed(account),
        patience,
        awaited=[one.sending for one in unsettled if one.number not in numbers],
        elsewhere=[one.sending for one in entries if not one.own and one.fate is None],
    )
    settled: list[Entry] = []
    for entry, fate in zip(entries, fates, strict=True):
        if not isinstance(fate, Unknown):
            journal.finish(entry.number, fate)
            settled.append(replace(entry, fate=fate))
        elif not fate.order and looked_everywhere(entry.sending, known):
            journal.missed(entry.number)
    return settled

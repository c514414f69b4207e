"""The ticks of one symbol in memory: a ring of blocks.

Rows are written once and never changed, and a block leaves the ring whole. A reader
takes the tuple of blocks and needs no lock: what it sees stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from .rows import OPAQUE, TICKS, Rows, in_order, part, without_repeats

FIRST_BLOCK: Final = 64
LARGEST_BLOCK: Final = 65_536
"""Rows; each block is twice as large as the one before, where there is room."""

FAR: Final = 2**62
"""A time that never comes, ms."""


class Block:
    """A run of rows that is filled from its beginning.

    Attributes:
        rows: its memory; only the first `count` rows have been written.
        ordered: times never go back in it.
    """

    __slots__ = ("_newest", "count", "ordered", "rows")

    def __init__(self, capacity: int) -> None:
        self.rows: Rows = np.empty(capacity, TICKS)
        self.count = 0
        self._newest = 0
        self.ordered = True

    @classmethod
    def of(cls, rows: Rows) -> Block:
        """A full block of rows that are in order."""
        block = cls(0)
        block.rows = rows
        block.count = len(rows)
        return block

    @property
    def full(self) -> bool:
        """Whether there is no room for another row."""
        return self.count == len(self.rows)

    def extend(self, rows: Rows) -> None:
        """Write rows, for which there is room; readers see them when all are there."""
        times = rows["time_msc"]
        end = self.count + len(rows)
        self.rows.view(OPAQUE)[self.count : end] = rows.view(OPAQUE)
        if times[0] < self._newest or (times[1:] < times[:-1]).any():
            self.ordered = False
        self._newest = int(times[-1])
        self.count = end

    def since(self, time_msc: int) -> Block:
        """A block without the rows of before a time; this one if it has none."""
        rows = self.rows[: self.count]
        kept: Rows = rows.view(OPAQUE)[rows["time_msc"] >= time_msc]
        if len(kept) == len(rows):
            return self
        block = Block(len(self.rows))
        if len(kept):
            block.extend(kept.view(TICKS))
        return block


class Snapshot:
    """The ticks of one symbol at one moment.

    Attributes:
        oldest: the least time of a row, ms; far in the future without any.
        evicted: there were older rows once.
    """

    def __init__(self, blocks: Sequence[Block], evicted: bool) -> None:
        self.evicted = evicted
        self._rows = [rows for b in blocks if len(rows := b.rows[: b.count])]
        self._ordered = all(b.ordered for b in blocks) and all(
            one["time_msc"][-1] <= other["time_msc"][0]
            for one, other in pairwise(self._rows)
        )
        starts = (r["time_msc"][0 if self._ordered else ...].min() for r in self._rows)
        self.oldest = int(min(starts, default=FAR))

    def between(self, start: int, end: int) -> list[Rows]:
        """The rows from one time to another, both included, ms, in order."""
        pieces = self._rows
        if not self._ordered:
            joint = np.concatenate([rows.view(OPAQUE) for rows in pieces])
            pieces = [in_order(joint.view(TICKS))]
        found = (part(rows, start, end) for rows in pieces)
        return [rows for rows in found if len(rows)]


class Series:
    """The newest ticks of one symbol.

    Args:
        capacity: so many rows are kept at least, once they came; up to one block more
            may be.

    Attributes:
        allocated: rows that memory is held for.
        evicted: there were older rows once.
        past_known: what files hold has been looked at.
    """

    def __init__(self, capacity: int) -> None:
        self.blocks: tuple[Block, ...] = ()
        self.allocated = 0
        self.evicted = False
        self.past_known = False
        self._capacity = capacity
        self._last: Rows = np.empty(0, TICKS)  # at most one

    def fresh(self, rows: Rows) -> Rows:
        """Some ticks without those that repeat the one before them."""
        if not len(self._last):
            return without_repeats(rows)
        both = np.concatenate([self._last.view(OPAQUE), rows.view(OPAQUE)])
        return without_repeats(both.view(TICKS))[1:]

    def extend(self, rows: Rows, room: int) -> int:
        """Add the first of some ticks; how many.

        Args:
            rows: the ticks.
            room: rows that memory may be taken for; a few are taken all the same, and
                none for a second time.
        """
        if not self.blocks or self.blocks[-1].full:
            self._grow(room)
        block = self.blocks[-1]
        taken = rows[: len(block.rows) - block.count]
        block.extend(taken)
        self._last = taken[-1:].copy()
        return len(taken)

    def prepend(self, past: Sequence[Rows]) -> None:
        """Put older rows before what is there.

        Rows of the oldest time that is there are taken for those of the same time
        among the older ones: files know better which one a server sent again.

        Args:
            past: pieces, oldest first, each in order and not empty.
        """
        if past and self.blocks:
            after = int(past[-1]["time_msc"][-1]) + 1
            self._set(tuple(block.since(after) for block in self.blocks))
        blocks = [
            Block.of(rows[start : start + LARGEST_BLOCK].copy())
            for rows in past
            for start in range(0, len(rows), LARGEST_BLOCK)
        ]
        self._set(self._kept((*blocks, *self.blocks)))
        if not len(self._last) and past:
            self._last = past[-1][-1:].copy()

    def evict(self) -> bool:
        """Let the oldest block go, unless it is the only one."""
        if len(self.blocks) < 2:
            return False
        self._set(self.blocks[1:])
        self.evicted = True
        return True

    def now(self) -> Snapshot:
        """What there is at this moment, for any thread."""
        blocks = self.blocks  # before the mark, which must not be older
        return Snapshot(blocks, self.evicted)

    @property
    def oldest(self) -> int:
        """The least time of a row, ms; far in the future without any."""
        return self.now().oldest

    def _grow(self, room: int) -> None:
        doubled = 2 * len(self.blocks[-1].rows) if self.blocks else 0
        size = max(min(doubled, room, LARGEST_BLOCK), FIRST_BLOCK)
        self._set((*self._kept(self.blocks), Block(size)))

    def _kept(self, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        """The newest of the blocks, as many as the capacity takes."""
        newest = sum(b.count for b in blocks)
        while blocks and newest - blocks[0].count >= self._capacity:
            newest -= blocks[0].count
            blocks = blocks[1:]
            self.evicted = True
        return blocks

    def _set(self, blocks: tuple[Block, ...]) -> None:
        self.blocks = blocks
        self.allocated = sum(len(b.rows) for b in blocks)

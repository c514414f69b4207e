"""Records that can be had with some fields changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, Self


class Record(Protocol):
    """A named tuple, as far as a change of its fields is concerned."""

    @property
    def _replace(self) -> Callable[..., Self]:
        """The same record with the fields changed that are given by keyword."""

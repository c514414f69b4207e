"""What happens in a terminal, as frozen facts.

Listeners are called in the I/O thread, in the order of the wire; they must return
quickly and must not wait for the terminal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from mt5web_async.calculation.quotes import Quote
from mt5web_async.protocol.records import (
    Deal,
    Order,
    Position,
    TradeRequest,
    TradeResult,
)

if TYPE_CHECKING:
    from mt5web_async.terminal.fate import Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DealAdded(Event):
    """A deal was made, or money was moved."""

    deal: Deal


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChanged(Event):
    """An open order was placed or changed."""

    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDone(Event):
    """An order left the open ones for the history: its state tells how."""

    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionChanged(Event):
    """A position was opened or changed."""

    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionClosed(Event):
    """A position left the book: closed, closed by another, or stopped out."""

    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeResulted(Event):
    """The server told the result of a request of this connection."""

    result: TradeResult


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeSettled(Event):
    """It became known what happened to a request whose answer had been lost.

    It is told in the loop's thread.

    Attributes:
        request: as it was sent.
        fate: what became of it.
    """

    request: TradeRequest
    fate: Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeServerChanged(Event):
    """The gateway lost its trade server, or found it again.

    While it is lost, trade requests end with 10031; everything can still be read.
    """

    up: bool


Listener: TypeAlias = Callable[[Event], None]

QuoteListener: TypeAlias = Callable[[str, Quote], None]
"""Gets a symbol's name and its new quote; `quote.changed` says what is new."""

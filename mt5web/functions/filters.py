"""Which positions, orders and deals a call asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypedDict, TypeVar

from mt5web import groups
from mt5web.arguments import GROUP_LIMIT, SYMBOL_LIMIT, U64, integer, named, text
from mt5web.constants import RES_E_NOT_FOUND
from mt5web.official import failures


class OfSymbol(Protocol):
    """A position, order or deal."""

    @property
    def symbol(self) -> str:
        """The name of its symbol; "" for changes of the balance."""


T = TypeVar("T", bound=OfSymbol)


class Choice(TypedDict, total=False):
    """Keywords of `positions_get` and `orders_get`."""

    ticket: int
    symbol: str
    group: str


def chosen(
    choice: Choice, get: Callable[[int | None, str | None], tuple[T, ...]]
) -> tuple[T, ...]:
    """Check the one filter that acts, and apply it.

    Args:
        choice: the keywords of the call.
        get: takes a ticket or a symbol or neither.
    """
    if "ticket" in choice:
        ticket = number(choice["ticket"], "ticket")
        return none_if_not_found(lambda: get(ticket, None))
    if "symbol" in choice:
        return get(None, text(choice["symbol"], SYMBOL_LIMIT, named("symbol")))
    if "group" in choice:
        group = masks(choice["group"])
        return of_group(group, get(None, None))
    return get(None, None)


def number(value: object, name: str) -> int:
    """A ticket or a position's number, given by keyword."""
    return integer(value, U64, named(name))


def masks(value: object) -> groups.Group:
    """A group of symbol names, given by keyword."""
    return groups.parse(text(value, GROUP_LIMIT, named("group")))


def of_group(group: groups.Group, rows: tuple[T, ...]) -> tuple[T, ...]:
    """The rows whose symbol belongs to a group."""
    return tuple(row for row in rows if group.selects(row.symbol))


def none_if_not_found(get: Callable[[], tuple[T, ...]]) -> tuple[T, ...]:
    """The rows, or none: an unknown ticket is no failure."""
    try:
        return get()
    except failures() as failure:
        if failure.code != RES_E_NOT_FOUND:
            raise
        return ()

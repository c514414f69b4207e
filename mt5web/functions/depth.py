"""The depth of market."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from mt5web.arguments import symbol as checked
from mt5web.calling import NONE, Answers, positional
from mt5web.official import failures, official
from mt5web.session import Session

if TYPE_CHECKING:
    from mt5web.structs import BookInfo

QUIET: Final[Answers[bool | None]] = Answers(misuse=None, failure=False)


@official(
    "market_book_add(symbol)",
    "Opens Depth of Market for a selected symbol",
    takes=positional(1, 1),
    answers=QUIET,
)
def market_book_add(session: Session, symbol: str, /) -> bool:
    """Begin to receive the depth of market of a symbol.

    Args:
        symbol: its exact name.

    Returns:
        True when done. False on failure, without a reason: like the original it
        leaves last_error() at (1, "Success"), also when not connected. None for bad
        arguments.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: symbol is no str, or more than 29 UTF-16 units long.

    Example:
        >>> mt5.market_book_add("EURUSD"), mt5.market_book_add("NOSUCH")
        (True, False)
    """
    return _succeeds(session.backend.market_book_add, checked(symbol))


@official(
    "market_book_release(symbol)",
    "Closes Depth of Market for a selected symbol",
    takes=positional(1, 1),
    answers=QUIET,
)
def market_book_release(session: Session, symbol: str, /) -> bool:
    """End what `market_book_add` began.

    Args:
        symbol: its exact name.

    Returns:
        True when done. False on failure, without a reason: like the original it
        leaves last_error() at (1, "Success"), also when not connected. None for bad
        arguments.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: symbol is no str, or more than 29 UTF-16 units long.

    Example:
        >>> mt5.market_book_add("EURUSD"), mt5.market_book_release("EURUSD")
        (True, True)
    """
    return _succeeds(session.backend.market_book_release, checked(symbol))


@official(
    "market_book_get(symbol)",
    "Returns Depth of Market structures of a specified symbol",
    takes=positional(1, 1),
    answers=NONE,
)
def market_book_get(session: Session, symbol: str, /) -> tuple[BookInfo, ...]:
    """List the depth of market of a symbol, after `market_book_add`.

    The first call waits for the first levels, for up to 3 seconds; others never wait.

    Args:
        symbol: its exact name.

    Returns:
        Rows of type (BOOK_TYPE_...), price, volume (lots, whole part) and volume_dbl
        (lots): sells first, then buys, each by falling price; () when there is none,
        or none has come yet. None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: symbol is no str, or more than 29 UTF-16 units long.
        RES_E_NOT_FOUND: `market_book_add` has not been called for the symbol.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Example:
        >>> mt5.market_book_get("GBPUSD") is None  # not without market_book_add
        True
        >>> mt5.market_book_add("EURUSD")
        True
        >>> all(row.volume_dbl > 0 for row in mt5.market_book_get("EURUSD"))
        True
    """
    return session.backend.market_book_get(checked(symbol))


def _succeeds(call: Callable[[str], None], symbol: str) -> bool:
    try:
        call(symbol)
    except failures():
        return False
    return True

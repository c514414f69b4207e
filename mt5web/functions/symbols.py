"""Symbols and their prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypedDict, Unpack

from mt5web import groups
from mt5web.arguments import GROUP_LIMIT, c_bool, named, text
from mt5web.arguments import symbol as checked
from mt5web.backend import CallFailed
from mt5web.calling import (
    FALSE,
    NONE,
    NUMBER,
    Answers,
    no_arguments,
    positional,
    with_keywords,
)
from mt5web.constants import RES_E_FAIL, RES_E_INVALID_VERSION, RES_E_NOT_FOUND
from mt5web.official import failures, official
from mt5web.session import Session

if TYPE_CHECKING:
    from mt5web.structs import SymbolInfo, Tick

SYMBOLS_GET: Final[Answers[Literal[False] | None]] = Answers(misuse=False, failure=None)


class Choice(TypedDict, total=False):
    """Keywords of `symbols_get`."""

    group: str


@official(
    "symbols_total()",
    "Return the number of all available symbols",
    takes=no_arguments,
    answers=NONE,
)
def symbols_total(session: Session) -> int:
    """Count the symbols of the server, shown in the Market Watch or not.

    Returns:
        Their number; None on failure.

    Errors (see last_error):
        RES_E_INVALID_VERSION: `initialize` has not succeeded yet.
        RES_E_INTERNAL_FAIL_CONNECT: not connected any more.

    Example:
        >>> mt5.symbols_total() == len(mt5.symbols_get())
        True
    """
    _require_build(session)
    return session.backend.symbols_total()


@official(
    'symbols_get([group="GROUP"])',
    "Return all available symbols or filtred by group",
    takes=with_keywords(1, NUMBER),
    answers=SYMBOLS_GET,
)
def symbols_get(
    session: Session, group: str = "", /, **choice: Unpack[Choice]
) -> tuple[SymbolInfo, ...]:
    """List symbols.

    Args:
        group: masks of names, separated by commas, by position or as a keyword, which
            counts when both are given. "*" stands for any characters, "!" excludes:
            "*USD*,!*EUR*". Upper and lower case differ. "" stands for all symbols.

    Returns:
        All symbols of the server, shown in the Market Watch or not, or those of the
        group; () when there is none. None on failure, but False for bad arguments.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: group is no str, or more than 1997 UTF-16 units long.
        RES_E_INVALID_VERSION: `initialize` has not succeeded yet.
        RES_E_INTERNAL_FAIL_CONNECT: not connected any more.

    Example:
        >>> [info.name for info in mt5.symbols_get("X*USD,!*XAG*")]
        ['XAUUSD']
    """
    masks = text(group, GROUP_LIMIT, "Invalid 1st unnamed argument")
    masks = text(choice.get("group", masks), GROUP_LIMIT, named("group"))
    _require_build(session)
    return session.backend.symbols_get(groups.parse(masks).selects if masks else None)


@official(
    "symbol_info(symbol)",
    "Return full information for specified symbol",
    takes=positional(1, 1),
    answers=NONE,
)
def symbol_info(session: Session, symbol: str, /) -> SymbolInfo:
    """Describe a symbol: how it is traded, and what it costs now.

    Args:
        symbol: its exact name; it need not be in the Market Watch.

    Returns:
        Everything known about it: spread and stops level in points, volumes in lots,
        times in seconds on the trade server's clock; fields the server has no value
        for are 0 or "". None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: symbol is no str, or more than 29 UTF-16 units long.
        RES_E_NOT_FOUND: no such symbol.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Example:
        >>> info = mt5.symbol_info("EURUSD")
        >>> info.digits, info.point, info.volume_min, info.trade_contract_size
        (5, 1e-05, 0.01, 100000.0)
    """
    return session.backend.symbol_info(checked(symbol))


@official(
    "symbol_info_tick(symbol)",
    "Return current prices of specified symbol",
    takes=positional(1, 1),
    answers=NONE,
)
def symbol_info_tick(session: Session, symbol: str, /) -> Tick:
    """Tell the latest prices of a symbol.

    Args:
        symbol: its exact name.

    Returns:
        The latest tick: time (s) and time_msc (ms) on the trade server's clock; bid,
        ask, last (price); volume (whole part) and volume_real; flags (TICK_FLAG_...
        bits of what changed). None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: symbol is no str, or more than 29 UTF-16 units long.
        RES_E_NOT_FOUND: no such symbol, or no quote of it.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Example:
        >>> tick = mt5.symbol_info_tick("EURUSD")
        >>> tick.bid, tick.ask
        (1.1, 1.10012)
    """
    return session.backend.symbol_info_tick(checked(symbol))


@official(
    "symbol_select(symbol,[enable])",
    "Select symbol in Market Watch window or remove symbol from the window",
    takes=positional(1, 2),
    answers=FALSE,
)
def symbol_select(session: Session, symbol: str, enable: object = True, /) -> bool:
    """Show a symbol in the Market Watch, or hide it.

    Args:
        symbol: its exact name.
        enable: True to show it, False to hide it; any object counts by its truth.

    Returns:
        True when done. False on failure, also for a symbol that cannot be hidden
        because a position or order needs it.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: symbol is no str, or more than 29 UTF-16 units long.
        RES_E_FAIL: no such symbol, or it cannot be hidden.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: enable has no truth value.

    Example:
        >>> mt5.symbol_select("USDNOK"), mt5.symbol_info("USDNOK").visible
        (True, True)
        >>> mt5.symbol_select("USDNOK", False), mt5.symbol_info("USDNOK").visible
        (True, False)
    """
    shown = c_bool(enable)
    name = checked(symbol)
    try:
        session.backend.symbol_select(name, shown)
    except failures() as failure:
        if failure.code != RES_E_NOT_FOUND:
            raise
        raise CallFailed(RES_E_FAIL) from failure
    return True


def _require_build(session: Session) -> None:
    """Refuse what the original refuses before it knows the build of a terminal."""
    if not session.was_ready:
        raise CallFailed(RES_E_INVALID_VERSION)

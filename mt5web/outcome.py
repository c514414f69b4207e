"""How the last call ended: the codes, their texts and the place they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from .constants import (
    RES_E_AUTH_FAILED,
    RES_E_AUTO_TRADING_DISABLED,
    RES_E_FAIL,
    RES_E_INTERNAL_FAIL,
    RES_E_INTERNAL_FAIL_CONNECT,
    RES_E_INTERNAL_FAIL_INIT,
    RES_E_INTERNAL_FAIL_RECEIVE,
    RES_E_INTERNAL_FAIL_SEND,
    RES_E_INTERNAL_FAIL_TIMEOUT,
    RES_E_INVALID_PARAMS,
    RES_E_INVALID_VERSION,
    RES_E_NO_MEMORY,
    RES_E_NOT_FOUND,
    RES_E_UNSUPPORTED,
    RES_S_OK,
)

LastError: TypeAlias = tuple[int, str]

NOTHING_YET: Final[LastError] = (0, "")
SUCCESS: Final[LastError] = (RES_S_OK, "Success")

TEXTS: Final[Mapping[int, str]] = {
    RES_S_OK: "Success",
    RES_E_FAIL: "Terminal: Call failed",
    RES_E_INVALID_PARAMS: "Terminal: Invalid params",
    RES_E_NO_MEMORY: "Terminal: Out of memory",
    RES_E_NOT_FOUND: "Terminal: Not found",
    RES_E_INVALID_VERSION: (
        "Terminal: Incompatible versions, "
        "please install the latest version of Terminal and Python module"
    ),
    RES_E_AUTH_FAILED: "Terminal: Authorization failed",
    RES_E_UNSUPPORTED: "Terminal: Unsupported function",
    RES_E_AUTO_TRADING_DISABLED: "Terminal: Call failed",
    RES_E_INTERNAL_FAIL: "IPC call failed",
    RES_E_INTERNAL_FAIL_SEND: "IPC send failed",
    RES_E_INTERNAL_FAIL_RECEIVE: "IPC recv failed",
    RES_E_INTERNAL_FAIL_INIT: "IPC initialize failed, {detail}",
    RES_E_INTERNAL_FAIL_CONNECT: "No IPC connection",
    RES_E_INTERNAL_FAIL_TIMEOUT: "IPC timeout",
}
"""The official text of each code; where something varies, it is `{detail}`."""


def text_of(code: int, detail: str = "") -> str:
    """The official text of a code; unknown ones have that of a failed call.

    Example:
        >>> text_of(-10003, "CreateFile failed [2]")
        'IPC initialize failed, CreateFile failed [2]'
        >>> text_of(-17)
        'Terminal: Call failed'
    """
    return TEXTS.get(code, TEXTS[RES_E_FAIL]).replace("{detail}", detail)


class Outcome:
    """How the call that ended last went.

    The original has one such place per process, shared by all threads: programs call
    a function in one worker thread and ask `last_error()` in the next, so it cannot be
    kept per thread. The original also runs calls one after the other, so that the
    place holds the outcome of the call that ended last, never a half-way state. Here
    calls overlap, and the same holds because an outcome is written once, whole, when
    its call ends.
    """

    __slots__ = ("last_error",)

    def __init__(self) -> None:
        self.last_error: LastError = NOTHING_YET


PROCESS_OUTCOME: Final = Outcome()
"""The outcome that the module functions and the result types share."""

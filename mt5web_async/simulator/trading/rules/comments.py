"""What the server writes into the comments of orders, deals and positions."""

from __future__ import annotations

from typing import Final

LENGTH: Final = 31
"""UTF-16 units that a comment's field holds beside the terminating zero."""


def cut(text: str) -> str:
    """The comment as far as its field holds it.

    Example:
        >>> len(cut("x" * 40))
        31
    """
    units = text.partition("\0")[0].encode("utf-16-le", "surrogatepass")
    return units[: 2 * LENGTH].decode("utf-16-le", "ignore")


def stop_loss(level: float, digits: int) -> str:
    """Of the order and deal of a stop loss.

    Example:
        >>> stop_loss(1.098, 5)
        '[sl 1.09800]'
    """
    return cut(f"[sl {level:.{digits}f}]")


def take_profit(level: float, digits: int) -> str:
    """Of the order and deal of a take profit."""
    return cut(f"[tp {level:.{digits}f}]")


def stop_out(level: str, equity: float, margin: float, digits: int) -> str:
    """Of what a stop out closed or deleted.

    Example:
        >>> stop_out("49.98%", 825.0, 1650.65, 2)
        '[so 49.98%/825.00/1650.65]'
    """
    return cut(f"[so {level}/{equity:.{digits}f}/{margin:.{digits}f}]")


def stopped_out(level: str) -> str:
    """Of a position that a stop out closed in part."""
    return cut(f"[so {level}]")


def close_by(position: int, by: int) -> str:
    """Of the order that closes a position by an opposite one."""
    return cut(f"close #{position} by #{by}")


def closed_by(position: int, by: int) -> str:
    """Of its two deals."""
    return cut(f"#{position} by #{by}")

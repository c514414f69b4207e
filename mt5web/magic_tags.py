"""Magic numbers in comments, for machines without the journal of the sender.

A tag stands before the comment, since servers may change the end of one::

    ~ysCS~my comment

It is the number in base 62 and one character that guards against comments that only
look like one. A comment has room for 31 characters: the tag takes 4 to 14 of them,
5 or 6 for usual numbers, and the end of the comment gives way.
"""

from __future__ import annotations

import re
import string
from typing import Final, NamedTuple

LIMIT: Final = 31
"""UTF-16 units of a comment that servers keep."""

_DIGITS: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BASE: Final = len(_DIGITS)
_TAG: Final = re.compile(r"~([0-9A-Za-z]{1,11})([0-9A-Za-z])~", re.ASCII)
_HIGHEST: Final = 2**64 - 1


class Tagged(NamedTuple):
    """A comment and the magic number that its tag told; 0: it has no tag."""

    comment: str
    magic: int


def tag(comment: str, magic: int) -> str:
    """The comment with a tag; as it is for magic number 0.

    >>> tag("my comment", 234000)
    '~ysCS~my comment'
    """
    if not magic:
        return comment
    return _cut(f"~{_digits(magic)}{_guard(magic)}~{comment}")


def untag(comment: str) -> Tagged:
    """The comment without its tag, and what that says.

    >>> untag("~ysCS~my comment")
    Tagged(comment='my comment', magic=234000)
    >>> untag("my ~ comment")
    Tagged(comment='my ~ comment', magic=0)
    """
    match = _TAG.match(comment)
    if match is None:
        return Tagged(comment, 0)
    magic = 0
    for digit in match[1]:
        magic = magic * _BASE + _DIGITS.index(digit)
    if match[2] != _guard(magic) or magic > _HIGHEST or _digits(magic) != match[1]:
        return Tagged(comment, 0)
    return Tagged(comment[match.end() :], magic)


def cut(comment: str) -> bool:
    """Whether a comment with a tag may have lost its end: it is as long as can be."""
    return len(comment.encode("utf-16-le", "surrogatepass")) >= 2 * (LIMIT - 1)


def _digits(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, _BASE)
        digits = _DIGITS[digit] + digits
    return digits or _DIGITS[0]


def _guard(magic: int) -> str:
    return _DIGITS[magic * 7 % 61]


def _cut(comment: str) -> str:
    """At most so many UTF-16 units, no pair of surrogates cut in half."""
    units = comment.encode("utf-16-le")[: 2 * LIMIT]
    return units.decode("utf-16-le", errors="ignore")

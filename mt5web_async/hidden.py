"""Passwords, tokens and keys that no report on an error shows.

A report may show the values of variables; these show nothing of theirs. Everything
else about them is that of plain text and plain bytes: they have to be sent, after all.
"""

from __future__ import annotations

from typing import overload


class HiddenText(str):
    """A text with a repr that tells nothing.

    >>> password = HiddenText("hush")
    >>> password, password == "hush", len(password)
    ('...', True, 4)
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "'...'"


class HiddenBytes(bytes):
    """Bytes with a repr that tells nothing.

    >>> [HiddenBytes(b"hush")], HiddenBytes(b"hush") == b"hush"
    ([b'...'], True)
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "b'...'"

    def __str__(self) -> str:
        return repr(self)


@overload
def hidden(value: str) -> str: ...


@overload
def hidden(value: bytes) -> bytes: ...


def hidden(value: object) -> object:
    """The same text or bytes with a repr that tells nothing.

    What is neither comes back as it is: whoever takes it will say so.
    """
    if isinstance(value, str):
        return HiddenText(value)
    return HiddenBytes(value) if isinstance(value, bytes) else value

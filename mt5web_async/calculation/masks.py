r"""Mask lists: which symbols a rule is for (section 2.3).

A mask list is masks by comma, such as ``Forex\*,!*JPY*``. In a mask ``*`` stands for
any run of characters, backslashes too; a leading ``!`` excludes what the mask matches.
"""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=4096)
def matches(masks: str, path: str) -> bool:
    r"""Whether a list of masks is for the symbol of a path.

    Every element is looked at: one that excludes the path decides at once, whatever
    stood before it. A list that only excludes is for nothing.

    >>> matches("Forex\\*,!*JPY*", "Forex\\EURUSD")
    True
    >>> matches("Forex\\*,!*JPY*", "Forex\\USDJPY")
    False
    """
    found = False
    for element in masks.split(","):
        mask = element.strip(" ")
        if mask_matches(mask, path):
            if mask.startswith("!"):
                return False
            found = True
    return found


def mask_matches(mask: str, path: str) -> bool:
    """Whether one mask, its leading ``!`` aside, covers the whole path.

    An empty mask or path matches nothing; case counts; there is no ``?``.

    >>> mask_matches("!*JPY", "USDJPY"), mask_matches("USD", "USDJPY")
    (True, False)
    """
    bare = mask.lstrip("!")
    return bool(bare and path) and _covers(bare.split("*"), path)


def _covers(parts: list[str], path: str) -> bool:
    """Whether the parts between the stars stand in the path, in order and to its end.

    Taking the first place of each part is enough, so the time is bounded by the
    lengths, whatever mask a server sends.
    """
    head, *between = parts
    if not between:
        return path == head
    tail = between.pop()
    at, end = len(head), len(path) - len(tail)
    if at > end or not (path.startswith(head) and path.endswith(tail)):
        return False
    for part in between:
        at = path.find(part, at, end) + len(part)
        if at < len(part):
            return False
    return True

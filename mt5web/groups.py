"""Masks of symbol names, as in `positions_get(group="*,!*EUR*")`.

A group is a list of masks separated by commas. A name is selected when a mask matches
it and none that begins with "!" does; the order of the masks does not matter. In a
mask "*" stands for any characters; everything else, "?" too, stands for itself, upper
and lower case differ, and the whole name has to match.

The original matches in one pass that never goes back in the name, and so do we: after
a "*" it can miss a name that repeats the beginning of what it is looking for.
"""

from __future__ import annotations

from typing import Final, NamedTuple

LONGEST_MASK: Final = 255
"""Characters of a mask that count; the rest up to the comma is dropped."""


class Group(NamedTuple):
    """The masks of a group.

    Example:
        >>> group = parse("*USD*, !EUR*")
        >>> group.selects("GBPUSD"), group.selects("EURUSD")
        (True, False)
        >>> parse("*, !EUR").selects("EURUSD")  # excludes the name EUR, nothing else
        True
        >>> parse("").selects("EURUSD")
        False
    """

    included: tuple[str, ...]
    excluded: tuple[str, ...]

    def selects(self, name: str) -> bool:
        """Whether a symbol of this name belongs to the group."""
        if any(mask == "" or matches(mask, name) for mask in self.excluded):
            return False
        return any(matches(mask, name) for mask in self.included)


def parse(group: str) -> Group:
    """Read a list of masks.

    Spaces before a mask and after it do not count, but one behind "!" does. An empty
    mask is none, except that "!" alone excludes every name.
    """
    masks = [_trimmed(mask) for mask in group.split(",") if mask.strip(" ")]
    return Group(
        included=tuple(mask for mask in masks if not mask.startswith("!")),
        excluded=tuple(mask.lstrip("!") for mask in masks if mask.startswith("!")),
    )


def matches(mask: str, name: str) -> bool:
    """Whether a single mask, without "!", matches the whole name.

    Example:
        >>> matches("*.m", "EURUSD.m"), matches("*AAB", "AAAB")
        (True, False)
    """
    at = 0  # in the mask
    restart = None  # in the mask, behind the last "*" that was passed
    here = 0  # in the name; never goes back
    while here < len(name):
        if mask[at : at + 1] == "*":
            at = restart = at + 1
            if at == len(mask):
                return True
        elif mask[at : at + 1] == name[here]:
            at, here = at + 1, here + 1
        elif restart is None:
            return False
        elif at == restart:
            here += 1
        else:
            at = restart
    return not mask[at:].strip("*")


def _trimmed(mask: str) -> str:
    return mask.lstrip(" ")[:LONGEST_MASK].rstrip(" ")

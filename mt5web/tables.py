"""Reading a table of the configuration file into a data class of the same names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

Reader = Callable[[object], object]
"""Makes a setting of what a file holds.

Raises:
    TypeError: it is something else than it should be.
    ValueError: it is no value that the setting can have.
"""


def table(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A table within another one; none is as good as an empty one.

    Raises:
        TypeError: it is no table.
    """
    found = parent.get(name, {})
    if not isinstance(found, dict):
        raise TypeError(f"{name} should be a table")
    return found


def read_table(
    parent: Mapping[str, Any], name: str, defaults: T, special: Mapping[str, Reader]
) -> dict[str, Any]:
    """The settings that a table gives, by name.

    Args:
        parent: the file.
        name: of the table.
        defaults: has an attribute for each setting, of the type that it has to be of.
        special: how to read settings that are of no plain type.

    Raises:
        TypeError: a value is something else than it should be.
        ValueError: there is no such setting.
    """
    values: dict[str, Any] = {}
    for setting, value in table(parent, name).items():
        if setting in special:
            values[setting] = special[setting](value)
        elif hasattr(defaults, setting):
            values[setting] = plain(setting, value, type(getattr(defaults, setting)))
        else:
            raise ValueError(f"unknown setting {setting!r} in [{name}]")
    return values


def plain(setting: str, value: object, wanted: type) -> object:
    """A value of a type; a whole number is as good as one with a point.

    Raises:
        TypeError: it is none.
    """
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        raise TypeError(f"{setting} = {value!r} should be of type {wanted.__name__}")
    return value


def path_of(value: object) -> Path:
    """The file or folder that a text names; `~` stands for the user's own.

    Raises:
        TypeError: it is no text.
    """
    return Path(text(value)).expanduser()


def text(value: object) -> str:
    """A text.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, str):
        raise TypeError(f"{value!r} should be text in quotes")
    return value

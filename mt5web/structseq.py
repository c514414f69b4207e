"""Struct sequences: tuples with named fields, as C extensions make them.

The standard library has two kinds of tuple with names. `typing.NamedTuple` is not
what the official package answers with: its results have no `_fields`, `_replace` or
`_make`, they are built from one sequence, and nothing can be derived from them. They
are struct sequences, such as `time.struct_time`. Here a subclass of `StructSequence`
declares its fields once, as annotations, and becomes such a type::

    @final
    class Tick(StructSequence, doc="The latest prices of a symbol"):
        __slots__ = ()

        time: int
        bid: float
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from operator import itemgetter
from typing import Any, ClassVar, Self, TypeVar, cast

from .constants import RES_E_INVALID_PARAMS
from .outcome import PROCESS_OUTCOME

S = TypeVar("S", bound="StructSequence")


class StructSequence(tuple[Any, ...]):
    """Base of the result types: a tuple whose annotated fields have names.

    Equality, order, hash, iteration and pickling are those of a tuple of the values;
    names are read-only views of the items.

    Args:
        sequence: the values of all fields, in order.
        unnamed: what a pickle of the original carries beside them: an empty dict.

    Raises:
        TypeError: no sequence, or not exactly as many values as there are fields.

    Example:
        >>> from mt5web import BookInfo
        >>> level = BookInfo((2, 1.1, 3, 3.5))
        >>> level
        BookInfo(type=2, price=1.1, volume=3, volume_dbl=3.5)
        >>> level.price == level[1] == level._asdict()["price"]
        True
    """

    __slots__ = ()

    n_fields: ClassVar[int]
    n_sequence_fields: ClassVar[int]
    n_unnamed_fields: ClassVar[int] = 0
    __match_args__: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls, *, doc: str = "") -> None:
        """Make the names of a type out of its annotations.

        Args:
            doc: the official description; the type's own docstring follows it.
        """
        if StructSequence not in cls.__bases__:
            base = cls.__bases__[0].__name__
            raise TypeError(f"type '{base}' is not an acceptable base type")
        names = tuple(cls.__annotations__)
        views = {name: property(itemgetter(i)) for i, name in enumerate(names)}
        for name, value in (views | {"__match_args__": names}).items():
            setattr(cls, name, value)
        cls.n_fields = cls.n_sequence_fields = len(names)
        cls.__doc__ = f"{doc}\n\n{cls.__doc__ or ''}".strip()
        cls.__module__ = __name__.partition(".")[0]

    def __new__(
        cls, sequence: Iterable[Any], unnamed: dict[str, Any] | None = None
    ) -> Self:
        """Take the values of all fields from one sequence."""
        try:
            values = tuple(sequence)
        except TypeError:
            raise TypeError("constructor requires a sequence") from None
        if len(values) != cls.n_fields:
            raise TypeError(
                f"{cls.__name__}() takes an {cls.n_fields}-sequence "
                f"({len(values)}-sequence given)"
            )
        if not isinstance(unnamed, dict | None):
            raise TypeError(f"{cls.__name__}() takes a dict as second arg, if any")
        return tuple.__new__(cls, values)

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[Any, ...], dict[str, Any]]]:
        return type(self), (tuple(self), {})

    def __repr__(self) -> str:
        pairs = zip(self.__match_args__, self, strict=True)
        shown = ", ".join(f"{name}={value!r}" for name, value in pairs)
        return f"{type(self).__name__}({shown})"

    def _asdict(self: object) -> dict[str, Any]:
        """Convert named tuple object to dictionary.

        Values stay what they are: a nested `TradeRequest` is not converted. Called
        through the type with a wrong object it answers None and sets `last_error()`.
        """
        if not isinstance(self, StructSequence):
            return _misused("Invalid object type")
        if len(self) != self.n_fields:
            return _misused("Invalid tuple size")
        return dict(zip(self.__match_args__, self, strict=True))


def _misused(text: str) -> dict[str, Any]:
    """The original's None, which only misuse ever sees: the type leaves it out."""
    PROCESS_OUTCOME.last_error = (RES_E_INVALID_PARAMS, text)
    return cast("dict[str, Any]", None)


def maker(kind: type[S]) -> Callable[[Iterable[Any]], S]:
    """The constructor of a type without its checks, for results made per call.

    Example:
        >>> from mt5web import BookInfo
        >>> maker(BookInfo)((1, 1.1, 3, 3.5)).type
        1
    """
    return partial(tuple.__new__, kind)


def build(kind: type[S], /, **values: object) -> S:
    """Make a struct sequence from its fields by name.

    Raises:
        TypeError: a field is missing or unknown.

    Example:
        >>> from mt5web import BookInfo
        >>> build(BookInfo, type=1, price=1.1, volume=3, volume_dbl=3.5).volume
        3
        >>> build(BookInfo, type=1, price=1.1, amount=3)
        Traceback (most recent call last):
            ...
        TypeError: BookInfo: missing volume, volume_dbl; unknown amount
    """
    names = kind.__match_args__
    if tuple(values) == names:
        return maker(kind)(values.values())
    if values.keys() != set(names):
        missing = ", ".join(name for name in names if name not in values)
        unknown = ", ".join(name for name in values if name not in names)
        raise TypeError(f"{kind.__name__}: missing {missing}; unknown {unknown}")
    return kind(values[name] for name in names)

"""Records with values drawn by their wire types."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from mt5web_async.protocol import records
from mt5web_async.protocol.wire import Field, Layout, Wire

LAYOUTS: dict[str, Layout[Any]] = {
    name: value for name, value in vars(records).items() if isinstance(value, Layout)
}

quick = settings(deadline=None, max_examples=25)
"""For a property that is tried on every record or reader."""

thorough = settings(deadline=None, max_examples=300)
"""For a property that stands alone."""

_BITS = {"u8": 8, "u16": 16, "u32": 32, "u64": 64, "filetime": 64}
_SIGNED = {"i8": 8, "i16": 16, "i32": 32, "i64": 64}

_characters = st.characters(exclude_characters="\0", exclude_categories=["Cs"])


def values(wire: Wire) -> st.SearchStrategy[Any]:
    """Whatever fits the wire type and comes back as it went."""
    if wire.inner is not None:
        return any_record(wire.inner)
    kind, _, repeat = wire.kind.rstrip("]").partition("[")
    if kind == "bytes":
        return st.binary(min_size=int(repeat), max_size=int(repeat))
    if kind == "utf16":
        return texts(int(repeat) // 2)
    if repeat:
        return st.tuples(*[_number(kind)] * int(repeat))
    return _number(kind)


def texts(units: int) -> st.SearchStrategy[str]:
    """Text of at most so many UTF-16 units."""
    return st.text(_characters, max_size=units).filter(
        lambda text: len(text.encode("utf-16-le")) <= 2 * units
    )


def any_record(layout: Layout[Any]) -> st.SearchStrategy[Any]:
    """A record with some fields drawn and the others at their defaults."""
    return st.fixed_dictionaries(
        {},
        optional={
            name: values(field.wire)
            for name, field in zip(attributes(layout), layout.fields, strict=True)
        },
    ).map(lambda drawn: layout.record(**drawn))


def attributes(layout: Layout[Any]) -> tuple[str, ...]:
    """The names of the record's attributes, in the order of its fields."""
    names: tuple[str, ...] = layout.record._fields
    return names


def bodies(layout: Layout[Any], most: int = 4) -> st.SearchStrategy[bytes]:
    """Flat runs of whole records made of arbitrary bytes."""
    # one drawn, the others it turned round: whole runs would be too large to draw
    return st.builds(
        lambda body, count: b"".join(body[i:] + body[:i] for i in range(count)),
        st.binary(min_size=layout.size, max_size=layout.size),
        st.integers(0, most),
    )


def secret_fields(layout: Layout[Any]) -> list[Field]:
    return [field for field in layout.fields if field.wire.secret]


def _number(kind: str) -> st.SearchStrategy[Any]:
    if kind == "f64":
        return st.floats(allow_nan=False)
    if kind in _SIGNED:
        half = 2 ** (_SIGNED[kind] - 1)
        return st.integers(-half, half - 1)
    return st.integers(0, 2 ** _BITS[kind] - 1)

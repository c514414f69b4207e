"""How a record lies in bytes, declared once beside each field's Python type.

A record is a :class:`typing.NamedTuple` whose annotations carry their wire type::

    class Session(NamedTuple):
        open: u16 = 0
        close: u16 = 0

    SESSION = Layout(Session)

From that one declaration a :class:`Layout` derives the packed numpy dtype (bulk
data), the scalar reader and writer (single records), and the description that the
documentation and the tests use. Everything is little-endian; nothing is padded.
"""

from __future__ import annotations

import struct
from codecs import utf_16_le_decode
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import (
    Annotated,
    Any,
    Generic,
    NamedTuple,
    TypeAlias,
    TypeVar,
    get_type_hints,
)

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mt5web_async.errors import InvalidArgument, MalformedMessage
from mt5web_async.hidden import HiddenBytes, HiddenText

Buffer: TypeAlias = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Wire:
    """The bytes behind one field.

    Attributes:
        kind: the type's name as the protocol reference writes it, ``"f64"``.
        scalar: its :mod:`struct` code; always exactly one value.
        numpy: its numpy type; text stays opaque, as numpy has no UTF-16 type.
        read: from the value that :mod:`struct` gives to the Python value.
        write: the way back.
        secret: kept out of every repr.
        inner: the layout of a record inside the record.
    """

    kind: str
    scalar: str
    numpy: DTypeLike
    read: Callable[[Any], Any] | None = None
    write: Callable[[Any], Any] | None = None
    secret: bool = False
    inner: Layout[Any] | None = None


def read_text(raw: bytes) -> str:
    """Decode UTF-16LE up to the first NUL; what is no text becomes U+FFFD."""
    text, _ = utf_16_le_decode(raw, "replace", True)  # what raw.decode() ends up with
    return text.partition("\0")[0]


def write_text(text: str) -> bytes:
    """Encode UTF-16LE; :mod:`struct` then cuts or pads to the field's size."""
    return text.encode("utf-16-le", "surrogatepass")


def text(size: int) -> Wire:
    """`size` bytes of UTF-16LE, cut at the first NUL, padded with NULs."""
    return Wire(f"utf16[{size}]", f"{size}s", f"V{size}", read_text, write_text)


def raw(size: int) -> Wire:
    """`size` bytes as they are, neither more nor fewer."""

    def exact(value: Buffer) -> Buffer:
        if len(value) != size:
            raise ValueError(f"{len(value)} bytes")
        return value

    return Wire(f"bytes[{size}]", f"{size}s", f"V{size}", write=exact)


def secret_raw(size: int) -> Wire:
    """`size` bytes that no output may show."""
    return replace(raw(size), secret=True, read=HiddenBytes)


def secret_text(size: int) -> Wire:
    """`size` bytes of text that no output may show."""

    def read(stored: bytes) -> HiddenText:
        return HiddenText(read_text(stored))

    return replace(text(size), secret=True, read=read)


def floats(count: int) -> Wire:
    """`count` 64-bit floats."""
    return _repeated("f64", "d", "<f8", count)


def ints(count: int) -> Wire:
    """`count` signed 32-bit integers."""
    return _repeated("i32", "i", "<i4", count)


def _repeated(kind: str, scalar: str, numpy: str, count: int) -> Wire:
    codec = struct.Struct(f"<{count}{scalar}")

    def write(values: Sequence[float]) -> bytes:
        return codec.pack(*values)

    return Wire(
        f"{kind}[{count}]",
        f"{codec.size}s",
        (numpy, (count,)),
        codec.unpack,
        write,
    )


# ruff: noqa: PYI042 - wire types bear the names that the protocol's tables use
u8: TypeAlias = Annotated[int, Wire("u8", "B", "u1")]
i8: TypeAlias = Annotated[int, Wire("i8", "b", "i1")]
u16: TypeAlias = Annotated[int, Wire("u16", "H", "<u2")]
i16: TypeAlias = Annotated[int, Wire("i16", "h", "<i2")]
u32: TypeAlias = Annotated[int, Wire("u32", "I", "<u4")]
i32: TypeAlias = Annotated[int, Wire("i32", "i", "<i4")]
u64: TypeAlias = Annotated[int, Wire("u64", "Q", "<u8")]
i64: TypeAlias = Annotated[int, Wire("i64", "q", "<i8")]
f64: TypeAlias = Annotated[float, Wire("f64", "d", "<f8")]
filetime: TypeAlias = Annotated[int, Wire("filetime", "Q", "<u8")]
"""100 ns steps since 1601-01-01."""

rates7: TypeAlias = Annotated[tuple[float, ...], floats(7)]
rates8: TypeAlias = Annotated[tuple[float, ...], floats(8)]

text8: TypeAlias = Annotated[str, text(8)]
text16: TypeAlias = Annotated[str, text(16)]
text32: TypeAlias = Annotated[str, text(32)]
text64: TypeAlias = Annotated[str, text(64)]
text128: TypeAlias = Annotated[str, text(128)]
text256: TypeAlias = Annotated[str, text(256)]
text512: TypeAlias = Annotated[str, text(512)]
text520: TypeAlias = Annotated[str, text(520)]
secret32: TypeAlias = Annotated[str, secret_text(32)]
secret64: TypeAlias = Annotated[str, secret_text(64)]
secret128: TypeAlias = Annotated[str, secret_text(128)]
secret_u32: TypeAlias = Annotated[int, Wire("u32", "I", "<u4", secret=True)]
secret_u64: TypeAlias = Annotated[int, Wire("u64", "Q", "<u8", secret=True)]
token160: TypeAlias = Annotated[bytes, secret_raw(160)]


R = TypeVar("R", bound=NamedTuple)


class Field(NamedTuple):
    """One field of a layout: where it lies and what it is."""

    name: str  # of the attribute, without the underscore that a keyword needs
    offset: int
    size: int
    wire: Wire

    def write(self, value: object) -> bytes:
        """The field's bytes.

        Raises:
            InvalidArgument: the value does not fit; a secret one is not shown.
        """
        try:
            converted = self.wire.write(value) if self.wire.write else value
            return struct.pack("<" + self.wire.scalar, converted)
        except InvalidArgument as exc:  # of a field in a nested record
            raise InvalidArgument(f"{self.name}.{exc}") from None
        except _MISFITS:
            shown = "its value" if self.wire.secret else repr(value)
            raise InvalidArgument(
                f"{self.name}: {shown} does not fit {self.wire.kind}"
            ) from None


_MISFITS = (struct.error, ValueError, TypeError, AttributeError, OverflowError)
"""What converting and packing raise on values of the wrong type or range."""


class Layout(Generic[R]):
    """Packed little-endian records of one kind, read and written.

    Args:
        record: a NamedTuple class whose annotations carry :class:`Wire` types.
    """

    def __init__(self, record: type[R]) -> None:
        self.record = record
        self.fields = tuple(_fields(record))
        self.dtype: np.dtype[np.void] = np.dtype(
            [(field.name, field.wire.numpy) for field in self.fields]
        )
        self._struct = struct.Struct("<" + "".join(f.wire.scalar for f in self.fields))
        self._readers = _converters(field.wire.read for field in self.fields)
        self._writers = _converters(field.wire.write for field in self.fields)
        self._make: Callable[[Iterable[Any]], R] = (
            self._converted if self._readers else record._make
        )
        self.size = self._struct.size
        secret = any(field.wire.secret for field in self.fields)
        self._written: Callable[[bytes], bytes] = HiddenBytes if secret else bytes

    def __repr__(self) -> str:
        return f"<Layout {self.record.__name__}, {self.size} bytes>"

    def read(self, body: Buffer, offset: int = 0) -> R:
        """The record at `offset`.

        Raises:
            MalformedMessage: fewer bytes are left than the record has.
        """
        try:
            values = self._struct.unpack_from(body, offset)
        except struct.error:
            left = max(len(body) - offset, 0)
            raise MalformedMessage(
                f"{self.record.__name__}: {left} bytes, needs {self.size}"
            ) from None
        return self._make(values)

    def write(self, record: R) -> bytes:
        """The record's bytes; text that is too long is cut, as in the terminal.

        Raises:
            InvalidArgument: a value does not fit its wire type.
        """
        try:
            return self._written(self._packed(record))
        except _MISFITS:
            # no variable of this method holds what the record hides
            raise self._misfit(record) from None

    def _packed(self, record: R) -> bytes:
        values = list(record)
        for index, write in self._writers:
            values[index] = write(values[index])
        return self._struct.pack(*values)

    def rows(self, body: Buffer) -> NDArray[np.void]:
        """All records of a flat run as columns: shape (n,), a read-only view."""
        view = np.frombuffer(self._whole(body), self.dtype)
        view.flags.writeable = False
        return view

    def records(self, body: Buffer) -> list[R]:
        """The same records as typed tuples, for a few of them."""
        return list(map(self._make, self._struct.iter_unpack(self._whole(body))))

    def complete(self, body: Buffer) -> Buffer:
        """A flat run without the partial record that it may end in."""
        partial_size = len(body) % self.size
        return memoryview(body)[:-partial_size] if partial_size else body

    def counted(self, body: Buffer, offset: int = 0) -> tuple[list[R], int]:
        """A u32 count and that many records; the records and where they end."""
        chunk, end = self.counted_bytes(body, offset)
        return self.records(chunk), end

    def counted_bytes(self, body: Buffer, offset: int = 0) -> tuple[memoryview, int]:
        """The bytes of a counted list, checked to be there, and where they end."""
        count = read_count(body, offset)
        start, end = offset + 4, offset + 4 + count * self.size
        if end > len(body):
            raise MalformedMessage(
                f"{count} x {self.record.__name__} of {self.size} bytes announced, "
                f"{len(body) - start} bytes there"
            )
        return memoryview(body)[start:end], end

    def write_all(self, records: Iterable[R]) -> bytes:
        """A flat run without a count."""
        return b"".join(map(self.write, records))

    def write_counted(self, records: Iterable[R]) -> bytes:
        """A u32 count and the records."""
        written = [self.write(record) for record in records]
        return struct.pack("<I", len(written)) + b"".join(written)

    def _misfit(self, record: R) -> InvalidArgument:
        name = self.record.__name__
        try:
            for field, value in zip(self.fields, record, strict=False):
                field.write(value)
        except InvalidArgument as exc:
            return InvalidArgument(f"{name}.{exc}")
        return InvalidArgument(f"{name}: {len(self.fields)} values are needed")

    def _converted(self, values: Iterable[Any]) -> R:
        converted = list(values)
        for index, read in self._readers:
            converted[index] = read(converted[index])
        return self.record._make(converted)

    def _whole(self, body: Buffer) -> Buffer:
        if len(body) % self.size:
            raise MalformedMessage(
                f"{len(body)} bytes, records of {self.size} ({self.record.__name__})"
            )
        return body


def concealed(record: NamedTuple) -> str:
    """A repr that leaves the values of secret fields out."""
    shown = (
        f"{name}=..." if secret else f"{name}={value!r}"
        for (name, secret), value in zip(_secrecy(type(record)), record, strict=True)
    )
    return f"{type(record).__name__}({', '.join(shown)})"


@cache
def _secrecy(record: type[NamedTuple]) -> tuple[tuple[str, bool], ...]:
    hints = get_type_hints(record, include_extras=True)
    return tuple((name, hint.__metadata__[0].secret) for name, hint in hints.items())


def nested(layout: Layout[Any]) -> Wire:
    """A record inside a record."""
    return Wire(
        f"bytes[{layout.size}]",
        f"{layout.size}s",
        layout.dtype,
        layout.read,
        layout.write,
        inner=layout,
    )


_U32 = struct.Struct("<I")
_I32 = struct.Struct("<i")


def read_count(body: Buffer, offset: int = 0) -> int:
    """The u32 at `offset`.

    Raises:
        MalformedMessage: fewer than four bytes are left.
    """
    return _read_number(_U32, body, offset)


def read_i32(body: Buffer, offset: int = 0) -> int:
    """The i32 at `offset`.

    Raises:
        MalformedMessage: fewer than four bytes are left.
    """
    return _read_number(_I32, body, offset)


def read_bounded_count(body: Buffer, offset: int, size: int) -> int:
    """The count at `offset` of records that have at least `size` bytes each.

    Raises:
        MalformedMessage: so many records cannot follow.
    """
    count = read_count(body, offset)
    left = len(body) - offset - 4
    if count * size > left:
        raise MalformedMessage(
            f"{count} records of {size} bytes or more announced, {left} bytes there"
        )
    return count


def pack(codec: struct.Struct, *values: int) -> bytes:
    """The bytes of some numbers.

    Raises:
        InvalidArgument: one of them is out of range.
    """
    try:
        return codec.pack(*values)
    except struct.error as exc:
        raise InvalidArgument(f"{', '.join(map(str, values))}: {exc}") from None


def _read_number(codec: struct.Struct, body: Buffer, offset: int) -> int:
    if offset + codec.size > len(body):
        raise MalformedMessage(f"number expected at byte {offset} of {len(body)}")
    value: int = codec.unpack_from(body, offset)[0]
    return value


def _fields(record: type[Any]) -> Iterator[Field]:
    offset = 0
    for name, hint in get_type_hints(record, include_extras=True).items():
        wire: Wire = hint.__metadata__[0]
        size = struct.calcsize("<" + wire.scalar)
        yield Field(name.rstrip("_"), offset, size, wire)
        offset += size


def _converters(
    functions: Iterable[Callable[[Any], Any] | None],
) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    return tuple((i, f) for i, f in enumerate(functions) if f is not None)

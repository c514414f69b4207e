"""Secrets, and all the forms in which text may give them away."""

from __future__ import annotations

import base64
import gc
import re
import string
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

_FEW: Final = 8
_DIGITS: Final = frozenset(string.hexdigits)


class Secrets:
    """Collects secrets and looks for them in texts."""

    def __init__(self) -> None:
        self._forms: dict[str, str] = {}  # form -> what it is, without the secret

    def add(self, name: str, secret: str | bytes | int) -> None:
        """Know a secret by all its forms."""
        if isinstance(secret, int):
            self._forms.update({str(secret): name, f"{secret:x}": f"{name} in hex"})
            return
        for how, raw in _encodings(secret):
            assert len(raw) >= 5, f"{name} is too short to be looked for"
            for form in _written(raw):
                self._forms[form] = f"{name}, {how}"
        if isinstance(secret, str):
            self._forms.update(dict.fromkeys((secret, quote(secret, safe="")), name))

    def found_in(self, text: str) -> list[str]:
        """What the text gives away."""
        return [what for form, what in self._forms.items() if _place(form, text) >= 0]

    def assert_not_in(self, texts: Iterable[str]) -> None:
        """Fail with the names of what was found, and what is around it."""
        for text in texts:
            for form, what in self._forms.items():
                at = _place(form, text)
                around = text[max(at - 200, 0) : at] + "HERE" if at >= 0 else ""
                assert at < 0, f"{what} in: ...{around}"


def _place(form: str, text: str) -> int:
    """Where a form stands; -1: nowhere.

    Few digits stand in some longer number or address sooner or later; they count as
    a number of their own.
    """
    at = text.find(form)
    if at < 0 or len(form) > _FEW or not set(form) <= _DIGITS:
        return at
    alone = re.search(rf"(?<![0-9a-fA-F]){form}(?![0-9a-fA-F])", text)
    return -1 if alone is None else alone.start()


def _encodings(secret: str | bytes) -> Iterator[tuple[str, bytes]]:
    if isinstance(secret, bytes):
        yield "bytes", secret
        return
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        yield encoding, secret.encode(encoding)


def _written(raw: bytes) -> Iterator[str]:
    digits = raw.hex()
    yield from (
        digits,
        digits.upper(),
        raw.hex(" "),
        raw.hex(" ").upper(),
        raw.hex(":"),
    )
    yield repr(raw)[2:-1]
    yield "".join(f"\\x{byte:02x}" for byte in raw)
    yield ", ".join(map(str, raw))
    for shift in range(3):  # wherever it stands in a longer text
        coded = base64.b64encode(bytes(shift) + raw)
        middle = coded[4 if shift else 0 :].rstrip(b"=")
        middle = middle[: len(middle) // 4 * 4]
        if len(middle) >= 8:
            yield middle.decode()
            yield middle.translate(bytes.maketrans(b"+/", b"-_")).decode()


def everything_about(error: BaseException) -> Iterator[str]:
    """What a report on an error may show, values of variables and all."""
    yield repr(error)
    yield str(vars(error))
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    yield "".join(told.format())


def objects_of(*packages: str) -> set[str]:
    """The repr of every living object of these packages."""
    return {
        repr(one)
        for one in gc.get_objects()
        if isinstance(module := getattr(type(one), "__module__", None), str)
        and module.startswith(packages)
    }


def files_below(folder: Path) -> Iterator[str]:
    """The contents of all files, as text and as digits."""
    for file in folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            yield content.decode("utf-8", "replace")
            yield content.decode("utf-16-le", "replace")
            yield content[1:].decode("utf-16-le", "replace")
            yield content.hex()

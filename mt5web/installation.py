"""The number by which servers know this installation again."""

from __future__ import annotations

import functools
import logging
import os
from pathlib import Path
from typing import Final

from mt5web_async.terminal.ticks.lock import locked

from .settings import data_path

log = logging.getLogger("mt5web")

SIZE: Final = 16
_NAME: Final = "installation"


def client_id() -> bytes:
    """The number of this installation: random, made once and kept.

    Where the data folder cannot be written, it is one of this process alone.
    """
    return _kept(data_path() / _NAME)


@functools.cache
def _kept(path: Path) -> bytes:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _read_or_make(path)
    except OSError as exc:
        log.warning("servers will not know this installation again: %s", exc)
        return os.urandom(SIZE)


def _read_or_make(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        with locked(descriptor):
            kept = _number(os.read(descriptor, 2 * SIZE + 1))
            if kept is None:
                kept = os.urandom(SIZE)
                os.ftruncate(descriptor, 0)
                os.lseek(descriptor, 0, os.SEEK_SET)
                os.write(descriptor, kept.hex().encode())
            return kept
    finally:
        os.close(descriptor)


def _number(text: bytes) -> bytes | None:
    try:
        number = bytes.fromhex(text.decode())
    except ValueError:
        return None
    return number if len(number) == SIZE else None

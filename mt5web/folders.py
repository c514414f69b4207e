"""The folders that a terminal has; scripts read and write files in them."""

from __future__ import annotations

import functools
import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from .mapping.account import Machine
from .settings import data_path

if TYPE_CHECKING:
    from .settings import Options

log = logging.getLogger("mt5web")


def machine(options: Options) -> Machine:
    """This side of the connection; its folders exist afterwards."""
    data = _made(data_path())
    return Machine(
        trade_allowed=options.trade_allowed,
        max_bars=options.max_bars,
        path=str(data),
        data_path=str(data),
        commondata_path=str(data / "common"),
    )


@functools.cache
def _made(folder: Path) -> Path:
    """The folder with what scripts expect in it, or a temporary one in its place."""
    try:
        _fill(folder)
    except OSError as exc:
        place = Path(tempfile.mkdtemp(prefix="mt5web-"))
        log.warning(
            "the folders of terminal_info() are in %s, as %s cannot be used: %s; "
            "set MT5WEB_DATA to a folder that can be written to",
            place,
            folder,
            exc.strerror,
        )
        _fill(place)
        return place
    return folder


def _fill(folder: Path) -> None:
    folder.joinpath("common", "Files").mkdir(parents=True, exist_ok=True)
    folder.joinpath("MQL5", "Files").mkdir(parents=True, exist_ok=True)
    folder.joinpath("logs").mkdir(exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass

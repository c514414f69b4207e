"""The folders that a terminal has; scripts read and write files in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .mapping.account import Machine
from .settings import data_path

if TYPE_CHECKING:
    from .settings import Options


def machine(options: Options) -> Machine:
    """This side of the connection; its folders exist afterwards."""
    data = data_path()
    common = data / "common"
    common.joinpath("Files").mkdir(parents=True, exist_ok=True)
    data.joinpath("MQL5", "Files").mkdir(parents=True, exist_ok=True)
    return Machine(
        trade_allowed=options.trade_allowed,
        max_bars=options.max_bars,
        path=str(Path(data)),
        data_path=str(data),
        commondata_path=str(common),
    )

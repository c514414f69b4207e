"""The limits that docs/guarantees.rst promises are those of the code."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from mt5web_async.connection.transport import TransportOptions
from mt5web_async.protocol.frames import MAX_FRAME
from mt5web_async.protocol.records import SYMBOL

PAGE = (Path(__file__).parents[1] / "docs" / "guarantees.rst").read_text("utf-8")
ROWS = re.findall(r"     - ([\d,]+)\n     - ``([\w.]+)``", PAGE)


@pytest.mark.parametrize(("promised", "name"), ROWS, ids=[name for _, name in ROWS])
def test_a_limit_is_what_the_documentation_says(promised: str, name: str) -> None:
    module, _, constant = name.rpartition(".")
    value = getattr(importlib.import_module(module), constant)
    assert f"{value:,}" == promised


def test_every_row_of_the_table_is_looked_at() -> None:
    assert len(ROWS) == PAGE.count("\n   * - ") - 1


def test_what_follows_from_the_limits_is_right_too() -> None:
    assert TransportOptions().max_message == MAX_FRAME
    body = MAX_FRAME - 8 - 16 - 5  # header, padding, and what is before the list
    assert f"{(body - 4) // SYMBOL.size:,}" in PAGE

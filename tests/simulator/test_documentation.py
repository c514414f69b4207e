"""What the documentation shows does run."""

from __future__ import annotations

import doctest
from dataclasses import fields
from pathlib import Path

from mt5web_async.simulator.switches import Switches

PAGE = Path(__file__).parents[2] / "docs" / "simulator.rst"
QUIET = doctest.ELLIPSIS | doctest.FAIL_FAST


def test_the_examples_of_the_page_run() -> None:
    failed, tried = doctest.testfile(str(PAGE), False, optionflags=QUIET)
    assert not failed
    assert tried > 10


def test_the_page_names_every_switch() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [f.name for f in fields(Switches) if f"``{f.name}`` " not in text] == []

"""What the documentation shows does run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from dataclasses import fields
from pathlib import Path

import pytest

import mt5web_async.simulator
from mt5web_async.simulator.switches import Switches

PAGE = Path(__file__).parents[2] / "docs" / "simulator.rst"
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(
        mt5web_async.simulator.__path__, "mt5web_async.simulator."
    )
)
QUIET = doctest.ELLIPSIS | doctest.FAIL_FAST


def test_the_examples_of_the_page_run() -> None:
    failed, tried = doctest.testfile(str(PAGE), False, optionflags=QUIET)
    assert not failed
    assert tried > 10


def test_the_page_names_every_switch() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [f.name for f in fields(Switches) if f"``{f.name}`` " not in text] == []


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_the_docstrings_run(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=QUIET)
    assert not failed

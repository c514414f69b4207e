"""The examples in the docstrings are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

from mt5web_async import calculation

MODULES = sorted(
    found.name
    for found in pkgutil.walk_packages(
        calculation.__path__, prefix="mt5web_async.calculation."
    )
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0

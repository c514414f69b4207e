"""What pages say of settings, variables and errors is what the code has."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest

from mt5web.connection_settings import ConnectionSettings
from mt5web.functions.connection import UNSUPPORTED_LOGIN
from mt5web.outcome import TEXTS
from mt5web.settings import Account, Options

ROOT = Path(__file__).parents[1]
CONFIGURATION = (ROOT / "docs" / "configuration.rst").read_text("utf-8")
TROUBLE = (ROOT / "docs" / "troubleshooting.rst").read_text("utf-8")
SOURCES = [
    path.read_text("utf-8")
    for package in ("mt5web", "mt5web_async")
    for path in (ROOT / package).rglob("*.py")
]
VARIABLE = re.compile("MT5WEB_[A-Z_]*[A-Z]")
SAID = {**TEXTS, **UNSUPPORTED_LOGIN}
NEVER = {1, -8, -10001}  # success, and what no call ends with


def section(page: str, title: str) -> str:
    """What stands below a title, up to the next one."""
    _, below = page.split(f"\n{title}\n{'-' * len(title)}\n")
    return re.split(r"\n[^\n]+\n---+\n", below)[0]


def terms(text: str) -> list[str]:
    """The literals in the terms of a definition list."""
    lines = re.findall(r"^``.*``$", text, re.MULTILINE)
    return [term for line in lines for term in re.findall("``(.+?)``", line)]


def settings(title: str) -> dict[str, Any]:
    """The settings of a table with the defaults that the page names; None: none."""
    told: dict[str, Any] = {}
    for term in terms(section(CONFIGURATION, title)):
        told |= tomllib.loads(term) if "=" in term else {term: None}
    return told


def test_every_option_stands_on_the_page_with_its_default() -> None:
    assert settings("Options") == {**asdict(Options()), "symbols": None}


def test_every_setting_of_a_connection_stands_on_the_page_with_its_default() -> None:
    assert settings("Connection") == asdict(ConnectionSettings())


def test_every_field_of_a_profile_stands_on_the_page() -> None:
    (sentence,) = re.findall(r"A profile may have ([^.]*)\.\n", CONFIGURATION)
    known = {field.name for field in fields(Account)} - {"otp"}  # it holds for once
    assert set(re.findall("``(.+?)``", sentence)) == known


def test_every_variable_stands_on_the_page() -> None:
    used = {name for text in SOURCES for name in VARIABLE.findall(text)}
    assert set(terms(section(CONFIGURATION, "Variables"))) == used


@pytest.mark.parametrize("code", SAID.keys() - NEVER)
def test_the_page_says_what_to_do_about_each_code(code: int) -> None:
    rows = dict(re.findall(r"^   \* - (-\d+)\n     - (.*)$", TROUBLE, re.MULTILINE))
    assert rows[str(code)].startswith(SAID[code].partition(",")[0])


def texts() -> Iterator[str]:
    """All texts in the code, in pieces where values stand in between."""
    for source in SOURCES:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_reasons_that_the_page_explains_are_those_that_the_code_tells() -> None:
    told = "\n".join(texts())
    reasons = terms(section(TROUBLE, "Why initialize fails"))
    assert len(reasons) > 10
    assert [reason for reason in reasons if reason not in told] == []

"""What the documentation shows runs as it stands there."""

from __future__ import annotations

import importlib.util
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.programs import python

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.rst", *sorted((ROOT / "docs").glob("*.rst"))]

_BLOCK = re.compile(r"^\.\. code-block:: python\n\n((?: {4}.*\n|\n)+)", re.MULTILINE)
_NEEDS = re.compile(r"# needs (\w+)\n")
_BROKERS = "broker.example"
"""Stands in what shows how a real server is named."""


def blocks(page: Path) -> Iterator[str]:
    """The Python of a page that can run here, one block after the other."""
    for found in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        block = textwrap.dedent(found[1])
        needs = _NEEDS.match(block)
        missing = needs is not None and importlib.util.find_spec(needs[1]) is None
        if not missing and _BROKERS not in block:
            yield block


WITH_CODE = [page for page in PAGES if any(blocks(page))]


def test_the_pages_for_beginners_have_code() -> None:
    assert {"README.rst", "tutorial.rst", "howto.rst", "engine.rst"} <= {
        page.name for page in WITH_CODE
    }


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.name)
def test_the_code_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    script = tmp_path / f"{page.stem}.py"
    script.write_text("\n".join(blocks(page)), encoding="utf-8")
    done = python("-W", "error", str(script))
    assert (done.returncode, done.stderr) == (0, "")

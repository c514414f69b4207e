"""The page of conformance: complete, and refused where it would not be true."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.facade.official import CONSTANTS, FUNCTIONS, TEXTS, TYPES

pytest.importorskip("sphinx")

DOCS = Path(__file__).parents[2] / "docs"

DISAGREE = "import mt5web; mt5web.ORDER_TYPE_BUY = 7"
STRANGER = 'import conformance; conformance.NOTES["functions"]["hello"] = "a note"'


def build(folder: Path, before: str = "") -> subprocess.CompletedProcess[str]:
    """Build the page alone, after some statements."""
    source = folder / "source"
    source.mkdir()
    shutil.copy(DOCS / "conformance.rst", source / "index.rst")
    settings = ["-C", "-W", "-q", "-D", "extensions=conformance", "-b", "pseudoxml"]
    arguments = [*settings, str(source), str(folder / "built")]
    main = f"from sphinx.cmd.build import main; raise SystemExit(main({arguments!r}))"
    path = os.pathsep.join([str(DOCS / "_ext"), str(DOCS.parent)])
    return subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", f"{before}\n{main}"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_page_has_every_function_constant_field_and_error(tmp_path: Path) -> None:
    done = build(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    page = (tmp_path / "built" / "index.pseudoxml").read_text("utf-8")
    fields = {field for kind in TYPES.values() for field in kind["field_order"]}
    for name in [*FUNCTIONS, *CONSTANTS, *TYPES, *fields, *map(str, TEXTS)]:
        assert name in page, name


@pytest.mark.parametrize(
    ("before", "problem"),
    [
        (DISAGREE, "ORDER_TYPE_BUY is 7, officially 0"),
        (STRANGER, "notes on what does not exist: ['functions.hello']"),
    ],
    ids=["another value", "an unknown name"],
)
def test_the_page_is_not_built_where_it_is_not_true(
    before: str, problem: str, tmp_path: Path
) -> None:
    done = build(tmp_path, before)
    assert done.returncode != 0
    assert problem in done.stderr

"""The documentation can be built, and its page of conformance is complete and true."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.facade.official import CONSTANTS, FUNCTIONS, TEXTS, TYPES
from tests.programs import python

DOCS = Path(__file__).parents[2] / "docs"

DISAGREE = "import mt5web; mt5web.ORDER_TYPE_BUY = 7"
STRANGER = 'import conformance; conformance.NOTES["functions"]["hello"] = "a note"'


def build(*arguments: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """Call sphinx-build, after some statements."""
    settings = ["-W", "-q", "-b", "pseudoxml", *arguments]
    main = f"from sphinx.cmd.build import main; raise SystemExit(main({settings!r}))"
    path = os.pathsep.join([str(DOCS / "_ext"), str(DOCS.parent)])
    return python("-c", f"{before}\n{main}", environment={"PYTHONPATH": path})


def page_alone(folder: Path, before: str) -> subprocess.CompletedProcess[str]:
    """Build nothing but the page of conformance."""
    source = folder / "source"
    source.mkdir()
    shutil.copy(DOCS / "conformance.rst", source / "index.rst")
    settings = ["-C", "-D", "extensions=conformance"]
    return build(*settings, str(source), str(folder / "built"), before=before)


def test_the_documentation_tells_every_function_constant_field_and_error(
    tmp_path: Path,
) -> None:
    done = build("-d", str(tmp_path / "trees"), str(DOCS), str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    page = (tmp_path / "conformance.pseudoxml").read_text("utf-8")
    fields = {field for kind in TYPES.values() for field in kind["field_order"]}
    for name in [*FUNCTIONS, *CONSTANTS, *TYPES, *fields, *map(str, TEXTS)]:
        assert name in page, name
    bad = [
        row for kind in FUNCTIONS.values() for row in kind.get("argument_errors", ())
    ]
    assert page.count("SystemError") >= sum("raises" in row for row in bad) > 0
    for row in bad:
        assert row["condition"] in page, row


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
    done = page_alone(tmp_path, before)
    assert done.returncode != 0
    assert problem in done.stderr

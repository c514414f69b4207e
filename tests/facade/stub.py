"""Docstrings of the official functions, for the stub that editors read.

::

    python -m tests.facade.stub

writes them into mt5web/_core.pyi.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mt5web import _core

STUB: Final = Path(_core.__file__).with_suffix(".pyi")

INDENT: Final = "    "


def functions(stub: str) -> list[ast.FunctionDef]:
    """The functions that a stub declares."""
    return [node for node in ast.parse(stub).body if isinstance(node, ast.FunctionDef)]


def documented(stub: str) -> str:
    """The stub with the docstrings of today."""
    return "\n\n".join(_pieces(stub)) + "\n"


def _pieces(stub: str) -> Iterator[str]:
    """What stands before the functions, then each function."""
    lines = stub.splitlines()
    found = functions(stub)
    done = found[0].lineno - 1
    yield "\n".join(lines[:done]).strip()
    for node in found:
        body = node.body[0]
        last = lines[body.lineno - 1][: body.col_offset].rstrip()
        head = [*lines[done : body.lineno - 1], *([last] if last else [])]
        yield "\n".join([*head, _docstring(node.name)]).strip()
        done = node.end_lineno or body.lineno


def _docstring(name: str) -> str:
    text = getattr(_core, name).__doc__
    return textwrap.indent(f'"""{text}\n"""', INDENT, lambda line: line != "\n")


if __name__ == "__main__":
    STUB.write_text(documented(STUB.read_text("utf-8")), "utf-8")

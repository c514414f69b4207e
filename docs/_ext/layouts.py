"""Sphinx directive ``layouts``: tables of wire records, made from their declarations.

::

    .. layouts:: mt5web_async.protocol.records.market

gives a section for every record of that module: its docstring, and a table of its
fields with their offsets, types and the comments that stand behind them in the source.
"""

from __future__ import annotations

import ast
import inspect
import io
import textwrap
import tokenize
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from mt5web_async.protocol.wire import Field, Layout

HEADINGS = ("Offset", "Bytes", "Field", "Type", "Meaning")
WIDTHS = (8, 7, 24, 22, 39)


class LayoutsDirective(SphinxDirective):
    """All records that a module declares, in the order of their declaration."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """One section for each record."""
        return [self._section(layout) for layout in declared(self.arguments[0])]

    def _section(self, layout: Layout[Any]) -> nodes.section:
        record = layout.record
        section = nodes.section(ids=[anchor(layout)])
        section += nodes.title(text=f"{record.__name__} ({layout.size} bytes)")
        section += self.parse_text_to_nodes(inspect.getdoc(record) or "")
        section += table(layout)
        return section


def declared(module: str) -> list[Layout[Any]]:
    """The layouts of the records that a module declares itself."""
    return [
        value
        for value in vars(import_module(module)).values()
        if isinstance(value, Layout) and value.record.__module__ == module
    ]


def anchor(layout: Layout[Any]) -> str:
    """The name that other pages link to: ``layout-tick``."""
    return f"layout-{layout.record.__name__.lower()}"


def table(layout: Layout[Any]) -> nodes.table:
    """The fields of a record, one in a row."""
    meanings = comments(layout.record)
    group = nodes.tgroup(cols=len(HEADINGS))
    group += [nodes.colspec(colwidth=width) for width in WIDTHS]
    group += nodes.thead("", row(nodes.Text(heading) for heading in HEADINGS))
    body = nodes.tbody()
    for field in layout.fields:
        body += row(cells(field, meanings[field.name]))
    group += body
    return nodes.table("", group, classes=["layout"])


def cells(field: Field, meaning: str) -> Iterator[nodes.Node]:
    """What a field's row holds, in the order of the headings."""
    yield nodes.Text(str(field.offset))
    yield nodes.Text(str(field.size))
    yield nodes.literal(text=field.name)
    inner = field.wire.inner
    if inner is None:
        yield nodes.literal(text=field.wire.kind)
    else:
        name = inner.record.__name__
        yield nodes.reference("", name, internal=True, refid=anchor(inner))
    yield nodes.Text(meaning)


def row(contents: Iterator[nodes.Node]) -> nodes.row:
    """A table row with one paragraph in each cell."""
    made = nodes.row()
    for content in contents:
        made += nodes.entry("", nodes.paragraph("", "", content))
    return made


def comments(record: type) -> dict[str, str]:
    """What the source says behind each field of a record, "" where it says nothing."""
    source = textwrap.dedent(inspect.getsource(record))
    said = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    (declaration,) = ast.parse(source).body
    return {
        node.target.id.rstrip("_"): " ".join(
            said[line] for line in lines(node) if line in said
        )
        for node in ast.walk(declaration)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def lines(node: ast.AnnAssign) -> range:
    """The source lines that a declaration takes."""
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("layouts", LayoutsDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

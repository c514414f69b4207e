"""Sphinx directive ``conformance``: what the official package has, and mt5web with it.

::

    .. conformance:: constants

makes a table out of ``tests/data/official_api.json``. The subject is one of
``functions``, ``arguments``, ``types``, ``arrays``, ``constants``, ``errors`` and
``argument-texts``.
Every row is held against mt5web while the page is built: where they differ, the build
fails. What is worth saying about a row stands in ``docs/conformance.toml``.
"""

from __future__ import annotations

import inspect
import json
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias, get_type_hints

from docutils import nodes
from docutils.parsers.rst.directives import choice
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

import mt5web
from mt5web import outcome
from mt5web.dataframe import MILLISECONDS, SECONDS
from mt5web_async import errors
from mt5web_async.terminal import rates
from mt5web_async.terminal.ticks import rows

Json: TypeAlias = Mapping[str, Any]
Cell: TypeAlias = str | nodes.Node
Row: TypeAlias = tuple[Cell, ...]

ROOT: Final = Path(__file__).parents[2]
API: Final[Json] = json.loads(
    (ROOT / "tests" / "data" / "official_api.json").read_text("utf-8")
)
NOTES: Final[Json] = tomllib.loads((ROOT / "docs" / "conformance.toml").read_text())

ARRAYS: Final = {"rates": rates.RATES, "ticks": rows.TICKS}


class Differs(ExtensionError):
    """mt5web is not what the official package is."""


def same(what: str, ours: object, official: object) -> None:
    """Refuse to build a page that would claim too much."""
    if ours != official:
        raise Differs(f"{what} is {ours!r}, officially {official!r}")


def note(subject: str, *names: str) -> str:
    """What there is to say about a row."""
    found: Any = NOTES[subject]
    for name in names:
        found = found.get(name, {})
    return found or ""


class Table:
    """A table with a caption that can be linked to."""

    def __init__(self, headings: Iterable[str], widths: Iterable[int]) -> None:
        self.group = nodes.tgroup()
        self.group += [nodes.colspec(colwidth=width) for width in widths]
        self.group["cols"] = len(self.group.children)
        self.group += nodes.thead("", row(headings))
        self.body = nodes.tbody()
        self.group += self.body

    def node(self, contents: Iterable[Row]) -> nodes.table:
        """The table with these rows."""
        self.body += [row(cells) for cells in contents]
        return nodes.table("", self.group, classes=["conformance"])


def row(cells: Iterable[Cell]) -> nodes.row:
    """A table row with one paragraph in each cell."""
    made = nodes.row()
    for cell in cells:
        content = nodes.Text(cell) if isinstance(cell, str) else cell
        made += nodes.entry("", nodes.paragraph("", "", content))
    return made


def code(text: object) -> nodes.literal:
    """Something that stands in programs."""
    return nodes.literal(text=str(text))


def answer(official: object) -> str:
    """A value out of the file as Python writes it."""
    return repr(tuple(official) if isinstance(official, list) else official)


# functions


def functions() -> Iterator[nodes.Node]:
    """All functions: how they are called, and what they return."""
    headings = ("Function", "Arguments", "Returns", "Not connected", "Notes")
    table = Table(headings, (20, 24, 18, 18, 20))
    yield table.node(function_rows())


def function_rows() -> Iterator[Row]:
    """A row for each function and each helper."""
    for name, official in API["functions"].items():
        function = getattr(mt5web, name)
        same(f"the name of {name}", function.__name__, name)
        same(f"{name}.__doc__", official["doc"] in (function.__doc__ or ""), True)
        yield (
            code(name),
            arguments(official),
            returns(official["success"]),
            unconnected(official),
            note("functions", name),
        )
    for name in API["package"]["public_names"]["helper_functions"]:
        yield helper(name)


def helper(name: str) -> Row:
    """A row for a function that the original has in Python."""
    official = API["helper_functions"][name]["signature"]
    found = list(inspect.signature(getattr(mt5web, name)).parameters)
    wanted = [part.partition("=")[0] for part in official.strip("()").split(", ")]
    same(f"the arguments of {name}", found, [part for part in wanted if part != "*"])
    return code(name), official.strip("()"), "", "", note("functions", name)


def arguments(official: Json) -> str:
    """How a function is called."""
    least, most = official["positional"]
    told = []
    if most:
        number = str(most) if least == most else f"{least} to {most}"
        told.append(f"{number} by position")
    if official["keywords"]:
        told.append(f"keywords {', '.join(official['keywords'])}")
    return "; ".join(told) or "none"


def returns(success: object) -> str:
    """What it returns when all is well."""
    if isinstance(success, str):
        return success.replace("numpy structured ndarray, 1-D, see dtypes", "array")
    return answer(success)


def unconnected(official: Json) -> str:
    """What it returns without a connection, and the code of `last_error()`."""
    told = [official[key] for key in ("not_connected", "build_gate") if key in official]
    return "; ".join(
        f"{answer(case['returns'])}, {answer(case['last_error'][0])}" for case in told
    )


def bad_arguments() -> Iterator[nodes.Node]:
    """What every function answers to bad arguments."""
    headings = ("Function", "When", "Returns", "last_error()")
    table = Table(headings, (18, 40, 17, 25))
    yield table.node(
        (code(name), case["condition"], misused(case), code(answer(case["last_error"])))
        for name, official in API["functions"].items()
        for case in official.get("argument_errors", ())
    )


def misused(case: Json) -> str:
    """What a call with bad arguments ends in."""
    raised = case.get("raises")
    return raised.partition(" ")[0] if raised else answer(case["returns"])


# result types and arrays


def types() -> Iterator[nodes.Node]:
    """A section for every result type, with a table of its fields."""
    for name, official in API["struct_types"].items():
        kind = getattr(mt5web, name)
        same(f"{name}.__doc__", official["doc"] in (kind.__doc__ or ""), True)
        same(f"{name}.n_fields", kind.n_fields, official["n_fields"])
        section = nodes.section(ids=[f"conformance-{name.lower()}"])
        section += nodes.title(text=f"{name} ({official['n_fields']} fields)")
        table = Table(("Field", "Type", "Notes"), (30, 20, 50))
        section += table.node(field_rows(name, kind, official["fields"]))
        yield section


def field_rows(name: str, kind: type[Any], fields: Iterable[Json]) -> Iterator[Row]:
    """A row for each field of a type."""
    hints = get_type_hints(kind)
    same(f"the fields of {name}", kind.__match_args__, tuple(f["name"] for f in fields))
    for field in fields:
        official = field["type"].partition(" ")[0]
        same(f"{name}.{field['name']}", hints[field["name"]].__name__, official)
        yield code(field["name"]), field["type"], meaning(name, field["name"])


def meaning(kind: str, field: str) -> str:
    """What is said of a field, here or of all that are called so."""
    unit = "s" if field in SECONDS else "ms" if field in MILLISECONDS else ""
    told = note("fields", kind, field) or note("fields", "any", field)
    return "; ".join(filter(None, [unit, told]))


def arrays() -> Iterator[nodes.Node]:
    """The rows of bars and ticks."""
    for name, ours in ARRAYS.items():
        official = API["dtypes"][name]
        same(
            f"the dtype of {name}",
            [list(field) for field in ours.descr],
            official["descr"],
        )
        same(f"the size of {name}", ours.itemsize, official["itemsize"])
        section = nodes.section(ids=[f"conformance-{name}"])
        section += nodes.title(text=f"{name} ({ours.itemsize} bytes)")
        contents = [
            (code(field), code(dtype), str(offset), note("arrays", name, field))
            for (field, dtype), offset in zip(
                official["descr"], official["offsets"], strict=True
            )
        ]
        table = Table(("Column", "Type", "Offset", "Notes"), (20, 15, 15, 50))
        section += table.node(contents)
        yield section


# constants


def constants() -> Iterator[nodes.Node]:
    """All constants by their groups."""
    table = Table(("Constant", "Value", "Notes"), (45, 15, 40))
    yield table.node(constant_rows())


def constant_rows() -> Iterator[Row]:
    """A row for each constant."""
    for group in API["constants"]["groups"]:
        for name, value in group["members"].items():
            same(name, getattr(mt5web, name), value)
            told = note("constants", name) or note("constants", group["group"])
            yield code(name), code(value), told


# errors


def error_codes() -> Iterator[nodes.Node]:
    """What `last_error()` may say."""
    headings = ("Code", "Constant", "Text", "Of the engine", "Notes")
    table = Table(headings, (8, 24, 28, 20, 20))
    yield table.node(error_rows())


def error_rows() -> Iterator[Row]:
    """A row for each code."""
    for number, official in API["errors"]["codes"].items():
        value = int(number)
        text = outcome.text_of(value, detail="<detail>")
        same(f"the text of {value}", text, official["default_text"])
        same(official["constant"], getattr(mt5web, official["constant"]), value)
        yield (
            code(value),
            code(official["constant"]),
            official["default_text"],
            ", ".join(of_engine(value)),
            note("errors", official["constant"]),
        )


def of_engine(value: int) -> list[str]:
    """The engine's exceptions that are told as a code, without those they refine."""
    found = [
        kind
        for kind in vars(errors).values()
        if inspect.isclass(kind) and issubclass(kind, errors.EngineError)
    ]
    return [
        kind.__name__
        for kind in found
        if kind.code == value and getattr(kind.__base__, "code", None) != value
    ]


def argument_texts() -> Iterator[nodes.Node]:
    """What `last_error()` says about bad arguments."""
    table = Table(("Text", "Functions"), (40, 60))
    yield table.node(
        (code(text), told) for text, told in API["errors"]["argument_texts"].items()
    )


SUBJECTS: Final[Mapping[str, Callable[[], Iterator[nodes.Node]]]] = {
    "functions": functions,
    "arguments": bad_arguments,
    "types": types,
    "arrays": arrays,
    "constants": constants,
    "errors": error_codes,
    "argument-texts": argument_texts,
}


class ConformanceDirective(SphinxDirective):
    """The tables of one subject."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The tables, as long as mt5web is what they claim."""
        subject = choice(self.arguments[0], tuple(SUBJECTS))
        self.env.note_dependency(str(ROOT / "docs" / "conformance.toml"))
        return list(SUBJECTS[subject]())


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive, unless the notes speak of what there is not."""
    strangers = sorted(unknown_notes())
    if strangers:
        raise ExtensionError(f"notes on what does not exist: {strangers}")
    app.add_directive("conformance", ConformanceDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def unknown_notes() -> Iterator[str]:
    """Names in the notes that official_api.json does not have."""
    groups = API["constants"]["groups"]
    known = {
        "functions": {
            *API["functions"],
            *API["package"]["public_names"]["helper_functions"],
        },
        "constants": {g["group"] for g in groups}
        | {name for g in groups for name in g["members"]},
        "errors": {row["constant"] for row in API["errors"]["codes"].values()},
    }
    for subject, names in known.items():
        yield from (f"{subject}.{name}" for name in NOTES[subject].keys() - names)
    fields = {
        name: set(kind["field_order"]) for name, kind in API["struct_types"].items()
    }
    fields["any"] = set().union(*fields.values())
    for kind, told in NOTES["fields"].items():
        yield from (f"fields.{kind}.{f}" for f in told.keys() - fields[kind])
    for name, told in NOTES["arrays"].items():
        columns = {field for field, _ in API["dtypes"][name]["descr"]}
        yield from (f"arrays.{name}.{f}" for f in told.keys() - columns)

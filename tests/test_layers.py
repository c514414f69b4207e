"""Imports point downwards, as docs/architecture.rst says."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHARED = {
    "mt5web_async.errors",
    "mt5web_async.enums",
    "mt5web_async.hosts",
    "mt5web_async.hidden",
}

SIMULATOR = "mt5web_async.simulator"

ALLOWED = {
    "mt5web_async.protocol": set[str](),
    "mt5web_async.calculation": set[str](),
    "mt5web_async.connection": {
        "mt5web_async.protocol",
        "mt5web_async.waiting",
        "mt5web_async.listeners",
    },
    "mt5web_async.terminal": {
        "mt5web_async.protocol",
        "mt5web_async.connection",
        "mt5web_async.calculation",
        "mt5web_async.waiting",
        "mt5web_async.events",
        "mt5web_async.listeners",
    },
    SIMULATOR: {"mt5web_async.protocol", "mt5web_async.calculation"},
    f"{SIMULATOR}.market": {
        "mt5web_async.protocol",
        "mt5web_async.calculation",
        f"{SIMULATOR}.clock",
    },
    f"{SIMULATOR}.trading": {
        "mt5web_async.protocol",
        "mt5web_async.calculation",
        f"{SIMULATOR}.market",
        f"{SIMULATOR}.switches",
    },
    f"{SIMULATOR}.clients": {
        "mt5web_async.protocol",
        f"{SIMULATOR}.market",
        f"{SIMULATOR}.trading",
        f"{SIMULATOR}.faults",
    },
}


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports when it runs, not for types alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("layer", ALLOWED)
def test_a_layer_imports_only_from_those_below(layer: str) -> None:
    below = {layer, *SHARED, *ALLOWED[layer]}
    folder = ROOT / layer.replace(".", "/")
    wrong = {
        f"{path.relative_to(ROOT)}: {module}"
        for path in folder.rglob("*.py")
        for module in imported(path)
        if module.split(".")[0] in {"mt5web", "mt5web_async"}
        and not any(module == one or module.startswith(f"{one}.") for one in below)
    }
    assert wrong == set()


IMPURE = {
    "asyncio",
    "concurrent",
    "io",
    "logging",
    "os",
    "pathlib",
    "random",
    "secrets",
    "socket",
    "threading",
    "time",
}


@pytest.mark.parametrize("layer", ["mt5web_async.calculation", "mt5web_async.protocol"])
def test_pure_layers_have_no_clock_no_threads_and_no_files(layer: str) -> None:
    files = (ROOT / layer.replace(".", "/")).rglob("*.py")
    used = {(path.name, module) for path in files for module in imported(path)}
    assert {one for one in used if one[1].split(".")[0] in IMPURE} == set()


def test_the_engine_knows_nothing_of_the_facade() -> None:
    modules = {
        module
        for path in (ROOT / "mt5web_async").rglob("*.py")
        for module in imported(path)
    }
    assert not any(module.split(".")[0] == "mt5web" for module in modules)

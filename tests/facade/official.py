"""What is known about the official package, out of official_api.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

Json: TypeAlias = Mapping[str, Any]

API: Final[Json] = json.loads(
    (Path(__file__).parent.parent / "data" / "official_api.json").read_text("utf-8")
)

FUNCTIONS: Final[Mapping[str, Json]] = API["functions"]
TYPES: Final[Mapping[str, Json]] = API["struct_types"]
TEXTS: Final[Mapping[int, str]] = {
    int(code): row["default_text"] for code, row in API["errors"]["codes"].items()
}
CONSTANTS: Final[Mapping[str, int]] = {
    name: value
    for group in API["constants"]["groups"]
    for name, value in group["members"].items()
}

PYTHON_TYPES: Final[Mapping[str, type]] = {
    "int": int,
    "float": float,
    "str": str,
    "bool": bool,
}


def python_type(official: str) -> str:
    """The name of the Python type of a field: "int (unsigned 32)" is an int."""
    return official.partition(" ")[0]

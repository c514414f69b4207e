"""Python in processes of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

LIMIT: Final = 100  # s


def python(
    *arguments: str,
    said: str = "",
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Call the interpreter and wait for its end.

    Args:
        arguments: as on its command line: "-c" and code, a file, "-m" and a module.
        said: what it reads from its standard input.
        folder: to run in; None: the present one.
        environment: variables beside those that are set.
    """
    return subprocess.run(  # noqa: S603 - our own code
        [sys.executable, *arguments],
        input=said,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        check=False,
    )

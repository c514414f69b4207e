"""The command line in a process of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.programs import python


def run(
    *args: str, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Call `python -m mt5web` and wait for its end."""
    return python("-m", "mt5web", *args, folder=cwd, environment=environment)

"""The command line in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LIMIT = 100


def run(
    *args: str, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Call `python -m mt5web` and wait for its end."""
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "mt5web", *args],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        cwd=cwd,
        env={**os.environ, **environment},
        check=False,
    )

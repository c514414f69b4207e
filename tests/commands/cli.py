"""The command line in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

LIMIT = 100


def run(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Call `python -m mt5web` and wait for its end."""
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "mt5web", *args],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        env={**os.environ, **environment},
        check=False,
    )

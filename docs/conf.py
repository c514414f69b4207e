"""Settings of Sphinx."""

import sys
from pathlib import Path

_ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(_ROOT), str(Path(__file__).parent / "_ext")]

from mt5web.release import __version__ as release  # noqa: E402, F401

project = "mt5web"
author = copyright = "The mt5web authors"  # noqa: A001 - Sphinx names it so
extensions = [path.stem for path in (Path(__file__).parent / "_ext").glob("*.py")]
html_theme = "alabaster"
exclude_patterns = ["_build"]

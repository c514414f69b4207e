"""Settings of Sphinx."""

import sys
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_EXT = Path(__file__).parent / "_ext"
sys.path[:0] = [str(_ROOT), str(_EXT)]

from mt5web.release import __version__ as release  # noqa: E402, F401

project = "mt5web"
author = copyright = "The mt5web authors"  # noqa: A001 - Sphinx names it so
extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    *(path.stem for path in _EXT.glob("*.py")),
]
html_theme = "alabaster"
exclude_patterns = ["_build"]

"""`import MetaTrader5` for one process, without installing anything.

A folder of ours has a package of that name, which takes everything from mt5web. It
goes to the end of `sys.path`, so that processes started by `multiprocessing` find it
too, whatever their start method.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Final

NAME: Final = "MetaTrader5"

FOLDER: Final = Path(__file__).parent / "stand_in"
"""What goes to `sys.path`; it has the stand-in and nothing else."""

SOURCE: Final = FOLDER / NAME


def install() -> None:
    """Let `import MetaTrader5` give what `import mt5web` gives.

    This holds for the process and what it starts by `multiprocessing`, and calling it
    again changes nothing. For a whole environment, and for `pip`, there is
    `python -m mt5web link`.

    Raises:
        ImportError: another MetaTrader5 is imported or can be imported.

    Example:
        >>> import mt5web
        >>> mt5web.install()
        >>> import MetaTrader5 as mt5
        >>> mt5.symbol_info is mt5web.symbol_info
        True
    """
    spec = found()
    if spec is not None and not is_ours(spec):
        place = spec.origin or "somewhere unknown"
        raise ImportError(f"there is another {NAME} already: {place}", name=NAME)
    if spec is None:
        sys.path.append(str(FOLDER))
        importlib.invalidate_caches()


def found() -> ModuleSpec | None:
    """What `import MetaTrader5` would give; None when there is no such package.

    A folder of that name without any code is none, as it gives way to a package.
    """
    module = sys.modules.get(NAME)
    if module is not None:
        return module.__spec__ or ModuleSpec(NAME, None)
    spec = importlib.util.find_spec(NAME)
    return None if spec is None or spec.origin is None else spec


def is_ours(spec: ModuleSpec) -> bool:
    """Whether it is a stand-in, in our folder or linked into an environment."""
    return spec.origin is not None and is_stand_in(Path(spec.origin))


def is_stand_in(module: Path) -> bool:
    """Whether a package's `__init__.py` is that of a stand-in of any version of ours.

    Its first line, the docstring, tells.
    """
    try:
        text = module.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return text.partition("\n")[0] == _first_line()


def _first_line() -> str:
    return (SOURCE / "__init__.py").read_text("utf-8").partition("\n")[0]

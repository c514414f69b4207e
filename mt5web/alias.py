"""The name MetaTrader5 for this package, in one process."""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

NAME: Final = "MetaTrader5"

FOLDER: Final = Path(__file__).parent / "stand_in"
"""What goes to `sys.path`: it has the stand-in, a package of that name, and no more."""

STAND_IN: Final = FOLDER / NAME


def install() -> None:
    """Let `import MetaTrader5` mean mt5web from now on, in this process.

    What it starts by `multiprocessing` finds the name too, whatever the start method.
    Calling it again changes nothing. For a whole environment, and for `pip`, there is
    `python -m mt5web link`.

    Raises:
        ImportError: the real package is imported already, or installed.

    Example:
        >>> import mt5web
        >>> mt5web.install()
        >>> import MetaTrader5
        >>> MetaTrader5 is mt5web
        True
    """
    other = other_package()
    if other is not None:
        raise ImportError(f"there is another {NAME}: {other}", name=NAME)
    if str(FOLDER) not in sys.path:
        # at the end, where it is in nobody's way
        sys.path.append(str(FOLDER))
        importlib.invalidate_caches()
    importlib.import_module(NAME)


def other_package() -> str | None:
    """Where a MetaTrader5 is that does not stand for mt5web; None without one.

    A folder of that name without code is none, as it gives way to any package.
    """
    module = sys.modules.get(NAME)
    if module is not None:
        return None if module is sys.modules[__package__] else repr(module)
    spec = find_spec(NAME)
    if spec is None or spec.origin is None or is_stand_in(Path(spec.origin)):
        return None
    return spec.origin


def is_stand_in(module: Path) -> bool:
    """Whether a package's `__init__.py` is that of a stand-in, of any version of ours.

    Its first line tells.
    """
    try:
        lines = module.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return False
    return lines[:1] == (STAND_IN / "__init__.py").read_text("utf-8").splitlines()[:1]

"""The name MetaTrader5 for this package, in one process."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Final

NAME: Final = "MetaTrader5"
_CORE: Final = f"{NAME}._core"


def install() -> None:
    """Let `import MetaTrader5` mean mt5web from now on, in this process.

    Calling it again changes nothing.

    Raises:
        ImportError: the real package is imported already, or installed.

    Example:
        >>> import mt5web
        >>> mt5web.install()
        >>> import MetaTrader5
        >>> MetaTrader5 is mt5web
        True
    """
    import mt5web
    from mt5web import _core

    present = sys.modules.get(NAME)
    if present is mt5web:
        return
    if present is not None or _is_installed():
        raise ImportError(
            f"the real package {NAME} is here: uninstall it, or run without mt5web"
        )
    sys.modules[NAME] = mt5web
    sys.modules[_CORE] = _core


def _is_installed() -> bool:
    """Whether a package of that name can be found that is not our own link to it."""
    spec = importlib.util.find_spec(NAME)
    if spec is None or spec.origin is None:
        return False
    try:
        return "mt5web" not in Path(spec.origin).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return True

"""A simulated trade server that speaks the real protocol.

For trying scripts out, for paper trading, and as the test bed of the package. It
needs the extra `simulator`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .config import SimulatorConfig
    from .server import Simulator

__all__ = ["Simulator", "SimulatorConfig"]


def __getattr__(name: str) -> Any:
    """Import the server when it is asked for: it costs time, and an extra."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        if name == "Simulator":
            from .server import Simulator

            return Simulator
        from .config import SimulatorConfig
    except ModuleNotFoundError as exc:
        if (exc.name or "").partition(".")[0] != "websockets":
            raise
        raise ImportError(
            "the simulated trade server needs the package websockets: "
            "pip install 'mt5web[simulator]'"
        ) from exc
    return SimulatorConfig

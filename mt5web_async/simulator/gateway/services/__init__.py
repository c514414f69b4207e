"""What the server does for each command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .market import MARKET
from .opening import OPENING
from .service import Context, Service
from .sessions import SESSIONS
from .trading import TRADING

SERVICES: Final[Mapping[int, Service]] = {**SESSIONS, **MARKET, **TRADING, **OPENING}
"""The service of every command that clients may send."""

__all__ = ["SERVICES", "Context", "Service"]

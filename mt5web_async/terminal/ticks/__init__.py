"""The ticks that were seen: kept in memory, optionally in files, asked for by time.

Servers have no history of ticks, so the record begins when a symbol is subscribed to.
"""

from .files import TickFiles
from .record import TickLimits, TickRecord
from .rows import TICKS

__all__ = ["TICKS", "TickFiles", "TickLimits", "TickRecord"]

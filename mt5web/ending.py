"""What is done when the process ends, after what programs do then.

Programs close their positions in functions that they give to `atexit`, often before
they connect. `atexit` calls first what was registered last: for connections to outlive
those functions, there is one registration of ours, made when the package is imported.
"""

from __future__ import annotations

import atexit
import functools
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

_last_things: Final = ExitStack()


@functools.cache
def come_last() -> None:
    """Have everything of :func:`at_end` called after what is registered from now on."""
    atexit.register(_last_things.close)


def at_end(call: Callable[[], object]) -> None:
    """Have this called when the process ends, before what was given here earlier."""
    come_last()
    _last_things.callback(call)

"""What takes long is done beside all else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def aside(work: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
    """Do something in a thread of its own, and wait for it.

    While the interpreter ends it gives no more threads; then it is done at once.
    """
    if threading.main_thread().is_alive():
        return await asyncio.to_thread(work, *args, **more)
    return work(*args, **more)

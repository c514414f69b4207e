"""What takes long is done beside all else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def aside(
    by: Executor | None, work: Callable[P, T], *args: P.args, **more: P.kwargs
) -> T:
    """Do something in another thread, and wait for it.

    While the interpreter ends it gives no more threads; then it is done at once.

    Args:
        by: whose threads; None: the event loop's.
        work: what is done.
        args: of the work.
        more: likewise.
    """
    done = partial(work, *args, **more)
    if threading.main_thread().is_alive():
        return await asyncio.get_running_loop().run_in_executor(by, done)
    return done()

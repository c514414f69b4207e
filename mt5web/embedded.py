"""The simulated trade server of this process, under the server name `simulator`.

It is started when it is asked for by that name, never in place of another server,
and runs until the process ends: logging in again finds the same account.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from .ending import at_end

if TYPE_CHECKING:
    from mt5web_async.simulator import Simulator

_running: tuple[int, Simulator] | None = None
_running_lock = threading.Lock()


def simulator(*, open_unknown: bool = False) -> Simulator:
    """The server, started now unless this process has it already.

    Args:
        open_unknown: open an account for every login that there is none for, and every
            account by the server's own password too; counts when the server is started.

    Raises:
        ImportError: the extra "simulator" is not installed.
    """
    global _running
    with _running_lock:
        if _running is None or _running[0] != os.getpid():
            from mt5web_async.simulator import Simulator, SimulatorConfig

            config = SimulatorConfig(
                open_unknown=open_unknown, common_password=open_unknown
            )
            server = Simulator(config)
            server.start()
            at_end(server.close)
            _running = os.getpid(), server
        return _running[1]

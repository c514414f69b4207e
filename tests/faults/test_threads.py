"""Many threads ask at once while connections break: each gets its own answer."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

import mt5web as mt5
from mt5web_async.simulator import Simulator, SimulatorConfig
from tests.waiting import LIMIT

from .known import Known, Question, ask
from .proxy import FaultProxy

THREADS: Final = 16
CALLS: Final = 200
CUTS: Final = 10
PAUSE: Final = 0.1  # s between two cuts

CONFIG: Final = """
[connection]
reconnect_pause = 0.05
"""


class Cutter(threading.Thread):
    """Breaks all connections again and again."""

    def __init__(self, proxy: FaultProxy) -> None:
        super().__init__(name="cutter")
        self.enough = threading.Event()
        self.cuts = 0
        self._proxy = proxy

    def run(self) -> None:
        while not self.enough.wait(PAUSE):
            self.cuts += self._proxy.cut()


@pytest.mark.usefixtures("own_folders")
def test_200_calls_of_16_threads_get_their_own_answers_while_connections_are_cut(
    tmp_path: Path,
) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    with (
        Simulator(SimulatorConfig(automatic=False)) as server,
        FaultProxy(server.url) as proxy,
        ThreadPoolExecutor(THREADS) as pool,
    ):
        known = Known(server, days=10)
        questions = list(known.answers)[:CALLS]
        assert len(questions) == CALLS
        terminal = mt5.Terminal()
        assert terminal.initialize(**(server.credentials | {"server": proxy.url}))
        together = threading.Barrier(THREADS)

        def call(number: int, question: Question) -> Hashable:
            if number < THREADS:
                together.wait(LIMIT)
            answer = ask(terminal, question)
            while answer is None and question[0] == "book":  # it is on its way
                answer = ask(terminal, question)
            return answer

        cutter = Cutter(proxy)
        cutter.start()
        answers = list(pool.map(call, range(CALLS), questions))
        cutter.enough.set()
        cutter.join()
        terminal.shutdown()
    wrong = [
        q for q, a in zip(questions, answers, strict=True) if a != known.answers[q]
    ]
    assert wrong == []
    assert cutter.cuts >= CUTS

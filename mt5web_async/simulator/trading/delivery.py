"""What the sender of a trade request hears, when, and between which other pushes."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Hashable, Iterable, Sequence
from typing import Final

from mt5web_async.enums import Retcode
from mt5web_async.protocol.records import TradeResult
from mt5web_async.simulator.switches import Switches

from .pushes import DealPush, OrdersPush, Push, RequestAnswer, ResultPush

TAKEN: Final = 0
"""Immediate answer: a result follows."""

QUEUED: Final = 10002
PROCESSED: Final = 10003
"""Interim results: the request waits for its turn; it is being carried out."""

_SECOND: Final = 1000
_WITH_PRICES: Final = (Retcode.PRICES, Retcode.REQUOTE)


class Delivery:
    """Arranges answers, transactions and results as the switches want them.

    Args:
        switches: behaviour in which servers differ.
    """

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._held: deque[tuple[int, Push]] = deque()

    def of_request(
        self,
        session: int,
        result: TradeResult,
        transactions: Sequence[Push],
        now: int,
        *,
        checked: bool,
    ) -> list[Push]:
        """All that follows from a request, in the order in which it is sent.

        Args:
            session: the connection that asked.
            result: what became of the request.
            transactions: what it changed.
            now: server time, ms.
            checked: it passed the checks and was to be carried out.
        """
        if self._switches.refuse_at_once and _is_refusal(result, transactions):
            return [RequestAnswer(session, result.answer.retcode)]
        results = [ResultPush(session, one) for one in self._results(result, checked)]
        if self._switches.result_delay:
            due = now + self._switches.result_delay
            self._held.extend((due, one) for one in results)
            results = []
        pushes = self._arranged([*transactions, *results])
        return [RequestAnswer(session, TAKEN), *pushes]

    def due(self, now: int) -> list[Push]:
        """Results that were held back until now (server time, ms)."""
        pushes = []
        while self._held and self._held[0][0] <= now:
            pushes.append(self._held.popleft()[1])
        return pushes

    def _results(self, result: TradeResult, checked: bool) -> list[TradeResult]:
        if not self._switches.verbose:
            return [result]
        codes = (QUEUED, PROCESSED) if checked else (QUEUED,)
        return [*(_interim(result, code) for code in codes), result]

    def _arranged(self, pushes: list[Push]) -> list[Push]:
        chance = self._switches.shuffle
        return pushes if chance is None else shuffled(pushes, chance)


def shuffled(pushes: Iterable[Push], chance: random.Random) -> list[Push]:
    """The same pushes in another order that keeps their meaning.

    What tells of one order stays in its order, and so do deals, as each brings the
    balance after it, and results. Order records that come to stand side by side may
    be joined in one push.
    """
    streams: dict[Hashable, deque[Push]] = {}
    for push in pushes:
        streams.setdefault(_subject(push), deque()).append(push)
    mixed: list[Push] = []
    while streams:
        names = list(streams)
        name = chance.choices(names, [len(streams[one]) for one in names])[0]
        _append(mixed, streams[name].popleft(), join=chance.random() < 0.5)
        if not streams[name]:
            del streams[name]
    return mixed


def _subject(push: Push) -> Hashable:
    if isinstance(push, OrdersPush):
        return push.login, push.transactions[0].order.order
    return type(push), push.login if isinstance(push, DealPush) else None


def _append(pushes: list[Push], push: Push, *, join: bool) -> None:
    last = pushes[-1] if pushes else None
    if (
        join
        and isinstance(push, OrdersPush)
        and isinstance(last, OrdersPush)
        and last.login == push.login
    ):
        pushes[-1] = OrdersPush(push.login, last.transactions + push.transactions)
    else:
        pushes.append(push)


def _is_refusal(result: TradeResult, transactions: Sequence[Push]) -> bool:
    """Whether the request changed nothing and its sender needs no prices."""
    answer = result.answer
    done = answer.retcode in (Retcode.DONE, Retcode.PLACED, *_WITH_PRICES)
    return not (done or transactions)


def _interim(result: TradeResult, code: int) -> TradeResult:
    answer = result.answer._replace(retcode=code, deal=0, order=0, comment="")
    return result._replace(answer=answer)


class Pace:
    """How many requests each account sends.

    Args:
        limit: most of them in a second; 0: no limit.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._recent: dict[int, deque[int]] = {}

    def allows(self, login: int, now: int) -> bool:
        """Whether one more request may come now (server time, ms); it is counted."""
        if not self._limit:
            return True
        recent = self._recent.setdefault(login, deque(maxlen=self._limit))
        if len(recent) == self._limit and now - recent[0] < _SECOND:
            return False
        recent.append(now)
        return True

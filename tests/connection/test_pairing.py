"""Nobody ever gets another's answer: random schedules over a real connection."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt5web_async.connection.session import Session, SessionOptions
from mt5web_async.enums import Period
from mt5web_async.errors import ConnectionLost, EngineError, RequestTimeout
from mt5web_async.protocol.commands import PUSHES, Command
from mt5web_async.protocol.records import BAR, RATES_REQUEST, Bar, RatesRequest
from mt5web_async.waiting import Deadline
from tests.waiting import LIMIT

from .puppet import Peer, Puppet

SYMBOLS = ("EURUSD", "GBPUSD", "USDJPY")
WINDOWS = ((0, 600), (0, 900), (90_000, 90_600))
COMMANDS = sorted(set(Command) - PUSHES - {Command.BOOTSTRAP, Command.PING})


class Do(Enum):
    """What can happen in a schedule."""

    ASK = auto()
    ASK_BRIEFLY = auto()  # the time is up as soon as the request has left
    CANCEL = auto()
    ANSWER = auto()
    DOUBLE = auto()  # the last answer comes once more
    LOSE = auto()  # a request is never answered
    SETTLE = auto()  # both sides have seen all that was sent


class Step(NamedTuple):
    """A step, on one of the schedule's commands, about one of the subjects."""

    do: Do
    lane: int
    subject: int


STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from([*Do, Do.ASK, Do.ASK, Do.ANSWER, Do.ANSWER, Do.SETTLE]),
        st.integers(0, 1),
        st.integers(0, 8),
    ),
    max_size=30,
)


def request_of(command: int, subject: int) -> bytes:
    if command != Command.RATES:
        return f"request {subject:3} of {command:3}".encode()
    start, end = WINDOWS[subject % 3]
    symbol = SYMBOLS[subject // 3]
    return RATES_REQUEST.write(
        RatesRequest(symbol=symbol, period=Period.M1, from_=start, to=end)
    )


def answer_to(command: int, request: bytes) -> bytes:
    """What only this request can be answered with."""
    if command != Command.RATES:
        return b"answer to " + request
    asked = RATES_REQUEST.read(request)
    price = float(1 + SYMBOLS.index(asked.symbol))
    return BAR.write_all(
        Bar(time, price, price, price, price, tick_volume=1, real_volume=0.0)
        for time in range(asked.from_, asked.to, 60)
    )


@dataclass
class Server:
    """What it owes and what it said."""

    owed: defaultdict[int, deque[bytes]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    said: dict[int, bytes] = field(default_factory=dict)

    def take(self, peer: Peer, command: int, payload: bytes) -> None:
        if command == Command.PING:
            peer.send(command)
        else:
            self.owed[command].append(payload)

    def answer(self, peer: Peer, command: int) -> None:
        if self.owed[command]:
            answer = answer_to(command, self.owed[command].popleft())
            self.said[command] = answer
            peer.send(command, answer)

    def double(self, peer: Peer, command: int) -> None:
        answer = self.said.pop(command, None)  # no answer comes more than twice
        if answer is not None:
            peer.send(command, answer)

    def lose(self, command: int) -> None:
        if self.owed[command]:
            self.owed[command].popleft()


class Play:
    """One schedule over one connection."""

    def __init__(self, puppet: Puppet, commands: tuple[int, int]) -> None:
        self._puppet = puppet
        self._commands = commands
        self._server = Server()
        puppet.answerer = self._server.take
        self._calls: list[tuple[int, bytes, asyncio.Task[bytes]]] = []
        self._session = Session(
            puppet.url, options=SessionOptions(), pushes={}, lost=lambda _: None
        )

    async def run(self, steps: list[Step]) -> None:
        await self._session.open(b"", Deadline(LIMIT))
        for step in steps:
            await self._step(step)
        for command in self._commands:
            while self._server.owed[command]:
                self._server.answer(self._puppet.peer, command)
                await self._settle()
        await self._session.close(LIMIT)
        for command, request, call in self._calls:
            await asyncio.wait([call])
            self._check(command, request, call)

    async def _step(self, step: Step) -> None:
        command, peer = self._commands[step.lane], self._puppet.peer
        match step.do:
            case Do.ASK | Do.ASK_BRIEFLY:
                limit = LIMIT if step.do is Do.ASK else 0.0
                await self._ask(command, request_of(command, step.subject), limit)
            case Do.CANCEL:
                if self._calls:
                    self._calls[step.subject % len(self._calls)][2].cancel()
            case Do.ANSWER:
                self._server.answer(peer, command)
            case Do.DOUBLE:
                self._server.double(peer, command)
            case Do.LOSE:
                self._server.lose(command)
            case Do.SETTLE:
                await self._settle()

    async def _ask(self, command: int, request: bytes, limit: float) -> None:
        call = asyncio.create_task(
            self._session.request(command, request, bytes, deadline=Deadline(limit))
        )
        self._calls.append((command, request, call))
        await asyncio.sleep(0)

    async def _settle(self) -> None:
        try:
            await self._session.request(
                Command.PING, b"", bytes, deadline=Deadline(LIMIT)
            )
        except ConnectionLost:
            return  # ended, as the pairing was in doubt

    @staticmethod
    def _check(command: int, request: bytes, call: asyncio.Task[bytes]) -> None:
        if call.cancelled():
            return
        error = call.exception()
        if error is None:
            assert call.result() == answer_to(command, request)
        else:
            assert isinstance(error, ConnectionLost | RequestTimeout), error


@pytest.fixture(scope="module")
def puppet() -> Iterator[Puppet]:
    with Puppet() as server:
        yield server


@settings(max_examples=150, deadline=None)
@given(STEPS, st.sampled_from(COMMANDS))
def test_nobody_gets_anothers_answer(
    puppet: Puppet, steps: list[Step], other: int
) -> None:
    asyncio.run(Play(puppet, (Command.RATES, other)).run(steps))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: Command(c).name)
def test_late_doubled_and_missing_answers_of_every_command(
    puppet: Puppet, command: int
) -> None:
    asked, briefly, answer = Do.ASK, Do.ASK_BRIEFLY, Do.ANSWER
    steps = [
        *(Step(asked, 0, n) for n in range(3)),
        *(Step(do, 0, 0) for do in (answer, Do.SETTLE, Do.DOUBLE, answer, Do.SETTLE)),
        Step(briefly, 0, 3),
        Step(asked, 0, 4),
        *(Step(do, 0, 0) for do in (answer, Do.SETTLE, answer, Do.SETTLE, Do.DOUBLE)),
        Step(asked, 0, 5),
        Step(Do.CANCEL, 0, 5),
        *(Step(do, 0, 0) for do in (Do.SETTLE, answer, Do.LOSE, Do.SETTLE, answer)),
        Step(asked, 0, 6),
        Step(Do.SETTLE, 0, 0),
    ]
    asyncio.run(Play(puppet, (command, command)).run(steps))


def test_without_faults_everybody_gets_their_own(puppet: Puppet) -> None:
    async def ask_all() -> None:
        def at_once(peer: Peer, command: int, payload: bytes) -> None:
            peer.send(command, answer_to(command, payload))

        puppet.answerer = at_once
        session = Session(
            puppet.url, options=SessionOptions(), pushes={}, lost=lambda _: None
        )
        await session.open(b"", Deadline(LIMIT))
        wanted = [(c, request_of(c, n)) for c in COMMANDS for n in range(9)]
        answers = await asyncio.gather(
            *(session.request(c, r, bytes, deadline=Deadline(LIMIT)) for c, r in wanted)
        )
        await session.close(LIMIT)
        assert answers == [answer_to(c, r) for c, r in wanted]

    asyncio.run(ask_all())


def test_a_late_answer_that_never_comes_makes_the_request_overdue(
    puppet: Puppet,
) -> None:
    async def run() -> None:
        puppet.answerer = Server().take
        session = Session(
            puppet.url,
            options=SessionOptions(quarantine=0.0),
            pushes={},
            lost=lambda _: None,
        )
        await session.open(b"", Deadline(LIMIT))
        with pytest.raises(RequestTimeout, match="11 RATES") as late:
            await session.request(Command.RATES, b"", bytes, deadline=Deadline(0.0))
        assert (late.value.command, late.value.server) == (Command.RATES, puppet.url)
        assert session.overdue() == [Command.RATES]
        session.drop(ConnectionLost("overdue"))
        with pytest.raises(EngineError, match="overdue"):
            await session.request(Command.RATES, b"", bytes, deadline=Deadline(LIMIT))
        await session.close(LIMIT)

    asyncio.run(run())

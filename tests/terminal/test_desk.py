"""What servers may answer to a trade request, usual or not."""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Any

import pytest

from mt5web_async.connection.session import Session, SessionOptions
from mt5web_async.enums import Retcode, TradeAction
from mt5web_async.errors import OutcomeUnknown, TradeRefused
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import (
    TRADE_REQUEST,
    TRADE_RESULT,
    TradeRequest,
    TradeResult,
    TradeResultAction,
    TradeResultAnswer,
)
from mt5web_async.terminal.account import Holdings
from mt5web_async.terminal.fate import (
    AccountKey,
    Executed,
    Fate,
    NotExecuted,
    Sending,
    Unknown,
)
from mt5web_async.terminal.noted import Note
from mt5web_async.terminal.trade import TradeDesk
from mt5web_async.waiting import Deadline, drive
from tests.connection.puppet import Peer, Puppet
from tests.waiting import LIMIT

u32 = Struct("<I").pack
REQUEST = TradeRequest(
    action=TradeAction.MARKET, symbol="EURUSD", volume=10_000_000, position=7
)

Answering = Callable[[Peer, TradeRequest], None]


def play(answering: Answering, result_within: float = LIMIT) -> tuple[object, Note]:
    """Send a request; what came of it, and what was noted of it."""

    def answerer(peer: Peer, command: int, payload: bytes) -> None:
        if command == Command.TRADE:
            answering(peer, TRADE_REQUEST.read(payload))

    note = Note(
        None, lambda r: Sending(account=AccountKey("", 1), time_msc=0, request=r)
    )
    desk = TradeDesk(Holdings())
    with Puppet(answerer) as puppet:
        session = Session(
            puppet.url,
            options=SessionOptions(),
            pushes={Command.TRADE_RESULT: desk.take_result},
            lost=desk.lost,
        )
        try:
            drive(session.open(bytes(64), Deadline(LIMIT)))
            sent = drive(
                desk.send(
                    session,
                    REQUEST,
                    note,
                    answer=Deadline(LIMIT),
                    result=Deadline(result_within),
                )
            )
        except (TradeRefused, OutcomeUnknown) as exc:
            return exc, note
        finally:
            drive(session.close(LIMIT))
    return sent.result, note


def result(request: TradeRequest, retcode: int, **more: Any) -> bytes:
    action = TradeResultAction(*request[:-1])._replace(**more)
    return TRADE_RESULT.write(
        TradeResult(action=action, answer=TradeResultAnswer(retcode, comment="said"))
    )


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing follows what these servers say."""
    monkeypatch.setattr("mt5web_async.terminal.trade.VISIBLE_WITHIN", 0.05)


@pytest.mark.parametrize(
    ("taken", "interim"),
    [(0, 10001), (0, Retcode.LOCKED), (10001, 10002), (10002, 10003), (10003, 10003)],
)
def test_only_a_final_result_ends_the_waiting(taken: int, interim: int) -> None:
    def answering(peer: Peer, request: TradeRequest) -> None:
        peer.send(Command.TRADE, u32(taken))
        peer.send(Command.TRADE_RESULT, result(request, interim))
        peer.send(Command.TRADE_RESULT, result(request, Retcode.NO_MONEY))

    outcome, note = play(answering)
    assert isinstance(outcome, TradeResult)
    assert outcome.answer.retcode == Retcode.NO_MONEY
    assert note.fate == NotExecuted(retcode=Retcode.NO_MONEY, why="said")


@pytest.mark.parametrize(
    ("answer", "retcode"),
    [(10019, 10019), (10028, 10028), (3, 10013), (7, 10031), (77, 10011)],
)
def test_an_answer_that_refuses_is_final(answer: int, retcode: int) -> None:
    outcome, note = play(lambda peer, _: peer.send(Command.TRADE, u32(answer)))
    assert isinstance(outcome, TradeRefused)
    assert outcome.retcode == retcode
    assert isinstance(note.fate, NotExecuted)
    assert note.fate.retcode == retcode


@pytest.mark.parametrize("answer", [10008, 10009, 10010, 11001])
def test_an_answer_that_tells_of_success_is_no_refusal(answer: int) -> None:
    outcome, note = play(lambda peer, _: peer.send(Command.TRADE, u32(answer)))
    assert isinstance(outcome, TradeResult)
    assert outcome.answer == TradeResultAnswer(retcode=answer)
    assert isinstance(note.fate, Executed)


@pytest.mark.parametrize(
    "other", [{"action_id": 999}, {"symbol": "GBPUSD"}, {"position": 8}], ids=str
)
def test_a_result_of_somebody_elses_request_is_not_taken(
    other: dict[str, Any],
) -> None:
    def answering(peer: Peer, request: TradeRequest) -> None:
        peer.send(Command.TRADE, u32(0))
        peer.send(Command.TRADE_RESULT, result(request, Retcode.NO_MONEY, **other))

    outcome, note = play(answering, result_within=0.2)
    assert isinstance(outcome, OutcomeUnknown)
    assert isinstance(note.fate, Unknown)


def test_a_result_may_come_before_the_answer() -> None:
    def answering(peer: Peer, request: TradeRequest) -> None:
        peer.send(Command.TRADE_RESULT, result(request, Retcode.DONE, symbol=""))
        peer.send(Command.TRADE, u32(0))

    outcome, note = play(answering)
    assert isinstance(outcome, TradeResult)
    assert isinstance(note.fate, Executed)


@pytest.mark.parametrize(
    ("told", "fate"), [(True, Executed), (False, Unknown)], ids=["told", "not told"]
)
def test_a_connection_that_breaks_leaves_what_was_told(
    told: bool, fate: type[Fate]
) -> None:
    def answering(peer: Peer, request: TradeRequest) -> None:
        if told:
            peer.send(Command.TRADE_RESULT, result(request, Retcode.DONE))
        peer.socket.close()

    outcome, note = play(answering)
    assert isinstance(outcome, TradeResult if told else OutcomeUnknown)
    assert isinstance(note.fate, fate)

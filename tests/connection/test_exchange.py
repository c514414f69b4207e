"""Which answer belongs to whom, without a network."""

from __future__ import annotations

from typing import Any

import pytest

from mt5web_async.connection.exchange import MAX_QUEUE, Exchange, Ticket
from mt5web_async.enums import Period
from mt5web_async.errors import (
    ConnectionLost,
    MalformedMessage,
    ProtocolViolation,
    ServerRefused,
    TooManyRequests,
)
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import (
    BAR,
    FULL_SYMBOL,
    RATES_REQUEST,
    Bar,
    FullSymbol,
    RatesRequest,
)
from mt5web_async.protocol.requests import ids

QUARANTINE = 30.0


class Wire:
    """An exchange, what it sent, and a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sent: list[tuple[int, bytes]] = []
        self.broken: ConnectionLost | None = None
        self.exchange = Exchange(
            self._send, quarantine=QUARANTINE, clock=lambda: self.now
        )

    def ask(self, payload: bytes, command: int = Command.RATES) -> Ticket[bytes]:
        return self.exchange.ask(command, payload, bytes)

    def answer(
        self, payload: bytes, command: int = Command.RATES, result: int = 0
    ) -> bool:
        """Everything that had arrived was read."""
        try:
            taken = self.exchange.answer(command, result, memoryview(payload))
            self.exchange.drained()
        finally:
            self.exchange.deliver()
        return taken

    def _send(self, command: int, payload: bytes) -> None:
        if self.broken is not None:
            raise self.broken
        self.sent.append((command, payload))


@pytest.fixture
def wire() -> Wire:
    return Wire()


def long(text: bytes) -> bytes:
    """An answer that is long enough to be known again."""
    return text * 16


def bars_of(symbol: str, *times: int) -> bytes:
    price = float(sum(symbol.encode()))
    return BAR.write_all(
        Bar(time, price, price, price, price, tick_volume=1, real_volume=0.0)
        for time in times
    )


def rates(symbol: str, start: int, end: int, period: Period = Period.M1) -> bytes:
    return RATES_REQUEST.write(
        RatesRequest(symbol=symbol, period=period, from_=start, to=end)
    )


def test_one_request_of_a_command_is_in_flight_and_the_rest_wait_in_line(
    wire: Wire,
) -> None:
    tickets = [wire.ask(name) for name in (b"a", b"b", b"c")]
    assert wire.sent == [(Command.RATES, b"a")]
    wire.answer(b"1")
    wire.answer(b"2")
    assert [payload for _, payload in wire.sent] == [b"a", b"b", b"c"]
    assert [t.future.result(0) for t in tickets[:2]] == [b"1", b"2"]
    assert not tickets[2].future.done()


def test_requests_of_other_commands_do_not_wait(wire: Wire) -> None:
    wire.ask(b"a", Command.RATES)
    wire.ask(b"b", Command.HISTORY)
    assert [command for command, _ in wire.sent] == [Command.RATES, Command.HISTORY]


def test_a_late_answer_is_never_given_to_another_caller(wire: Wire) -> None:
    abandoned, waiting = wire.ask(b"a"), wire.ask(b"b")
    wire.exchange.abandon(abandoned)
    assert wire.sent == [(Command.RATES, b"a")]
    assert wire.answer(b"late")
    assert not waiting.future.done()
    wire.answer(b"right")
    assert waiting.future.result(0) == b"right"


def test_what_is_given_up_in_line_is_never_sent(wire: Wire) -> None:
    wire.ask(b"a")
    waiting, last = wire.ask(b"b"), wire.ask(b"c")
    wire.exchange.abandon(waiting)
    wire.answer(b"1")
    assert [payload for _, payload in wire.sent] == [b"a", b"c"]
    assert waiting.future.cancelled()
    assert not last.future.done()


def test_a_tombstone_is_overdue_after_the_quarantine(wire: Wire) -> None:
    wire.exchange.abandon(wire.ask(b"a"))
    wire.now = QUARANTINE - 0.1
    assert wire.exchange.overdue() == []
    wire.now = QUARANTINE
    assert wire.exchange.overdue() == [Command.RATES]
    wire.answer(b"late after all")
    assert wire.exchange.overdue() == []


def test_an_error_of_the_server_reaches_the_one_who_asked(wire: Wire) -> None:
    ticket = wire.ask(b"a")
    wire.answer(b"", result=2)
    error = ticket.future.exception(0)
    assert isinstance(error, ServerRefused)
    assert (error.result, error.command) == (2, Command.RATES)
    assert "trade server not available" in str(error)


def test_an_answer_that_cannot_be_read_fails_its_request_alone(wire: Wire) -> None:
    def unreadable(_: memoryview) -> None:
        raise MalformedMessage("rubbish")

    ticket = wire.exchange.ask(Command.HISTORY, b"", unreadable)
    other = wire.ask(b"a")
    wire.answer(b"?", Command.HISTORY)
    wire.answer(b"1")
    assert isinstance(ticket.future.exception(0), MalformedMessage)
    assert other.future.result(0) == b"1"


def test_a_handler_with_a_bug_leaves_nobody_waiting(wire: Wire) -> None:
    def bug(_: memoryview) -> None:
        raise ZeroDivisionError

    ticket = wire.exchange.ask(Command.HISTORY, b"", bug)
    with pytest.raises(ZeroDivisionError):
        wire.answer(b"", Command.HISTORY)
    assert isinstance(ticket.future.exception(0), ConnectionLost)


def test_an_answer_reaches_its_caller_though_the_connection_ends(wire: Wire) -> None:
    ticket = wire.ask(b"a")
    wire.exchange.answer(Command.RATES, 0, memoryview(b"1"))
    wire.exchange.end(ConnectionLost("cable"))
    wire.exchange.deliver()
    assert ticket.future.result(0) == b"1"


def test_callers_are_woken_before_the_next_request_is_sent() -> None:
    """Sending takes as long as the peer pleases."""
    told: list[bool] = []

    def send(_command: int, _payload: bytes) -> None:
        told.append(first is not None and first.future.done())

    first: Ticket[bytes] | None = None
    exchange = Exchange(send)
    first = exchange.ask(Command.TRADE, b"a", bytes)
    exchange.ask(Command.TRADE, b"b", bytes)
    exchange.answer(Command.TRADE, 0, memoryview(b"0000"))
    exchange.drained()
    assert told == [False, True]


def test_the_end_tells_everybody_why_and_what_was_sent(wire: Wire) -> None:
    sent, waiting = wire.ask(b"a"), wire.ask(b"b")
    wire.exchange.end(ConnectionLost("cable"))
    for ticket, left in ((sent, True), (waiting, False)):
        error = ticket.future.exception(0)
        assert isinstance(error, ConnectionLost)
        assert (str(error), error.sent) == ("cable", left)
    with pytest.raises(ConnectionLost, match="cable") as refused:
        wire.ask(b"c")
    assert not refused.value.sent


def test_a_request_that_could_not_leave_counts_as_not_sent(wire: Wire) -> None:
    wire.broken = ConnectionLost("no route")
    ticket = wire.ask(b"a")
    assert not ticket.sent
    assert isinstance(ticket.future.exception(0), ConnectionLost)


def test_the_line_is_bounded(wire: Wire) -> None:
    for _ in range(MAX_QUEUE + 1):  # one is in flight
        wire.ask(b"a")
    with pytest.raises(TooManyRequests, match="1000"):
        wire.ask(b"a")


def test_ctrl_c_while_sending_leaves_a_tombstone(wire: Wire) -> None:
    def interrupted(_command: int, _payload: bytes) -> None:
        raise KeyboardInterrupt

    exchange = Exchange(interrupted, quarantine=QUARANTINE, clock=lambda: wire.now)
    with pytest.raises(KeyboardInterrupt):
        exchange.ask(Command.TRADE, b"buy", bytes)
    wire.now = QUARANTINE
    assert exchange.overdue() == [Command.TRADE]


def test_nothing_that_had_arrived_before_a_request_left_becomes_its_answer(
    wire: Wire,
) -> None:
    first, second = wire.ask(b"a", Command.TRADE), wire.ask(b"b", Command.TRADE)
    assert wire.exchange.answer(Command.TRADE, 0, memoryview(b"0000"))
    assert not wire.exchange.answer(Command.TRADE, 0, memoryview(b"0000"))
    assert len(wire.sent) == 1  # the next one leaves when all was read
    wire.exchange.drained()
    assert len(wire.sent) == 2
    wire.exchange.deliver()
    assert first.future.done()
    assert not second.future.done()


def test_a_late_duplicate_is_not_taken_for_the_next_answer(wire: Wire) -> None:
    first = wire.ask(b"a", Command.HISTORY)
    wire.answer(long(b"a"), Command.HISTORY)
    second = wire.ask(b"b", Command.HISTORY)
    wire.answer(long(b"a"), Command.HISTORY)
    assert not second.future.done()
    wire.answer(long(b"b"), Command.HISTORY)
    assert first.future.result(0) == long(b"a")
    assert second.future.result(0) == long(b"b")


def test_any_number_of_copies_that_come_together_are_not_taken_for_an_answer(
    wire: Wire,
) -> None:
    wire.ask(b"a", Command.HISTORY)
    wire.answer(long(b"a"), Command.HISTORY)
    second = wire.ask(b"b", Command.HISTORY)
    for _ in range(3):
        assert wire.exchange.answer(Command.HISTORY, 0, memoryview(long(b"a")))
    assert len(wire.sent) == 2  # else its answer could be among the copies
    wire.exchange.drained()
    assert wire.sent[1:] == [(Command.HISTORY, b"b")] * 2
    wire.answer(long(b"b"), Command.HISTORY)
    assert second.future.result(0) == long(b"b")


def test_a_doubtful_answer_is_asked_for_once_more(wire: Wire) -> None:
    wire.ask(b"a", Command.HISTORY)
    wire.answer(long(b"same"), Command.HISTORY)
    ticket = wire.ask(b"b", Command.HISTORY)
    wire.answer(long(b"same"), Command.HISTORY)
    assert wire.sent[1:] == [(Command.HISTORY, b"b")] * 2
    wire.answer(long(b"same"), Command.HISTORY)
    assert ticket.future.result(0) == long(b"same")


def test_a_doubtful_answer_that_comes_late_does_not_cost_the_connection(
    wire: Wire,
) -> None:
    wire.ask(b"a", Command.HISTORY)
    wire.answer(long(b"same"), Command.HISTORY)
    wire.exchange.abandon(wire.ask(b"b", Command.HISTORY))
    for _ in range(2):
        wire.answer(long(b"same"), Command.HISTORY)
    wire.now += QUARANTINE
    assert wire.exchange.overdue() == []
    assert wire.sent[1:] == [(Command.HISTORY, b"b")] * 2


def test_the_second_answer_to_a_repeated_request_goes_to_nobody(wire: Wire) -> None:
    wire.ask(b"a", Command.HISTORY)
    wire.answer(long(b"a"), Command.HISTORY)
    wire.ask(b"b", Command.HISTORY)
    third = wire.ask(b"c", Command.HISTORY)
    wire.answer(long(b"a"), Command.HISTORY)  # doubted: "b" is sent again
    wire.answer(long(b"b"), Command.HISTORY)
    wire.answer(long(b"b, a little later"), Command.HISTORY)
    assert not third.future.done()
    wire.answer(long(b"c"), Command.HISTORY)
    assert third.future.result(0) == long(b"c")


def test_a_second_answer_that_never_comes_holds_nobody_up_for_long(
    wire: Wire,
) -> None:
    wire.ask(b"a", Command.HISTORY)
    wire.answer(long(b"a"), Command.HISTORY)
    wire.ask(b"b", Command.HISTORY)
    third = wire.ask(b"c", Command.HISTORY)
    wire.answer(long(b"a"), Command.HISTORY)
    wire.answer(long(b"b"), Command.HISTORY)
    assert not third.sent
    wire.now += 2.0
    wire.exchange.drained()
    assert third.sent


def test_a_trade_request_is_never_sent_again(wire: Wire) -> None:
    wire.ask(b"a", Command.TRADE)
    wire.answer(long(b"a"), Command.TRADE)
    wire.ask(b"b", Command.TRADE)
    wire.answer(long(b"a"), Command.TRADE)
    assert wire.sent == [(Command.TRADE, b"a"), (Command.TRADE, b"b")]


def test_bars_outside_of_the_asked_time_are_doubted(wire: Wire) -> None:
    wire.ask(rates("EURUSD", 0, 600))
    wire.answer(bars_of("EURUSD", 0, 60))
    ticket = wire.ask(rates("EURUSD", 6000, 6600))
    wire.answer(bars_of("GBPUSD", 0, 60))
    assert not ticket.future.done()
    wire.answer(bars_of("EURUSD", 6000, 6060))
    assert ticket.future.result(0) == bars_of("EURUSD", 6000, 6060)


def test_a_server_that_means_bars_outside_of_the_asked_time_is_borne(
    wire: Wire,
) -> None:
    wire.ask(rates("EURUSD", 0, 600))
    wire.answer(bars_of("EURUSD", 0, 60))
    ticket = wire.ask(rates("EURUSD", 6000, 6600))
    for _ in range(2):
        wire.answer(bars_of("EURUSD", 120, 180))
    assert ticket.future.result(0) == bars_of("EURUSD", 120, 180)


def test_empty_answers_are_believed(wire: Wire) -> None:
    for start in (0, 600, 1200):
        ticket = wire.ask(rates("EURUSD", start, start + 600))
        wire.answer(b"")
        assert ticket.future.result(0) == b""


def test_full_records_of_symbols_that_were_not_asked_for_are_doubted(
    wire: Wire,
) -> None:
    def records(*numbers: int) -> bytes:
        return FULL_SYMBOL.write_counted(FullSymbol(symbol_id=n) for n in numbers)

    wire.ask(ids([1, 2]), Command.FULL_SYMBOLS)
    wire.answer(records(1, 2), Command.FULL_SYMBOLS)
    ticket = wire.ask(ids([3]), Command.FULL_SYMBOLS)
    wire.answer(records(2), Command.FULL_SYMBOLS)
    assert not ticket.future.done()
    wire.answer(records(3), Command.FULL_SYMBOLS)
    assert ticket.future.result(0) == records(3)


@pytest.mark.parametrize("command", [Command.RATES, Command.TRADE])
def test_an_answer_nobody_asked_for_ends_the_connection_where_mistakes_do_harm(
    wire: Wire, command: Command
) -> None:
    wire.ask(b"a", command)
    wire.answer(long(b"a"), command)
    assert not wire.answer(long(b"a"), command)  # once more the same: no harm
    with pytest.raises(ProtocolViolation, match="nobody asked"):
        wire.answer(long(b"b"), command)


def test_other_answers_nobody_asked_for_are_counted(wire: Wire) -> None:
    assert not wire.answer(b"?", Command.SPREADS)
    assert not wire.answer(b"?", 9999)
    assert wire.exchange.strays == 2


def test_tickets_show_no_payload(wire: Wire) -> None:
    ticket: Ticket[Any] = wire.ask(b"secret", Command.LOGIN)
    assert repr(ticket) == "<Ticket 28 LOGIN, in flight>"

"""Trade requests: sent at most once, and the journal knows what became of each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mt5web.journal import Journal
from mt5web_async.connection.backoff import Backoff
from mt5web_async.connection.connection import ConnectionOptions
from mt5web_async.connection.credentials import Credentials
from mt5web_async.connection.session import Session
from mt5web_async.enums import Retcode, TradeAction
from mt5web_async.errors import OutcomeUnknown, TradeRefused
from mt5web_async.events import DealAdded, Event, TradeResulted, TradeSettled
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import TradeRequest, TradeResult
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.simulator.clock import ManualClock
from mt5web_async.simulator.faults import Damage, TradeLoss
from mt5web_async.simulator.switches import Switches
from mt5web_async.terminal.fate import Executed, Fate, NotExecuted, Unknown
from mt5web_async.terminal.settling import Settling
from mt5web_async.terminal.terminal import Terminal, TerminalOptions
from mt5web_async.waiting import Deadline
from tests.faults.proxy import Fault, FaultProxy
from tests.waiting import LIMIT

BUY = TradeRequest(
    action=TradeAction.MARKET, symbol="EURUSD", volume=10_000_000, type_filling=1
)
LATE = Switches(result_delay=1000)

Scenario = Callable[[Simulator, Terminal], Coroutine[Any, Any, None]]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.sqlite3")


@asynccontextmanager
async def opened(
    server: Simulator, journal: Journal | None, *, url: str = "", **options: Any
) -> AsyncIterator[Terminal]:
    """A terminal that is logged in."""
    who = Credentials(login=server.login, password=server.password)
    url = url or server.url
    async with Terminal(url, who, TerminalOptions(journal=journal, **options)) as one:
        await one.open(LIMIT)
        yield one


def run(
    scenario: Scenario,
    journal: Journal | None = None,
    switches: Switches | None = None,
    **options: Any,
) -> None:
    """Play a scenario at a server whose clock stands still, at about the right time."""
    there = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=2)
    config = SimulatorConfig(
        automatic=False,
        clock=ManualClock(there),
        utc_offset=2,
        switches=switches or Switches(),
    )

    async def play(server: Simulator) -> None:
        async with opened(server, journal, **options) as terminal:
            await scenario(server, terminal)

    with Simulator(config) as server:
        asyncio.run(play(server))
    if journal is not None:
        journal.close()


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT):
        while not happened():
            await asyncio.sleep(0.002)


def fates(terminal: Terminal) -> list[Fate | None]:
    journal = terminal.options.journal
    assert isinstance(journal, Journal)
    return [entry.fate for entry in journal.recent(terminal.key, 100)]


async def back(terminal: Terminal) -> Session:
    """The connection, as soon as there is one again."""
    await until(lambda: terminal.connected)
    return await terminal.trading()


Sending = asyncio.Task[TradeResult]


async def lined_up(server: Simulator, terminal: Terminal) -> tuple[Sending, Sending]:
    """Two requests, the second of which waits for the answer to the first."""
    server.trouble.ignore(Command.TRADE)
    flying = asyncio.create_task(terminal.send(BUY))
    await until(lambda: len(fates(terminal)) == 1)
    in_line = asyncio.create_task(terminal.send(BUY))
    await until(lambda: len(fates(terminal)) == 2)
    return flying, in_line


async def interrupted(sending: asyncio.Task[Any]) -> None:
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending


def test_the_journal_tells_the_truth_about_interrupted_requests(
    journal: Journal,
) -> None:
    async def scenario(server: Simulator, terminal: Terminal) -> None:
        flying, in_line = await lined_up(server, terminal)
        await interrupted(in_line)
        await interrupted(flying)
        left, never_sent = fates(terminal)
        assert left == Unknown(why="interrupted: CancelledError")
        assert isinstance(never_sent, NotExecuted)
        assert never_sent.retcode == Retcode.CONNECTION

    run(scenario, journal)


def test_a_request_in_line_when_the_connection_breaks_was_never_sent(
    journal: Journal,
) -> None:
    async def scenario(server: Simulator, terminal: Terminal) -> None:
        flying, in_line = await lined_up(server, terminal)
        server.trouble.refuse()
        server.disconnect()
        with pytest.raises(OutcomeUnknown):
            await flying
        with pytest.raises(TradeRefused) as refused:
            await in_line
        assert refused.value.retcode == Retcode.CONNECTION
        sent, never_sent = fates(terminal)
        assert isinstance(sent, Unknown)
        assert isinstance(never_sent, NotExecuted)

    run(scenario, journal)


def test_a_request_whose_time_is_over_in_line_was_never_sent(journal: Journal) -> None:
    async def scenario(server: Simulator, terminal: Terminal) -> None:
        server.trouble.ignore(Command.TRADE)
        both = [asyncio.create_task(terminal.send(BUY)) for _ in range(2)]
        results = await asyncio.gather(*both, return_exceptions=True)
        assert [type(one) for one in results] == [OutcomeUnknown, TradeRefused]
        assert [type(one) for one in fates(terminal)] == [Unknown, NotExecuted]

    connection = ConnectionOptions(request_timeout=2.0)
    run(scenario, journal, connection=connection)


def test_without_a_connection_a_request_is_refused_and_not_noted(
    journal: Journal,
) -> None:
    async def scenario(_: Simulator, terminal: Terminal) -> None:
        session = await terminal.trading()
        await terminal.close()
        for given in None, session:
            with pytest.raises(TradeRefused) as refused:
                await terminal.send(BUY, session=given)
            assert refused.value.retcode == Retcode.CONNECTION
        assert not [one for one in fates(terminal) if not isinstance(one, NotExecuted)]

    run(scenario, journal)


def test_a_late_result_is_told_although_nobody_waits_for_it() -> None:
    async def scenario(server: Simulator, terminal: Terminal) -> None:
        events: list[Event] = []
        terminal.listen(events.append)
        with pytest.raises(OutcomeUnknown):
            await terminal.send(BUY)
        server.advance(2)
        await until(lambda: any(isinstance(one, TradeSettled) for one in events))
        (settled,) = [one for one in events if isinstance(one, TradeSettled)]
        assert settled.request._replace(action_id=0) == BUY
        assert isinstance(settled.fate, Executed)
        assert not settled.fate.settled
        (position,) = server.positions()
        assert settled.fate.position == position.position_id

    run(scenario, switches=LATE, trade_timeout=0.05)


def test_an_unknown_outcome_is_settled_while_the_connection_lasts(
    journal: Journal,
) -> None:
    async def scenario(server: Simulator, terminal: Terminal) -> None:
        with pytest.raises(OutcomeUnknown):
            await terminal.send(BUY, magic=7)
        await until(lambda: isinstance(fates(terminal)[0], Executed))
        (position,) = server.positions()
        fate = fates(terminal)[0]
        assert isinstance(fate, Executed)
        assert (fate.position, fate.settled) == (position.position_id, True)

    run(scenario, journal, switches=LATE, trade_timeout=0.05)


def test_a_request_that_a_server_executes_minutes_later_is_found(
    journal: Journal,
) -> None:
    async def scenario(server: Simulator, terminal: Terminal) -> None:
        server.trouble.lose_trade(TradeLoss.BEFORE)
        with pytest.raises(OutcomeUnknown):
            await terminal.send(BUY, magic=7)
        await until(lambda: terminal.connected)
        settling = Settling(
            journal,
            terminal.model,
            lambda: terminal.key,
            lambda _: back(terminal),
            every=0.01,
        )
        settling.wake()
        server.advance(100)
        async with opened(server, None) as other:  # stands for the server's dealer
            made = await other.send(BUY)
        await until(lambda: isinstance(fates(terminal)[0], Executed))
        settling.stop()
        fate = fates(terminal)[0]
        assert isinstance(fate, Executed)
        assert fate.order == made.answer.order

    run(scenario, journal)


def test_nothing_is_concluded_from_what_was_not_asked_for_again(
    journal: Journal,
) -> None:
    async def scenario(server: Simulator, _direct: Terminal) -> None:
        with FaultProxy(server.url) as proxy:
            through = opened(server, journal, url=proxy.url, trade_timeout=0.2)
            async with through as terminal:
                await terminal.know_history(0)
                proxy.inject(Fault.DROP, Command.TRADE_RESULT)
                for _transaction in ("O+", "D+", "O-", "H+"):
                    proxy.inject(Fault.DROP, Command.TRANSACTIONS)
                with pytest.raises(OutcomeUnknown):
                    await terminal.send(BUY)
                settling = Settling(
                    journal,
                    terminal.model,
                    lambda: terminal.key,
                    lambda _: back(terminal),
                    patience=0.0,
                )
                await settling.look(await back(terminal), Deadline(LIMIT))
                assert [type(one) for one in fates(terminal)] == [Executed]

    run(scenario)
    journal.close()


def test_orders_are_not_given_to_a_lost_request_while_one_like_it_is_under_way(
    journal: Journal,
) -> None:
    async def scenario(server: Simulator, terminal: Terminal) -> None:
        server.trouble.lose_trade(TradeLoss.BEFORE)
        with pytest.raises(OutcomeUnknown):
            await terminal.send(BUY, magic=1)
        await until(lambda: terminal.connected)
        second = asyncio.create_task(terminal.send(BUY, magic=2))
        await until(lambda: len(server.positions()) == 1)
        settling = Settling(
            journal,
            terminal.model,
            lambda: terminal.key,
            lambda _: back(terminal),
            patience=0.0,
        )
        server.advance(0.5)
        await settling.look(await terminal.trading(), Deadline(LIMIT))
        assert isinstance(fates(terminal)[0], Unknown), "the order may be its own"
        server.advance(2)
        await second
        await settling.look(await terminal.trading(), Deadline(LIMIT))
        assert [type(one) for one in fates(terminal)] == [NotExecuted, Executed]

    run(scenario, journal, switches=LATE)


@pytest.mark.parametrize("processes", [1, 2])
def test_orders_are_not_given_to_a_lost_request_while_another_terminal_waits_for_one(
    journal: Journal, processes: int
) -> None:
    others = journal if processes == 1 else Journal(journal.path)
    settled: list[Event] = []

    async def scenario(server: Simulator, terminal: Terminal) -> None:
        terminal.listen(settled.append)
        async with opened(server, others) as other:
            server.trouble.refuse()
            server.trouble.lose_trade(TradeLoss.BEFORE)
            with pytest.raises(OutcomeUnknown):
                await terminal.send(BUY, magic=1)
            sending = asyncio.create_task(other.send(BUY, magic=2))
            await until(lambda: len(server.positions()) == 1)
            server.trouble.refuse(False)
            await until(lambda: terminal.connected)
            assert not any(isinstance(one, Executed) for one in fates(terminal))
            server.advance(2)
            await sending
            settling = Settling(
                journal,
                terminal.model,
                lambda: terminal.key,
                lambda _: back(terminal),
                patience=0.0,
            )
            await settling.look(await terminal.trading(), Deadline(LIMIT))
            assert [type(one) for one in fates(terminal)] == [NotExecuted, Executed]

    backoff = ConnectionOptions(reconnect=Backoff(cap=0.01))
    run(scenario, journal, switches=LATE, connection=backoff)
    told = [type(one.fate) for one in settled if isinstance(one, TradeSettled)]
    assert told == [NotExecuted]
    others.close()


def test_an_answer_that_cannot_be_read_is_no_answer(journal: Journal) -> None:
    async def scenario(server: Simulator, terminal: Terminal) -> None:
        server.trouble.damage(Damage.CUT_PAYLOAD, Command.TRADE)
        result = await terminal.send(BUY)
        assert result.answer.retcode == Retcode.DONE
        assert [type(one) for one in fates(terminal)] == [Executed]

    run(scenario, journal)


def test_an_error_in_place_of_an_answer_leaves_the_outcome_unknown(
    journal: Journal,
) -> None:
    async def scenario(server: Simulator, terminal: Terminal) -> None:
        server.trouble.fail(Command.TRADE, 1)
        with pytest.raises(OutcomeUnknown):
            await terminal.send(BUY)
        assert [type(one) for one in fates(terminal)] == [Unknown]

    run(scenario, journal)


def test_a_transaction_that_is_lost_on_the_way_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scenario(server: Simulator, _direct: Terminal) -> None:
        with FaultProxy(server.url) as proxy:
            async with opened(server, None, url=proxy.url) as terminal:
                await terminal.know_history(0)
                for _transaction in ("O+", "D+", "O-", "H+"):
                    proxy.inject(Fault.DROP, Command.TRANSACTIONS)
                result = await terminal.send(BUY)
                ticket = result.answer.order
                assert ticket in terminal.model.holdings.positions
                assert terminal.model.history.order(ticket) is not None
                assert terminal.model.holdings.orders == {}

    monkeypatch.setattr("mt5web_async.terminal.trade.VISIBLE_WITHIN", 0.1)
    run(scenario)


def test_listeners_hear_of_deal_and_result_before_the_call_returns() -> None:
    async def scenario(_: Simulator, terminal: Terminal) -> None:
        events: list[Event] = []
        terminal.listen(events.append)
        result = await terminal.send(BUY)
        assert TradeResulted(result=result) in events
        deals = [one.deal.deal for one in events if isinstance(one, DealAdded)]
        assert deals == [result.answer.deal]

    run(scenario)


def test_requests_of_many_tasks_each_see_their_own_position(journal: Journal) -> None:
    async def scenario(_: Simulator, terminal: Terminal) -> None:
        async def trade(magic: int) -> None:
            result = await terminal.send(BUY, magic=magic)
            position = terminal.model.holdings.positions[result.answer.order]
            assert terminal.magics()(position) == magic

        async with asyncio.timeout(LIMIT):
            await asyncio.gather(*(trade(magic) for magic in range(1, 41)))

    run(scenario, journal)

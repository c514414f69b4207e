"""A login that stays: losses, reconnections and the end."""

from __future__ import annotations

import asyncio
import itertools
import logging
import socket
import threading
from concurrent.futures import Future
from contextlib import closing

import pytest

from mt5web_async.connection.connection import Backoff, Callbacks
from mt5web_async.connection.credentials import Credentials
from mt5web_async.connection.session import SessionOptions
from mt5web_async.connection.state import Input, State
from mt5web_async.connection.transport import TransportOptions
from mt5web_async.errors import (
    AuthenticationFailed,
    ConnectionFailed,
    ConnectionLost,
    EngineError,
    MalformedMessage,
    NotConnected,
    RequestTimeout,
)
from mt5web_async.protocol.commands import Command
from mt5web_async.simulator import Simulator
from mt5web_async.simulator.clients.session import Stage
from mt5web_async.simulator.faults import Damage
from mt5web_async.waiting import Deadline, drive
from tests.faults.proxy import Fault, FaultProxy, Way
from tests.waiting import LIMIT

from .links import QUICK, Link, linked, load_account, quick

S = State


def io_threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == "mt5web-io"]


def logged_in(server: Simulator) -> int:
    return server.do(
        lambda b: sum(session.stage is Stage.LOGGED_IN for session in b.audience)
    )


# up and down


async def test_it_goes_through_its_states_and_back(server: Simulator) -> None:
    async with linked(server) as link:
        assert link.connection.up
        assert await link.ask()
    assert link.states == [
        S.CONNECTING,
        S.BOOTSTRAPPED,
        S.AUTHENTICATED,
        S.SYNCHRONISED,
        S.CLOSING,
        S.DISCONNECTED,
    ]
    assert not io_threads()


async def test_a_refused_login_leaves_nothing_behind(server: Simulator) -> None:
    wrong = Credentials(login=server.login, password="wrong")
    link = Link(server, server.url, QUICK, who=wrong)
    with pytest.raises(AuthenticationFailed, match="invalid account or password"):
        await link.connection.open(LIMIT)
    assert link.states == [S.CONNECTING, S.BOOTSTRAPPED, S.DISCONNECTED]
    assert not io_threads()
    with pytest.raises(NotConnected):
        await link.ask()


async def test_a_server_that_is_not_there_leaves_nothing_behind(
    server: Simulator,
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as unused:
        port = unused.getsockname()[1]
    link = Link(server, f"ws://127.0.0.1:{port}/terminal", QUICK)
    with pytest.raises(ConnectionFailed):
        await link.connection.open(LIMIT)
    assert link.states == [S.CONNECTING, S.DISCONNECTED]
    assert not io_threads()


@pytest.mark.parametrize("command", [Command.BOOTSTRAP, Command.LOGIN, Command.ACCOUNT])
async def test_a_server_that_falls_silent_while_opening_has_a_time_limit(
    proxy: FaultProxy, server: Simulator, command: int
) -> None:
    proxy.inject(Fault.DROP, command)
    link = Link(server, proxy.url, QUICK)
    with pytest.raises((ConnectionFailed, RequestTimeout)):
        await link.connection.open(0.2)
    assert link.connection.state is S.DISCONNECTED
    assert not io_threads()


async def test_a_wrong_key_is_not_taken_for_a_connection(server: Simulator) -> None:
    server.trouble.wrong_key()
    link = Link(server, server.url, QUICK)
    with pytest.raises(EngineError):
        await link.connection.open(LIMIT)
    await link.connection.open(LIMIT)  # the next attempt is as good as the first
    assert await link.ask()
    await link.connection.close()


# losses


async def test_a_lost_connection_comes_back_by_itself(server: Simulator) -> None:
    async with linked(server) as link:
        server.disconnect()
        await link.came_back()
        assert await link.ask()
    assert link.states[4:9] == [
        S.RECONNECTING,
        S.CONNECTING,
        S.BOOTSTRAPPED,
        S.AUTHENTICATED,
        S.SYNCHRONISED,
    ]


async def test_what_happens_is_told_in_four_words(server: Simulator) -> None:
    told: list[object] = []
    callbacks = Callbacks(
        lost=lambda reason: told.append(type(reason)),
        reconnecting=told.append,
        restored=lambda: told.append("restored"),
        given_up=lambda reason: told.append(type(reason)),
    )
    options = quick(
        callbacks=callbacks, reconnect=Backoff(first=0.01, cap=0.01, attempts=3)
    )
    async with linked(server, options=options) as link:
        assert told == []
        server.disconnect()
        await link.came_back()
        assert told == [ConnectionLost, 1, "restored"]
        server.trouble.refuse()
        server.disconnect()
        await link.until(lambda: link.connection.state is S.DISCONNECTED)
    assert told[3:] == [ConnectionLost, 1, 2, 3, ConnectionFailed]


async def test_it_logs_in_again_without_the_password(server: Simulator) -> None:
    async with linked(server) as link:
        assert link.connection._who.password == ""
        for times in (1, 2, 3):
            server.disconnect()
            await link.came_back(times)


async def test_a_refused_token_ends_it_when_the_password_was_not_kept(
    server: Simulator,
) -> None:
    async with linked(server) as link:
        server.restart(forget_tokens=True)
        await link.until(lambda: link.connection.state is S.DISCONNECTED)
        given_up = link.moves[-1]
        assert given_up.what is Input.GIVE_UP
        assert isinstance(given_up.reason, AuthenticationFailed)
        with pytest.raises(NotConnected):
            await link.ask()


async def test_a_refused_token_is_followed_by_a_password_that_was_kept(
    server: Simulator,
) -> None:
    async with linked(server, options=quick(keep_password=True)) as link:
        server.restart(forget_tokens=True)
        await link.came_back()
        assert await link.ask()


async def test_without_reconnection_a_loss_is_the_end(server: Simulator) -> None:
    async with linked(server, options=quick(reconnect=None)) as link:
        server.disconnect()
        await link.until(lambda: link.connection.state is S.DISCONNECTED)
        with pytest.raises(NotConnected):
            await link.ask()
        assert not io_threads()


async def test_giving_up_frees_everybody_who_waits(server: Simulator) -> None:
    options = quick(reconnect=Backoff(first=0.05, cap=0.05, attempts=8))
    async with linked(server, options=options) as link:
        server.trouble.refuse()
        server.disconnect()
        await link.until(lambda: S.RECONNECTING in link.states)
        calls = [asyncio.create_task(link.ask(timeout=LIMIT)) for _ in range(5)]
        for result in await asyncio.gather(*calls, return_exceptions=True):
            assert isinstance(result, NotConnected), result
        with pytest.raises(NotConnected, match=r"given up: .*HTTP status 503"):
            await link.ask()


async def test_an_attempt_to_reconnect_ends_when_the_time_for_all_of_them_is_up(
    server: Simulator,
) -> None:
    options = quick(
        reconnect=Backoff(limit=0.5),
        request_timeout=10 * LIMIT,
        load_timeout=10 * LIMIT,
    )
    async with linked(server, options=options) as link:
        server.trouble.ignore(Command.LOGIN)
        server.disconnect()
        await link.until(lambda: link.connection.state is S.DISCONNECTED)
        assert link.moves[-1].what is Input.GIVE_UP


async def test_calls_wait_for_the_reconnection_and_are_answered(
    server: Simulator,
) -> None:
    async with linked(server) as link:
        server.trouble.refuse()
        server.disconnect()
        await link.until(lambda: link.connection.state is S.RECONNECTING)
        calls = [asyncio.create_task(link.ask()) for _ in range(5)]
        await asyncio.sleep(0)
        assert not any(call.done() for call in calls)
        server.trouble.clear()
        answers = await asyncio.gather(*calls)
        assert len(set(answers)) == 1


async def test_a_call_waits_no_longer_than_it_may(server: Simulator) -> None:
    async with linked(server) as link:
        server.trouble.refuse()
        server.disconnect()
        with pytest.raises(NotConnected, match="not reconnected"):
            await link.ask(timeout=0.1)
        assert not link.connection._waiting  # nor leaves anything behind


async def test_no_call_sees_the_connection_before_the_model_is_loaded(
    server: Simulator,
) -> None:
    loading, loaded = Future[None](), asyncio.Event()
    loads = itertools.count()

    async def load(session: object, deadline: Deadline) -> None:
        if next(loads):
            loading.set_result(None)
            await loaded.wait()

    async with linked(server, load=load) as link:
        server.disconnect()
        await asyncio.wrap_future(loading)
        call = asyncio.create_task(link.ask())
        await link.until(lambda: link.connection.state is S.AUTHENTICATED)
        assert not call.done()
        with pytest.raises(NotConnected):
            link.connection.current()
        loaded.set()
        assert await call


@pytest.mark.parametrize(
    "fault", [Fault.CUT, Fault.TRUNCATE, Fault.CORRUPT, Fault.HALF_OPEN, Fault.STALL]
)
@pytest.mark.parametrize("way", list(Way))
async def test_what_only_reads_is_asked_again_after_a_loss(
    proxy: FaultProxy, server: Simulator, fault: Fault, way: Way
) -> None:
    options = quick(ping_limit=0.3)
    async with linked(server, proxy.url, options) as link:
        first = await link.ask(Command.SYMBOLS)
        proxy.inject(fault, Command.SYMBOLS, way)
        assert await link.ask(Command.SYMBOLS) == first
        assert link.connection.facts.sessions == 2
        assert proxy.injected == 1


async def test_what_changes_something_is_never_asked_again(
    proxy: FaultProxy, server: Simulator
) -> None:
    async with linked(server, proxy.url) as link:
        proxy.inject(Fault.CUT, Command.NOTIFY)
        with pytest.raises(ConnectionLost) as lost:
            await link.ask(Command.NOTIFY, bytes(4))
        assert lost.value.sent
        assert lost.value.command == Command.NOTIFY


async def test_a_delayed_message_is_no_loss(
    proxy: FaultProxy, server: Simulator
) -> None:
    async with linked(server, proxy.url) as link:
        for fault in (Fault.DELAY, Fault.REORDER):
            proxy.inject(fault, Command.ACCOUNT)
            assert await link.ask()
        assert link.connection.facts.sessions == 1


async def test_a_doubled_answer_is_no_loss_and_goes_to_nobody(
    proxy: FaultProxy, server: Simulator
) -> None:
    async with linked(server, proxy.url) as link:
        proxy.inject(Fault.DOUBLE, Command.ACCOUNT)
        assert await link.ask()
        assert await link.ask(Command.SYMBOLS)
        assert link.connection.facts.sessions == 1
        assert link.connection.facts.ignored[Command.ACCOUNT] == 1


async def test_a_server_that_gives_no_sign_of_life_is_lost(
    proxy: FaultProxy, server: Simulator
) -> None:
    async with linked(server, proxy.url, quick(ping_limit=0.15)) as link:
        proxy.stall()
        await link.came_back()
        lost = next(move for move in link.moves if move.what is Input.LOST)
        assert "no sign of life for 0.15 s" in str(lost.reason)


@pytest.mark.parametrize("command", [Command.BOOTSTRAP, Command.LOGIN])
async def test_a_server_that_falls_silent_before_the_login_is_left_soon(
    proxy: FaultProxy, server: Simulator, command: int
) -> None:
    options = quick(request_timeout=2.0, load_timeout=10 * LIMIT)
    async with linked(server, proxy.url, options) as link:
        proxy.inject(Fault.DROP, command)
        proxy.cut()
        await link.came_back()
        assert proxy.injected == 2


async def test_a_late_answer_that_never_comes_costs_the_connection(
    server: Simulator,
) -> None:
    options = quick(session=SessionOptions(quarantine=0.05))
    async with linked(server, options=options) as link:
        server.trouble.hold(Command.ACCOUNT)
        with pytest.raises(RequestTimeout):
            await link.ask(timeout=0.01)
        server.do(lambda broker: broker.faults.held.clear())
        await link.came_back()
        lost = next(move for move in link.moves if move.what is Input.LOST)
        assert "late answer never came: 3 ACCOUNT" in str(lost.reason)
        assert await link.ask()


async def test_a_message_that_breaks_framing_closes_the_connection_with_a_reason(
    server: Simulator,
) -> None:
    async with linked(server) as link:
        for times, damage in enumerate(
            (Damage.GARBAGE, Damage.CUT_FRAME, Damage.VERSION, Damage.TEXT), start=1
        ):
            server.trouble.damage(damage)
            assert await link.ask()  # on the next connection
            await link.came_back(times)
        reasons = [m.reason for m in link.moves if m.what is Input.LOST]
        assert len(reasons) == 4
        assert all(isinstance(one, MalformedMessage) for one in reasons), reasons


async def test_a_push_that_cannot_be_read_is_counted_logged_and_dropped(
    server: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    def unreadable(_: memoryview) -> None:
        raise MalformedMessage("rubbish")

    pushes = {int(Command.TRADE_SERVER_STATE): unreadable}
    async with linked(server, pushes=pushes) as link:
        for lost in (False, True, False):
            server.set_connected(lost)
        await link.ask()
        assert link.connection.facts.dropped == {Command.TRADE_SERVER_STATE: 3}
        assert link.connection.facts.sessions == 1
    lines = [line for line in caplog.messages if "dropped" in line]
    assert len(lines) == 2  # the first and the second: no flood
    assert "15 TRADE_SERVER_STATE" in lines[0]


async def test_messages_larger_than_allowed_cost_the_connection(
    server: Simulator,
) -> None:
    transport = TransportOptions(max_message=5000)
    options = quick(
        session=SessionOptions(transport=transport),
        reconnect=Backoff(first=0.01, cap=0.01),
    )
    async with linked(server, options=options) as link:
        with pytest.raises(ConnectionLost, match="room for 5000"):
            await link.ask(Command.SYMBOLS)


async def test_facts_for_a_report_hold_nothing_secret(server: Simulator) -> None:
    async with linked(server) as link:
        first = link.connection.ping
        await link.until(lambda: link.connection.ping != first)
        facts = link.connection.facts
    assert facts.ping > 0 < first
    assert facts.build == server.config.build
    assert facts.url == server.url
    assert server.password not in repr(facts)


# the end


async def test_closing_waits_for_what_is_in_flight(server: Simulator) -> None:
    async with linked(server) as link:
        server.trouble.hold(Command.ACCOUNT)
        call = asyncio.create_task(link.ask())
        await asyncio.sleep(0)
        closing_down = asyncio.create_task(link.connection.close())
        await link.until(lambda: link.connection.state is S.CLOSING)
        with pytest.raises(NotConnected):
            await link.ask(Command.SYMBOLS)
        await link.until(lambda: server.trouble.held(Command.ACCOUNT) > 0)
        server.trouble.release(Command.ACCOUNT)
        assert await call
        await closing_down
    assert not io_threads()


async def test_closing_does_not_wait_for_ever(server: Simulator) -> None:
    async with linked(server, options=quick(close_timeout=0.05)) as link:
        server.trouble.hold(Command.ACCOUNT)
        call = asyncio.create_task(link.ask())
        await asyncio.sleep(0)
        await link.connection.close()
        with pytest.raises(EngineError):
            await call
    assert not io_threads()


async def test_closing_is_told_to_a_server_that_owes_answers_for_too_long(
    server: Simulator,
) -> None:
    async def unload(session: object, deadline: Deadline) -> None:
        raise RequestTimeout("no time is left")

    options = quick(close_timeout=0.05)
    async with linked(server, options=options, unload=unload) as link:
        server.trouble.hold(Command.ACCOUNT)
        call = asyncio.create_task(link.ask())
        await link.until(lambda: server.trouble.held(Command.ACCOUNT) == 1)
        before = server.do(lambda b: next(iter(b.audience)))
        await link.connection.close()
        with pytest.raises(EngineError):
            await call
        await link.until(lambda: before.stage is Stage.BOOTSTRAPPED)  # logged out


async def test_closing_takes_leave_and_logs_out(server: Simulator) -> None:
    left: list[int] = []

    async def unload(session: object, deadline: Deadline) -> None:
        left.append(logged_in(server))

    async with linked(server, unload=unload):
        assert logged_in(server) == 1
    assert left == [1]
    assert logged_in(server) == 0


async def test_closing_twice_at_once_is_closing_once(server: Simulator) -> None:
    async with linked(server) as link:
        await asyncio.gather(*(link.connection.close() for _ in range(5)))
        assert link.states.count(S.CLOSING) == 1
        assert link.connection.state is S.DISCONNECTED


async def test_closing_while_opening_ends_both(
    proxy: FaultProxy, server: Simulator
) -> None:
    proxy.accept_delay = LIMIT
    link = Link(server, proxy.url, QUICK)
    opening = asyncio.create_task(link.connection.open(LIMIT))
    await link.until(lambda: proxy.connections == 1)
    await link.connection.close()
    with pytest.raises(NotConnected, match="closed while connecting"):
        await opening
    assert link.connection.state is S.DISCONNECTED
    assert not io_threads()


async def test_closing_while_reconnecting_ends_the_attempts(
    server: Simulator,
) -> None:
    async with linked(server) as link:
        server.trouble.refuse()
        server.disconnect()
        await link.until(lambda: link.connection.state is S.RECONNECTING)
        waiting = asyncio.create_task(link.ask())
        await asyncio.sleep(0)
        await link.connection.close()
        with pytest.raises(NotConnected):
            await waiting
    assert not io_threads()
    assert len(asyncio.all_tasks()) == 1


async def test_a_cancelled_opening_leaves_nothing_behind(
    proxy: FaultProxy, server: Simulator
) -> None:
    proxy.inject(Fault.DROP, Command.LOGIN)
    link = Link(server, proxy.url, QUICK)
    opening = asyncio.create_task(link.connection.open(LIMIT))
    await link.until(lambda: proxy.injected == 1)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert link.connection.state is S.DISCONNECTED
    assert not io_threads()


async def test_a_bug_while_reconnecting_is_told_and_hangs_nobody(
    server: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    loads = itertools.count()

    async def load(session: object, deadline: Deadline) -> None:
        if next(loads):
            raise ZeroDivisionError("a bug")

    async with linked(server, load=load) as link:
        server.disconnect()
        await link.until(lambda: link.connection.state is S.DISCONNECTED)
        with pytest.raises(NotConnected):
            await link.ask()
    assert "a bug" in caplog.text


async def test_calls_of_plain_threads_are_answered(server: Simulator) -> None:
    async with linked(server) as link:
        answers = await asyncio.gather(
            *(asyncio.to_thread(lambda: drive(link.ask())) for _ in range(8))
        )
        assert len(set(answers)) == 1


async def test_requests_are_paced(server: Simulator) -> None:
    from mt5web_async.connection.pacing import PacingOptions, Rate

    pacing = PacingOptions(other=Rate(per_second=0.001, burst=3))
    async with linked(server, options=quick(pacing=pacing)) as link:
        for _ in range(2):  # one was used for loading
            await link.ask()
        with pytest.raises(RequestTimeout, match="held back"):
            await link.ask(timeout=0.1)
        assert link.connection.up


async def test_states_are_logged(
    server: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "mt5web_async.connection"):
        async with linked(server):
            pass
    assert "MODEL_LOADED: AUTHENTICATED -> SYNCHRONISED" in caplog.text


async def test_the_account_is_loaded_anew_after_every_loss(server: Simulator) -> None:
    loads = 0

    async def load(session: object, deadline: Deadline) -> None:
        nonlocal loads
        loads += 1
        await load_account(session, deadline)  # type: ignore[arg-type]

    async with linked(server, load=load) as link:
        server.disconnect()
        await link.came_back()
    assert loads == 2

"""Hosts whose page announces token and key of every connection."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import pytest

import mt5web as mt5
from mt5web.__main__ import main
from mt5web_async.accounts import Application, visit
from mt5web_async.connection.session import SessionOptions
from mt5web_async.discovery import Discovery
from mt5web_async.errors import ConnectionLost
from mt5web_async.simulator import Simulator, SimulatorConfig
from tests.waiting import eventually


@pytest.fixture
def older() -> Iterator[Simulator]:
    with Simulator(SimulatorConfig(older=True)) as server:
        yield server


def host_of(server: Simulator) -> str:
    return server.url.removeprefix("ws://").removesuffix("/terminal")


def initialized(server: Simulator, place: str) -> mt5.Terminal:
    terminal = mt5.Terminal()
    assert terminal.initialize(
        server=place, login=server.login, password=server.password
    ), terminal.last_error()
    return terminal


def connected(terminal: mt5.Terminal) -> bool:
    info = terminal.terminal_info()
    return info is not None and info.connected


def test_a_host_that_turns_out_to_be_an_older_one_is_connected_to(
    older: Simulator,
) -> None:
    terminal = initialized(older, host_of(older))
    account = terminal.account_info()
    assert account is not None
    assert account.login == older.login
    terminal.shutdown()


def test_a_lost_connection_is_announced_anew(
    older: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "mt5web_async.discovery")
    terminal = initialized(older, older.url)
    asked = caplog.text.count("/terminal/json")
    older.restart()
    eventually(lambda: connected(terminal))
    assert caplog.text.count("/terminal/json") > asked
    terminal.shutdown()


def test_the_command_remembers_what_kind_of_host_it_asked(
    older: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["servers", host_of(older)]) == 0
    assert capsys.readouterr().out.split("\t")[:3] == ["-", "?", older.url]
    served = older.do(lambda broker: broker.audience.number())
    terminal = initialized(older, host_of(older))
    terminal.shutdown()
    # nothing was tried in vain
    assert older.do(lambda broker: broker.audience.number()) == served + 2


def test_an_account_is_opened_at_an_older_host(older: Simulator) -> None:
    discovery = Discovery()
    endpoint = discovery.find(older.url)
    options = SessionOptions(announce=discovery.announcing(endpoint))

    async def scenario() -> int:
        async with visit(endpoint.url, options=options) as accounts:
            return (await accounts.open_demo(Application(group="demo"))).login

    assert asyncio.run(scenario()) != older.login


def test_an_older_host_serves_nobody_whom_it_did_not_announce(
    older: Simulator,
) -> None:
    async def scenario() -> None:
        async with visit(older.url):
            pass

    with pytest.raises(ConnectionLost):
        asyncio.run(scenario())


def test_a_host_without_a_terminal_says_so() -> None:
    with Simulator(SimulatorConfig(older=True)) as server:
        terminal = mt5.Terminal()
        server.trouble.refuse()
        assert not terminal.initialize(server=server.url, login=1, password="x")
        code, text = terminal.last_error()
    assert code == mt5.RES_E_INTERNAL_FAIL_INIT
    assert "HTTP status 503" in text

"""A simulated server whose clients may send anything."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed

from mt5web_async.enums import Period, TradeAction
from mt5web_async.protocol import records as r
from mt5web_async.protocol import requests
from mt5web_async.protocol.commands import Command
from mt5web_async.simulator import Simulator
from tests.simulator.client import CLIENT_ID, Client, entered
from tests.simulator.conftest import still
from tests.waiting import eventually

from .mutations import ASKED, damaged, with_wrong_values

APPLICATION: Final = r.OpenAccountRequest(group="demo", first_name="Emmy")
BUY: Final = r.TradeRequest(
    action=TradeAction.MARKET, symbol="EURUSD", volume=10_000_000, type_filling=1
)
LIMIT_ORDER: Final = BUY._replace(
    action=TradeAction.PENDING, type=2, price_order=0.5, type_filling=2
)
SECRET: Final = "JBSWY3DPEHPK3PXP"

HONEST: Final[dict[int, tuple[bytes, ...]]] = {
    Command.LOGOUT: (b"",),
    Command.ACCOUNT: (b"",),
    Command.POSITIONS: (b"",),
    Command.HISTORY: (requests.span(0, 2**31 - 1),),
    Command.SYMBOLS: (b"",),
    Command.SUBSCRIBE_TICKS: (requests.ids([101, 102, 103]),),
    Command.SYMBOL_GROUPS: (b"",),
    Command.RATES: tuple(
        r.RATES_REQUEST.write(r.RatesRequest("EURUSD", p, 1_700_000_000, 1_700_009_000))
        for p in Period
    ),
    Command.TRADE: (r.TRADE_REQUEST.write(BUY), r.TRADE_REQUEST.write(LIMIT_ORDER)),
    Command.FULL_SYMBOLS: (requests.ids([101, 102]),),
    Command.SPREADS: (requests.ids([101]),),
    Command.SUBSCRIBE_BOOK: (requests.ids([101, 102]),),
    Command.CHANGE_PASSWORD: (requests.change_password("Demo-54321", "Wrong-1234"),),
    Command.VERIFICATION_CODES: (
        requests.verification_codes(APPLICATION, build=1, client_id=CLIENT_ID),
    ),
    Command.LOGIN: (requests.login(1, client_id=CLIENT_ID, password="x"),),
    Command.INIT: (requests.init(client_id=CLIENT_ID),),
    Command.OPEN_DEMO_ACCOUNT: (requests.open_demo_account(APPLICATION),),
    Command.PACKED_SYMBOLS: (b"",),
    Command.OPEN_REAL_ACCOUNT: (
        requests.open_real_account(
            APPLICATION, r.RealAccountTail(), [requests.Document(front=b"1234")]
        ),
    ),
    Command.CONFIRM_CODES: (requests.confirm_codes(APPLICATION),),
    Command.TRADER_PARAMETERS: (b"",),
    Command.NOTIFY: (requests.notify(7),),
    Command.ONE_TIME_PASSWORD: (
        requests.bind_one_time_password(
            1, client_id=CLIENT_ID, secret=SECRET, code="1", password="x"
        ),
    ),
    Command.CORPORATE_LINKS: (b"",),
    Command.PING: (b"",),
}
"""Payloads that are as they should be, by command."""


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    with Simulator(still(balance=1e6)) as one:
        yield one


def attack(server: Simulator, chance: random.Random) -> None:
    """One connection, on which anything is sent."""
    with suppress(ConnectionClosed), Client(server.url) as client:
        if chance.random() < 0.95:
            client.bootstrap(chance.randbytes(chance.choice((0, 64))))
        if chance.random() < 0.8:
            client.log_in(server.login, server.password)
        sent = [chance.choice(list(HONEST)) for _ in range(40)]
        for command in sent:
            client.send(command, crooked(chance, command))
        if chance.random() < 0.2:
            client.send_raw(chance.choice(("text", chance.randbytes(40))))
        client.send(Command.PING)
        for _ in range(sent.count(Command.PING) + 1):
            while client.receive().command != Command.PING:
                pass


def crooked(chance: random.Random, command: int) -> bytes:
    """A payload that is not as it should be, mostly."""
    payload = chance.choice(HONEST[command])
    kind = chance.random()
    if kind < 0.1:
        return payload
    if kind < 0.7 and command in ASKED:
        return with_wrong_values(chance, payload, ASKED[command], False)
    if kind < 0.95:
        return damaged(chance, payload)
    return chance.randbytes(chance.randint(0, 3000))


@given(seed=st.integers(0, 2**32 - 1))
@settings(
    deadline=None,
    max_examples=15,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_hostile_client_harms_nobody_else(
    server: Simulator, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    caplog.clear()
    with entered(server) as bystander:
        attack(server, random.Random(seed))  # noqa: S311 - to be repeated
        assert bystander.ask(Command.PING).result == 0
        assert bystander.account().name == server.config.name
    with entered(server) as newcomer:
        assert newcomer.bars("EURUSD", Period.M1, 1_700_000_000, 1_700_009_000)
    eventually(lambda: server.do(lambda broker: len(broker.audience)) == 0)
    assert [r.getMessage() for r in caplog.records if r.exc_info] == []

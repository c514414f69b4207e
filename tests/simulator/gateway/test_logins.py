"""Who is let in, and as what."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from mt5web_async.calculation.one_time import one_time_password
from mt5web_async.enums import Rights
from mt5web_async.protocol import requests
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import LOGIN_RESPONSE, TradeRequest
from mt5web_async.protocol.responses import read_account
from mt5web_async.simulator import Simulator
from tests.simulator.client import CLIENT_ID, Client, bootstrapped, entered
from tests.simulator.conftest import Start

INVALID = 3
GENERATOR = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
ONLOOKER = Rights.INVESTOR | Rights.READ_ONLY


def test_login_and_password_open_the_account(
    server: Simulator, stranger: Client
) -> None:
    answer = stranger.log_in(server.login, server.password)
    assert answer.result == 0
    assert len(answer.payload) == 168
    given = LOGIN_RESPONSE.read(answer.payload)
    assert any(given.password_token)
    assert given.session


@pytest.mark.parametrize("password", ["", "demo-12345", "Demo-1234", "Demo-12345 "])
def test_a_wrong_password_is_refused(
    server: Simulator, stranger: Client, password: str
) -> None:
    answer = stranger.log_in(server.login, password)
    assert (answer.result, len(answer.payload)) == (INVALID, 0)


def test_an_unknown_account_is_refused(server: Simulator, stranger: Client) -> None:
    assert stranger.log_in(1, server.password).result == INVALID


@pytest.mark.parametrize("login", [0, 2**63 - 1, 2**63, 2**64 - 1])
def test_a_login_that_no_account_can_have_is_refused(start: Start, login: int) -> None:
    server = start(open_unknown=True)
    with bootstrapped(server) as stranger:
        answer = stranger.log_in(login, server.password if login else "")
        known = server.do(lambda b: b.exchange.knows_account(login % 2**63))
        assert known == (answer.result == 0) == (login == 2**63 - 1)
        assert stranger.ask(Command.PING).result == 0


def test_after_a_refusal_the_same_connection_may_try_again(
    server: Simulator, stranger: Client
) -> None:
    assert stranger.log_in(server.login, "wrong").result == INVALID
    assert stranger.ask(Command.ACCOUNT).result == INVALID
    stranger.enter(server.login, server.password)
    assert stranger.account().currency == "USD"


def test_what_is_sent_behind_a_login_counts_as_sent_after_it(
    server: Simulator, stranger: Client
) -> None:
    stranger.send(
        Command.LOGIN,
        requests.login(server.login, client_id=CLIENT_ID, password=server.password),
    )
    stranger.send(Command.ACCOUNT)
    assert stranger.answer(Command.LOGIN).result == 0
    assert stranger.answer(Command.ACCOUNT).result == 0


def test_a_second_login_takes_the_place_of_the_first(
    server: Simulator, client: Client
) -> None:
    other = server.add_account("Other-1234", currency="EUR")
    client.enter(other, "Other-1234")
    assert client.account().currency == "EUR"
    server.deposit(7.0)
    assert client.drain() == []


def test_the_investor_password_opens_the_account_for_looking_on(
    server: Simulator,
) -> None:
    with (
        entered(server) as owner,
        entered(server, password=server.investor_password) as onlooker,
    ):
        assert not owner.account().rights & ONLOOKER
        seen = onlooker.account()
        assert seen.rights & ONLOOKER == ONLOOKER
        assert seen.balance == owner.account().balance


def test_who_looks_on_cannot_trade(server: Simulator) -> None:
    with entered(server, password=server.investor_password) as onlooker:
        result = onlooker.trade(
            TradeRequest(1, 3, "EURUSD", volume=1_000_000, type_flags=2)
        )
    assert result.answer.retcode == 10017
    assert server.positions() == ()


def test_who_looks_on_hears_of_trades_and_money(
    server: Simulator,
) -> None:
    with entered(server, password=server.investor_password) as onlooker:
        onlooker.account()
        server.deposit(100.0)
        assert onlooker.push(Command.TRANSACTIONS)


def test_a_change_of_conditions_is_told_to_onlookers_as_onlookers(
    server: Simulator,
) -> None:
    with entered(server, password=server.investor_password) as onlooker:
        onlooker.account()
        server.change_account(lambda state: state)
        told = onlooker.push(Command.ACCOUNT_CHANGED)
    assert read_account(told).account.rights & ONLOOKER == ONLOOKER


def test_token_and_session_of_a_login_open_the_account_again(
    server: Simulator, client: Client
) -> None:
    given = client.enter(server.login, server.password)
    with bootstrapped(server) as again:
        again.enter(
            server.login, token=bytes(given.password_token), session=given.session
        )
        assert again.account().balance == server.config.balance


def test_a_token_that_was_kept_without_its_session_opens_the_account_too(
    server: Simulator, client: Client
) -> None:
    given = client.enter(server.login, server.password)
    with bootstrapped(server) as again:
        again.enter(server.login, token=bytes(given.password_token))
        assert again.account().balance == server.config.balance


@pytest.mark.parametrize(
    "changed",
    [{"token": bytes(160)[:-1] + b"\1"}, {"session": 1}, {"login": 77}],
    ids=["token", "session", "account"],
)
def test_a_token_opens_nothing_but_its_account_in_its_session(
    server: Simulator, stranger: Client, changed: dict[str, Any]
) -> None:
    server.add_account("Other-1234", login=77)
    given = stranger.enter(server.login, server.password)
    asked = {
        "login": server.login,
        "token": bytes(given.password_token),
        "session": given.session,
        **changed,
    }
    assert stranger.log_in(**asked).result == INVALID


def test_the_token_of_an_onlooker_opens_no_more_than_that(
    server: Simulator, stranger: Client
) -> None:
    given = stranger.enter(server.login, server.investor_password)
    stranger.enter(
        server.login, token=bytes(given.password_token), session=given.session
    )
    assert stranger.account().rights & ONLOOKER == ONLOOKER


def test_without_its_trade_server_the_gateway_lets_nobody_in(
    server: Simulator, stranger: Client
) -> None:
    server.set_connected(False)
    assert stranger.log_in(server.login, server.password).result == 2
    server.set_connected(True)
    assert stranger.log_in(server.login, server.password).result == 0


def test_unknown_accounts_can_be_opened_at_their_first_login(start: Start) -> None:
    server = start(open_unknown=True, balance=500.0)
    with entered(server, 4711, "Theirs") as client:
        assert client.account().balance == 500.0
    with bootstrapped(server) as stranger:
        assert stranger.log_in(4711, "other").result == INVALID
        assert stranger.log_in(4711, "Theirs").result == 0


@pytest.mark.parametrize("common", [False, True])
def test_one_password_may_open_every_account_that_there_is(
    start: Start, common: bool
) -> None:
    server = start(common_password=common)
    other = server.add_account("Other-1234")
    with bootstrapped(server) as stranger:
        assert stranger.log_in(other, server.password).result == (3, 0)[common]
        assert stranger.log_in(other, "Other-1234").result == 0
        assert stranger.log_in(other + 1, server.password).result == 3


def test_a_login_without_password_opens_no_account(start: Start) -> None:
    with bootstrapped(start(open_unknown=True)) as stranger:
        assert stranger.log_in(4711).result == INVALID


def test_no_secret_reaches_the_log(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        server = start()
        with bootstrapped(server) as stranger:
            stranger.log_in(server.login, "Wrong-1234")
            given = stranger.enter(server.login, server.password)
    told = caplog.text + repr(server) + repr(server.config)
    assert str(server.login) in told
    for secret in (
        server.password,
        server.investor_password,
        "Wrong-1234",
        bytes(given.password_token).hex(),
        stranger.bootstrapped.key.hex(),
    ):
        assert secret not in told


# one-time passwords


def code(server: Simulator, after: float = 0.0) -> str:
    """What the generator shows, or will show after some seconds."""
    return one_time_password(GENERATOR, server.do(lambda broker: broker.utc) + after)


def bind(client: Client, server: Simulator, **more: Any) -> int:
    """Set a generator up; the result byte."""
    more.setdefault("password", server.password)
    more.setdefault("code", code(server))
    payload = requests.bind_one_time_password(
        server.login, client_id=CLIENT_ID, secret=GENERATOR, **more
    )
    return client.ask(Command.ONE_TIME_PASSWORD, payload).result


def unbind(client: Client, server: Simulator, **more: Any) -> int:
    """Remove the generator; the result byte."""
    more.setdefault("password", server.password)
    more.setdefault("code", code(server))
    payload = requests.unbind_one_time_password(
        server.login, client_id=CLIENT_ID, **more
    )
    return client.ask(Command.ONE_TIME_PASSWORD, payload).result


def test_with_a_generator_a_login_needs_its_code(
    server: Simulator, stranger: Client
) -> None:
    assert bind(stranger, server) == 0
    assert stranger.log_in(server.login, server.password).result == 5
    assert stranger.log_in(server.login, server.password, otp="000000").result == 201
    assert stranger.log_in(server.login, server.password, otp=code(server)).result == 0


def test_a_wrong_password_is_refused_before_any_code_is_looked_at(
    server: Simulator, stranger: Client
) -> None:
    bind(stranger, server)
    assert stranger.log_in(server.login, "wrong", otp=code(server)).result == INVALID


@pytest.mark.parametrize(
    ("after", "result"), [(-30, 0), (30, 0), (-90, 201), (90, 201)]
)
def test_the_clock_of_a_generator_may_be_half_a_minute_off(
    server: Simulator, stranger: Client, after: float, result: int
) -> None:
    bind(stranger, server)
    shown = code(server, after)
    assert stranger.log_in(server.login, server.password, otp=shown).result == result


def test_onlookers_and_tokens_need_no_code(server: Simulator, client: Client) -> None:
    given = client.enter(server.login, server.password)
    with bootstrapped(server) as stranger:
        bind(stranger, server)
        assert stranger.log_in(server.login, server.investor_password).result == 0
        stranger.enter(
            server.login, token=bytes(given.password_token), session=given.session
        )


def test_a_broker_may_want_a_generator_to_be_set_up_first(start: Start) -> None:
    server = start(two_factor=True)
    with bootstrapped(server) as stranger:
        assert stranger.log_in(server.login, server.password).result == 6
        assert bind(stranger, server) == 0
        stranger.enter(server.login, server.password, otp=code(server))


@pytest.mark.parametrize(
    ("wrong", "result"),
    [({"password": "wrong"}, INVALID), ({"code": "123456"}, 201)],
    ids=["password", "code"],
)
def test_a_generator_is_set_up_with_password_and_code_only(
    server: Simulator, stranger: Client, wrong: dict[str, str], result: int
) -> None:
    assert bind(stranger, server, **wrong) == result
    assert stranger.log_in(server.login, server.password).result == 0


def test_a_secret_that_is_none_is_refused(server: Simulator, stranger: Client) -> None:
    payload = requests.bind_one_time_password(
        server.login,
        client_id=CLIENT_ID,
        secret="not base 32!",
        code="123456",
        password=server.password,
    )
    assert stranger.ask(Command.ONE_TIME_PASSWORD, payload).result == 1


def test_a_generator_can_be_removed_by_its_code(
    server: Simulator, stranger: Client
) -> None:
    bind(stranger, server)
    assert unbind(stranger, server, code="000000") == 201
    assert unbind(stranger, server) == 0
    assert stranger.log_in(server.login, server.password).result == 0


def test_what_is_not_set_up_cannot_be_removed(
    server: Simulator, stranger: Client
) -> None:
    assert unbind(stranger, server) == 201


def test_a_token_sets_up_and_removes_a_generator_like_the_password(
    server: Simulator, client: Client
) -> None:
    given = client.enter(server.login, server.password)
    token = bytes(given.password_token)
    with bootstrapped(server) as stranger:
        assert bind(stranger, server, password="", token=token) == 0
        assert stranger.log_in(server.login, server.password).result == 5
        assert unbind(stranger, server, password="", token=token) == 0
        assert stranger.log_in(server.login, server.password).result == 0


def test_an_onlooker_cannot_set_up_a_generator(
    server: Simulator, stranger: Client
) -> None:
    assert bind(stranger, server, password=server.investor_password) == INVALID

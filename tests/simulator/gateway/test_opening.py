"""Applications for accounts (commands 27, 29, 30, 39, 40, 41, 42, 44)."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from mt5web_async.enums import AccountType, Rights
from mt5web_async.protocol import requests, responses
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import (
    CORPORATE_LINK,
    OPEN_ACCOUNT_RESPONSE,
    RATES_REQUEST,
    TRADER_PARAMETERS,
    CorporateLink,
    OpenAccountRequest,
    OpenAccountResponse,
    RatesRequest,
    RealAccountTail,
)
from mt5web_async.simulator import Simulator
from mt5web_async.simulator.config import Limits, Verification
from tests.simulator.client import CLIENT_ID, Client, bootstrapped, entered
from tests.simulator.conftest import Start, still
from tests.waiting import eventually


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    with Simulator(still()) as running:
        yield running


def applicant(**fields: Any) -> OpenAccountRequest:
    """Somebody who wants an account."""
    return OpenAccountRequest(
        **{
            "first_name": "Ada",
            "second_name": "Byron",
            "email": "ada@example.org",
            "phone": "+44 20 1815",
            **fields,
        }
    )


def opened(client: Client, application: OpenAccountRequest) -> OpenAccountResponse:
    """The answer to an application for a demo account."""
    answer = client.ask(
        Command.OPEN_DEMO_ACCOUNT, requests.open_demo_account(application)
    )
    assert answer.result == 0
    return OPEN_ACCOUNT_RESPONSE.read(answer.payload)


def codes_needed(client: Client, application: OpenAccountRequest) -> tuple[bool, bool]:
    """Which codes are to be given, e-mail and phone."""
    payload = requests.verification_codes(application, build=5687, client_id=CLIENT_ID)
    answer = client.ask(Command.VERIFICATION_CODES, payload)
    assert answer.result == 0
    needed = responses.read_verification(answer.payload)
    return bool(needed.email), bool(needed.phone)


def test_an_applicant_is_introduced_without_a_login(stranger: Client) -> None:
    answer = stranger.ask(Command.INIT, requests.init(client_id=CLIENT_ID))
    assert (answer.result, len(answer.payload)) == (0, 0)


def test_the_trader_parameters_name_the_currency(stranger: Client) -> None:
    answer = stranger.ask(Command.TRADER_PARAMETERS)
    assert TRADER_PARAMETERS.read(answer.payload).currency == "USD"


def test_a_notification_may_be_asked_for(stranger: Client) -> None:
    answer = stranger.ask(Command.NOTIFY, requests.notify(7))
    assert (answer.result, len(answer.payload)) == (0, 0)


def test_without_links_a_count_of_zero_is_answered(stranger: Client) -> None:
    assert bytes(stranger.ask(Command.CORPORATE_LINKS).payload) == bytes(4)


def test_the_links_are_those_of_the_configuration(start: Start) -> None:
    links = (CorporateLink(url="https://one.example"), CorporateLink(url="b"))
    with bootstrapped(start(links=links)) as stranger:
        answer = stranger.ask(Command.CORPORATE_LINKS)
    assert CORPORATE_LINK.counted(answer.payload)[0] == list(links)


def test_a_demo_account_opens_with_its_deposit_and_both_passwords_work(
    server: Simulator, stranger: Client
) -> None:
    given = opened(stranger, applicant(deposit=2500.0, leverage=30))
    assert given.code == 0
    stranger.enter(given.login, given.password)
    account = stranger.account()
    assert (account.name, account.balance, account.leverage, account.type) == (
        "Ada Byron",
        2500.0,
        30,
        AccountType.DEMO,
    )
    stranger.enter(given.login, given.investor_password)
    assert stranger.account().rights & Rights.INVESTOR


def test_what_the_applicant_leaves_out_is_100000_and_1_to_100(
    stranger: Client,
) -> None:
    given = opened(stranger, applicant(deposit=0.0, leverage=0))
    stranger.enter(given.login, given.password)
    account = stranger.account()
    assert (account.balance, account.leverage) == (100_000.0, 100)


def test_every_account_has_a_login_of_its_own(stranger: Client) -> None:
    assert len({opened(stranger, applicant()).login for _ in range(3)}) == 3


def test_a_broker_may_offer_no_demo_accounts(start: Start) -> None:
    with bootstrapped(start(demo_accounts=False)) as stranger:
        assert opened(stranger, applicant()) == OpenAccountResponse(1025)


@pytest.mark.parametrize(
    ("fields", "result"),
    [({"email": "nobody"}, 7), ({"phone": "none"}, 8)],
    ids=["e-mail", "phone"],
)
def test_an_address_that_cannot_be_one_is_refused(
    stranger: Client, fields: dict[str, str], result: int
) -> None:
    application = applicant(**fields)
    codes = requests.verification_codes(application, build=1, client_id=CLIENT_ID)
    demo = requests.open_demo_account(application)
    assert stranger.ask(Command.VERIFICATION_CODES, codes).result == result
    assert stranger.ask(Command.OPEN_DEMO_ACCOUNT, demo).result == result


def test_no_codes_are_needed_where_the_broker_wants_none(stranger: Client) -> None:
    assert codes_needed(stranger, applicant()) == (False, False)


def test_an_account_opens_with_the_codes_and_not_without(start: Start) -> None:
    server = start(verification=Verification(email=1234, phone=5678))
    with bootstrapped(server) as stranger:
        assert codes_needed(stranger, applicant()) == (True, True)
        assert opened(stranger, applicant()) == OpenAccountResponse(1031)
        half = applicant(email_code=1234, phone_code=1)
        confirmed = stranger.ask(Command.CONFIRM_CODES, requests.confirm_codes(half))
        left = responses.read_verification(confirmed.payload)
        assert (bool(left.email), bool(left.phone)) == (False, True)
        assert opened(stranger, half) == OpenAccountResponse(1031)
        full = applicant(email_code=1234, phone_code=5678)
        assert opened(stranger, full).code == 0


def test_a_real_account_waits_for_its_deposit(stranger: Client) -> None:
    papers = [
        requests.Document(1, 2, "front.png", b"front", "back.png", b"the back"),
        requests.Document(3, 4, "bill.pdf", b"%PDF"),
    ]
    payload = requests.open_real_account(applicant(), RealAccountTail(), papers)
    answer = stranger.ask(Command.OPEN_REAL_ACCOUNT, payload)
    given = OPEN_ACCOUNT_RESPONSE.read(answer.payload)
    assert (answer.result, given.code) == (0, 0)
    stranger.enter(given.login, given.password)
    account = stranger.account()
    assert (account.type, account.balance) == (AccountType.PRELIMINARY, 0.0)


def test_a_document_that_announces_more_than_there_is_costs_the_request_only(
    stranger: Client,
) -> None:
    paper = requests.Document(1, 2, "front.png", b"front")
    payload = requests.open_real_account(applicant(), RealAccountTail(), [paper])
    assert stranger.ask(Command.OPEN_REAL_ACCOUNT, payload[:-1]).result == 1
    assert stranger.ask(Command.PING).result == 0


@pytest.mark.parametrize(
    "deposit", [-1.0, float("nan"), float("inf"), float("-inf"), 1e300]
)
def test_a_deposit_that_cannot_be_opens_no_account(
    server: Simulator, deposit: float
) -> None:
    before = server.do(lambda broker: broker.exchange.accounts_total)
    with bootstrapped(server) as client:
        assert opened(client, applicant(deposit=deposit)).code != 0
        assert client.ask(Command.PING).result == 0
    assert server.do(lambda broker: broker.exchange.accounts_total) == before


def test_clients_open_a_limited_number_of_accounts(start: Start) -> None:
    server = start(limits=Limits(accounts=3), open_unknown=True)
    with bootstrapped(server) as client:
        codes = [opened(client, applicant()).code != 0 for _ in range(3)]
        assert codes == [False, False, True]
        assert client.log_in(777, "Unknown-1").result == 3
    assert server.add_account("Another-1")


def test_a_client_that_goes_away_amid_slow_requests_leaves_nothing(
    server: Simulator, recwarn: pytest.WarningsRecorder
) -> None:
    wanted = RATES_REQUEST.write(RatesRequest("EURUSD", 1, 0, 2**31 - 1))
    for _ in range(3):
        with entered(server) as client:
            for _ in range(20):
                client.send(Command.RATES, wanted)
            client.send_raw("goodbye")
            assert client.closing_code() == 1003
    eventually(lambda: server.do(lambda broker: len(broker.audience)) == 0)
    gc.collect()
    assert not list(recwarn)

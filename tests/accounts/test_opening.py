from __future__ import annotations

import asyncio
import datetime

import pytest

from mt5web_async.accounts import (
    Applicant,
    Application,
    CodesNeeded,
    Document,
    visit,
)
from mt5web_async.connection.credentials import Credentials
from mt5web_async.connection.session import Session, SessionOptions
from mt5web_async.enums import AccountType
from mt5web_async.errors import (
    ApplicationRefused,
    ConnectionFailed,
    DemoAccountsDisabled,
    EmailRefused,
    PhoneRefused,
    RequestTimeout,
    ServerRefused,
    VerificationCodeInvalid,
)
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import CorporateLink
from mt5web_async.protocol.responses import AccountState, read_account
from mt5web_async.simulator.config import SimulatorConfig, Verification
from mt5web_async.simulator.server import Simulator
from mt5web_async.waiting import Deadline, drive

from .conftest import Start
from .visits import LIMIT, logged_in, logs_in

EMMY = Application(
    group="demo\\standard",
    first_name="Emmy",
    second_name="Noether",
    email="emmy@broker.example",
    phone="+49 30 123456",
    deposit=2500.0,
    leverage=30,
)
CODES = Verification(email=123456, phone=654321)


async def account_of(server: Simulator, login: int, password: str) -> AccountState:
    session = Session(
        server.url, options=SessionOptions(), pushes={}, lost=lambda _: None
    )
    try:
        await session.open(b"", Deadline(LIMIT))
        who = Credentials(login=login, password=password)
        await session.login(who, Deadline(LIMIT))
        return await session.request(
            Command.ACCOUNT, b"", read_account, deadline=Deadline(LIMIT)
        )
    finally:
        await session.close(LIMIT)


def test_a_demo_account_is_opened_with_its_deposit_and_leverage(
    server: Simulator,
) -> None:
    async def scenario() -> None:
        async with visit(server.url) as accounts:
            await accounts.introduce()
            opened = await accounts.open_demo(EMMY)
        account = (await account_of(server, opened.login, opened.password)).account
        assert (account.name, account.type) == ("Emmy Noether", AccountType.DEMO)
        assert (account.balance, account.leverage) == (2500.0, 30)
        await logs_in(server, opened.investor_password, login=opened.login)

    asyncio.run(scenario())


def test_a_real_account_is_applied_for_with_papers(server: Simulator) -> None:
    grace = Applicant(
        birth_date=datetime.date(1906, 12, 9), language="en", citizenship="US"
    )
    papers = [Document(1, 2, "front.png", b"\x89PNG" * 50_000, "back.png", b"back")]

    async def scenario() -> None:
        async with visit(server.url) as accounts:
            opened = await accounts.open_real(EMMY, grace, papers)
        account = (await account_of(server, opened.login, opened.password)).account
        assert account.type == AccountType.PRELIMINARY
        assert account.balance == 0.0

    asyncio.run(scenario())


def test_codes_are_asked_for_tested_and_needed(start: Start) -> None:
    server = start(SimulatorConfig(verification=CODES))
    guessed = Application(group="demo", email_code=123456, phone_code=1)
    right = Application(group="demo", email_code=123456, phone_code=654321)

    async def scenario() -> None:
        async with visit(server.url) as accounts:
            assert await accounts.send_codes(EMMY) == CodesNeeded(True, True)
            assert await accounts.confirm_codes(guessed) == CodesNeeded(False, True)
            with pytest.raises(VerificationCodeInvalid, match="send_codes") as caught:
                await accounts.open_demo(guessed)
            assert caught.value.result == 1031
            assert await accounts.confirm_codes(right) == CodesNeeded(False, False)
            assert (await accounts.open_demo(right)).login

    asyncio.run(scenario())


def test_a_server_without_demo_accounts_says_so(start: Start) -> None:
    server = start(SimulatorConfig(demo_accounts=False))

    async def scenario() -> None:
        async with visit(server.url) as accounts:
            with pytest.raises(DemoAccountsDisabled, match="ask the broker"):
                await accounts.open_demo(EMMY)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("application", "refusal"),
    [
        (Application(group="demo", email="nowhere"), EmailRefused),
        (Application(group="demo", phone="none"), PhoneRefused),
    ],
)
def test_addresses_that_cannot_be_reached_are_refused_by_name(
    server: Simulator, application: Application, refusal: type[ApplicationRefused]
) -> None:
    async def scenario() -> None:
        async with visit(server.url) as accounts:
            with pytest.raises(refusal):
                await accounts.send_codes(application)
            with pytest.raises(refusal):
                await accounts.open_demo(application)

    asyncio.run(scenario())


def test_an_error_of_the_server_stays_what_it_is(server: Simulator) -> None:
    server.trouble.fail(30, 1)

    async def scenario() -> None:
        async with visit(server.url) as accounts:
            with pytest.raises(ServerRefused) as caught:
                await accounts.open_demo(EMMY)
            assert type(caught.value) is ServerRefused

    asyncio.run(scenario())


def test_links_parameters_and_notifications(start: Start) -> None:
    links = (CorporateLink(1, "https://broker.example/?q=ä", "Help"), CorporateLink(2))
    server = start(SimulatorConfig(links=links, currency="EUR"))

    async def scenario() -> None:
        async with visit(server.url) as accounts:
            assert await accounts.links() == links
            assert (await accounts.trader_parameters()).currency == "EUR"
            await accounts.notify(77)

    asyncio.run(scenario())


def test_margin_reliefs_of_futures_can_be_asked_for(server: Simulator) -> None:
    async def scenario() -> None:
        async with logged_in(server) as accounts:
            assert await accounts.spreads([1, 2]) == []

    asyncio.run(scenario())


def test_it_works_in_a_plain_thread_too(server: Simulator) -> None:
    async def scenario() -> int:
        async with visit(server.url) as accounts:
            return (await accounts.open_demo(EMMY)).login

    assert drive(scenario()) != server.login


def test_a_server_that_is_not_there_is_told(server: Simulator) -> None:
    url = server.url
    server.stop()

    async def scenario() -> None:
        async with visit(url):
            pass

    with pytest.raises(ConnectionFailed):
        asyncio.run(scenario())


def test_no_answer_in_time_is_told(server: Simulator) -> None:
    server.trouble.hold(44)

    async def scenario() -> None:
        async with visit(server.url, timeout=0.3) as accounts:
            with pytest.raises(RequestTimeout, match="44"):
                await accounts.links()

    asyncio.run(scenario())


def test_codes_and_passwords_are_in_no_repr(server: Simulator) -> None:
    application = Application(
        group="demo", phone_password="phone-word", email_code=98761, phone_code=98762
    )

    async def scenario() -> str:
        async with visit(server.url) as accounts:
            opened = await accounts.open_demo(EMMY)
        assert opened.password not in repr(opened)
        assert opened.investor_password not in repr(opened)
        return repr(application) + repr(application.record())

    shown = asyncio.run(scenario())
    for secret in ("phone-word", "98761", "98762"):
        assert secret not in shown

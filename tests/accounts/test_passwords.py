from __future__ import annotations

import asyncio
import logging
import time

import pytest

from mt5web_async import connect
from mt5web_async.accounts import Accounts, visit
from mt5web_async.calculation import one_time
from mt5web_async.connection.credentials import Credentials
from mt5web_async.connection.session import Session, SessionOptions
from mt5web_async.errors import (
    AuthenticationFailed,
    OneTimePasswordInvalid,
    OneTimePasswordRequired,
    PasswordRefused,
    TwoFactorSetupRequired,
    UnacceptablePassword,
)
from mt5web_async.simulator.config import SimulatorConfig
from mt5web_async.simulator.server import Simulator
from mt5web_async.waiting import Deadline

from .conftest import Start
from .visits import LIMIT, logged_in, logs_in

NEW = "Fresh!Word7"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OTHER_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def code(secret: str = SECRET) -> str:
    return one_time.one_time_password(secret, time.time())


def wrong_code() -> str:
    """A code that the generator does not show around now."""
    now = time.time()
    shown = {
        one_time.one_time_password(SECRET, now + 30 * step) for step in range(-2, 3)
    }
    return next(c for c in ("000000", "111111", "222222", "3", "4") if c not in shown)


def test_a_changed_password_is_the_one_that_logs_in(server: Simulator) -> None:
    async def scenario() -> None:
        async with logged_in(server) as accounts:
            await accounts.change_password(NEW, server.password)
        await logs_in(server, NEW)
        with pytest.raises(AuthenticationFailed):
            await logs_in(server, server.password)

    asyncio.run(scenario())


def test_a_terminal_changes_the_password_of_its_login(server: Simulator) -> None:
    async def scenario() -> None:
        terminal = await connect(server.url, server.login, server.password)
        async with terminal:
            accounts = Accounts(terminal.session())
            await accounts.change_password(NEW, server.password)
        await logs_in(server, NEW)

    asyncio.run(scenario())


def test_the_investor_password_changes_alone(server: Simulator) -> None:
    async def scenario() -> None:
        async with logged_in(server) as accounts:
            await accounts.change_password(NEW, server.password, investor=True)
        await logs_in(server, NEW)
        await logs_in(server, server.password)

    asyncio.run(scenario())


def test_the_wrong_old_password_changes_nothing(server: Simulator) -> None:
    async def scenario() -> None:
        async with logged_in(server) as accounts:
            with pytest.raises(PasswordRefused, match="check the old one"):
                await accounts.change_password(NEW, "Wrong-12345")
        await logs_in(server, server.password)

    asyncio.run(scenario())


def test_who_only_looks_on_changes_no_password(server: Simulator) -> None:
    async def scenario() -> None:
        async with logged_in(server, server.investor_password) as accounts:
            with pytest.raises(PasswordRefused):
                await accounts.change_password(NEW, server.password)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "is empty"),
        ("Ab1!", "fewer than 10"),
        ("Abcdefgh1!"[:9], "fewer than 10"),
        ("abcdefgh1!", "needs a digit, an upper-case"),
        ("Aa1!" * 9, "more than 32"),
    ],
)
def test_a_bad_password_is_not_even_sent(
    server: Simulator, password: str, why: str
) -> None:
    server.trouble.hold(24)

    async def scenario() -> None:
        async with logged_in(server) as accounts:
            with pytest.raises(UnacceptablePassword, match=why) as caught:
                await accounts.change_password(password, server.password, minimum=10)
            assert not password or password not in str(caught.value)

    asyncio.run(scenario())


def test_a_bound_generator_is_needed_at_every_login(server: Simulator) -> None:
    async def scenario() -> None:
        async with visit(server.url) as accounts:
            await accounts.bind_one_time_password(
                server.login, secret=SECRET, code=code(), password=server.password
            )
        with pytest.raises(OneTimePasswordRequired, match="pass otp="):
            await logs_in(server)
        with pytest.raises(OneTimePasswordInvalid, match="make a new one"):
            await logs_in(server, otp=wrong_code())
        await logs_in(server, otp=code())

    asyncio.run(scenario())


def test_an_unbound_generator_is_needed_no_more(server: Simulator) -> None:
    async def scenario() -> None:
        async with visit(server.url) as accounts:
            await accounts.bind_one_time_password(
                server.login, secret=SECRET, code=code(), password=server.password
            )
            with pytest.raises(OneTimePasswordInvalid, match="clocks"):
                await accounts.unbind_one_time_password(
                    server.login, code=wrong_code(), password=server.password
                )
            await accounts.unbind_one_time_password(
                server.login, code=code(), password=server.password
            )
        await logs_in(server)

    asyncio.run(scenario())


def test_the_token_of_a_login_stands_for_the_password(server: Simulator) -> None:
    async def token() -> bytes:
        session = Session(
            server.url, options=SessionOptions(), pushes={}, lost=lambda _: None
        )
        try:
            await session.open(b"", Deadline(LIMIT))
            who = Credentials(login=server.login, password=server.password)
            return (await session.login(who, Deadline(LIMIT))).password_token
        finally:
            await session.close(LIMIT)

    async def scenario() -> None:
        kept = await token()
        async with visit(server.url) as accounts:
            await accounts.bind_one_time_password(
                server.login, secret=SECRET, code=code(), token=kept
            )
            await accounts.unbind_one_time_password(
                server.login, code=code(), token=kept
            )

    asyncio.run(scenario())


def test_a_generator_is_bound_by_its_own_code_only(server: Simulator) -> None:
    async def scenario() -> None:
        async with visit(server.url) as accounts:
            with pytest.raises(OneTimePasswordInvalid):
                await accounts.bind_one_time_password(
                    server.login,
                    secret=SECRET,
                    code=wrong_code(),
                    password=server.password,
                )
            with pytest.raises(AuthenticationFailed, match="invalid account"):
                await accounts.bind_one_time_password(
                    server.login, secret=SECRET, code=code(), password="Wrong-12345"
                )
        await logs_in(server)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("result", "kind"),
    [(5, OneTimePasswordRequired), (6, TwoFactorSetupRequired)],
)
def test_other_refusals_of_a_generator_have_their_types(
    server: Simulator, result: int, kind: type[AuthenticationFailed]
) -> None:
    server.trouble.fail(43, result)

    async def scenario() -> None:
        async with visit(server.url) as accounts:
            with pytest.raises(kind, match=f"login {server.login}"):
                await accounts.unbind_one_time_password(
                    server.login, code="1", password=server.password
                )

    asyncio.run(scenario())


def test_a_server_that_insists_on_a_generator_lets_nobody_in_without(
    start: Start,
) -> None:
    server = start(SimulatorConfig(two_factor=True))

    async def scenario() -> None:
        with pytest.raises(TwoFactorSetupRequired, match="bind"):
            await logs_in(server)
        async with visit(server.url) as accounts:
            await accounts.bind_one_time_password(
                server.login, secret=SECRET, code=code(), password=server.password
            )
        await logs_in(server, otp=code())

    asyncio.run(scenario())


def test_no_log_and_no_error_shows_a_secret(
    server: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = []

    async def scenario() -> None:
        async with logged_in(server) as accounts:
            with pytest.raises(PasswordRefused) as refused:
                await accounts.change_password(NEW, "Wrong-12345")
            shown.append(repr(refused.value))
            await accounts.change_password(NEW, server.password)
        async with visit(server.url) as accounts:
            with pytest.raises(OneTimePasswordInvalid) as invalid:
                await accounts.bind_one_time_password(
                    server.login,
                    secret=SECRET,
                    code=code(OTHER_SECRET),
                    password=NEW,
                )
            shown.append(repr(invalid.value))

    asyncio.run(scenario())
    texts = "\n".join([caplog.text, *shown])
    for secret in (NEW, "Wrong-12345", server.password, SECRET):
        assert secret not in texts
        assert secret.encode("utf-16-le").hex() not in texts

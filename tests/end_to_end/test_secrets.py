"""Passwords, codes, tokens and keys come out nowhere, in no form.

Everything is logged, everything that fails is reported with the values of variables,
everything that is alive is shown, and everything that was written is read again.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import secrets as random_bytes
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import mt5web as mt5
from mt5web.__main__ import main
from mt5web_async import connect
from mt5web_async.accounts import Accounts, Application, visit
from mt5web_async.calculation.one_time import one_time_password
from mt5web_async.connection.connection import ConnectionOptions
from mt5web_async.connection.credentials import Credentials
from mt5web_async.connection.session import Session, SessionOptions
from mt5web_async.connection.transport import Proxy, TransportOptions
from mt5web_async.discovery import Discovery
from mt5web_async.errors import EngineError
from mt5web_async.protocol.responses import KEY_SIZES, LOGIN_TOKEN_SIZE, TOKEN_SIZE
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.terminal.terminal import Terminal, TerminalOptions
from mt5web_async.waiting import Deadline
from tests.connection.tunnels import HttpProxy
from tests.leaks import Secrets, everything_about, files_below, objects_of
from tests.programs import python
from tests.waiting import LIMIT, eventually

MAIN, INVESTOR = "Main-Passw0rd", "Look-Passw0rd"
WRONG, FRESH, WEAK = "Wrong-Secret1", "Fresh-Secret2", "weaksecretword"
PHONE, PROXY = "Phone-Secret3", "Proxy-Secret4"
GENERATOR = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WRONG_CODE, EMAIL_CODE, PHONE_CODE = "918273", 746352, 837261
STALE = bytes(range(7, 167))


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> Iterator[Secrets]:
    """All that must not come out, with what servers make up in this process."""
    known = Secrets()
    for name, secret in (
        ("main password", MAIN),
        ("investor password", INVESTOR),
        ("wrong password", WRONG),
        ("fresh password", FRESH),
        ("weak password", WEAK),
        ("phone password", PHONE),
        ("proxy password", PROXY),
        ("generator's secret", GENERATOR),
        ("wrong code", WRONG_CODE),
        ("stale token", STALE),
    ):
        known.add(name, secret)
    known.add("e-mail code", EMAIL_CODE)
    known.add("phone code", PHONE_CODE)
    make_bytes, make_hex = random_bytes.token_bytes, random_bytes.token_hex
    make_bits = random_bytes.randbits

    def token_bytes(size: int) -> bytes:
        made = make_bytes(size)
        if size in {LOGIN_TOKEN_SIZE, *KEY_SIZES}:
            known.add(f"made of {size} bytes", made)
        return made

    def token_hex(size: int) -> str:
        made = make_hex(size)
        if 2 * size == TOKEN_SIZE:
            known.add("connection token", made)
        return made

    def randbits(bits: int) -> int:
        made = make_bits(bits) | 1
        known.add("session", made)
        return made

    monkeypatch.setattr(random_bytes, "token_bytes", token_bytes)
    monkeypatch.setattr(random_bytes, "token_hex", token_hex)
    monkeypatch.setattr(random_bytes, "randbits", randbits)
    gc.collect()
    gc.freeze()  # what earlier tests left is none of this one's
    yield known
    gc.unfreeze()


@pytest.fixture
def server(secrets: Secrets) -> Iterator[Simulator]:
    config = SimulatorConfig(password=MAIN, investor_password=INVESTOR)
    with Simulator(config) as running:
        yield running


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything that anybody says, the libraries and the simulator too."""
    caplog.set_level(logging.DEBUG)
    for name in ("websocket", "websockets", "urllib3", "requests", "asyncio", "mt5web"):
        caplog.set_level(logging.DEBUG, name)
    return caplog


def told_by(log: pytest.LogCaptureFixture) -> Iterator[str]:
    yield log.text
    for record in log.records:
        yield record.getMessage()
        yield repr(record.args)


def connected(terminal: mt5.Terminal) -> bool:
    info = terminal.terminal_info()
    return info is not None and info.connected


def test_nothing_of_a_script_tells_a_secret(
    server: Simulator,
    secrets: Secrets,
    log: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    shown = []
    account: dict[str, Any] = {"server": server.url, "login": server.login}
    terminal = mt5.Terminal()

    assert not terminal.initialize(**account, password=WRONG)
    shown.append(str(terminal.last_error()))
    with pytest.raises(SystemError) as misused:
        terminal.initialize(login=-1, password=MAIN, server=server.url)
    shown.extend(everything_about(misused.value))
    server.do(lambda b: b.exchange.bind_generator(server.login, GENERATOR))
    monkeypatch.setenv("MT5WEB_OTP", WRONG_CODE)
    assert not terminal.initialize(**account, password=MAIN)
    monkeypatch.setenv("MT5WEB_OTP", code := one_time_password(GENERATOR, time.time()))
    secrets.add("right code", code)
    assert terminal.initialize(**account, password=MAIN), terminal.last_error()

    assert terminal.Buy("EURUSD", 0.1) is not None
    server.disconnect()
    eventually(lambda: connected(terminal))
    server.restart(forget_tokens=True)  # no token, and no password was kept
    eventually(lambda: "given up" in log.text or "GIVE_UP" in log.text)
    shown.append(str(terminal.last_error()))
    shown.extend(objects_of("mt5web"))
    terminal.shutdown()

    monkeypatch.setenv("MT5WEB_SERVER", server.url)
    monkeypatch.setenv("MT5WEB_LOGIN", str(server.login))
    for password in (MAIN, WRONG):
        monkeypatch.setenv("MT5WEB_PASSWORD", password)
        main(["doctor"])
    main(["servers", "--json", server.url])
    shown.extend(capsys.readouterr())
    secrets.assert_not_in([*shown, *told_by(log), *files_below(tmp_path)])


def test_nothing_of_an_older_host_tells_a_secret(
    secrets: Secrets,
    log: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    shown = []
    with Simulator(SimulatorConfig(password=MAIN, older=True)) as server:
        main(["servers", server.url])
        main(["servers", "--json", "--fresh", server.url])
        terminal = mt5.Terminal()
        assert terminal.initialize(**server.credentials), terminal.last_error()
        server.disconnect()
        eventually(lambda: connected(terminal))
        discovery = Discovery()
        announce = discovery.announcing(discovery.find(server.url))
        assert announce is not None
        shown.append(f"{announce} {announce()} {vars(discovery)}")
        shown.extend(objects_of("mt5web"))
        terminal.shutdown()
    shown.extend(capsys.readouterr())
    secrets.assert_not_in([*shown, *told_by(log), *files_below(tmp_path)])


Scenario = Callable[[Accounts, Simulator], Awaitable[object]]
"""Fails, as a client of the engine."""


def binding(password: str, code: str = WRONG_CODE, token: bytes = b"") -> Scenario:
    return lambda a, s: a.bind_one_time_password(
        s.login, secret=GENERATOR, code=code, password=password, token=token
    )


def applying(**fields: object) -> Scenario:
    application = Application(
        group="demo",
        phone_password=PHONE,
        email_code=EMAIL_CODE,
        phone_code=PHONE_CODE,
        **fields,  # type: ignore[arg-type]
    )

    async def apply(accounts: Accounts, _: Simulator) -> None:
        await accounts.introduce()
        await accounts.confirm_codes(application)
        await accounts.open_demo(application)

    return apply


VISITS: list[Scenario] = [
    binding(MAIN),
    binding(WRONG),
    binding("", token=STALE),
    binding("", token=STALE[:-1]),
    lambda a, s: a.unbind_one_time_password(s.login, code=WRONG_CODE, token=STALE),
    lambda a, _: a.unbind_one_time_password(-1, code=WRONG_CODE, password=MAIN),
    applying(phone="nowhere"),
    applying(leverage=-1),
    lambda a, _: a.change_password(FRESH, WRONG),
    lambda a, _: a.change_password(WEAK, MAIN),
]


@pytest.mark.parametrize("number", range(len(VISITS)))
def test_no_failure_around_an_account_tells_a_secret(
    server: Simulator, secrets: Secrets, log: pytest.LogCaptureFixture, number: int
) -> None:
    async def scenario() -> None:
        async with visit(server.url) as accounts:
            await VISITS[number](accounts, server)

    with pytest.raises(EngineError) as failed:
        asyncio.run(scenario())
    secrets.assert_not_in([*everything_about(failed.value), *told_by(log)])


LOGINS = [
    Credentials(login=5_000_001, password=WRONG),
    Credentials(login=-1, password=MAIN),
    Credentials(login=5_000_001, password=MAIN, otp=WRONG_CODE, session=-5),
    Credentials(login=5_000_001, token=STALE),
    Credentials(login=5_000_001, token=STALE[1:]),
]


@pytest.mark.parametrize("number", range(len(LOGINS)))
def test_no_refused_login_tells_a_secret(
    server: Simulator, secrets: Secrets, log: pytest.LogCaptureFixture, number: int
) -> None:
    async def scenario() -> None:
        terminal = Terminal(server.url, LOGINS[number])
        try:
            await terminal.open(LIMIT)
        finally:
            await terminal.close()

    with pytest.raises(EngineError) as failed:
        asyncio.run(scenario())
    secrets.assert_not_in([*everything_about(failed.value), *told_by(log)])


def test_connecting_in_vain_tells_no_secret(
    server: Simulator, secrets: Secrets, log: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(EngineError) as failed:
        asyncio.run(connect(server.url, server.login, WRONG, otp=WRONG_CODE))
    secrets.assert_not_in([*everything_about(failed.value), *told_by(log)])


def test_a_changed_password_and_a_new_account_stay_with_who_asked(
    server: Simulator, secrets: Secrets, log: pytest.LogCaptureFixture
) -> None:
    shown: list[str] = []

    async def scenario() -> None:
        session = Session(
            server.url, options=SessionOptions(), pushes={}, lost=lambda _: None
        )
        await session.open(b"", Deadline(LIMIT))
        who = Credentials(login=server.login, password=MAIN)
        await session.login(who, Deadline(LIMIT))
        await Accounts(session).change_password(FRESH, MAIN)
        opened = await Accounts(session).open_demo(Application(group="demo"))
        secrets.add("opened password", opened.password)
        secrets.add("opened investor password", opened.investor_password)
        assert repr(opened.password) == f"'{opened.password}'"  # it is theirs
        shown.extend((repr(opened), *objects_of("mt5web_async")))
        await session.close(LIMIT)

    asyncio.run(scenario())
    secrets.assert_not_in([*shown, *told_by(log)])


@pytest.mark.parametrize("status", ["200 OK", "407 Who are you?"])
def test_no_proxy_tells_its_password(
    server: Simulator,
    secrets: Secrets,
    log: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
) -> None:
    async def scenario(proxy: Proxy) -> None:
        transport = TransportOptions(proxy=proxy)
        session = SessionOptions(transport=transport)
        options = TerminalOptions(connection=ConnectionOptions(session=session))
        who = Credentials(login=server.login, password=WRONG)
        terminal = Terminal(server.url, who, options)
        try:
            await terminal.open(LIMIT)
        finally:
            await terminal.close()

    failures = []
    with HttpProxy(status) as tunnel:
        with pytest.raises(EngineError) as failed:
            asyncio.run(scenario(by_way_of(tunnel)))
        failures.append(failed.value)
        if not status.startswith("200"):
            monkeypatch.setenv("https_proxy", by_way_of(tunnel).url)
            with pytest.raises(EngineError) as not_found:
                Discovery().find("broker.example")
            failures.append(not_found.value)
    shown = [text for one in failures for text in everything_about(one)]
    secrets.assert_not_in([*shown, *told_by(log)])


def by_way_of(tunnel: HttpProxy) -> Proxy:
    return Proxy.of(f"http://somebody:{PROXY}@127.0.0.1:{tunnel.port}")


def test_the_search_finds_what_is_there() -> None:
    known = Secrets()
    known.add("password", MAIN)
    wide = MAIN.encode("utf-16-le")
    for text in (
        f"the password is {MAIN}!",
        f"{wide!r}",
        wide.hex(),
        wide.hex(" ").upper(),
        repr([wide])[1:-1],
        str(bytes(wide)),
        "cGFzcw" + __import__("base64").b64encode(b"xy" + wide).decode(),
    ):
        assert known.found_in(text), text
    assert not known.found_in("Main-Passw0r")


def test_the_search_finds_codes_that_stand_alone() -> None:
    known = Secrets()
    known.add("code", EMAIL_CODE)
    for text in (f"code={EMAIL_CODE}", f"[0, {EMAIL_CODE}]", f"0x {EMAIL_CODE:x}!"):
        assert known.found_in(text), text
    assert not known.found_in(f"1{EMAIL_CODE}400, 0x7f{EMAIL_CODE:x}")


REMEMBERING = """
import gc, os
import mt5web as mt5

def remembered(reversed_password):
    wanted = reversed_password[::-1]
    forms = wanted.encode(), wanted.encode("utf-16-le")
    seen, left, found = set(), gc.get_objects(), 0
    while left:
        one = left.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, str):
            found += wanted in one and one is not wanted
        elif isinstance(one, (bytes, bytearray)):
            found += any(form in one for form in forms) and one not in forms
        else:
            left.extend(gc.get_referents(one))
    return found

url, login, password, backwards = os.read(0, 4096).decode().split()
account = {"server": url, "login": int(login), "password": password}
assert mt5.initialize(**account), mt5.last_error()
known = remembered(backwards)
del account, password
gc.collect()
print(known > 0, remembered(backwards))
mt5.shutdown()
"""


def test_the_password_is_forgotten_after_the_login(server: Simulator) -> None:
    said = f"{server.url} {server.login} {MAIN} {MAIN[::-1]}"
    done = python("-c", REMEMBERING, said=said)
    assert (done.stdout, done.stderr) == ("True 0\n", "")

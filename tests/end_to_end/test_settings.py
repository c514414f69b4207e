"""The configuration file and the environment, over real connections."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

import mt5web as mt5
from mt5web.connection_settings import ConnectionSettings
from mt5web.settings import Account, Settings
from mt5web_async.calculation.one_time import one_time_password
from mt5web_async.connection.transport import Proxy
from mt5web_async.simulator import Simulator, SimulatorConfig
from tests.connection.tunnels import HttpProxy, SocksProxy
from tests.tls import tls_of

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

Configure = Callable[[str], None]


@pytest.fixture
def configure(tmp_path: Path) -> Configure:
    """Writes the configuration file."""

    def write(text: str) -> None:
        (tmp_path / "config.toml").write_text(text, "utf-8")

    return write


def opened(server: Simulator) -> tuple[bool, tuple[int, str]]:
    terminal = mt5.Terminal()
    try:
        done = terminal.initialize(
            server=server.url, login=server.login, password=server.password
        )
        return done, terminal.last_error()
    finally:
        terminal.shutdown()


# certificates


@pytest.fixture
def secured(authority: trustme.CA) -> Iterator[Simulator]:
    with Simulator(SimulatorConfig(tls=tls_of(authority, "127.0.0.1"))) as server:
        yield server


def test_a_private_authority_is_trusted_when_the_settings_name_it(
    secured: Simulator, authority: trustme.CA, configure: Configure, tmp_path: Path
) -> None:
    done, (code, text) = opened(secured)
    assert (done, code) == (False, mt5.RES_E_INTERNAL_FAIL_INIT)
    assert "does not verify" in text
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    configure(f'[connection]\nca_file = "{tmp_path / "ca.pem"}"')
    assert opened(secured)[0]


# proxies


def test_the_proxy_of_the_settings_is_used_with_its_password(
    server: Simulator, configure: Configure
) -> None:
    with HttpProxy() as proxy:
        configure(f'[connection]\nproxy = "http://me:hush%21@127.0.0.1:{proxy.port}"')
        assert opened(server)[0]
    assert len(proxy.heads) == 1
    assert "Proxy-Authorization: Basic bWU6aHVzaCE=" in proxy.heads[0]


def test_a_socks_proxy_can_be_set_too(server: Simulator, configure: Configure) -> None:
    with SocksProxy() as proxy:
        configure(f'[connection]\nproxy = "socks5h://127.0.0.1:{proxy.port}"')
        assert opened(server)[0]
    assert proxy.used == 1


def test_a_proxy_that_refuses_is_told_without_its_password(
    server: Simulator, configure: Configure, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with HttpProxy(status="407 Who are you?") as proxy:
        configure(f'[connection]\nproxy = "http://me:hush%21@127.0.0.1:{proxy.port}"')
        done, (code, text) = opened(server)
    assert (done, code) == (False, mt5.RES_E_INTERNAL_FAIL_INIT)
    assert "407" in text
    for shown in (text, caplog.text):
        assert "hush" not in shown
        assert "bWU6aHVzaCE=" not in shown


@pytest.mark.parametrize("proxy", ['"odd://me:hush@x"', '"http://:hush@"', "['hush']"])
def test_what_is_no_proxy_is_told_without_its_password(
    server: Simulator, configure: Configure, proxy: str
) -> None:
    configure(f"[connection]\nproxy = {proxy}")
    done, (_, text) = opened(server)
    assert not done
    assert "proxy" in text
    assert "hush" not in text


# one-time passwords


@pytest.fixture
def guarded(server: Simulator) -> Simulator:
    """A server whose account has a generator."""
    server.do(lambda b: b.exchange.bind_generator(server.login, SECRET))
    return server


def test_an_account_with_a_generator_says_what_it_needs(
    guarded: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    done, error = opened(guarded)
    assert not done
    assert error == (
        mt5.RES_E_UNSUPPORTED,
        "Unsupported authorization mode, OTP or certificate password needed",
    )
    assert "one-time password is required" in caplog.text


def test_the_one_time_password_may_be_in_the_environment(
    guarded: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MT5WEB_OTP", one_time_password(SECRET, time.time()))
    assert opened(guarded)[0]
    monkeypatch.setenv("MT5WEB_OTP", "000000")
    assert opened(guarded)[1][0] == mt5.RES_E_UNSUPPORTED


def test_one_time_passwords_are_made_of_the_generators_secret(
    guarded: Simulator, monkeypatch: pytest.MonkeyPatch, configure: Configure
) -> None:
    configure(f'[profiles.me]\nlogin = {guarded.login}\notp_secret = "{SECRET}"')
    assert opened(guarded)[0]
    configure("")
    monkeypatch.setenv("MT5WEB_OTP_SECRET", SECRET)
    assert opened(guarded)[0]
    monkeypatch.setenv("MT5WEB_OTP_SECRET", "no base32!")
    done, (_, text) = opened(guarded)
    assert not done
    assert "base32" in text
    assert "no base32!" not in text


def test_a_secret_of_another_login_is_not_used(
    guarded: Simulator, configure: Configure
) -> None:
    configure(f'[profiles.me]\nlogin = 7\notp_secret = "{SECRET}"')
    assert opened(guarded)[1][0] == mt5.RES_E_UNSUPPORTED


def test_accounts_and_options_hide_their_secrets() -> None:
    account = Account(login=1, password="hush", otp="hush", otp_secret="hush")
    proxy = Proxy.of("http://me:hush@proxy.example:1")
    connection = ConnectionSettings(proxy=proxy)
    settings = Settings(connection=connection, profiles={"me": account})
    assert "hush" not in repr(settings)

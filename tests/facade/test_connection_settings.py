"""What the table [connection] of the configuration file does."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

import mt5web
from mt5web.backend import CallFailed
from mt5web.connection_settings import ConnectionSettings, proxy_of
from mt5web.installation import SIZE, client_id
from mt5web.settings import Settings
from mt5web_async.connection.connection import ConnectionOptions
from mt5web_async.connection.pacing import Rate
from mt5web_async.connection.session import SessionOptions
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import LOGIN_REQUEST
from mt5web_async.simulator import Simulator, SimulatorConfig
from tests.connection.puppet import Puppet
from tests.connection.tunnels import HttpProxy
from tests.waiting import eventually

ID = bytes(range(SIZE))

pytestmark = pytest.mark.usefixtures("own_folders")


@pytest.fixture
def server() -> Iterator[Simulator]:
    with Simulator(SimulatorConfig(automatic=False)) as running:
        yield running


def configure(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text("\n".join(["[connection]", *lines]))
    return path


def opened(server: Simulator) -> mt5web.Terminal:
    terminal = mt5web.Terminal()
    assert terminal.initialize(**server.credentials), terminal.last_error()
    return terminal


def options_of(settings: ConnectionSettings) -> ConnectionOptions:
    return settings.options(settings.session(allow_insecure=False, client_id=ID))


def test_without_the_table_connections_are_as_the_engine_makes_them() -> None:
    assert options_of(ConnectionSettings()).session == SessionOptions(client_id=ID)
    ours, engines = options_of(ConnectionSettings()), ConnectionOptions()
    for name in ("request_timeout", "ping_interval", "ping_limit", "reconnect"):
        assert getattr(ours, name) == getattr(engines, name)
    assert ours.pacing == engines.pacing


def test_every_setting_has_its_effect(tmp_path: Path) -> None:
    path = configure(
        tmp_path,
        "connect_timeout = 1",
        "request_timeout = 2.5",
        "restore_timeout = 11",
        "reconnect_pause = 3",
        "reconnect_attempts = 4",
        "reconnect_limit = 5",
        "keep_password = true",
        "requests_per_second = 6",
        "requests_at_once = 7",
        "trades_per_second = 0",
        "ping_interval = 8",
        "ping_limit = 9",
        "late_answer_limit = 10",
        'ca_file = "/etc/ca.pem"',
        'proxy = "socks5h://proxy.example:1080"',
    )
    options = options_of(Settings.read(path).connection)
    assert (options.request_timeout, options.load_timeout) == (2.5, 11.0)
    assert options.keep_password
    assert (options.ping_interval, options.ping_limit) == (8.0, 9.0)
    backoff = options.reconnect
    assert backoff is not None
    assert (backoff.cap, backoff.attempts, backoff.limit) == (3.0, 4, 5.0)
    assert options.pacing.other == Rate(per_second=6.0, burst=7)
    assert options.pacing.trade is None
    session = options.session
    assert (session.connect_timeout, session.quarantine) == (1.0, 10.0)
    assert session.transport.ca_file == Path("/etc/ca.pem")
    assert session.transport.proxy == proxy_of("socks5h://proxy.example:1080")


def test_reconnection_can_be_switched_off(tmp_path: Path) -> None:
    path = configure(tmp_path, "reconnect = false")
    assert options_of(Settings.read(path).connection).reconnect is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("reconnect_puase = 3", "unknown setting 'reconnect_puase' in [connection]"),
        ("ping_limit = 0", "ping_limit = 0.0 should be above 0"),
        ("ping_limit = nan", "ping_limit = nan should be above 0"),
        ("requests_per_second = inf", "requests_per_second = inf should be 0 or more"),
        ("reconnect_attempts = -1", "reconnect_attempts = -1 should be 0 or more"),
        ("keep_password = 1", "keep_password = 1 should be of type bool"),
        ('request_timeout = "5"', "request_timeout = '5' should be of type float"),
        ("ca_file = 5", "5 should be text in quotes"),
        ("proxy = 5", "proxy should be text in quotes"),
    ],
)
def test_a_setting_that_cannot_be_is_told(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(CallFailed) as failed:
        Settings.read(configure(tmp_path, line))
    assert said in (failed.value.text or "")


@pytest.mark.parametrize(
    "address",
    [
        "hush.example:3128",
        "http://me:hush@host",
        "http://me:hush@:3128",
        "ftp://me:hush@host:21",
        "http://me:hush@host:99999",
    ],
)
def test_what_is_no_proxy_is_refused_without_being_shown(address: str) -> None:
    with pytest.raises(ValueError, match="should be like http://host:3128") as failed:
        proxy_of(address)
    assert "hush" not in str(failed.value)
    assert failed.value.__suppress_context__


def test_users_and_passwords_of_proxies_may_hold_any_sign() -> None:
    proxy = proxy_of("http://me%40home:p%3A%2Fw@proxy.example:3128")
    assert (proxy.username, proxy.password) == ("me@home", "p:/w")


def test_a_terminal_goes_through_the_proxy_and_trusts_the_authority(
    tmp_path: Path,
) -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    config = SimulatorConfig(automatic=False, tls=tls)
    with Simulator(config) as server, HttpProxy() as proxy:
        terminal = mt5web.Terminal()
        assert not terminal.initialize(**server.credentials)
        assert "does not verify" in terminal.last_error()[1]
        configure(
            tmp_path,
            f'ca_file = "{tmp_path / "ca.pem"}"',
            f'proxy = "http://me:pw@127.0.0.1:{proxy.port}"',
        )
        terminal = opened(server)
        assert terminal.account_info() is not None
        terminal.shutdown()
        assert len(proxy.heads) == 1


def test_without_reconnection_a_lost_connection_stays_lost(
    tmp_path: Path, server: Simulator
) -> None:
    configure(tmp_path, "reconnect = false")
    terminal = opened(server)
    server.disconnect()
    eventually(lambda: terminal.copy_rates_from_pos("EURUSD", 1, 0, 1) is None)
    code, _ = terminal.last_error()
    assert code == mt5web.RES_E_INTERNAL_FAIL_CONNECT
    terminal.shutdown()


@pytest.mark.parametrize("kept", [True, False])
def test_a_password_that_is_kept_outlives_the_servers_tokens(
    tmp_path: Path, server: Simulator, kept: bool
) -> None:
    configure(tmp_path, f"keep_password = {str(kept).lower()}")
    terminal = opened(server)
    server.restart(forget_tokens=True)

    answered = terminal.copy_rates_from_pos("EURUSD", 1, 0, 1) is not None
    code = mt5web.RES_S_OK if kept else mt5web.RES_E_INTERNAL_FAIL_CONNECT
    assert (answered, terminal.last_error()[0]) == (kept, code)
    terminal.shutdown()


def test_requests_are_paced_as_configured(tmp_path: Path, server: Simulator) -> None:
    configure(
        tmp_path,
        "request_timeout = 0.5",
        "requests_per_second = 0.001",
        "requests_at_once = 12",
    )
    terminal = opened(server)
    asked = [terminal.copy_rates_from_pos("EURUSD", 1, n, 1) for n in (0, 10**6) * 9]
    assert asked[0] is not None
    assert asked[-1] is None
    assert terminal.last_error()[0] == mt5web.RES_E_INTERNAL_FAIL_TIMEOUT
    terminal.shutdown()


# the installation's number


def logins(puppet: Puppet) -> list[bytes]:
    return [
        LOGIN_REQUEST.read(request.payload).client_id
        for peer in puppet.peers
        for request in peer.requests
        if request.command == Command.LOGIN
    ]


def test_an_installation_has_a_number_that_stays() -> None:
    def refuse(peer: Any, command: int, payload: bytes) -> None:
        peer.send(command, result=3)

    with Puppet(refuse) as puppet:
        for _ in range(2):
            terminal = mt5web.Terminal()
            assert not terminal.initialize(server=puppet.url, login=1, password="x")
        first, second = logins(puppet)
    assert first == second == client_id()
    assert first != bytes(SIZE)


def test_the_number_is_kept_for_the_next_process(tmp_path: Path) -> None:
    kept = client_id()
    assert (tmp_path / "data" / "installation").read_text() == kept.hex()
    again = tmp_path / "data" / ".." / "data"  # as if by another process
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MT5WEB_DATA", str(again))
        assert client_id() == kept


@pytest.mark.parametrize("spoilt", ["", "no number", "00" * 15, "00" * 40])
def test_a_spoilt_number_is_replaced(tmp_path: Path, spoilt: str) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "installation").write_text(spoilt)
    made = client_id()
    assert len(made) == SIZE
    assert (folder / "installation").read_text() == made.hex()


def test_where_nothing_can_be_kept_the_log_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    occupied = tmp_path / "a file where the folder would be"
    occupied.touch()
    monkeypatch.setenv("MT5WEB_DATA", str(occupied))
    with caplog.at_level(logging.WARNING):
        assert len(client_id()) == SIZE
    assert "will not know this installation" in caplog.text
    assert client_id() == client_id()

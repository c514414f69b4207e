"""Which account a call means, and where its server is."""

from __future__ import annotations

from pathlib import Path

import pytest

from mt5web.addresses import Address, address_of
from mt5web.backend import CallFailed
from mt5web.settings import (
    Account,
    Options,
    Settings,
    config_path,
    data_path,
    journal_path,
    tick_folder,
)

CONFIG = """
default = "demo"

[profiles.demo]
server = "Broker-Demo"
login = 5001
password = "of 5001"

[profiles.live]
server = "Broker-Live"
login = 7001
password = "of 7001"
path = 'C:\\Program Files\\Live\\terminal64.exe'

[servers]
"Broker-Demo" = "wss://demo.broker.example/terminal"
"""

WINDOWS = "C:\\Program Files\\Live\\terminal64.exe"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    return Settings.read(path)


def found(settings: Settings, **given: object) -> tuple[object, ...]:
    """Login, password and server for a call, without any variables."""
    account = settings.account(Account(**given), {})  # type: ignore[arg-type]
    return account.login, account.password, account.server


def test_a_bare_call_means_the_default_profile(settings: Settings) -> None:
    assert found(settings) == (5001, "of 5001", "Broker-Demo")


def test_a_login_means_its_profile(settings: Settings) -> None:
    assert found(settings, login=7001) == (7001, "of 7001", "Broker-Live")


def test_the_path_of_a_terminal_means_its_profile(settings: Settings) -> None:
    assert found(settings, path=WINDOWS) == (7001, "of 7001", "Broker-Live")
    assert found(settings, path="elsewhere") == found(settings)


def test_the_only_profile_is_the_default(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        "[profiles.mine]\nlogin = 5\npassword = 'x'\nserver = 'h.example'\n"
    )
    assert found(Settings.read(path)) == (5, "x", "h.example")


def test_what_a_call_gives_wins(settings: Settings) -> None:
    assert found(settings, login=5001, password="new")[1] == "new"


@pytest.mark.parametrize(
    "given",
    [
        {"login": 6001},
        {"server": "Broker-Live", "login": 5001},
        {"server": "wss://other.example/terminal"},
    ],
)
def test_a_password_goes_to_no_other_login_or_server(
    settings: Settings, given: dict[str, object]
) -> None:
    assert found(settings, **given)[1] is None


def test_a_name_and_its_address_are_the_same_server(settings: Settings) -> None:
    address = "wss://demo.broker.example/terminal"
    assert found(settings, server=address) == (5001, "of 5001", address)


def test_the_environment_goes_before_a_profile(settings: Settings) -> None:
    variables = {"MT5WEB_LOGIN": "5001", "MT5WEB_PASSWORD": "of the environment"}
    account = settings.account(Account(), variables)
    assert (account.login, account.password) == (5001, "of the environment")
    other = settings.account(Account(login=7001), variables)
    assert other.password == "of 7001"


def test_a_login_in_the_environment_has_to_be_a_number(settings: Settings) -> None:
    with pytest.raises(CallFailed, match="MT5WEB_LOGIN is 'mine'"):
        settings.account(Account(), {"MT5WEB_LOGIN": "mine"})


@pytest.mark.parametrize(
    ("server", "address"),
    [
        ("Broker-Demo", "wss://demo.broker.example/terminal"),
        ("demo", "wss://demo.broker.example/terminal"),
        ("simulator", "simulator"),
        ("ws://127.0.0.1:8899/terminal", "ws://127.0.0.1:8899/terminal"),
        ("web.broker.example", "wss://web.broker.example/terminal"),
        ("web.broker.example:8443", "wss://web.broker.example:8443/terminal"),
        ("web.broker.example/terminal", "wss://web.broker.example/terminal"),
        ("localhost", "ws://localhost/terminal"),
        ("127.0.0.1:8899", "ws://127.0.0.1:8899/terminal"),
        ("[::1]:8899", "ws://[::1]:8899/terminal"),
        ("localhost.broker.example", "wss://localhost.broker.example/terminal"),
        ("127.0.0.1.broker.example", "wss://127.0.0.1.broker.example/terminal"),
    ],
)
def test_a_server_is_an_address_a_host_or_a_name(
    settings: Settings, server: str, address: str
) -> None:
    assert address_of(server, settings) == Address(address)


@pytest.mark.parametrize("server", ["Broker-Demo 3", "Unknown", "a b.example"])
def test_a_name_that_nobody_knows_is_told(settings: Settings, server: str) -> None:
    with pytest.raises(CallFailed, match="no address is known for server") as caught:
        address_of(server, settings)
    assert caught.value.code == -10003
    assert server in str(caught.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("default = 'x'", "default profile 'x' is not in"),
        ("[profiles.a]\nlogin = '5'", "login '5' is no account number"),
        ("[profiles.a]\nlogin = -5", "login -5 is no account number"),
        ("[profiles]\na = 5", "a profile should be a table"),
        ("servers = 5", "servers should be a table"),
        ("[servers]\na = 5", "5 should be text in quotes"),
        ("[options]\nkeep_worm = 5", "unknown setting 'keep_worm'"),
        ("[option]\ntrade_allowed = false", "unknown table or setting 'option'"),
        ("[options]\nmax_bars = 1.5", "max_bars = 1.5 should be of type int"),
        ("[options]\ntrade_allowed = 1", "trade_allowed = 1 should be of type bool"),
    ],
)
def test_a_mistake_in_the_file_is_told(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(CallFailed, match=why) as caught:
        Settings.read(path)
    assert str(path) in str(caught.value)


def test_no_file_is_as_good_as_an_empty_one(tmp_path: Path) -> None:
    assert Settings.read(tmp_path / "none.toml") == Settings()


def test_passwords_are_in_no_repr(settings: Settings) -> None:
    assert "of 5001" not in repr(settings)


def test_variables_that_name_files_know_the_users_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("CONFIG", "DATA", "TICKS", "JOURNAL"):
        monkeypatch.setenv(f"MT5WEB_{name}", f"~/{name}")
    options = Options(ticks=Path("elsewhere"), journal=Path("elsewhere"))
    named = config_path(), data_path(), tick_folder(options), journal_path(options)
    assert [path.relative_to(tmp_path).name for path in named if path] == [
        "CONFIG",
        "DATA",
        "TICKS",
        "JOURNAL",
    ]
    monkeypatch.delenv("MT5WEB_JOURNAL")
    assert journal_path(Options()) == tmp_path / "DATA" / "journal.sqlite3"

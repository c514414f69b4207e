from __future__ import annotations

from pathlib import Path

import pytest

from mt5web.__main__ import main
from mt5web.linking import link
from mt5web_async.simulator import SimulatorConfig
from mt5web_async.simulator.server import Simulator

PASSWORD = "Secret-98765"


def doctor(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    code = main(["doctor", *options])
    out, err = capsys.readouterr()
    assert err == ""
    assert PASSWORD not in out
    return code, out


def wrong(out: str) -> list[str]:
    return [line for line in out.splitlines() if line.startswith("wrong")]


def configure(config: Path, server: str, login: int, password: str) -> None:
    config.write_text(
        f'[profiles.mine]\nserver = "{server}"\nlogin = {login}\n'
        f'password = "{password}"\n',
        "utf-8",
    )


def test_all_is_well_where_a_login_works(
    config: Path, server: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(config, server.url, server.login, server.password)
    code, out = doctor(capsys)
    assert (code, wrong(out)) == (0, [])
    assert f"login {server.login} accepted: demo account in USD" in out
    assert f"build {server.config.build}" in out
    assert server.password not in out


def test_the_embedded_simulator_is_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MT5WEB_SERVER", "simulator")
    code, out = doctor(capsys)
    assert code == 0
    assert "set: " in out
    assert "MT5WEB_SERVER" in out


def test_nothing_configured_says_what_to_set(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out = doctor(capsys)
    assert code == 1
    (line,) = wrong(out)
    assert "MT5WEB_LOGIN" in line


def test_a_wrong_password_is_told_and_not_shown(
    config: Path, server: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(config, server.url, server.login, PASSWORD)
    code, out = doctor(capsys)
    assert code == 1
    (line,) = wrong(out)
    assert "invalid account or password" in line


def test_an_investor_is_told_that_there_is_no_trading(
    config: Path, server: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(config, server.url, server.login, server.investor_password)
    code, out = doctor(capsys)
    assert code == 0
    assert "no trading" in out


def test_a_needed_generator_is_told(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Simulator(SimulatorConfig(two_factor=True)) as server:
        configure(config, server.url, server.login, server.password)
        code, out = doctor(capsys)
    assert code == 1
    assert "bind a one-time password generator" in wrong(out)[0]


def test_a_server_that_is_not_there_is_told(
    config: Path, server: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(config, server.url, server.login, PASSWORD)
    server.stop()
    code, out = doctor(capsys)
    assert code == 1
    (line,) = wrong(out)
    assert "cannot connect" in line


def test_an_unencrypted_server_is_told_without_the_user_in_its_address(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"ws://me:{PASSWORD}@broker.example/terminal"
    configure(config, address, 1, PASSWORD)
    code, out = doctor(capsys)
    assert code == 1
    (line,) = wrong(out)
    assert "broker.example" in line


def test_offline_nobody_is_asked(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(config, "wss://broker.example/terminal", 5, PASSWORD)
    code, out = doctor(capsys, "--offline")
    assert code == 0
    assert "login 5, a password, wss://broker.example/terminal" in out


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[profiles", "cannot read"),
        ("[profiles.mine]\npasswort = 'x'", "passwort"),
        ("[profiles.mine]\npassword = 98765\n", "password in a profile"),
    ],
)
def test_a_broken_configuration_is_told_without_what_is_secret_in_it(
    config: Path, capsys: pytest.CaptureFixture[str], text: str, why: str
) -> None:
    config.write_text(text)
    code, out = doctor(capsys)
    assert code == 1
    (line,) = wrong(out)
    assert why in line
    assert "98765" not in out


def test_passwords_that_others_may_read_are_noted(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(config, "wss://broker.example/terminal", 5, PASSWORD)
    config.chmod(0o644)
    assert "chmod 600" in doctor(capsys, "--offline")[1]
    config.chmod(0o600)
    assert "chmod 600" not in doctor(capsys, "--offline")[1]


def test_a_folder_that_cannot_be_written_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("MT5WEB_DATA", str(file))
    code, out = doctor(capsys, "--offline")
    assert code == 1
    assert "cannot write" in wrong(out)[0]


def test_what_the_name_of_the_original_stands_for_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        "'import MetaTrader5' needs python -m mt5web run"
        in (doctor(capsys, "--offline")[1])
    )
    link(tmp_path, "5.0.33")
    monkeypatch.syspath_prepend(tmp_path)
    told = "ok     name       MetaTrader5 5.0.33 stands for mt5web\n"
    assert told in doctor(capsys, "--offline")[1]
    (tmp_path / "MetaTrader5" / "__init__.py").write_text("")
    assert (
        "note   name       there is another MetaTrader5"
        in (doctor(capsys, "--offline")[1])
    )

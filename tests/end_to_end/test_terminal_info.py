"""What a machine without a terminal says about its terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

import mt5web as mt5
from mt5web.release import RELEASE_DATE
from mt5web_async.simulator.server import Simulator
from tests.waiting import eventually


def info_of(terminal: mt5.Terminal) -> mt5.TerminalInfo:
    info = terminal.terminal_info()
    assert info is not None, terminal.last_error()
    return info


def test_a_terminal_that_works_says_so(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    info = info_of(terminal)
    assert (info.connected, info.trade_allowed) == (True, True)
    assert (info.tradeapi_disabled, info.dlls_allowed) == (False, False)
    assert (info.build, info.company) == (server.config.build, server.config.company)
    assert info.maxbars == 10_000_000
    assert terminal.version() == (500, server.config.build, RELEASE_DATE)


def test_the_ping_is_in_microseconds_and_there_from_the_start(
    terminal: mt5.Terminal,
) -> None:
    assert 1 < info_of(terminal).ping_last < 10_000_000


def test_a_lost_trade_server_shows(server: Simulator, terminal: mt5.Terminal) -> None:
    server.set_connected(False)
    eventually(lambda: not info_of(terminal).connected)
    server.set_connected(True)
    eventually(lambda: info_of(terminal).connected)


def test_the_options_show(server: Simulator, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        "[options]\ntrade_allowed = false\nmax_bars = 100000\n"
    )
    terminal = mt5.Terminal()
    assert terminal.initialize(
        server=server.url, login=server.login, password=server.password
    )
    info = info_of(terminal)
    terminal.shutdown()
    assert (info.trade_allowed, info.maxbars) == (False, 100_000)


def test_the_folders_are_there_for_scripts_to_write_into(
    terminal: mt5.Terminal, tmp_path: Path
) -> None:
    info = info_of(terminal)
    assert Path(info.data_path) == Path(info.path) == tmp_path / "data"
    for folder in (
        Path(info.data_path, "MQL5", "Files"),
        Path(info.data_path, "logs"),
        Path(info.commondata_path, "Files"),
    ):
        (folder / "export.csv").write_text("time;price\n")


def test_without_a_folder_of_its_own_it_has_a_temporary_one(
    terminal: mt5.Terminal,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MT5WEB_DATA", str(tmp_path / "file" / "data"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    info = info_of(terminal)
    Path(info.data_path, "MQL5", "Files", "export.csv").write_text("time;price\n")
    assert Path(info.data_path).parent == tmp_path
    assert info_of(terminal) == info
    assert len(caplog.records) == 1
    assert "set MT5WEB_DATA" in caplog.text

from __future__ import annotations

import csv
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from mt5web.__main__ import main
from mt5web_async.calculation.quotes import Quote
from mt5web_async.terminal.ticks import TICKS, TickFiles, TickRecord

DAY = 86_400_000
T = 20_522 * DAY + 36_000_000  # 2026-03-10, 10:00


def keep(folder: Path, server: str = "Demo", symbol: str = "EURUSD") -> None:
    record = TickRecord()
    record.keep(TickFiles(folder, server))
    for day in range(3):
        record.take(symbol, Quote(1.1, 1.2, time_msc=T + day * DAY, changed=3))
        record.take(symbol, Quote(1.1, 1.2, 1.15, 250, T + day * DAY + 1, changed=12))
    record.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "ticks"
    keep(folder)
    monkeypatch.setenv("MT5WEB_TICKS", str(folder))
    return folder


def exported(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("words", [[], ["list"], ["list", "EUR*"]])
def test_it_lists_what_there_is(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert main(["ticks", *words]) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["server", "symbol", "from", "to", "ticks", "bytes"]
    assert row.split() == [
        *("Demo", "EURUSD", "2026-03-10", "2026-03-12"),
        *("6", str(3 * 16 + 6 * 37)),
    ]


def test_a_list_of_nothing_is_empty(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ticks", "list", "GBP*"]) == 0
    assert capsys.readouterr().out == ""


def test_the_folder_may_come_from_the_configuration(
    tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(tmp_path / "kept")
    config.write_text(f'[options]\nticks = "{tmp_path / "kept"}"\n')
    assert main(["ticks"]) == 0
    assert "EURUSD" in capsys.readouterr().out


def test_without_a_folder_it_says_how_to_name_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["ticks"]) == 1
    assert "MT5WEB_TICKS" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ticks", "--folder", str(tmp_path / "none"), "list"]) == 1
    assert "there is no folder" in capsys.readouterr().err


def test_it_exports_csv_with_the_official_columns(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    assert main(["ticks", "export", "EURUSD", "-o", str(path)]) == 0
    head, *rows = exported(path)
    assert head == list(TICKS.names or ())
    assert len(rows) == 6
    assert rows[1] == [
        *(str(T // 1000), "1.1", "1.2", "1.15", "0"),
        *(str(T + 1), "24", "2.5e-06"),
    ]
    assert [file.name for file in tmp_path.glob("*.part")] == []


def test_it_exports_to_standard_output(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ticks", "export", "EURUSD"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 7


def test_a_reader_of_its_output_may_stop_early(folder: Path) -> None:
    record = TickRecord()
    record.keep(TickFiles(folder, "Demo"))
    for index in range(9999):  # more than a pipe holds
        record.take("GBPUSD", Quote(1.1, 1.2, time_msc=T + index, changed=3))
    record.close()
    command = [sys.executable, "-m", "mt5web", "ticks", "export", "GBPUSD"]
    with subprocess.Popen(  # noqa: S603 - our own code
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("time,bid,ask")
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["--from", "2026-03-11"], 4),
        (["--to", "2026-03-11"], 4),
        (["--from", "2026-03-11", "--to", "2026-03-11"], 2),
        (["--to", "2026-03-10T10:00:00"], 1),
        (["--from", "2026-03-12T10:00:00.001"], 1),
        (["--flags", "trade"], 3),
        (["--flags", "info", "--from", "2026-03-12"], 1),
        (["--from", "2027-01-01"], 0),
    ],
    ids=str,
)
def test_it_exports_what_is_asked_for(
    folder: Path, tmp_path: Path, words: list[str], count: int
) -> None:
    path = tmp_path / "out.csv"
    assert main(["ticks", "export", "EURUSD", "-o", str(path), *words]) == 0
    assert len(exported(path)) == 1 + count


def test_a_time_that_is_none_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["ticks", "export", "EURUSD", "--from", "yesterday"])
    assert "'yesterday' is no time such as" in capsys.readouterr().err


def test_a_symbol_without_ticks_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ticks", "export", "GBPUSD"]) == 1
    assert "there are no ticks of GBPUSD" in capsys.readouterr().err


def test_one_server_must_be_named_where_several_have_the_symbol(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(folder, "Live")
    assert main(["ticks", "export", "EURUSD"]) == 1
    assert "give --server" in capsys.readouterr().err
    assert main(["ticks", "--server", "Live", "export", "EURUSD"]) == 0
    assert main(["ticks", "export", "EURUSD", "--server", "Live"]) == 0


def test_a_file_that_cannot_be_written_is_told(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "none" / "out.csv"
    assert main(["ticks", "export", "EURUSD", "-o", str(path)]) == 1
    assert "ticks: " in capsys.readouterr().err


def test_it_exports_parquet(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.parquet"
    assert main(["ticks", "export", "EURUSD", "-o", str(path)]) == 0
    table = importlib.import_module("pyarrow.parquet").read_table(path)
    assert table.column_names == list(TICKS.names or ())
    assert table["time_msc"].to_pylist()[:2] == [T, T + 1]
    assert table["bid"].to_pylist() == [1.1] * 6


def test_parquet_without_its_package_says_what_to_install(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = tmp_path / "out.parquet"
    assert main(["ticks", "export", "EURUSD", "-o", str(path)]) == 1
    assert "pip install 'mt5web[parquet]'" in capsys.readouterr().err
    assert not path.exists()

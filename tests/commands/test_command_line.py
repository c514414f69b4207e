"""The command line as people meet it: pipes, Ctrl-C, mistakes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mt5web.__main__ import main
from tests.commands.cli import run
from tests.programs import LIMIT

TICKING = """
import MetaTrader5 as mt5, time
print(mt5.initialize(), flush=True)
while True:
    mt5.symbol_info_tick("EURUSD")
    time.sleep(0.01)
"""


INTERRUPTIBLE = """
import runpy, signal
# what starts the tests may have Ctrl-C ignored
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("mt5web", run_name="__main__", alter_sys=True)
"""


def ended(*args: str) -> int:
    """The exit code of a command, called in this process."""
    try:
        return main(args)
    except SystemExit as exc:  # argparse has spoken
        return int(exc.code or 0)


def interrupted(*args: str) -> tuple[int, str]:
    """Press Ctrl-C once the first line is there: the exit code, and the errors."""
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", INTERRUPTIBLE, *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as command:
        assert command.stdout is not None
        assert command.stdout.readline()
        command.send_signal(signal.SIGINT)
        _, errors = command.communicate(timeout=LIMIT)
    return command.returncode, errors


def test_ctrl_c_ends_a_script_without_a_traceback(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(TICKING)
    assert interrupted("run", "--server", "simulator", str(script)) == (130, "")


def test_scripts_can_bring_their_accounts_to_a_simulator_of_its_own(
    tmp_path: Path,
) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import MetaTrader5 as mt5\n"
        "assert mt5.initialize(login=17, password='theirs', server='Broker-Demo')\n"
        "print(mt5.account_info().login, mt5.account_info().margin_mode)"
    )
    options = ["--account", "netting", "--open-unknown"]
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "mt5web", "simulator", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as serving:
        assert serving.stdout is not None
        address = serving.stdout.readline().split()[-1]
        done = run("run", "--server", address, str(script))
        serving.terminate()
        serving.communicate(timeout=LIMIT)
    assert (done.stdout, done.stderr) == ("17 0\n", "")


def test_ctrl_c_ends_the_simulator() -> None:
    code, errors = interrupted("simulator")
    assert (code, errors) == (0, "Ctrl-C stops it.\n")


@pytest.mark.parametrize("lines", [0, 1])
def test_a_reader_that_has_seen_enough_is_no_error(lines: int) -> None:
    reader, writer = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-m", "mt5web", "doctor", "--offline"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        os.close(writer)
        with os.fdopen(reader) as seen:
            for _ in range(lines):
                assert seen.readline()
        _, errors = command.communicate(timeout=LIMIT)
    assert errors == ""
    assert command.returncode in (0, 1)


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        ((), 2, "the following arguments are required: COMMAND"),
        (("nonsense",), 2, "invalid choice: 'nonsense'"),
        (("simulator", "--port", "99999"), None, "99999"),
        (("simulator", "--port", "none"), 2, "invalid int value: 'none'"),
        (("ticks", "list"), 1, "set MT5WEB_TICKS"),
        (("unlink", "--folder", "nowhere"), 1, "nothing is linked in nowhere"),
    ],
)
def test_a_mistake_is_told_in_a_line(
    args: tuple[str, ...],
    code: int | None,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert ended(*args) in ((1, 2) if code is None else (code,))
    out, errors = capsys.readouterr()
    assert said in errors
    assert out == ""


@pytest.mark.parametrize(
    "command",
    ["", "demo", "doctor", "run", "servers", "simulator", "ticks", "link", "unlink"],
)
def test_every_command_explains_itself(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(*command.split(), "--help") == 0
    out = capsys.readouterr().out
    assert out.startswith("usage: python -m mt5web")
    assert "None" not in out

"""`run`: scripts written for MetaTrader5, as they are."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.commands.cli import run


@pytest.fixture
def script(tmp_path: Path) -> Path:
    return tmp_path / "script.py"


def test_a_script_gets_its_arguments_and_its_exit_code_is_passed_on(
    script: Path,
) -> None:
    script.write_text(
        "import sys, MetaTrader5\n"
        "from MetaTrader5._core import Tick\n"
        "assert MetaTrader5.Tick is Tick\n"
        "print(sys.argv[1:], __name__)\n"
        "sys.exit(7)\n"
    )
    done = run("run", str(script), "--flag", "value")
    assert done.returncode == 7
    assert done.stdout == "['--flag', 'value'] __main__\n"


def test_a_script_gets_the_words_behind_its_name_as_they_stand(script: Path) -> None:
    script.write_text("import sys; print(sys.argv[1:])")
    done = run("run", str(script), "--", "--server", "x", "--")
    assert done.stdout == "['--', '--server', 'x', '--']\n"


def test_a_script_finds_its_folder_by_its_file_although_it_was_named_relatively(
    script: Path,
) -> None:
    script.write_text(
        "import os\nos.chdir(os.path.dirname(__file__))\nprint(__file__)\n"
    )
    done = run("run", script.name, cwd=script.parent)
    assert (done.stdout, done.stderr) == (f"{script}\n", "")


def test_a_script_that_fails_shows_its_own_traceback(script: Path) -> None:
    script.write_text("import MetaTrader5\nraise ValueError('mine')\n")
    done = run("run", str(script))
    assert done.returncode == 1
    assert "ValueError: mine" in done.stderr
    assert "runpy" not in done.stderr


def test_a_script_that_is_no_python_is_shown_as_python_does(script: Path) -> None:
    script.write_text("def f(:\n")
    done = run("run", str(script))
    assert done.returncode == 1
    assert done.stderr.startswith(f'  File "{script}", line 1\n')
    assert "SyntaxError" in done.stderr


def test_a_script_that_is_not_there_is_a_readable_error() -> None:
    done = run("run", "nowhere.py")
    assert done.returncode == 2
    assert done.stderr == "run: there is no script nowhere.py\n"


def test_a_login_of_elsewhere_gets_an_account_on_the_simulator(script: Path) -> None:
    script.write_text(
        "import MetaTrader5 as mt5\n"
        "account = dict(login=123456, password='x!1aA', server='MetaQuotes-Demo')\n"
        "print(mt5.initialize(**account))\n"
        "print(mt5.account_info().login)\n"
    )
    done = run("run", "--server", "simulator", str(script))
    assert done.stdout == "True\n123456\n", done.stderr


def test_logins_without_a_password_rely_on_those_that_a_terminal_has_stored(
    script: Path,
) -> None:
    script.write_text(
        dedent(
            """
            import MetaTrader5 as mt5
            print(mt5.initialize(login=17), mt5.account_info().login)
            print(mt5.login(18, "their own"), mt5.account_info().login)
            print(mt5.login(19), mt5.account_info().login)
            print(mt5.login(18), mt5.account_info().login)
            print(mt5.login(18, "another"), mt5.last_error())
            """
        )
    )
    done = run("run", "--server", "simulator", str(script))
    assert done.stdout.splitlines() == [
        "True 17",
        "True 18",
        "True 19",
        "True 18",
        "False (-6, 'Terminal: Authorization failed')",
    ], done.stderr


def test_a_script_sets_up_its_log_itself(script: Path) -> None:
    script.write_text(
        "import logging, MetaTrader5\n"
        "logging.basicConfig(level=logging.INFO, format='%(message)s')\n"
        "logging.info('started')\n"
    )
    assert run("run", str(script)).stderr == "started\n"
    assert "started\n" in run("-v", "run", str(script)).stderr


def test_threads_that_outlive_the_script_keep_their_connection(script: Path) -> None:
    script.write_text(
        dedent(
            """
            import threading
            import MetaTrader5 as mt5

            def work():
                threading.main_thread().join()
                print(mt5.positions_total(), mt5.account_info().login)

            mt5.initialize()
            threading.Thread(target=work).start()
            """
        )
    )
    done = run("run", "--server", "simulator", str(script))
    assert (done.stdout, done.stderr) == ("0 5000001\n", "")

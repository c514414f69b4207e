"""`import MetaTrader5` within one process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.programs import python

SAME = """
import MetaTrader5, MetaTrader5 as mt5, importlib, mt5web
from MetaTrader5 import TIMEFRAME_H1, TradePosition, initialize
from MetaTrader5._core import TradePosition, terminal_info
import MetaTrader5._core
assert MetaTrader5 is mt5web
assert MetaTrader5._core is mt5web._core
assert importlib.import_module("MetaTrader5") is mt5web
assert importlib.util.find_spec("MetaTrader5") is not None
assert terminal_info is mt5web.terminal_info
"""

CHILD = """
import multiprocessing, mt5web
def asked(_):
    import MetaTrader5
    return MetaTrader5.last_error(), MetaTrader5.__name__
if __name__ == "__main__":
    mt5web.install()
    for method in multiprocessing.get_all_start_methods():
        with multiprocessing.get_context(method).Pool(1) as pool:
            assert pool.map(asked, [0]) == [((0, ""), "mt5web")]
"""

REFUSED = """
import mt5web
try:
    mt5web.install()
except ImportError as exc:
    assert exc.name == "MetaTrader5"
    assert "there is another MetaTrader5" in str(exc), exc
else:
    raise SystemExit("not refused")
import sys
assert sys.modules.get("MetaTrader5") is not mt5web
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where programs run."""
    return tmp_path


def run(folder: Path, code: str) -> None:
    """Run a program in a process of its own; it fails when its assertions do."""
    program = folder / "program.py"
    program.write_text(code)
    done = python("-W", "error", program.name, folder=folder)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_it_there_is_no_such_package(folder: Path) -> None:
    run(folder, "import importlib.util as u; assert not u.find_spec('MetaTrader5')")


def test_the_name_stands_for_this_package(folder: Path) -> None:
    run(folder, f"import mt5web; mt5web.install()\n{SAME}")


def test_installing_again_changes_nothing(folder: Path) -> None:
    twice = "import mt5web, sys; mt5web.install(); path = sys.path[:]; mt5web.install()"
    run(folder, f"{twice}\nassert sys.path == path\n{SAME}")


def test_a_forgotten_import_finds_it_again(folder: Path) -> None:
    forget = "import sys, mt5web; mt5web.install(); del sys.modules['MetaTrader5']"
    run(folder, f"{forget}\n{SAME}")


def test_processes_that_are_started_have_the_name_too(folder: Path) -> None:
    run(folder, CHILD)


def test_an_installed_package_of_that_name_is_left_alone(folder: Path) -> None:
    package = folder / "MetaTrader5"
    package.mkdir()
    (package / "__init__.py").write_text("__version__ = '5.0.6231'\n")
    run(folder, REFUSED)
    run(folder, f"import MetaTrader5\n{REFUSED}")


def test_an_imported_fake_is_left_alone(folder: Path) -> None:
    fake = "import sys, types; sys.modules['MetaTrader5'] = types.ModuleType('fake')"
    run(folder, f"{fake}\n{REFUSED}")


def test_a_folder_of_that_name_without_code_is_no_package(folder: Path) -> None:
    (folder / "MetaTrader5" / "MQL5").mkdir(parents=True)
    run(folder, f"import mt5web; mt5web.install()\n{SAME}")

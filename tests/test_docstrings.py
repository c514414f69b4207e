"""The examples in docstrings are true, and what programs use has one."""

from __future__ import annotations

import doctest
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import mt5web
import mt5web_async
from mt5web.official import Definition
from mt5web_async.accounts import Accounts
from mt5web_async.discovery import Discovery
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.simulator.clock import ManualClock

ROOT = Path(__file__).parents[1]
PACKAGES = ("mt5web", "mt5web_async")
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)
TEN_PAST_NOON = 1773144600  # 10 March 2026, on the trade server's clock
PASSWORD = "Example-1"
USES_MODULE = re.compile(r"\bmt5(web)?\.")
EXTENSIONS = ("Buy", "Sell", "Close", "sent_requests", "watch_connection")
OFFICIAL = {
    name: one.doc
    for name, one in vars(mt5web.Terminal).items()
    if isinstance(one, Definition)
}
PUBLIC = {
    **OFFICIAL,
    **{name: getattr(mt5web.Terminal, name).__doc__ for name in EXTENSIONS},
    "mt5web.Terminal": mt5web.Terminal.__doc__,
    "to_dataframe": mt5web.to_dataframe.__doc__,
    "install": mt5web.install.__doc__,
    "connect": mt5web_async.connect.__doc__,
    "mt5web_async.Terminal": mt5web_async.Terminal.__doc__,
    "TerminalOptions": mt5web_async.TerminalOptions.__doc__,
    "Accounts": Accounts.__doc__,
    "Discovery": Discovery.__doc__,
    "Simulator": Simulator.__doc__,
}
NEVER_FAIL = {"shutdown", "last_error"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """The server of all examples; only they move its prices."""
    config = SimulatorConfig(automatic=False, clock=ManualClock(TEN_PAST_NOON))
    folder = tmp_path_factory.mktemp("examples")
    with pytest.MonkeyPatch.context() as patch, Simulator(config) as running:
        patch.setenv("MT5WEB_CONFIG", str(folder / "config.toml"))
        patch.setenv("MT5WEB_DATA", str(folder))
        yield running
        mt5web.shutdown()


@pytest.fixture
def no_other_name() -> Iterator[None]:
    """What `mt5web.install()` does in an example ends with it."""
    path = list(sys.path)
    yield
    sys.path[:] = path
    sys.modules.pop("MetaTrader5", None)


def examples(module: ModuleType, names: dict[str, Any]) -> Iterator[doctest.DocTest]:
    """The docstrings of a module that have examples, official functions' too."""
    found = doctest.DocTestFinder().find(module, extraglobs=names)
    yield from (one for one in found if one.examples)
    parse = doctest.DocTestParser().get_doctest
    for one in vars(module).values():
        if isinstance(one, Definition):
            yield parse(one.doc, dict(names), one.name, module.__file__, 0)


def connect(server: Simulator, login: int) -> None:
    """Whatever the example before did: logged in, and EURUSD at 1.1."""
    server.quote("EURUSD", bid=1.10000, ask=1.10012)
    account = mt5web.account_info()
    if account is None or account.login != login:
        assert mt5web.initialize(server=server.url, login=login, password=PASSWORD)


@pytest.mark.usefixtures("no_other_name")
@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(server: Simulator, name: str) -> None:
    runner, told = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS), list[str]()
    login = server.add_account(PASSWORD)
    names = {"mt5": mt5web, "mt5web": mt5web, "server": server}
    for one in examples(importlib.import_module(name), names):
        if USES_MODULE.search(one.docstring or ""):
            connect(server, login)
        runner.run(one, out=told.append)
    assert "".join(told) == ""
    assert runner.tries > 0


@pytest.mark.parametrize("name", PUBLIC)
def test_what_programs_use_has_an_example(name: str) -> None:
    assert "Example:\n" in PUBLIC[name]
    assert ">>> " in PUBLIC[name]


@pytest.mark.parametrize("name", OFFICIAL)
def test_an_official_function_tells_what_it_returns_and_how_it_fails(name: str) -> None:
    assert "Returns:\n" in OFFICIAL[name]
    assert name in NEVER_FAIL or "Errors (see last_error):\n" in OFFICIAL[name]

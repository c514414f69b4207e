"""The simulated trade server as a program of its own."""

from __future__ import annotations

import json
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import trustme

from mt5web.__main__ import main
from mt5web_async.enums import OrderType, TradeAction
from mt5web_async.protocol import requests, responses
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import TradeRequest
from tests.simulator.client import Client

LIMIT = 60.0
BUY = TradeRequest(1, TradeAction.MARKET, "EURUSD", 10_000_000, type_flags=2)


def started(*options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "mt5web", "simulator", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class Running:
    """A simulator in a process of its own; ends with the test."""

    def __init__(self, *options: str) -> None:
        self.process = started("--json", *options)
        assert self.process.stdout is not None
        words = self.process.stdout.readline()
        if not words:
            pytest.fail(self.process.communicate(timeout=LIMIT)[1])
        self.told: dict[str, Any] = json.loads(words)

    def end(self, how: signal.Signals) -> tuple[int, str]:
        """Stop it; its exit code and what it wrote to stderr."""
        self.process.send_signal(how)
        _, errors = self.process.communicate(timeout=LIMIT)
        return self.process.returncode, errors

    def entered(self, login: int = 0, password: str = "") -> Client:
        """A connection that is logged in."""
        client = Client(self.told["server"])
        client.bootstrap()
        client.enter(login or self.told["login"], password or self.told["password"])
        return client


Run = Callable[..., Running]


@pytest.fixture
def run() -> Iterator[Run]:
    with ExitStack() as ends:

        def begun(*options: str) -> Running:
            running = Running(*options)
            ends.callback(running.process.communicate)
            ends.callback(running.process.kill)
            return running

        yield begun


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_tells_how_to_log_in_and_ends_in_peace(
    run: Run, how: signal.Signals
) -> None:
    running = run("--account", "netting", "--currency", "EUR", "--login", "77")
    assert running.told["login"] == 77
    with running.entered() as client:
        account = client.account()
        assert (account.margin_mode, account.currency) == (0, "EUR")
        assert running.end(how) == (0, "Ctrl-C stops it.\n")


def test_address_login_and_password_are_printed_one_to_a_line() -> None:
    with started("--password", "Mine-1234") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().split() for _ in range(3)]
        process.terminate()
    (_, url), *others = lines
    assert url.startswith("ws://127.0.0.1:")
    assert others == [["login", "5000001"], ["password", "Mine-1234"]]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--port", "99999"], "port 99999"),
        (["--balance", "-5"], "balance -5.0"),
        (["--balance", "nan"], "balance nan"),
        (["--leverage", "0"], "leverage 0"),
        (["--utc-offset", "27"], "utc_offset 27.0"),
        (["--login", "0"], "login 0"),
        (["--switch", "nope"], "switch 'nope': must be one of refuse_at_once, verbose"),
        (["--switch", "requote_rate=x"], "switch 'requote_rate=x': must be a number"),
        (["--switch", "fifo=maybe"], "switch 'fifo=maybe': must be yes or no"),
        (["--switch", "partial_retcode=1"], "must be 10010 or 11001"),
        (["--tls-key", "key.pem"], "--tls-key without --tls-cert"),
        (["--tls-cert", "nowhere.pem"], "certificate nowhere.pem"),
    ],
)
def test_what_cannot_be_is_wrong_usage(
    options: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulator", *options]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("simulator: ")
    assert reason in err


def test_a_currency_that_nothing_is_quoted_in_fails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["simulator", "--currency", "XYZ"]) == 1
    assert "currency 'XYZ': must be one of AUD, CAD" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "reason"),
    [("no/such.db", "No such file"), ("notes.txt", "is not a")],
)
def test_a_ledger_that_is_none_fails(
    tmp_path: Path, name: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("remember the milk" * 100)
    path = tmp_path / name
    before = signal.getsignal(signal.SIGINT)
    assert main(["simulator", "--ledger", str(path)]) == 1
    assert signal.getsignal(signal.SIGINT) is before
    errors = capsys.readouterr().err
    assert errors.startswith(f"simulator: ledger {path}: ")
    assert reason in errors


def test_port_and_ledger_of_a_running_server_are_taken(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "ledger.db")
    url = run("--ledger", path).told["server"]
    port = url.split(":")[2].split("/")[0]
    assert main(["simulator", "--port", port]) == 1
    assert f"cannot listen at 127.0.0.1:{port}: " in capsys.readouterr().err
    assert main(["simulator", "--ledger", path]) == 1
    assert capsys.readouterr().err == (
        f"simulator: ledger {path}: database is locked\n"
    )


def test_a_killed_server_goes_on_with_its_ledger(run: Run, tmp_path: Path) -> None:
    path = str(tmp_path / "ledger.db")
    running = run("--ledger", path)
    with running.entered() as client:
        ticket = client.trade(BUY).answer.order
        waiting = BUY._replace(
            action=TradeAction.PENDING, type=OrderType.BUY_LIMIT, price_order=0.5
        )
        client.trade(waiting)
        before = client.ask(Command.HISTORY, requests.span(0, 2**31 - 1)).payload
        assert running.end(signal.SIGKILL)[0] == -signal.SIGKILL
    again = run("--ledger", path, "--account", "netting", "--leverage", "50")
    with again.entered() as client:
        history = client.ask(Command.HISTORY, requests.span(0, 2**31 - 1)).payload
        assert bytes(history) == bytes(before)
        held, orders = responses.read_positions(client.ask(Command.POSITIONS).payload)
        assert [one.position_id for one in held] == [ticket]
        assert [one.order for one in orders] == [ticket + 1]
        assert client.trade(BUY).answer.order == ticket + 2
    _, errors = again.end(signal.SIGTERM)
    assert f"{path} has a hedging account\n" in errors
    assert f"{path} has a leverage of 1:100\n" in errors


def test_every_user_has_an_account_of_his_own_that_is_kept(
    run: Run, tmp_path: Path
) -> None:
    path = str(tmp_path / "ledger.db")
    running = run("--ledger", path, "--open-unknown", "--switch", "verbose")
    users = [(11, "First-111"), (22, "Second-222")]
    for login, password in users:
        with running.entered(login, password) as client:
            first = client.trade(BUY)
            assert first.answer.retcode == 10002  # on its way
    running.end(signal.SIGTERM)
    again = run("--ledger", path)
    for login, password in users:
        with again.entered(login, password) as client:
            held, _ = responses.read_positions(client.ask(Command.POSITIONS).payload)
            assert len(held) == 1


def test_it_serves_tls(run: Run, tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    chain = tmp_path / "chain.pem"
    certificate.private_key_and_cert_chain_pem.write_to_path(str(chain))
    url = run("--tls-cert", str(chain)).told["server"]
    assert url.startswith("wss://127.0.0.1:")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with Client(url, context) as client:
        client.bootstrap()

from __future__ import annotations

import json

import pytest
import responses

from mt5web.__main__ import main
from mt5web_async.simulator.server import Simulator
from tests.commands.cli import run
from tests.discovery.pages import (
    HOST,
    JSON,
    KEY,
    OLDER,
    TOKEN,
    WEBSOCKET,
    serve_older,
    serve_terminal,
)
from tests.discovery.pages import serve as serve_page


def test_servers_are_printed_one_to_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with responses.RequestsMock() as web:
        serve_terminal(web)
        assert main(["servers", HOST]) == 0
    out, err = capsys.readouterr()
    assert [line.split("\t") for line in out.splitlines()] == [
        ["Broker-Demo", "demo", WEBSOCKET, "5687"],
        ["Broker-Live", "real", WEBSOCKET, "5687"],
    ]
    assert err == ""


def test_a_page_that_names_no_servers_gives_its_address(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with responses.RequestsMock() as web:
        serve_older(web)
        assert main(["servers", HOST]) == 0
    assert capsys.readouterr().out == f"-\t?\t{WEBSOCKET}\t{OLDER['version']}\n"


def test_json_holds_all_but_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    with responses.RequestsMock() as web:
        serve_older(web)
        assert main(["servers", "--json", HOST]) == 0
    out = capsys.readouterr().out
    assert json.loads(out)["broker"]["name"] == "Broker Ltd"
    assert TOKEN not in out
    assert KEY not in out


def test_the_name_of_a_listed_server_is_enough(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with responses.RequestsMock() as web:
        serve_terminal(web)
        assert main(["servers", HOST]) == 0
    assert main(["servers", "Broker-Live"]) == 0
    names = [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()]
    assert names == ["Broker-Demo", "Broker-Live"] * 2


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("http://broker.example", "not encrypted"),
        ("Unheard-Of", "no page told"),
        ("ftp://broker.example", "no address of a page"),
        ("127.0.0.1:1", "cannot reach"),
    ],
)
def test_what_does_not_work_is_told_in_one_line(
    where: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["servers", where]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert line.startswith("servers: ")
    assert why in line


def test_a_terminal_that_is_switched_off_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with responses.RequestsMock() as web:
        serve_page(web, f"{HOST}/terminal", "")
        web.add(responses.GET, JSON, json={**OLDER, "enabled": False})
        assert main(["servers", HOST]) == 1
    assert "switched off" in capsys.readouterr().err


def test_no_host_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["servers"])
    assert caught.value.code == 2
    assert "HOST" in capsys.readouterr().err


def test_it_works_as_a_program_in_a_pipe(server: Simulator) -> None:
    done = run("servers", server.url)
    name, kind, url, build = done.stdout.rstrip("\n").split("\t")
    assert (name, kind) == (server.config.server_name, "demo")
    assert (url, build) == (server.url, str(server.config.build))
    assert done.stderr == ""

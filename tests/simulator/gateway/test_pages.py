"""The pages beside the WebSocket."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import pytest

from mt5web_async.protocol import requests, responses
from mt5web_async.protocol.commands import Command
from mt5web_async.simulator import Simulator
from tests.simulator.client import LIMIT, Client
from tests.simulator.conftest import Start, still


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    with Simulator(still(company="</script> & Sons", server_name="Sons-Demo")) as one:
        yield one


def got(server: Simulator, path: str) -> tuple[HTTPResponse, str]:
    """The answer to a request for a page, and its text."""
    host, _, port = server.url.removeprefix("ws://").partition("/")[0].partition(":")
    connection = HTTPConnection(host, int(port), timeout=LIMIT)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response, response.read().decode()
    finally:
        connection.close()


def parameters(server: Simulator) -> dict[str, Any]:
    """What the terminal's page tells."""
    _, page = got(server, "/terminal")
    found = re.search(r"window\.__terminal_params = (\{.*\});</script>", page)
    assert found is not None
    told: dict[str, Any] = json.loads(found[1])
    return told


def test_the_page_names_broker_server_and_groups(server: Simulator) -> None:
    told = parameters(server)
    assert told["trade_server_demo"] == "Sons-Demo"
    assert told["broker"]["name"] == "</script> & Sons"
    assert told["build"] == server.config.build
    (listed,) = told["servers"]
    assert listed["server"] == "Sons-Demo"
    (group,) = listed["groups"]
    assert group["currency"] == "USD"
    assert group["group"] == "demo\\hedging-usd-01"
    assert 100 in group["leverages"]


@pytest.mark.parametrize("path", ["/terminal", "/terminal/", "/terminal?mode=demo"])
def test_the_page_is_html_that_no_cache_keeps(server: Simulator, path: str) -> None:
    response, page = got(server, path)
    assert response.status == 200
    assert response.headers["Content-Type"].startswith("text/html")
    assert response.headers["Cache-Control"] == "no-store"
    assert page.startswith("<!DOCTYPE html>")
    assert page.count("</script>") == 1  # names of brokers end no script


@pytest.mark.parametrize("path", ["/", "/terminal/other", "/terminals", "/json"])
def test_there_is_nothing_elsewhere(server: Simulator, path: str) -> None:
    assert got(server, path)[0].status == 404


def test_the_document_of_older_hosts_gives_token_and_key_of_a_session(
    server: Simulator,
) -> None:
    response, text = got(server, "/terminal/json")
    told = json.loads(text)
    assert response.headers["Content-Type"] == "application/json"
    assert told["enabled"] is True
    assert told["version"] == server.config.build
    assert server.url == f"ws://{told['signal_server']}"
    with Client(server.url) as client:
        answer = client.ask(
            Command.BOOTSTRAP, requests.bootstrap(told["token"].encode())
        )
        given = responses.read_bootstrap(answer.payload)
        assert given.token == told["token"].encode()
        assert given.key.hex() == told["key"]
        client.use_key(bytes.fromhex(told["key"]))
        client.enter(server.login, server.password)


def test_every_document_announces_another_session(server: Simulator) -> None:
    one, other = (json.loads(got(server, "/terminal/json")[1]) for _ in range(2))
    assert one["token"] != other["token"]
    assert one["key"] != other["key"]


def test_a_server_that_refuses_shows_no_pages(start: Start) -> None:
    server = start()
    server.trouble.refuse()
    assert got(server, "/terminal")[0].status == 503
    server.trouble.refuse(False)
    assert got(server, "/terminal")[0].status == 200

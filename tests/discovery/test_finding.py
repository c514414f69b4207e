from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest
import requests
import responses

from mt5web_async.discovery import Discovery, DiscoveryOptions, EndpointCache
from mt5web_async.errors import (
    ConnectionFailed,
    HostNotFound,
    InsecureConnection,
    InvalidArgument,
    NoTerminal,
    NotFound,
    TerminalDisabled,
)
from mt5web_async.simulator import Simulator

from .pages import (
    HOST,
    JSON,
    KEY,
    OLDER,
    PAGE,
    PARAMETERS,
    TOKEN,
    WEBSOCKET,
    page,
    serve,
    serve_older,
    serve_terminal,
)


@pytest.mark.parametrize(
    "where",
    [
        "terminal.broker.example",
        " terminal.broker.example/terminal/ ",
        HOST,
        f"{PAGE}?mode=demo#top",
        WEBSOCKET,
        "https://someone:secret@terminal.broker.example/terminal",
    ],
)
def test_hosts_pages_and_websockets_lead_to_the_same_address(
    web: responses.RequestsMock, discovery: Discovery, where: str
) -> None:
    serve_terminal(web)
    endpoint = discovery.find(where)
    assert (endpoint.url, endpoint.page) == (WEBSOCKET, PAGE)


def test_a_page_tells_its_servers_build_and_broker(
    web: responses.RequestsMock, discovery: Discovery
) -> None:
    serve_terminal(web)
    endpoint = discovery.find(PAGE)
    assert endpoint.build == 5687
    assert endpoint.broker.name == "Broker Ltd"
    assert [(s.name, s.demo) for s in endpoint.servers] == [
        ("Broker-Demo", True),
        ("Broker-Live", False),
    ]
    (group,) = endpoint.servers[0].groups
    assert (group.group, group.leverages) == ("demo\\standard", (1, 100))
    assert (group.default_deposit, group.currency) == (5000.0, "EUR")
    assert group.agreements == ("https://broker.example/terms",)


def test_a_page_elsewhere_on_the_host_leads_to_its_terminal(
    web: responses.RequestsMock, discovery: Discovery
) -> None:
    serve(web, f"{HOST}/en/trade", "<html>Welcome</html>")
    serve_terminal(web)
    assert discovery.find(f"{HOST}/en/trade").url == WEBSOCKET


def test_a_redirection_leads_to_the_host_that_answers(
    web: responses.RequestsMock, discovery: Discovery
) -> None:
    web.add(
        responses.GET,
        "https://broker.example/terminal",
        status=302,
        headers={"Location": PAGE},
    )
    serve_terminal(web)
    assert discovery.find("broker.example").url == WEBSOCKET


def test_a_redirection_out_of_encryption_is_not_believed(
    web: responses.RequestsMock, discovery: Discovery
) -> None:
    plain = "http://terminal.broker.example/plain"
    web.add(responses.GET, PAGE, status=302, headers={"Location": plain})
    serve(web, plain, page(PARAMETERS))
    with pytest.raises(InsecureConnection):
        discovery.find(PAGE)


def test_older_hosts_tell_by_json(
    web: responses.RequestsMock, discovery: Discovery
) -> None:
    serve_older(web)
    endpoint = discovery.find(HOST)
    assert (endpoint.url, endpoint.build) == (WEBSOCKET, 2485)
    assert endpoint.older
    assert endpoint.broker.name == "Broker Ltd"


def test_tokens_and_keys_are_in_no_repr_and_in_no_file(
    web: responses.RequestsMock, discovery: Discovery, folder: Path
) -> None:
    serve_older(web)
    announce = discovery.announcing(discovery.find(HOST))
    assert announce is not None
    announced = announce()
    assert (announced.token, announced.key.hex()) == (TOKEN.encode(), KEY)
    kept = "".join(file.read_text("utf-8") for file in folder.iterdir())
    assert '"older": true' in kept
    for secret in (TOKEN, KEY):
        assert secret not in f"{announced!r} {announce!r}"
        assert secret not in kept


def test_every_connection_is_announced_anew(
    web: responses.RequestsMock, discovery: Discovery
) -> None:
    serve_older(web)
    endpoint = discovery.find(HOST)
    web.replace(responses.GET, JSON, json={**OLDER, "key": "cd" * 16})
    assert discovery.announce(endpoint.page).key.hex() == "cd" * 16
    assert discovery.find(HOST) == endpoint  # out of the cache


@pytest.mark.parametrize(
    "told", [{"key": ""}, {"key": "ab" * 15}, {"key": "no digits"}, {"token": "t" * 65}]
)
def test_a_host_that_announces_nothing_usable_is_like_a_newer_one(
    web: responses.RequestsMock, discovery: Discovery, told: dict[str, str]
) -> None:
    serve_older(web, **told)
    endpoint = discovery.find(HOST)
    assert not endpoint.older
    assert discovery.announcing(endpoint) is None
    with pytest.raises(NoTerminal, match="announces no connection"):
        discovery.announce(endpoint.page)


def test_a_terminal_that_is_switched_off_says_so(
    web: responses.RequestsMock, discovery: Discovery
) -> None:
    serve_older(web, enabled=False)
    with pytest.raises(TerminalDisabled, match="switched off by Broker Ltd"):
        discovery.find(HOST)


@pytest.mark.parametrize("address", ["ftp://broker.example/x", "nothing at all"])
def test_an_older_host_cannot_lead_to_what_is_no_address(
    web: responses.RequestsMock, discovery: Discovery, address: str
) -> None:
    serve_older(web, signal_server=address)
    with pytest.raises((NoTerminal, InvalidArgument)):
        discovery.find(HOST)


@pytest.mark.parametrize(
    ("body", "json", "status"),
    [
        ("<html>Buy socks</html>", "[]", 200),
        ("not found", "not found", 404),
        ("<script>window.__terminal_params = {];</script>", "{", 200),
        ("<script>window.__terminal_params = {};</script>", '{"a": 1}', 200),
        ("", "[" * 100_000, 200),
    ],
)
def test_what_is_no_terminal_page_is_told_from_one(
    web: responses.RequestsMock,
    discovery: Discovery,
    body: str,
    json: str,
    status: int,
) -> None:
    serve(web, PAGE, body, status)
    serve(web, JSON, json, status)
    with pytest.raises(NoTerminal, match="no page of a web terminal"):
        discovery.find(HOST)


def test_a_page_without_end_is_not_read_to_its_end(
    web: responses.RequestsMock, discovery: Discovery
) -> None:
    serve(web, PAGE, "x" * (5 * 1024 * 1024))
    with pytest.raises(NoTerminal, match="more than"):
        discovery.find(HOST)


def test_a_host_that_does_not_exist_is_named(
    web: responses.RequestsMock, discovery: Discovery
) -> None:
    failure = requests.ConnectionError("refused")
    failure.__cause__ = socket.gaierror(-2, "Name or service not known")
    web.add(responses.GET, PAGE, body=failure)
    with pytest.raises(HostNotFound, match=r"terminal\.broker\.example"):
        discovery.find(HOST)


def test_a_bad_certificate_is_no_mere_connection_failure(
    web: responses.RequestsMock, discovery: Discovery
) -> None:
    failure = requests.exceptions.SSLError("bad")
    cause = ssl.SSLCertVerificationError(1, "verify failed")
    cause.verify_message = "self-signed certificate"
    failure.__cause__ = cause
    web.add(responses.GET, PAGE, body=failure)
    with pytest.raises(InsecureConnection, match="self-signed"):
        discovery.find(HOST)


@pytest.mark.parametrize(
    "failure", [requests.Timeout("late"), requests.ConnectionError("refused")]
)
def test_a_host_that_does_not_answer_is_told(
    web: responses.RequestsMock, discovery: Discovery, failure: Exception
) -> None:
    web.add(responses.GET, PAGE, body=failure)
    with pytest.raises(ConnectionFailed) as caught:
        discovery.find(HOST)
    assert type(caught.value) is ConnectionFailed
    assert caught.value.server == PAGE


def test_a_host_in_trouble_is_not_taken_for_one_without_a_terminal(
    web: responses.RequestsMock, discovery: Discovery
) -> None:
    serve(web, PAGE, "maintenance", 503)
    with pytest.raises(ConnectionFailed, match="HTTP 503"):
        discovery.find(HOST)


@pytest.mark.parametrize("where", ["http://broker.example", "ws://broker.example/x"])
def test_plain_text_to_other_machines_has_to_be_allowed(
    web: responses.RequestsMock, discovery: Discovery, folder: Path, where: str
) -> None:
    with pytest.raises(InsecureConnection):
        discovery.find(where)
    serve(web, "http://broker.example/terminal", page(PARAMETERS))
    serve(web, "http://broker.example/x", page(PARAMETERS))
    cache = EndpointCache(folder)
    daring = Discovery(DiscoveryOptions(allow_insecure=True), cache=cache)
    assert daring.find(where).url == "ws://broker.example/terminal"


@pytest.mark.parametrize("where", ["ftp://broker.example", "https://", "a.b:port"])
def test_what_is_no_address_is_refused(discovery: Discovery, where: str) -> None:
    with pytest.raises(InvalidArgument, match="address of a page"):
        discovery.find(where)


@pytest.mark.parametrize("where", ["Broker-Demo", "C:\\terminal64.exe", ""])
def test_a_name_that_nobody_told_is_not_found(discovery: Discovery, where: str) -> None:
    with pytest.raises(NotFound, match="servers HOST"):
        discovery.find(where)


def test_the_simulator_is_found_by_its_page(discovery: Discovery) -> None:
    with Simulator() as simulator:
        page = simulator.url.replace("ws://", "http://")
        host = page.removeprefix("http://").removesuffix("/terminal")
        for where in (host, page, simulator.url):
            endpoint = discovery.find(where, fresh=True)
            assert endpoint.url == simulator.url
        assert endpoint.build == simulator.config.build
        assert endpoint.login == simulator.login
        (server,) = endpoint.servers
        assert (server.name, server.demo) == (simulator.config.server_name, True)
        assert discovery.find(server.name) == endpoint

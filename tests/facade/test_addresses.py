"""What scripts may name as a server, and where that leads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import responses

from mt5web.addresses import Address, address_instead_of, address_of
from mt5web.backend import CallFailed
from mt5web.settings import Options, Settings
from mt5web_async.discovery import Discovery, EndpointCache
from mt5web_async.errors import ConnectionFailed, ConnectionLost, TerminalDisabled
from tests.discovery.pages import (
    HOST,
    JSON,
    PAGE,
    WEBSOCKET,
    serve,
    serve_older,
    serve_terminal,
)

PLAIN = Settings()
DARING = Settings(options=Options(allow_insecure=True))


@pytest.mark.parametrize(
    ("server", "url"),
    [
        ("broker.example", "wss://broker.example/terminal"),
        ("broker.example:8443", "wss://broker.example:8443/terminal"),
        ("broker.example/terminal", "wss://broker.example/terminal"),
        ("https://broker.example/en/trade?x=1", "wss://broker.example/terminal"),
        ("wss://broker.example/elsewhere", "wss://broker.example/elsewhere"),
        ("localhost:8080", "ws://localhost:8080/terminal"),
        ("127.0.0.2", "ws://127.0.0.2/terminal"),
        ("[::1]:8080", "ws://[::1]:8080/terminal"),
        ("http://127.0.0.1:8080/terminal", "ws://127.0.0.1:8080/terminal"),
        ("localhost.evil.example", "wss://localhost.evil.example/terminal"),
        ("127.0.0.1.evil.example", "wss://127.0.0.1.evil.example/terminal"),
    ],
)
def test_a_host_page_or_url_is_its_websocket(server: str, url: str) -> None:
    assert address_of(server, PLAIN) == Address(url)
    assert address_of(server, DARING) == Address(url)


@pytest.mark.parametrize("server", ["Broker-Demo", "My Broker. Demo", ""])
def test_a_name_that_nobody_told_says_how_to_find_it(server: str) -> None:
    with pytest.raises(CallFailed, match="no address is known") as caught:
        address_of(server, PLAIN)
    assert "mt5web servers" in str(caught.value)


def discovered(older: bool = False) -> None:
    """The user has asked for the servers of a host before."""
    with responses.RequestsMock() as web:
        if older:
            serve_older(web)
        else:
            serve_terminal(web)
        Discovery().find(HOST)


def test_a_name_that_a_page_told_is_enough() -> None:
    discovered()
    assert address_of("Broker-Demo", PLAIN) == Address(WEBSOCKET)
    assert address_of("broker-live", PLAIN) == Address(WEBSOCKET)


def test_an_older_host_is_known_by_its_page_once_it_was_asked() -> None:
    discovered(older=True)
    for server in ("terminal.broker.example", HOST, PAGE, WEBSOCKET):
        assert address_of(server, PLAIN) == Address(WEBSOCKET, PAGE)
    other = "wss://terminal.broker.example/elsewhere"
    assert address_of(other, PLAIN) == Address(other)


def test_a_cached_address_without_encryption_is_not_used(own_cache: Path) -> None:
    discovered()
    (file,) = (own_cache / "servers").iterdir()
    file.write_text(file.read_text("utf-8").replace("wss://", "ws://"), "utf-8")
    assert EndpointCache().get(PAGE) is not None
    with pytest.raises(CallFailed):
        address_of("Broker-Demo", PLAIN)
    assert address_of("terminal.broker.example", PLAIN) == Address(WEBSOCKET)


FAILURE = ConnectionLost("connection lost: closed")


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def other_way() -> Address:
    return address_instead_of(Address(WEBSOCKET), FAILURE, PLAIN, 5.0)


def test_a_page_that_announces_connections_is_the_other_way(
    web: responses.RequestsMock,
) -> None:
    serve_older(web)
    assert other_way() == Address(WEBSOCKET, PAGE)


def test_there_is_no_other_way_to_a_newer_host(web: responses.RequestsMock) -> None:
    serve_terminal(web)
    with pytest.raises(ConnectionLost) as failed:
        other_way()
    assert failed.value is FAILURE


def test_what_an_older_host_announces_is_not_asked_for_twice() -> None:
    with pytest.raises(ConnectionLost):  # no page is asked: there is no web here
        address_instead_of(Address(WEBSOCKET, PAGE), FAILURE, PLAIN, 5.0)


def test_a_page_tells_why_there_is_no_connection(web: responses.RequestsMock) -> None:
    serve_older(web, enabled=False)
    with pytest.raises(TerminalDisabled, match="switched off by Broker Ltd"):
        other_way()


def test_a_host_that_serves_something_else_is_told(web: responses.RequestsMock) -> None:
    serve(web, PAGE, "<html>Buy socks</html>")
    serve(web, JSON, "not found", 404)
    with pytest.raises(
        ConnectionFailed, match=r"lost: closed; and .* no page of a web"
    ):
        other_way()


@pytest.mark.parametrize("elsewhere", ["evil.example/terminal", "127.0.0.1:9/terminal"])
def test_a_password_does_not_follow_a_page_to_another_host(
    web: responses.RequestsMock, elsewhere: str
) -> None:
    serve_older(web, signal_server=elsewhere)
    with pytest.raises(ConnectionFailed, match=rf"server is at .*{elsewhere}: give"):
        other_way()


def test_a_host_that_cannot_be_asked_leaves_the_failure_as_it_is(
    web: responses.RequestsMock,
) -> None:
    with pytest.raises(ConnectionLost) as failed:
        other_way()
    assert failed.value is FAILURE

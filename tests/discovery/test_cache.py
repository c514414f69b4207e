from __future__ import annotations

from pathlib import Path

import pytest
import responses

from mt5web_async.discovery import Discovery, EndpointCache, cache_path
from mt5web_async.errors import NotFound

from .pages import HOST, PAGE, PARAMETERS, WEBSOCKET, page, serve, serve_terminal


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def discovery(folder: Path, clock: Clock) -> Discovery:
    return Discovery(cache=EndpointCache(folder, expiry=3600, clock=clock))


def test_a_page_is_asked_once_until_its_answer_expires(
    web: responses.RequestsMock, discovery: Discovery, clock: Clock
) -> None:
    serve_terminal(web)
    first = discovery.find(HOST)
    clock.now += 3599
    assert discovery.find(HOST) == first
    assert len(web.calls) == 1
    clock.now += 1
    assert discovery.find(HOST) == first
    assert len(web.calls) == 2


def test_an_answer_from_the_future_is_not_believed(
    web: responses.RequestsMock, discovery: Discovery, clock: Clock
) -> None:
    serve_terminal(web)
    discovery.find(HOST)
    clock.now -= 10
    discovery.find(HOST)
    assert len(web.calls) == 2


def test_a_fresh_answer_can_be_insisted_on(
    web: responses.RequestsMock, discovery: Discovery
) -> None:
    serve_terminal(web)
    discovery.find(HOST)
    discovery.find(HOST, fresh=True)
    assert len(web.calls) == 2


def test_the_name_of_a_server_is_enough_once_its_page_was_seen(
    web: responses.RequestsMock, discovery: Discovery, clock: Clock
) -> None:
    serve_terminal(web)
    discovery.find(HOST)
    assert discovery.find("broker-live").url == WEBSOCKET
    known = discovery.known("Broker-Demo")
    assert known is not None
    assert known.url == WEBSOCKET
    assert len(web.calls) == 1
    clock.now += 7200
    assert discovery.find("Broker-Live").url == WEBSOCKET
    assert len(web.calls) == 2


def test_a_server_that_its_page_dropped_is_not_found_any_more(
    web: responses.RequestsMock, discovery: Discovery
) -> None:
    serve_terminal(web)
    discovery.find(HOST)
    fewer = {**PARAMETERS, "trade_server_real": "", "servers": []}
    web.replace(responses.GET, PAGE, body=page(fewer))
    with pytest.raises(NotFound):
        discovery.find("Broker-Live", fresh=True)


def test_all_of_an_endpoint_survives_the_cache(
    web: responses.RequestsMock, discovery: Discovery
) -> None:
    serve_terminal(web)
    asked = discovery.find(HOST)
    kept = discovery.find(HOST)
    assert kept == asked
    assert kept is not asked
    assert discovery.known(HOST) == discovery.known(WEBSOCKET) == asked


def test_nobody_is_asked_about_what_is_not_known(discovery: Discovery) -> None:
    assert discovery.known(HOST) is None
    assert discovery.known("Broker-Demo") is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"[1]", b'{"format": 1}', b'{"format": 99}']
)
def test_a_broken_file_is_no_file(
    web: responses.RequestsMock, discovery: Discovery, folder: Path, content: bytes
) -> None:
    serve_terminal(web)
    discovery.find(HOST)
    (file,) = folder.iterdir()
    file.write_bytes(content)
    assert discovery.known("Broker-Demo") is None
    assert discovery.find(HOST).url == WEBSOCKET
    assert len(web.calls) == 2


def test_a_folder_that_cannot_be_written_costs_only_the_cache(
    web: responses.RequestsMock, tmp_path: Path
) -> None:
    serve_terminal(web)
    file = tmp_path / "file"
    file.write_text("in the way")
    discovery = Discovery(cache=EndpointCache(file / "cache"))
    assert discovery.find(HOST).url == WEBSOCKET


def test_the_insecure_address_of_a_daring_call_is_not_handed_to_others(
    web: responses.RequestsMock, discovery: Discovery, folder: Path
) -> None:
    serve_terminal(web)
    discovery.find(HOST)
    (file,) = folder.iterdir()
    plain = file.read_text("utf-8").replace("wss://", "ws://")
    file.write_text(plain, "utf-8")
    assert discovery.known("Broker-Demo") is None
    assert discovery.find(HOST).url == WEBSOCKET


def test_the_folder_can_be_chosen_by_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MT5WEB_CACHE", str(tmp_path))
    assert cache_path() == tmp_path / "servers"
    monkeypatch.delenv("MT5WEB_CACHE")
    assert "mt5web" in cache_path().parts


def test_text_of_a_page_cannot_command_a_terminal(
    web: responses.RequestsMock, discovery: Discovery
) -> None:
    serve(web, PAGE, page({"trade_server_demo": "Bad\x1b[2J\nName", "build": "12"}))
    endpoint = discovery.find(HOST)
    assert [server.name for server in endpoint.servers] == ["Bad[2JName"]
    assert endpoint.build == 12

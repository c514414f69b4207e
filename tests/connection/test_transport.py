"""The WebSocket: its limits, TLS, proxies and ends."""

from __future__ import annotations

import asyncio
import base64
import datetime
import logging
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import trustme

from mt5web_async.connection.proxies import _completed
from mt5web_async.connection.stream import MAX_HANDSHAKE
from mt5web_async.connection.transport import Proxy, Transport, TransportOptions
from mt5web_async.errors import (
    ConnectionFailed,
    ConnectionLost,
    EngineError,
    InsecureConnection,
    InvalidArgument,
    MalformedMessage,
)
from tests.tls import tls_of
from tests.waiting import LIMIT, eventually

from .puppet import RawPuppet
from .tunnels import HttpProxy, SocksProxy


class Client:
    """A transport and what it told."""

    def __init__(self, url: str, options: TransportOptions | None = None) -> None:
        self.messages: list[bytes] = []
        self.reasons: list[EngineError] = []
        self.drained = 0
        self.transport = Transport(
            url,
            received=lambda message: self.messages.append(bytes(message)),
            undrained=lambda: True,
            drained=self._count,
            idle=lambda: None,
            closed=self.reasons.append,
            options=options,
        )

    def open(self) -> None:
        self.transport.open(LIMIT).result(LIMIT)

    def close(self) -> None:
        asyncio.run(self.transport.close())

    def end(self) -> EngineError:
        eventually(lambda: bool(self.reasons))
        (reason,) = self.reasons
        return reason

    def _count(self) -> None:
        self.drained += 1


@contextmanager
def connected(url: str, options: TransportOptions | None = None) -> Iterator[Client]:
    client = Client(url, options)
    client.open()
    try:
        yield client
    finally:
        client.close()


@pytest.fixture
def puppet() -> Iterator[RawPuppet]:
    with RawPuppet() as server:
        yield server


def raw_frame(opcode: int, data: bytes = b"", *, fin: bool = True) -> bytes:
    """A WebSocket frame of a server, right or wrong."""
    head = bytes((opcode | (0x80 if fin else 0),))
    size = len(data)
    if size < 126:
        return head + bytes((size,)) + data
    if size < 1 << 16:
        return head + struct.pack("!BH", 126, size) + data
    return head + struct.pack("!BQ", 127, size) + data


def send_raw(puppet: RawPuppet, *frames: bytes) -> None:
    """Past the server's own framing."""
    eventually(lambda: bool(puppet.peers))
    puppet.peer.socket.socket.sendall(b"".join(frames))


BINARY, CONT, TEXT, CLOSE, PING, PONG = 2, 0, 1, 8, 9, 10


def test_messages_pass_whole_and_in_order_both_ways(puppet: RawPuppet) -> None:
    messages = [bytes((n,)) * (3**n) for n in range(12)]
    with connected(puppet.url) as client:
        for message in messages:
            client.transport.send(message)
        eventually(lambda: len(puppet.frames) == len(messages))
        for message in messages:
            puppet.peer.raw(message)
        eventually(lambda: len(client.messages) == len(messages))
    assert puppet.frames == client.messages == messages


def test_it_is_told_when_everything_that_had_arrived_was_read(
    puppet: RawPuppet,
) -> None:
    with connected(puppet.url) as client:
        eventually(lambda: client.drained >= 1)
        before = client.drained
        send_raw(puppet, *[raw_frame(BINARY, b"x")] * 50)
        eventually(lambda: len(client.messages) == 50)
        eventually(lambda: client.drained > before)
        assert client.drained - before < 50  # not after each of them


def test_fragments_are_joined_and_pings_between_them_answered(
    puppet: RawPuppet,
) -> None:
    with connected(puppet.url) as client:
        send_raw(
            puppet,
            raw_frame(BINARY, b"one ", fin=False),
            raw_frame(PING, b"there?"),
            raw_frame(CONT, b"mess", fin=False),
            raw_frame(CONT, b"age"),
        )
        eventually(lambda: client.messages == [b"one message"])
        assert not client.reasons


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([raw_frame(TEXT, b"hello")], 1003),
        ([struct.pack("!BBQ", 0x82, 127, 1001)], 1009),
        ([raw_frame(BINARY, b"x" * 600, fin=False), raw_frame(CONT, b"x" * 600)], 1009),
        ([raw_frame(CONT, b"x")], 1002),
        ([raw_frame(BINARY, b"x", fin=False), raw_frame(BINARY, b"y")], 1002),
        ([raw_frame(0xB)], 1002),
        ([raw_frame(0x42, b"x")], 1002),
        ([raw_frame(PING, b"x" * 126)], 1002),
    ],
    ids=[
        "text",
        "huge",
        "huge in pieces",
        "no beginning",
        "two beginnings",
        "unknown opcode",
        "reserved bit",
        "long ping",
    ],
)
def test_frames_that_break_the_rules_end_the_connection_with_a_close_code(
    puppet: RawPuppet, frames: list[bytes], code: int
) -> None:
    with connected(puppet.url, TransportOptions(max_message=1000)) as client:
        send_raw(puppet, *frames)
        assert isinstance(client.end(), MalformedMessage)
        eventually(lambda: puppet.peer.close_code == code)


def test_an_announced_length_is_refused_before_anything_is_read_for_it(
    puppet: RawPuppet,
) -> None:
    with connected(puppet.url) as client:
        send_raw(puppet, struct.pack("!BBQ", 0x82, 127, 1 << 62))
        assert "room for" in str(client.end())


def test_a_goodbye_of_the_server_is_told_with_its_code(puppet: RawPuppet) -> None:
    with connected(puppet.url) as client:
        eventually(lambda: bool(puppet.peers))
        puppet.peer.socket.close(1001, "going away")
        reason = client.end()
    assert isinstance(reason, ConnectionLost)
    assert "(1001, 'going away')" in str(reason)


def test_a_cut_cable_is_a_lost_connection(puppet: RawPuppet) -> None:
    with connected(puppet.url) as client:
        eventually(lambda: bool(puppet.peers))
        puppet.peer.socket.socket.shutdown(socket.SHUT_RDWR)
        assert isinstance(client.end(), ConnectionLost)
        with pytest.raises(ConnectionLost, match="not connected"):
            client.transport.send(b"x")


def test_closing_says_goodbye_and_leaves_no_thread(puppet: RawPuppet) -> None:
    client = Client(puppet.url)
    client.open()
    eventually(lambda: bool(puppet.peers))
    client.transport.send(b"last words")
    client.close()
    assert not [t for t in threading.enumerate() if t.name == "mt5web-io"]
    eventually(lambda: puppet.peer.close_code == 1000)
    assert puppet.frames == [b"last words"]
    client.close()  # once more does no harm


def test_closing_does_not_wait_for_a_server_that_says_nothing() -> None:
    with mute_server() as port:
        client = Client(f"ws://127.0.0.1:{port}/terminal")
        opened = client.transport.open(LIMIT)
        client.close()
        with pytest.raises(EngineError):
            opened.result(LIMIT)
    assert not [t for t in threading.enumerate() if t.name == "mt5web-io"]


def test_a_peer_that_reads_nothing_does_not_hold_up_the_sender_for_ever() -> None:
    def send_much(client: Client) -> None:
        for _ in range(1000):
            client.transport.send(bytes(1 << 20))

    with deaf_server() as url:
        client = Client(url, TransportOptions(send_timeout=0.1))
        client.open()
        with pytest.raises(ConnectionLost, match="cannot send"):
            send_much(client)
        client.close()


def test_the_page_is_named_as_origin(puppet: RawPuppet) -> None:
    with connected(puppet.url):
        eventually(lambda: len(puppet.headers) == 1)
    with connected(puppet.url, TransportOptions(origin="https://broker.example")):
        eventually(lambda: len(puppet.headers) == 2)
    own, given = puppet.headers
    assert own["Origin"] == f"http://localhost:{puppet.port}"
    assert given["Origin"] == "https://broker.example"


# reaching the server


def test_a_server_that_is_not_there_is_a_failed_connection() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as unused:
        port = unused.getsockname()[1]
    client = Client(f"ws://127.0.0.1:{port}/terminal")
    with pytest.raises(ConnectionFailed, match=str(port)):
        client.open()
    assert not client.reasons


def test_a_server_that_never_answers_the_handshake_has_a_time_limit() -> None:
    with mute_server() as port:
        client = Client(f"ws://127.0.0.1:{port}/terminal")
        with pytest.raises(ConnectionFailed):
            client.transport.open(0.1).result(LIMIT)


def test_a_server_that_drips_its_handshake_has_the_same_limit() -> None:
    stop = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 101 ")
        while not stop.wait(0.01):
            connection.sendall(b"x")

    with one_connection(drip) as port:
        client = Client(f"ws://127.0.0.1:{port}/terminal")
        with pytest.raises(ConnectionFailed):
            client.transport.open(0.3).result(LIMIT)
        stop.set()


def test_the_answer_to_the_handshake_has_a_limited_size() -> None:
    def flood(connection: socket.socket) -> None:
        connection.recv(4096)
        line = b"X-Header: " + b"x" * 1000 + b"\r\n"
        for _ in range(2 * MAX_HANDSHAKE // len(line)):
            connection.sendall(line)

    with one_connection(flood) as port:
        client = Client(f"ws://127.0.0.1:{port}/terminal")
        with pytest.raises(EngineError):
            client.open()


def test_another_http_answer_is_told_by_its_status_alone() -> None:
    def refuse(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(
            b"HTTP/1.1 503 Busy\r\nSet-Cookie: id=hush\r\nContent-Length: 4\r\n\r\nhush"
        )

    with one_connection(refuse) as port:
        client = Client(f"ws://127.0.0.1:{port}/terminal")
        with pytest.raises(ConnectionFailed, match="HTTP status 503") as failed:
            client.open()
    assert "hush" not in str(failed.value)


def test_a_redirection_is_not_followed(puppet: RawPuppet) -> None:
    def redirect(connection: socket.socket) -> None:
        connection.recv(4096)
        answer = f"HTTP/1.1 302 Found\r\nLocation: {puppet.url}\r\n\r\n"
        connection.sendall(answer.encode())

    with one_connection(redirect) as port:
        client = Client(f"ws://127.0.0.1:{port}/terminal")
        with pytest.raises(ConnectionFailed):
            client.open()
    assert not puppet.peers


@pytest.mark.parametrize(
    "url",
    [
        "http://host/terminal",
        "wss:///terminal",
        "host/terminal",
        "",
        "ws://127.0.0.1:port/",
        "wss://user:password@host/terminal",
        "wss://[::1/terminal",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ConnectionFailed, match="no WebSocket address"):
        Client(url)


def test_passwords_are_not_sent_in_the_open_unless_asked_for() -> None:
    with pytest.raises(InsecureConnection, match="in the open"):
        Client("ws://broker.example/terminal")
    Client("ws://broker.example/terminal", TransportOptions(allow_insecure=True))
    for host in ("localhost", "127.0.0.1", "127.8.9.10", "[::1]"):
        Client(f"ws://{host}/terminal")
    for host in ("localhost.evil.example", "127.0.0.1.evil.example"):
        with pytest.raises(InsecureConnection, match="in the open"):
            Client(f"ws://{host}/terminal")


def test_a_password_in_an_address_is_refused_and_not_shown() -> None:
    with pytest.raises(ConnectionFailed, match="without user and password") as refused:
        Client("wss://me:hush@broker.example/terminal?key=hush")
    assert "hush" not in f"{refused.value} {refused.value.server}"


# TLS


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def test_messages_pass_through_tls(authority: trustme.CA, ca_file: Path) -> None:
    messages = [bytes((n,)) * (4**n) for n in range(11)]
    with (
        RawPuppet(tls=tls_of(authority, "localhost")) as server,
        connected(server.url, TransportOptions(ca_file=ca_file)) as client,
    ):
        for message in messages:
            client.transport.send(message)
        eventually(lambda: server.frames == messages)
        for message in messages:
            server.peer.raw(message)
        eventually(lambda: client.messages == messages)


def test_tls_can_be_read_and_written_at_once(
    authority: trustme.CA, ca_file: Path
) -> None:
    count, message = 200, bytes(20_000)
    with (
        RawPuppet(tls=tls_of(authority, "localhost")) as server,
        connected(server.url, TransportOptions(ca_file=ca_file)) as client,
    ):
        eventually(lambda: bool(server.peers))

        def answer() -> None:
            for _ in range(count):
                server.peer.raw(message)

        sender = threading.Thread(target=answer)
        sender.start()
        for _ in range(count):
            client.transport.send(message)
        sender.join()
        eventually(lambda: len(server.frames) == len(client.messages) == count)


def test_an_unknown_authority_is_not_trusted(authority: trustme.CA) -> None:
    with RawPuppet(tls=tls_of(authority, "localhost")) as server:
        client = Client(server.url)
        with pytest.raises(InsecureConnection, match=r"does not verify.*ca_file"):
            client.open()
    assert not server.peers


def test_a_certificate_of_another_host_is_not_trusted(
    authority: trustme.CA, ca_file: Path
) -> None:
    with RawPuppet(tls=tls_of(authority, "broker.example")) as server:
        client = Client(server.url, TransportOptions(ca_file=ca_file))
        with pytest.raises(InsecureConnection, match="does not verify"):
            client.open()


def test_tls_to_a_server_without_it_is_a_failed_connection(
    puppet: RawPuppet,
) -> None:
    client = Client(puppet.url.replace("ws:", "wss:"))
    with pytest.raises(ConnectionFailed):
        client.open()


def test_an_expired_certificate_is_not_trusted(
    authority: trustme.CA, ca_file: Path
) -> None:
    long_ago = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    expired = tls_of(authority, "localhost", until=long_ago)
    with RawPuppet(tls=expired) as server:
        client = Client(server.url, TransportOptions(ca_file=ca_file))
        with pytest.raises(InsecureConnection, match="expired"):
            client.open()
    assert not server.peers


def test_a_ca_file_without_certificates_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    client = Client("wss://localhost:1/terminal", TransportOptions(ca_file=empty))
    with pytest.raises(ConnectionFailed, match=r"empty\.pem"):
        client.open()


# proxies


def test_an_http_proxy_is_used_with_its_password(puppet: RawPuppet) -> None:
    with HttpProxy() as proxy:
        way = Proxy(host="127.0.0.1", port=proxy.port, username="me", password="pw")
        with connected(puppet.url, TransportOptions(proxy=way)) as client:
            client.transport.send(b"through")
            eventually(lambda: puppet.frames == [b"through"])
    (head,) = proxy.heads
    assert head.startswith(f"CONNECT localhost:{puppet.port} ")
    assert base64.b64encode(b"me:pw").decode() in head


def test_tls_goes_through_an_http_proxy(authority: trustme.CA, ca_file: Path) -> None:
    with HttpProxy() as proxy, RawPuppet(tls=tls_of(authority, "localhost")) as server:
        way = Proxy(host="127.0.0.1", port=proxy.port)
        with connected(
            server.url, TransportOptions(proxy=way, ca_file=ca_file)
        ) as client:
            client.transport.send(b"through")
            eventually(lambda: server.frames == [b"through"])


def test_a_proxy_that_refuses_is_a_failed_connection(puppet: RawPuppet) -> None:
    with HttpProxy(status="407 Proxy Authentication Required") as proxy:
        way = Proxy(host="127.0.0.1", port=proxy.port)
        client = Client(puppet.url, TransportOptions(proxy=way))
        with pytest.raises(ConnectionFailed, match="407"):
            client.open()


def test_a_proxy_that_drips_its_answer_has_the_same_limit_as_a_server() -> None:
    stop = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 ")
        while not stop.wait(0.01):
            connection.sendall(b"x")

    with one_connection(drip) as port:
        way = Proxy(host="127.0.0.1", port=port)
        client = Client("ws://localhost:1/terminal", TransportOptions(proxy=way))
        with pytest.raises(ConnectionFailed, match="no way to"):
            client.transport.open(0.3).result(LIMIT)
        eventually(lambda: not io_threads())
        stop.set()


@pytest.mark.parametrize(
    "line", [b"X-Header: " + b"x" * 1000, b"x" * 1000, b"\xff\xfe", b"HTTP/1.1 ??"]
)
def test_what_a_proxy_says_has_a_limit_and_is_told_in_brief(line: bytes) -> None:
    def flood(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" if line[:1] == b"X" else b"")
        for _ in range(2 * MAX_HANDSHAKE // (len(line) + 2)):
            connection.sendall(line + b"\r\n")

    with one_connection(flood) as port:
        way = Proxy(host="127.0.0.1", port=port, username="me", password="hush")
        client = Client("ws://localhost:1/terminal", TransportOptions(proxy=way))
        with pytest.raises(ConnectionFailed, match="no way to") as failed:
            client.open()
    assert len(str(failed.value)) < 500
    assert "hush" not in str(failed.value)


def io_threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == "mt5web-io"]


@pytest.mark.parametrize("kind", ["socks4", "socks4a", "socks5", "socks5h"])
def test_a_socks_proxy_is_used(puppet: RawPuppet, kind: str) -> None:
    with SocksProxy() as proxy:
        way = Proxy(host="127.0.0.1", port=proxy.port, kind=kind)
        with connected(puppet.url, TransportOptions(proxy=way)) as client:
            client.transport.send(b"through")
            eventually(lambda: puppet.frames == [b"through"])
    assert proxy.used


def test_a_socks_proxy_is_used_with_its_password(puppet: RawPuppet) -> None:
    with SocksProxy(account=("me", "pw")) as proxy:
        for password in ("pw", "wrong"):
            way = Proxy(
                host="127.0.0.1",
                port=proxy.port,
                kind="socks5h",
                username="me",
                password=password,
            )
            client = Client(puppet.url, TransportOptions(proxy=way))
            if password == "pw":
                client.open()
                client.close()
                continue
            with pytest.raises(ConnectionFailed, match="no way to") as refused:
                client.open()
            assert "wrong" not in str(refused.value)
    assert proxy.used == 1


def test_a_socks_proxy_that_is_not_there_is_a_failed_connection() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as unused:
        port = unused.getsockname()[1]
    way = Proxy(host="127.0.0.1", port=port, kind="socks5")
    client = Client("ws://localhost:1/terminal", TransportOptions(proxy=way))
    with pytest.raises(ConnectionFailed):
        client.open()


def test_an_unknown_kind_of_proxy_is_refused_at_once() -> None:
    with pytest.raises(InvalidArgument, match="socks6"):
        Proxy(host="host", port=1, kind="socks6")


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_the_proxy_of_the_environment_is_used(
    puppet: RawPuppet, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    url = puppet.url.replace("localhost", "here.example")
    with HttpProxy(reach="localhost") as proxy:
        monkeypatch.setenv(name, f"http://me:pw@127.0.0.1:{proxy.port}")
        with connected(url, TransportOptions(allow_insecure=True)) as client:
            client.transport.send(b"through")
            eventually(lambda: puppet.frames == [b"through"])
    (head,) = proxy.heads
    assert base64.b64encode(b"me:pw").decode() in head


def test_a_socks_proxy_of_the_environment_is_used(
    puppet: RawPuppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = puppet.url.replace("localhost", "here.example")
    with SocksProxy(reach="localhost") as proxy:
        monkeypatch.setenv("all_proxy", f"socks5h://127.0.0.1:{proxy.port}")
        with connected(url, TransportOptions(allow_insecure=True)):
            eventually(lambda: bool(puppet.peers))
    assert proxy.used == 1


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_way_to_this_machine_leads_through_no_proxy(
    puppet: RawPuppet, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with connected(puppet.url.replace("localhost", host)) as client:
        client.transport.send(b"straight")
        eventually(lambda: puppet.frames == [b"straight"])


def test_hosts_that_need_no_proxy_are_reached_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "192.0.2.1,broker.invalid")
    client = Client(
        "ws://broker.invalid/terminal", TransportOptions(allow_insecure=True)
    )
    with pytest.raises(ConnectionFailed) as failed:
        client.open()
    assert "through" not in str(failed.value)


def test_a_proxy_that_was_given_is_used_whatever_the_environment_says(
    puppet: RawPuppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with HttpProxy() as proxy:
        way = Proxy(host="127.0.0.1", port=proxy.port)
        with connected(puppet.url, TransportOptions(proxy=way)):
            eventually(lambda: bool(puppet.peers))
    assert len(proxy.heads) == 1


@pytest.mark.parametrize(
    "named", ["ftp://me:hush@x:1", "http://me:hush@:80", "http://me:hush@x:port", "["]
)
def test_what_the_environment_names_may_be_no_proxy(
    monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setenv("https_proxy", named)
    client = Client("wss://broker.example/terminal")
    with pytest.raises(ConnectionFailed, match="in the environment") as failed:
        client.open()
    assert "hush" not in str(failed.value)


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        ("proxy.example", "http://proxy.example:80"),
        ("proxy.example:3128", "http://proxy.example:3128"),
        ("http://me:a%40b@[::1]:1", "http://me:a%40b@[::1]:1"),
        ("socks5h://proxy.example/", "socks5h://proxy.example:1080"),
    ],
)
def test_what_is_usual_may_be_left_out_in_the_environment(
    named: str, meant: str
) -> None:
    assert Proxy.of(_completed(named)).url == meant


def test_an_address_of_a_proxy_says_everything() -> None:
    way = Proxy.of("socks5://m%40e:p%3Aw@proxy.example:1080")
    assert (way.username, way.password, way.kind) == ("m@e", "p:w", "socks5")
    assert Proxy.of(way.url) == way
    for wrong in ("proxy.example:1", "http://proxy.example", "http://:hush@:1", "["):
        with pytest.raises(InvalidArgument, match="no address of a proxy") as refused:
            Proxy.of(wrong)
        assert "hush" not in str(refused.value)


def test_proxies_hide_their_password() -> None:
    way = Proxy(host="host", port=1, username="me", password="hush")
    assert "hush" not in repr(way)


def test_nothing_of_a_message_is_logged(
    puppet: RawPuppet, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), connected(puppet.url) as client:
        client.transport.send(b"hush")
        eventually(lambda: puppet.frames == [b"hush"])
    ours = [r for r in caplog.records if not r.name.startswith("websockets")]
    assert "hush" not in " ".join(record.getMessage() for record in ours)


# servers that misbehave below the WebSocket


@contextmanager
def one_connection(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that treats its one connection like this."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def run() -> None:
            connection, _ = listening.accept()
            with connection:
                try:
                    serve(connection)
                except OSError:
                    return  # the client has had enough

        thread = threading.Thread(target=run)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


@contextmanager
def mute_server() -> Iterator[int]:
    """Accepts connections and says nothing."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield listening.getsockname()[1]


@contextmanager
def deaf_server() -> Iterator[str]:
    """Opens the WebSocket and reads nothing more."""
    done = threading.Event()
    from websockets.http11 import Request
    from websockets.server import ServerProtocol

    def serve(connection: socket.socket) -> None:
        protocol = ServerProtocol()
        protocol.receive_data(connection.recv(4096))
        (request,) = protocol.events_received()
        assert isinstance(request, Request)
        protocol.send_response(protocol.accept(request))
        connection.sendall(b"".join(protocol.data_to_send()))
        done.wait(LIMIT)

    with one_connection(serve) as port:
        yield f"ws://127.0.0.1:{port}/terminal"
        done.set()

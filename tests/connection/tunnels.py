"""Small HTTP and SOCKS5 proxies."""

from __future__ import annotations

import socket
import struct
import threading
from typing import Self


class _Tunnel:
    """Accepts connections and joins each with where it wants to go.

    Args:
        reach: a host to reach in place of the one that clients name.
    """

    def __init__(self, reach: str | None = None) -> None:
        self._reach = reach
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for one in self._open:
            _shut(one)
        for thread in self._threads:
            thread.join()
        for one in self._open:
            one.close()

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._listening.getsockname()[1]
        return port

    def _greet(self, client: socket.socket) -> tuple[str, int] | None:
        """Where the client wants to go; None: it is turned away."""
        raise AssertionError(f"{client} meets a tunnel of no kind")

    def _agree(self, client: socket.socket) -> None:
        """Tell the client that it is connected."""

    def _start(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            self._open.append(client)
            wanted = self._greet(client)
            if wanted is None:
                _shut(client)
                continue
            host, port = wanted
            server = socket.create_connection((self._reach or host, port))
            self._open.append(server)
            self._agree(client)
            self._start(_pump, client, server)
            self._start(_pump, server, client)


class HttpProxy(_Tunnel):
    """Understands CONNECT.

    Attributes:
        heads: what clients sent to it.
    """

    def __init__(
        self, status: str = "200 Connection established", *, reach: str | None = None
    ) -> None:
        super().__init__(reach)
        self.heads: list[str] = []
        self._status = status

    def _greet(self, client: socket.socket) -> tuple[str, int] | None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.recv(4096)
        self.heads.append(head.decode())
        if not self._status.startswith("200"):
            self._agree(client)
            return None
        host, _, port = head.split()[1].decode().rpartition(":")
        return host, int(port)

    def _agree(self, client: socket.socket) -> None:
        client.sendall(f"HTTP/1.1 {self._status}\r\n\r\n".encode())


class SocksProxy(_Tunnel):
    """Understands SOCKS4, SOCKS4a and SOCKS5.

    Args:
        account: name and password that SOCKS5 clients have to give.

    Attributes:
        used: how many connections went through it.
    """

    def __init__(
        self, *, account: tuple[str, str] | None = None, reach: str | None = None
    ) -> None:
        super().__init__(reach)
        self.used = 0
        self._account = account
        self._agreement = b""

    def _greet(self, client: socket.socket) -> tuple[str, int] | None:
        version, number = _exactly(client, 2)
        wanted = (
            _wanted_by_socks4(client)
            if version == 4
            else self._wanted_by_socks5(client, number)
        )
        self._agreement = (
            b"\x00\x5a" + bytes(6) if version == 4 else b"\x05\x00\x00\x01" + bytes(6)
        )
        self.used += wanted is not None
        return wanted

    def _wanted_by_socks5(
        self, client: socket.socket, methods: int
    ) -> tuple[str, int] | None:
        _exactly(client, methods)
        client.sendall(b"\x05\x02" if self._account else b"\x05\x00")
        if self._account:
            _exactly(client, 1)
            given = tuple(_exactly(client, _exactly(client, 1)[0]) for _ in range(2))
            right = given == tuple(part.encode() for part in self._account)
            client.sendall(b"\x01\x00" if right else b"\x01\x01")
            if not right:
                return None
        _, _, _, kind = _exactly(client, 4)
        if kind == 3:
            host = _exactly(client, _exactly(client, 1)[0]).decode()
        else:
            family = socket.AF_INET if kind == 1 else socket.AF_INET6
            host = socket.inet_ntop(family, _exactly(client, 4 if kind == 1 else 16))
        (port,) = struct.unpack("!H", _exactly(client, 2))
        return host, port

    def _agree(self, client: socket.socket) -> None:
        client.sendall(self._agreement)


def _wanted_by_socks4(client: socket.socket) -> tuple[str, int]:
    (port,) = struct.unpack("!H", _exactly(client, 2))
    address = _exactly(client, 4)
    _text(client)  # who asks
    if address[:3] == bytes(3):  # SOCKS4a: the name follows
        return _text(client), port
    return socket.inet_ntoa(address), port


def _text(client: socket.socket) -> str:
    text = b""
    while (one := _exactly(client, 1)) != b"\0":
        text += one
    return text.decode()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    _shut(source)
    _shut(sink)


def _shut(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _exactly(source: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += source.recv(size - len(data))
    return data

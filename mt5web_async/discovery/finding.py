"""Asking brokers' pages where their servers are."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mt5web_async.connection.credentials import Announced
from mt5web_async.connection.proxies import Proxy
from mt5web_async.errors import (
    ConnectionFailed,
    HostNotFound,
    InsecureConnection,
    NoTerminal,
    NotFound,
    TerminalDisabled,
)
from mt5web_async.hosts import public
from mt5web_async.protocol.responses import KEY_SIZES, TOKEN_SIZE
from mt5web_async.waiting import Deadline

from .cache import EndpointCache
from .endpoint import Broker, Endpoint
from .places import Place, check_security, place_of
from .reading import json_of, number, parameters_of, read_broker, read_servers, text

if TYPE_CHECKING:
    from pathlib import Path

    import requests

log = logging.getLogger("mt5web_async.discovery")

_LARGEST: Final = 4 * 1024 * 1024  # bytes of a page
_CHUNK: Final = 64 * 1024
_SERVER_ERROR: Final = 500
_JSON: Final = "/json"


@dataclass(frozen=True, kw_only=True)
class DiscoveryOptions:
    """How pages are asked.

    Attributes:
        timeout: s for connecting, and again for an answer.
        ca_file: certificates to trust in place of the usual ones.
        allow_insecure: permit ``http://`` to other hosts than loopback.
        proxy: on the way to pages; None: what the environment names.
    """

    timeout: float = 20.0
    ca_file: Path | str | None = None
    allow_insecure: bool = False
    proxy: Proxy | None = None


class _Answer(NamedTuple):
    """An answer in full, wherever redirections led to."""

    place: Place
    status: int
    body: str

    def __repr__(self) -> str:  # of an older host, it holds a token and a key
        return f"<HTTP {self.status} of {self.place.page}>"


class Discovery:
    """Finds addresses of trade servers; blocks while it asks a page.

    Args:
        options: how pages are asked.
        cache: what they told before; None: the one in the user's cache folder.

    Example:
        >>> from mt5web_async.simulator import Simulator
        >>> with Simulator() as server:
        ...     endpoint = Discovery().find(server.url)
        >>> [(one.name, one.demo) for one in endpoint.servers]
        [('Simulator-Demo', True)]
        >>> Discovery().known("Simulator-Demo") == endpoint  # as the page told before
        True
    """

    def __init__(
        self,
        options: DiscoveryOptions | None = None,
        *,
        cache: EndpointCache | None = None,
    ) -> None:
        self._options = options or DiscoveryOptions()
        self._cache = EndpointCache() if cache is None else cache

    def find(self, where: str, *, fresh: bool = False) -> Endpoint:
        """Where to connect to.

        Args:
            where: a host, the URL of a page or a WebSocket, or the name of a server
                that a page of an earlier call offers.
            fresh: ask the page, whatever it told before.

        Raises:
            NotFound: a server's name that no page told so far.
            HostNotFound: there is no such host.
            NoTerminal: the host serves no web terminal.
            TerminalDisabled: its web terminal is switched off.
            InsecureConnection: the host cannot be trusted.
            ConnectionFailed: the host cannot be reached now.
            InvalidArgument: `where` is nothing of all that.
        """
        where = where.strip()
        place = place_of(where, allow_insecure=self._options.allow_insecure)
        if place is None:
            return self._by_name(where, fresh=fresh)
        known = None if fresh else self._cache.get(place.page)
        if known is not None and self._is_safe(known):
            return known
        endpoint = self._ask(place)
        self._cache.put(place.page, endpoint)
        return endpoint

    def known(self, where: str) -> Endpoint | None:
        """What was found before for a host, a page or a server's name; asks nobody.

        Raises:
            InsecureConnection, InvalidArgument: as :meth:`find`.
        """
        place = place_of(where, allow_insecure=self._options.allow_insecure)
        if place is None:
            return next(filter(self._is_safe, self._cache.named(where)), None)
        found = self._cache.get(place.page)
        return found if found is not None and self._is_safe(found) else None

    def announcing(self, endpoint: Endpoint) -> Callable[[], Announced] | None:
        """What announces connections to an endpoint; None: it needs no announcing."""
        return partial(self.announce, endpoint.page) if endpoint.older else None

    def announce(self, page: str) -> Announced:
        """Ask an older host for token and key of one connection.

        Raises:
            NoTerminal: the host announces none.
            ConnectionFailed: as :meth:`find`.
        """
        place = place_of(page, allow_insecure=self._options.allow_insecure)
        if place is None:
            raise NoTerminal(f"{page} is no page of a web terminal", server=page)
        with self._browser(place) as browser:
            _, announced = _document(self._get(browser, place.terminal + _JSON).body)
        if not announced.key:
            raise NoTerminal(
                f"{place.root} announces no connection any more: ask its page again, "
                "python -m mt5web servers --fresh HOST",
                server=place.root,
            )
        return announced

    def _by_name(self, name: str, *, fresh: bool) -> Endpoint:
        for known in filter(self._is_safe, self._cache.named(name)):
            endpoint = self.find(known.page, fresh=fresh)
            if endpoint.server(name) is not None:
                return endpoint
        raise NotFound(
            f"no page told about a server '{name}' so far; ask the page of its broker "
            "first: python -m mt5web servers HOST",
            server=name,
        )

    def _is_safe(self, endpoint: Endpoint) -> bool:
        try:
            for url in (endpoint.url, endpoint.page):
                check_security(url, allow_insecure=self._options.allow_insecure)
        except ConnectionFailed:
            return False
        return True

    def _ask(self, place: Place) -> Endpoint:
        """Look at the page, at the usual page of that host, and at the older JSON."""
        pages = dict.fromkeys((place.page, place.terminal))
        with self._browser(place) as browser:
            for page in pages:
                answer = self._get(browser, page)
                parameters = parameters_of(answer.body)
                if parameters is not None:
                    return _from_page(answer.place, parameters)
            answer = self._get(browser, place.terminal + _JSON)
        told, announced = _document(answer.body)
        if not {"signal_server", "enabled"} & set(told):
            raise NoTerminal(
                f"{place.page} is no page of a web terminal, nor is {place.terminal}",
                server=place.root,
            )
        return self._from_json(answer.place, told, older=bool(announced.key))

    def _from_json(
        self, place: Place, told: Mapping[str, Any], *, older: bool
    ) -> Endpoint:
        company = text(told.get("company"))
        if not told.get("enabled", True):
            raise TerminalDisabled(
                f"the web terminal at {place.root} is switched off by "
                f"{company or 'the broker'}; ask there for another address",
                server=place.root,
            )
        address = text(told.get("signal_server"))
        insecure = self._options.allow_insecure
        other = place_of(address, allow_insecure=insecure) if address else place
        if other is None:
            raise NoTerminal(
                f"{place.root} names '{address}' as its server, which is no address",
                server=place.root,
            )
        return Endpoint(
            url=other.websocket,
            page=place.terminal,
            build=number(told.get("version")),
            broker=Broker(name=company),
            older=older,
        )

    @contextmanager
    def _browser(self, place: Place) -> Iterator[requests.Session]:
        import requests  # takes longer to import than all else here

        with requests.Session() as browser:
            # proxies and certificates of the environment, except on this machine
            browser.trust_env = not place.is_local
            if self._options.proxy is not None:
                proxy = self._options.proxy.url
                browser.proxies = {"http": proxy, "https": proxy}
            if self._options.ca_file is not None:
                browser.verify = str(self._options.ca_file)
            browser.headers["Accept"] = "text/html, application/json"
            yield browser

    def _get(self, browser: requests.Session, url: str) -> _Answer:
        import requests

        log.debug("asking %s", url)
        timeout = self._options.timeout
        try:
            response = browser.get(url, timeout=timeout, stream=True)
            with closing(response):
                return self._read(response, Deadline(timeout))
        except (requests.RequestException, OSError) as exc:
            failure = _failure(url, exc)
        # without what it goes back to: its frames hold the password of a proxy
        raise failure

    def _read(self, response: requests.Response, deadline: Deadline) -> _Answer:
        for hop in (*response.history, response):
            check_security(hop.url, allow_insecure=self._options.allow_insecure)
        place = place_of(response.url, allow_insecure=self._options.allow_insecure)
        if place is None or response.status_code >= _SERVER_ERROR:
            shown = public(response.url)
            raise ConnectionFailed(
                f"{shown} answers HTTP {response.status_code}; try again later",
                server=shown,
            )
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > _LARGEST:
                raise NoTerminal(
                    f"{place.page} has more than {_LARGEST} bytes", server=place.root
                )
            if deadline.passed():
                raise ConnectionFailed(
                    f"{place.page} takes longer than {deadline.timeout} s",
                    server=place.root,
                )
        return _Answer(place, response.status_code, body.decode("utf-8", "replace"))


def _from_page(place: Place, parameters: Mapping[str, Any]) -> Endpoint:
    return Endpoint(
        url=place.websocket,
        page=place.page,
        build=number(parameters.get("build")),
        broker=read_broker(parameters),
        servers=read_servers(parameters),
        login=number(parameters.get("login")),
    )


def _document(body: str) -> tuple[Mapping[str, Any], Announced]:
    """What an older host tells, and apart from it what it announces."""
    told = dict(json_of(body) or {})
    announced = _announced({name: told.pop(name, "") for name in ("token", "key")})
    return told, announced


def _announced(told: Mapping[str, Any]) -> Announced:
    """Token and key, as far as they are there and right."""
    token = text(told.get("token")).encode()
    try:
        key = bytes.fromhex(text(told.get("key")))
    except ValueError:
        key = b""
    right = len(token) <= TOKEN_SIZE and len(key) in KEY_SIZES
    return Announced(token=token, key=key) if right else Announced()


def _failure(url: str, error: Exception) -> ConnectionFailed:
    """What a failed request means to the caller."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return InsecureConnection(
                f"certificate of {url} does not verify: {cause.verify_message}; pass "
                "ca_file if it is signed by a private authority",
                server=url,
            )
        if isinstance(cause, socket.gaierror):
            return HostNotFound(
                f"no such host: {url} ({cause.strerror}); check how it is written, "
                "and the network",
                server=url,
            )
    return ConnectionFailed(f"cannot reach {url}: {causes[-1]}", server=url)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it goes back to."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__

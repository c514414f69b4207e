"""How connections behave, as the configuration file says in its table [connection]."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mt5web_async.connection.backoff import Backoff
from mt5web_async.connection.connection import ConnectionOptions
from mt5web_async.connection.credentials import Announced
from mt5web_async.connection.pacing import OTHER_RATE, TRADE_RATE, PacingOptions, Rate
from mt5web_async.connection.session import SessionOptions
from mt5web_async.connection.transport import Proxy, TransportOptions
from mt5web_async.errors import InvalidArgument

from .tables import Reader, path_of, read_table

TABLE: Final = "connection"

_CONNECTION: Final = ConnectionOptions()
_SESSION: Final = SessionOptions()
_BACKOFF: Final = Backoff()


@dataclass(frozen=True, kw_only=True)
class ConnectionSettings:
    """How connections behave. Times are in s.

    Attributes:
        connect_timeout: for reaching the server.
        request_timeout: for an answer.
        restore_timeout: for all that is asked for on a new connection after a loss.
        reconnect: make a lost connection anew.
        reconnect_pause: the longest pause between two attempts.
        reconnect_attempts: give up after so many; 0: never.
        reconnect_limit: give up after so long; 0: never.
        keep_password: keep the password in memory, for servers that do not accept
            the token of an earlier login.
        requests_per_second: on average, of everything but trade requests; 0: as they
            come.
        requests_at_once: after a quiet time.
        trades_per_second: likewise of trade requests.
        trades_at_once: likewise.
        ping_interval: between two heartbeats.
        ping_limit: a heartbeat unanswered for so long means a lost connection.
        late_answer_limit: for the late answer to a request that nobody waits for any
            more; then the connection is made anew.
        ca_file: certificates to trust in place of the system's.
        proxy: on the way to the server; None: what the environment names.
    """

    connect_timeout: float = _SESSION.connect_timeout
    request_timeout: float = _CONNECTION.request_timeout
    restore_timeout: float = _CONNECTION.load_timeout
    reconnect: bool = True
    reconnect_pause: float = _BACKOFF.cap
    reconnect_attempts: int = 0
    reconnect_limit: float = 0.0
    keep_password: bool = _CONNECTION.keep_password
    requests_per_second: float = OTHER_RATE.per_second
    requests_at_once: int = OTHER_RATE.burst
    trades_per_second: float = TRADE_RATE.per_second
    trades_at_once: int = TRADE_RATE.burst
    ping_interval: float = _CONNECTION.ping_interval
    ping_limit: float = _CONNECTION.ping_limit
    late_answer_limit: float = _SESSION.quarantine
    ca_file: Path | None = None
    proxy: Proxy | None = None

    def __post_init__(self) -> None:
        for name in _ABOVE_ZERO:
            _check(name, getattr(self, name), above_zero=True)
        for name in _ZERO_IS_NONE:
            _check(name, getattr(self, name), above_zero=False)

    @classmethod
    def read(cls, file: Mapping[str, Any]) -> ConnectionSettings:
        """What a configuration file says.

        Raises:
            TypeError: a value is something else than it should be.
            ValueError: there is no such setting, or it cannot have this value.
        """
        return cls(**read_table(file, TABLE, cls(), _SPECIAL))

    def session(
        self,
        *,
        allow_insecure: bool,
        client_id: bytes,
        announce: Callable[[], Announced] | None = None,
    ) -> SessionOptions:
        """How each single connection behaves.

        Args:
            allow_insecure: accept `ws://` to other machines than this one.
            client_id: of this installation.
            announce: announces it, to an older host.
        """
        return SessionOptions(
            connect_timeout=self.connect_timeout,
            quarantine=self.late_answer_limit,
            client_id=client_id,
            announce=announce,
            transport=TransportOptions(
                allow_insecure=allow_insecure, ca_file=self.ca_file, proxy=self.proxy
            ),
        )

    def options(self, session: SessionOptions) -> ConnectionOptions:
        """How a connection behaves over its life.

        Args:
            session: how each single one does.
        """
        backoff = Backoff(
            first=min(_BACKOFF.first, self.reconnect_pause),
            cap=self.reconnect_pause,
            attempts=self.reconnect_attempts or None,
            limit=self.reconnect_limit or None,
        )
        return ConnectionOptions(
            request_timeout=self.request_timeout,
            load_timeout=self.restore_timeout,
            ping_interval=self.ping_interval,
            ping_limit=self.ping_limit,
            reconnect=backoff if self.reconnect else None,
            keep_password=self.keep_password,
            pacing=PacingOptions(
                trade=_rate(self.trades_per_second, self.trades_at_once),
                other=_rate(self.requests_per_second, self.requests_at_once),
            ),
            session=session,
        )


_ABOVE_ZERO: Final = (
    "connect_timeout",
    "request_timeout",
    "restore_timeout",
    "reconnect_pause",
    "requests_at_once",
    "trades_at_once",
    "ping_interval",
    "ping_limit",
    "late_answer_limit",
)
_ZERO_IS_NONE: Final = (
    "reconnect_attempts",
    "reconnect_limit",
    "requests_per_second",
    "trades_per_second",
)


def _check(name: str, value: float, *, above_zero: bool) -> None:
    if not math.isfinite(value) or value < 0 or (above_zero and value == 0):
        least = "above 0" if above_zero else "0 or more"
        raise ValueError(f"{name} = {value} should be {least}")


def _rate(per_second: float, at_once: int) -> Rate | None:
    return Rate(per_second=per_second, burst=at_once) if per_second else None


def proxy_of(value: object) -> Proxy:
    """The proxy that an address names.

    >>> proxy_of("socks5h://me:secret@proxy.example:1080")
    Proxy(host='proxy.example', port=1080, kind='socks5h', username='me')

    Raises:
        TypeError: it is no text.
        ValueError: it is no address of a proxy; it is not shown, as it may hold a
            password.
    """
    if not isinstance(value, str):
        raise TypeError("proxy should be text in quotes")
    try:
        return Proxy.of(value)
    except InvalidArgument:
        raise ValueError(
            "proxy should be like http://host:3128, socks5h://host:1080 or "
            "http://user:password@host:3128"
        ) from None


_SPECIAL: Final[Mapping[str, Reader]] = {"ca_file": path_of, "proxy": proxy_of}

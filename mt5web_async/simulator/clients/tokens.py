"""What a client keeps in place of a password, and what the server knows of it."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, NamedTuple, TypeVar

from mt5web_async.protocol.records import LoginResponse
from mt5web_async.protocol.requests import LOGIN_TOKEN_SIZE
from mt5web_async.protocol.responses import TOKEN_SIZE
from mt5web_async.simulator.trading.accounts import Access

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_MOST: Final = 4096
_KEY_SIZE: Final = 32


class _Bounded(Generic[K, V]):
    """A mapping that forgets its oldest entries."""

    def __init__(self) -> None:
        self._known: OrderedDict[K, V] = OrderedDict()

    def put(self, key: K, value: V) -> None:
        self._known[key] = value
        while len(self._known) > _MOST:
            self._known.popitem(last=False)

    def get(self, key: K) -> V | None:
        return self._known.get(key)

    def clear(self) -> None:
        self._known.clear()

    def drop_where(self, matches: Callable[[V], bool]) -> None:
        for key in [key for key, value in self._known.items() if matches(value)]:
            del self._known[key]


class Entry(NamedTuple):
    """What a login token opens."""

    login: int
    access: Access


class _Admission(NamedTuple):
    """What was given for a login."""

    entry: Entry
    session: int


class Tokens:
    """Tokens of connections with their keys, and tokens of logins."""

    def __init__(self) -> None:
        self._announced: _Bounded[bytes, bytes] = _Bounded()
        self._given: _Bounded[bytes, bool] = _Bounded()
        self._admitted: _Bounded[bytes, _Admission] = _Bounded()

    def forget(self) -> None:
        """Know no token any more."""
        for known in (self._announced, self._given, self._admitted):
            known.clear()

    def announce(self) -> tuple[bytes, bytes]:
        """A connection token and the key that its connections will have."""
        token, key = _new_token(), secrets.token_bytes(_KEY_SIZE)
        self._announced.put(token, key)
        return token, key

    def is_announced(self, token: bytes) -> bool:
        """Whether a connection that shows this token was announced."""
        return self._announced.get(token) is not None

    def connect(self, token: bytes) -> tuple[bytes, bytes]:
        """Token and key for a connection that shows this token.

        A known token stays; in place of any other there is a new one.
        """
        announced = self._announced.get(token)
        if announced is not None:
            return token, announced
        if not self._given.get(token):
            token = _new_token()
            self._given.put(token, True)
        return token, secrets.token_bytes(_KEY_SIZE)

    def admit(self, entry: Entry) -> LoginResponse:
        """A token that opens what a password just opened."""
        token = secrets.token_bytes(LOGIN_TOKEN_SIZE)
        session = secrets.randbits(63) | 1
        self._admitted.put(token, _Admission(entry, session))
        return LoginResponse(token, session)

    def entry(self, token: bytes, session: int = 0) -> Entry | None:
        """What a token opens; None: nothing.

        Args:
            token: of a login.
            session: that came with it; 0: none is shown, as clients do that have kept
                the token alone.
        """
        known = self._admitted.get(token)
        if known is None or session not in (0, known.session):
            return None
        return known.entry

    def revoke(self, entry: Entry) -> None:
        """Let no token open this any more."""
        self._admitted.drop_where(lambda admission: admission.entry == entry)


def _new_token() -> bytes:
    return secrets.token_hex(TOKEN_SIZE // 2).encode()

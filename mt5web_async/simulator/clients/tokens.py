"""What a client keeps in place of a password, and what the server knows of it."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Hashable
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

    def drop_where(self, value: V) -> None:
        for key in [key for key, kept in self._known.items() if kept == value]:
            del self._known[key]


class Entry(NamedTuple):
    """What a login token opens."""

    login: int
    access: Access


class Tokens:
    """Tokens of connections with their keys, and tokens of logins."""

    def __init__(self) -> None:
        self._announced: _Bounded[bytes, bytes] = _Bounded()
        self._given: _Bounded[bytes, bool] = _Bounded()
        self._entries: _Bounded[tuple[bytes, int], Entry] = _Bounded()
        self._sessionless: _Bounded[bytes, Entry] = _Bounded()

    def forget(self) -> None:
        """Know no token any more."""
        for known in (self._announced, self._given, self._entries, self._sessionless):
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
        self._entries.put((token, session), entry)
        self._sessionless.put(token, entry)
        return LoginResponse(token, session)

    def entry(self, token: bytes, session: int) -> Entry | None:
        """What a token opens; None: nothing."""
        return self._entries.get((token, session))

    def holder(self, token: bytes) -> Entry | None:
        """What a token opens, where no session is sent along with it."""
        return self._sessionless.get(token)

    def revoke(self, entry: Entry) -> None:
        """Let no token open this any more."""
        self._entries.drop_where(entry)
        self._sessionless.drop_where(entry)


def _new_token() -> bytes:
    return secrets.token_hex(TOKEN_SIZE // 2).encode()

"""What opens a connection, logs an account in, and logs it in again."""

from __future__ import annotations

from dataclasses import dataclass, field

from mt5web_async.hidden import hidden


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """An account and its secret; no repr shows it.

    Attributes:
        login: the account's number.
        password: empty when `token` is used.
        otp: one-time password, for accounts that want one.
        token: 160 bytes of an earlier login, in place of the password.
        session: value that the earlier login returned beside the token.
    """

    login: int
    password: str = field(default="", repr=False)
    otp: str = field(default="", repr=False, compare=False)
    token: bytes = field(default=b"", repr=False)
    session: int = field(default=0, repr=False)

    def __post_init__(self) -> None:
        for name in ("password", "otp", "token"):
            object.__setattr__(self, name, hidden(getattr(self, name)))


@dataclass(frozen=True, kw_only=True)
class Announced:
    """What an older host tells beforehand about one connection; no repr shows it.

    Attributes:
        token: that the connection is opened with, in place of that of the last one.
        key: of all that follows.
    """

    token: bytes = field(default=b"", repr=False)
    key: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        for name in ("token", "key"):
            object.__setattr__(self, name, hidden(getattr(self, name)))

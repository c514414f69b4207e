"""Requests about the connection, the login and its passwords."""

from __future__ import annotations

import hashlib
import struct
from typing import Final, NamedTuple

from mt5web_async.errors import InvalidArgument, MalformedMessage
from mt5web_async.hidden import HiddenBytes
from mt5web_async.protocol.records import (
    CHANGE_PASSWORD_REQUEST,
    INIT_REQUEST,
    LOGIN_REQUEST,
    OTP_REQUEST,
    ChangePasswordRequest,
    InitRequest,
    LoginRequest,
    OtpRequest,
)
from mt5web_async.protocol.responses import LOGIN_TOKEN_SIZE, TOKEN_SIZE
from mt5web_async.protocol.wire import Buffer, pack

CLIENT_ID_SIZE: Final = 16
"""Bytes of the number that stays the same for one installation."""

_MAX_URL: Final = 128
_U32 = struct.Struct("<I")


def client_id(text: str) -> bytes:
    """The id of an installation, made of a text that only this installation has.

    >>> client_id("Linux x86_64;1;en;1280x720;424242").hex()
    '297f673edb1da0f7b9b1ca3ca9dceccf'
    """
    digest = hashlib.sha1(text.encode(), usedforsecurity=False)
    return digest.digest()[:CLIENT_ID_SIZE]


def bootstrap(token: bytes = b"") -> bytes:
    """Command 0: zeros, or the token that the last connection got."""
    return token[:TOKEN_SIZE].ljust(TOKEN_SIZE, b"\0")


def login(
    login: int,
    *,
    client_id: bytes,
    password: str = "",
    token: bytes = b"",
    session: int = 0,
    otp: str = "",
    url: str = "",
) -> bytes:
    """Command 28: with the password, or with the token of an earlier login.

    Raises:
        InvalidArgument: a token of the wrong size, or a number out of range.
    """
    return LOGIN_REQUEST.write(
        LoginRequest(
            login=login,
            password="" if token else password,
            password_token=_login_token(token) or bytes(LOGIN_TOKEN_SIZE),
            session=session,
            otp=otp,
            client_id=client_id,
            url_length=min(len(url.encode("utf-16-le")) // 2, _MAX_URL),
            url=url,
        )
    )


def init(*, client_id: bytes) -> bytes:
    """Command 29: introduces a client that is about to apply for an account."""
    return INIT_REQUEST.write(InitRequest(client_id=client_id))


def change_password(new: str, old: str, *, investor: bool = False) -> bytes:
    """Command 24: a new main password, or a new investor password."""
    return CHANGE_PASSWORD_REQUEST.write(
        ChangePasswordRequest(
            investor=int(investor), new_password=new, old_password=old
        )
    )


class OneTimePasswordChange(NamedTuple):
    """What command 43 asks for."""

    request: OtpRequest
    token: bytes = b""  # of an earlier login, in place of the password

    def __repr__(self) -> str:
        return f"OneTimePasswordChange(request={self.request!r}, token=...)"


def bind_one_time_password(
    login: int,
    *,
    client_id: bytes,
    secret: str,
    code: str,
    password: str = "",
    token: bytes = b"",
) -> bytes:
    """Command 43: sets up a generator of one-time passwords.

    Args:
        login: the account.
        client_id: the installation's id.
        secret: what the generator works from.
        code: what it gives now.
        password: the account's password.
        token: of an earlier login, in place of the password.
    """
    request = OtpRequest(
        login=login, otp_secret=secret, otp_secret_check=code, client_id=client_id
    )
    return _one_time_password(request, password, token)


def unbind_one_time_password(
    login: int,
    *,
    client_id: bytes,
    code: str,
    password: str = "",
    token: bytes = b"",
) -> bytes:
    """Command 43: removes the generator, shown by the code that it gives now."""
    request = OtpRequest(login=login, otp=code, client_id=client_id)
    return _one_time_password(request, password, token)


def write_one_time_password(change: OneTimePasswordChange) -> bytes:
    """Command 43 as it stands; the password's text is left out beside a token."""
    token = _login_token(change.token)
    request = change.request._replace(password="") if token else change.request
    return HiddenBytes(OTP_REQUEST.write(request) + token)


def read_one_time_password(body: Buffer) -> OneTimePasswordChange:
    """What command 43 asks for."""
    request = OTP_REQUEST.read(body)
    token = HiddenBytes(body[OTP_REQUEST.size :])
    if len(token) not in {0, LOGIN_TOKEN_SIZE}:
        raise MalformedMessage(
            f"token of {len(token)} bytes, none or {LOGIN_TOKEN_SIZE} are right"
        )
    return OneTimePasswordChange(request, token)


def notify(number: int = 0) -> bytes:
    """Command 42: asks the server to send a notification."""
    return pack(_U32, number)


def _one_time_password(request: OtpRequest, password: str, token: bytes) -> bytes:
    return write_one_time_password(
        OneTimePasswordChange(request._replace(password=password), token)
    )


def _login_token(token: bytes) -> bytes:
    if len(token) not in {0, LOGIN_TOKEN_SIZE}:
        raise InvalidArgument(
            f"login token of {len(token)} bytes, {LOGIN_TOKEN_SIZE} are right"
        )
    return token

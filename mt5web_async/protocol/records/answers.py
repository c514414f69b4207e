"""Answers about logins and applications, as they lie on the wire."""

from typing import Annotated, NamedTuple

from mt5web_async.protocol.wire import (
    Layout,
    concealed,
    i64,
    raw,
    secret32,
    secret_u64,
    text32,
    text512,
    token160,
    u8,
    u32,
)


class LoginResponse(NamedTuple):
    """What logs in again without the password (command 28)."""

    password_token: token160 = bytes(160)
    session: secret_u64 = 0  # absent from older servers

    def __repr__(self) -> str:
        return concealed(self)


LOGIN_RESPONSE = Layout(LoginResponse)


class OpenAccountResponse(NamedTuple):
    """The opened account (commands 30, 39)."""

    code: u32 = 0
    login: i64 = 0
    password: secret32 = ""
    investor_password: secret32 = ""

    def __repr__(self) -> str:
        return concealed(self)


OPEN_ACCOUNT_RESPONSE = Layout(OpenAccountResponse)


class VerificationResponse(NamedTuple):
    """Which codes an application needs (commands 27, 40)."""

    email: u8 = 0
    phone: u8 = 0


VERIFICATION_RESPONSE = Layout(VerificationResponse)


class CorporateLink(NamedTuple):
    """A link that the broker shows (command 44)."""

    type: u32 = 0
    url: text512 = ""
    label: text512 = ""
    flags: u32 = 0
    icon: Annotated[bytes, raw(256)] = bytes(256)


CORPORATE_LINK = Layout(CorporateLink)


class TraderParameters(NamedTuple):
    """Where the server thinks the client is (command 41)."""

    country: text32 = ""
    currency: text32 = ""


TRADER_PARAMETERS = Layout(TraderParameters)

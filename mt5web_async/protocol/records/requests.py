"""What a client sends, as it lies on the wire."""

from typing import Annotated, NamedTuple

from mt5web_async.protocol.wire import (
    Layout,
    concealed,
    f64,
    filetime,
    i16,
    i32,
    ints,
    raw,
    secret64,
    secret128,
    secret_u32,
    secret_u64,
    text32,
    text64,
    text128,
    text256,
    text520,
    token160,
    u8,
    u16,
    u32,
    u64,
)


class RatesRequest(NamedTuple):
    """Asks for the bars that open in a span of server time (command 11)."""

    symbol: text64 = ""
    period: u16 = 0  # Period
    from_: i32 = 0  # s, server time
    to: i32 = 0


RATES_REQUEST = Layout(RatesRequest)


class TradeRequest(NamedTuple):
    """A trade request (command 12)."""

    action_id: u32 = 0  # comes back with the result
    action: u32 = 0  # TradeAction
    symbol: text64 = ""
    volume: u64 = 0  # 1e-8 lots
    digits: u32 = 0
    order: u64 = 0
    type: u32 = 0  # OrderType
    type_filling: u32 = 0
    type_time: u32 = 0
    type_flags: u32 = 0
    type_reason: u32 = 0
    price_order: f64 = 0.0
    price_trigger: f64 = 0.0
    sl: f64 = 0.0
    tp: f64 = 0.0
    deviation: u32 = 0  # points
    price_top: f64 = 0.0
    price_bottom: f64 = 0.0
    comment: text64 = ""
    position: u64 = 0
    position_by: u64 = 0
    time_expiration: u32 = 0  # s, server time


TRADE_REQUEST = Layout(TradeRequest)


class LoginRequest(NamedTuple):
    """Logs in with a password or with the token of an earlier login (28)."""

    version: u32 = 0
    password: secret64 = ""  # empty when a token is given
    otp: secret128 = ""
    client_id: Annotated[bytes, raw(16)] = bytes(16)
    utm_campaign: text64 = ""
    utm_source: text64 = ""
    lead_cookie_id: u64 = 0
    lead_affiliate_site: text128 = ""
    url_length: u32 = 0  # characters, at most 128
    url: text256 = ""  # the page that led here
    login: u64 = 0
    password_token: token160 = bytes(160)  # in place of the password
    session: secret_u64 = 0  # of an earlier login

    def __repr__(self) -> str:
        return concealed(self)


LOGIN_REQUEST = Layout(LoginRequest)


class InitRequest(NamedTuple):
    """Introduces a client that wants to open an account (command 29)."""

    version: u32 = 0
    password: secret64 = ""
    otp: secret128 = ""
    client_id: Annotated[bytes, raw(16)] = bytes(16)
    utm_campaign: text64 = ""
    utm_source: text64 = ""
    lead_cookie_id: u64 = 0
    lead_affiliate_site: text128 = ""
    url_length: u32 = 0
    url: text256 = ""
    login: u64 = 0

    def __repr__(self) -> str:
        return concealed(self)


INIT_REQUEST = Layout(InitRequest)


class ChangePasswordRequest(NamedTuple):
    """Changes the main or the investor password (command 24)."""

    investor: u8 = 0
    new_password: secret64 = ""
    old_password: secret64 = ""

    def __repr__(self) -> str:
        return concealed(self)


CHANGE_PASSWORD_REQUEST = Layout(ChangePasswordRequest)


class OpenAccountRequest(NamedTuple):
    """An application for an account (commands 27, 30, 39, 40)."""

    name: text256 = ""  # first and second, a blank between
    group: text128 = ""
    phone_password: secret64 = ""
    country: text64 = ""
    city: text64 = ""
    state: text64 = ""
    zipcode: text32 = ""
    address: text256 = ""
    phone: text64 = ""
    email: text128 = ""
    deposit: f64 = 100_000.0
    leverage: u32 = 100
    reserved: u32 = 0
    kind: u32 = 1  # always
    domain: text128 = ""
    utm_campaign: text64 = ""
    utm_source: text64 = ""
    email_code: secret_u32 = 0
    phone_code: secret_u32 = 0
    first_name: text128 = ""
    second_name: text128 = ""
    agreements: u32 = 0

    def __repr__(self) -> str:
        return concealed(self)


OPEN_ACCOUNT_REQUEST = Layout(OpenAccountRequest)


class VerificationRequestHead(NamedTuple):
    """Stands before the application in command 27."""

    build: i16 = 0  # the page's build
    client_id: Annotated[bytes, raw(16)] = bytes(16)


VERIFICATION_REQUEST_HEAD = Layout(VerificationRequestHead)


class RealAccountTail(NamedTuple):
    """What a real account asks beyond a demo account (command 39)."""

    first_name: text128 = ""
    second_name: text128 = ""
    middle_name: text128 = ""
    birth_date: filetime = 0
    gender: u32 = 0
    language: text128 = ""
    citizenship: text64 = ""
    tax_id: text128 = ""
    employment: u32 = 0
    industry: u32 = 0
    education: u32 = 0
    wealth: u32 = 0
    annual_income: u64 = 0
    net_worth: u64 = 0
    annual_deposit: u64 = 0
    experience_fx: u32 = 0
    experience_cfd: u32 = 0
    experience_futures: u32 = 0
    experience_stocks: u32 = 0
    reserved: Annotated[tuple[int, ...], ints(128)] = (0,) * 128


REAL_ACCOUNT_TAIL = Layout(RealAccountTail)


class DocumentHead(NamedTuple):
    """A document of an application; the files' bytes follow (command 39)."""

    data_type: u32 = 0
    document_type: u32 = 0
    front_name: text520 = ""
    front_size: u32 = 0
    back_name: text520 = ""
    back_size: u32 = 0


DOCUMENT_HEAD = Layout(DocumentHead)


class OtpRequest(NamedTuple):
    """Sets up or removes a one-time password generator (command 43)."""

    kind: u32 = 5  # always
    login: u64 = 0
    password: secret64 = ""
    otp: secret128 = ""
    otp_secret: secret128 = ""
    otp_secret_check: secret128 = ""
    client_id: Annotated[bytes, raw(16)] = bytes(16)

    def __repr__(self) -> str:
        return concealed(self)


OTP_REQUEST = Layout(OtpRequest)

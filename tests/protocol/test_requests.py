"""Payloads held against the bytes that MetaQuotes' own client sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest

from mt5web_async.enums import Period
from mt5web_async.errors import InvalidArgument, MalformedMessage
from mt5web_async.protocol import records as r
from mt5web_async.protocol import requests
from tests.names import document, form_fields

from . import witness as w
from .witness import Json

ENTRIES = w.load("requests.json")

TOKEN = bytes(range(160))
CLIENT_ID = bytes(range(16))
WORD = "correct horse"
SEED = "JBSWY3DPEHPK3PXP"

PERIODS = {
    1: Period.M1,
    5: Period.M5,
    15: Period.M15,
    30: Period.M30,
    60: Period.H1,
    240: Period.H4,
    1440: Period.D1,
    10080: Period.W1,
    43200: Period.MN1,
}
"""By the minutes that the vectors count in; the client sends 0 for any other."""


def password_of(given: Json) -> dict[str, Any]:
    """The client takes a token in the place of the password, as hex digits."""
    password = given.get("password", "")
    if len(password) == 2 * requests.LOGIN_TOKEN_SIZE:
        return {"token": bytes.fromhex(password)}
    return {"password": password}


def login(given: Json) -> bytes:
    payload = requests.login(
        int(given["login"]),
        client_id=bytes.fromhex(given["cid"]),
        session=int(given.get("session", 0)),
        otp=given.get("otp", ""),
        url=given.get("url", ""),
        **password_of(given),
    )
    # what a page was reached by; a client of ours is reached by none
    campaign = dict(parse_qsl(given.get("query", "").lstrip("?")))
    return r.LOGIN_REQUEST.write(r.LOGIN_REQUEST.read(payload)._replace(**campaign))


def change_password(given: Json) -> bytes:
    return requests.change_password(
        given["newPassword"],
        given["oldPassword"],
        investor=given.get("investor", False),
    )


def rates(given: Json) -> bytes:
    return r.RATES_REQUEST.write(
        r.RatesRequest(
            symbol=given["symbol"],
            period=PERIODS.get(given["period"], 0),
            from_=given["from"] // 1000,
            to=given["to"] // 1000,
        )
    )


def history(given: Json) -> bytes:
    return requests.span(int(given.get("from", 0)), int(given.get("to", 0)))


def one_time_password(given: Json) -> bytes:
    secret = password_of(given)
    request = r.OtpRequest(
        login=int(given["login"]),
        password=secret.get("password", ""),
        otp=given.get("otp", ""),
        otp_secret=given.get("otp_secret", ""),
        otp_secret_check=given.get("otp_secret_check", ""),
        client_id=bytes.fromhex(given["cid"]),
    )
    return requests.write_one_time_password(
        requests.OneTimePasswordChange(request, secret.get("token", b""))
    )


def init(given: Json) -> bytes:
    values = {k: v for k, v in given.items() if k != "cid"}
    payload = requests.init(client_id=bytes.fromhex(given["cid"]))
    return r.INIT_REQUEST.write(r.INIT_REQUEST.read(payload)._replace(**values))


def application(given: Json) -> r.OpenAccountRequest:
    return r.OpenAccountRequest(**form_fields(given, r.OpenAccountRequest._fields))


def verification_codes(given: Json) -> bytes:
    return requests.verification_codes(
        application(given),
        build=given["flags"],
        client_id=bytes.fromhex(given["cid"]),
    )


def real_account(given: Json) -> bytes:
    tail = r.RealAccountTail(**form_fields(given, r.RealAccountTail._fields))
    if tail.birth_date or "mt_birthDate" in given:
        tail = tail._replace(birth_date=requests.filetime(tail.birth_date))
    documents = map(document, given.get("mt_documents", ()))
    return requests.open_real_account(application(given), tail, documents)


def empty(given: Json) -> bytes:
    assert not given
    return b""


BUILDERS: dict[int, Callable[[Json], bytes]] = {
    2: empty,
    3: empty,
    4: empty,
    5: history,
    6: empty,
    7: lambda given: requests.ids(given["ids"]),
    9: empty,
    11: rates,
    18: lambda given: requests.ids(given["ids"]),
    20: lambda given: requests.ids(given["ids"]),
    22: lambda given: requests.ids(given["ids"]),
    24: change_password,
    27: verification_codes,
    28: login,
    29: init,
    30: lambda given: requests.open_demo_account(application(given)),
    34: empty,
    39: real_account,
    40: lambda given: requests.confirm_codes(application(given)),
    41: empty,
    42: lambda given: requests.notify(given.get("value", 0)),
    43: one_time_password,
    44: empty,
    51: empty,
}

PLAIN = [
    e
    for e in ENTRIES
    if e["command"] not in {None, 12} and not e["name"].startswith("frame")
]
CLIENT_IDS = [e for e in ENTRIES if e["command"] is None]
TRADES = [e for e in ENTRIES if e["command"] == 12]


@pytest.mark.parametrize("e", PLAIN, ids=[e["name"] for e in PLAIN])
def test_payload_is_what_the_client_sends(e: Json) -> None:
    assert BUILDERS[e["command"]](e["input"]).hex() == e["hex"]


@pytest.mark.parametrize("e", TRADES, ids=[e["name"] for e in TRADES])
def test_trade_request_is_what_the_client_sends(e: Json) -> None:
    fields = e["fields"]
    numbers = {"u32", "u64", "i64"}
    values: dict[str, Any] = {}
    for field in r.TRADE_REQUEST.fields:
        value = fields[w.TRADE_REQUEST.renamed.get(field.name, field.name)]
        values[field.name] = int(value) if field.wire.kind in numbers else value
    assert len(fields) == len(values)
    assert r.TRADE_REQUEST.write(r.TradeRequest(**values)).hex() == e["hex"]


@pytest.mark.parametrize("e", TRADES, ids=[e["name"] for e in TRADES])
def test_trade_request_is_read_as_the_client_meant_it(e: Json) -> None:
    request = r.TRADE_REQUEST.read(bytes.fromhex(e["hex"]))
    assert w.TRADE_REQUEST.shown(r.TRADE_REQUEST, request) == e["fields"]


@pytest.mark.parametrize("e", CLIENT_IDS, ids=[e["name"] for e in CLIENT_IDS])
def test_client_id_is_made_of_a_text(e: Json) -> None:
    assert requests.client_id(e["input"]["text"]).hex() == e["hex"]


def test_ids_are_read_as_they_were_sent() -> None:
    assert requests.read_ids(requests.ids([5, 9, 1024])) == [5, 9, 1024]


def test_ids_beyond_the_end_are_left_out() -> None:
    assert requests.read_ids(b"\xff\xff\xff\xff" + bytes(7)) == [0]


def test_an_id_out_of_range_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="-1"):
        requests.ids([1, -1])


def test_span_is_read_as_it_was_sent() -> None:
    assert requests.read_span(requests.span(-5, 9)) == (-5, 9)


def test_a_time_after_2038_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="2147483648"):
        requests.span(0, 2**31)


def test_a_cut_span_is_malformed() -> None:
    with pytest.raises(MalformedMessage, match="7 bytes"):
        requests.read_span(bytes(7))


def test_token_takes_the_place_of_the_password() -> None:
    payload = requests.login(7, client_id=CLIENT_ID, password=WORD, token=TOKEN)
    sent = r.LOGIN_REQUEST.read(payload)
    assert (sent.password, sent.password_token) == ("", TOKEN)


def test_a_token_of_the_wrong_size_is_refused_without_showing_it() -> None:
    with pytest.raises(InvalidArgument, match="159 bytes, 160") as caught:
        requests.login(7, client_id=CLIENT_ID, token=b"z" * 159)
    assert "zz" not in str(caught.value)


def test_a_client_id_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"client_id.*bytes\[16\]"):
        requests.login(7, client_id=b"short", password=WORD)


def test_generator_is_set_up_with_secret_and_code() -> None:
    payload = requests.bind_one_time_password(
        7, client_id=CLIENT_ID, secret=SEED, code="112233", password=WORD
    )
    request, token = requests.read_one_time_password(payload)
    assert (request.kind, request.otp) == (5, "")
    assert (request.otp_secret, request.otp_secret_check) == (SEED, "112233")
    assert (request.password, token) == (WORD, b"")


def test_generator_is_removed_with_its_code() -> None:
    payload = requests.unbind_one_time_password(
        7, client_id=CLIENT_ID, code="112233", password=WORD, token=TOKEN
    )
    request, token = requests.read_one_time_password(payload)
    assert (request.otp, request.otp_secret) == ("112233", "")
    assert (request.password, token) == ("", TOKEN)


def test_a_cut_token_behind_a_one_time_password_is_malformed() -> None:
    with pytest.raises(MalformedMessage, match="token of 9 bytes"):
        requests.read_one_time_password(bytes(r.OTP_REQUEST.size + 9))


def test_verification_request_is_read_as_it_was_sent() -> None:
    applicant = r.OpenAccountRequest(first_name="Emmy", second_name="Noether")
    payload = requests.verification_codes(applicant, build=5687, client_id=CLIENT_ID)
    head, read = requests.read_verification_codes(payload)
    assert head == r.VerificationRequestHead(build=5687, client_id=CLIENT_ID)
    assert read == applicant._replace(name="Emmy Noether")


def test_documents_are_read_as_they_were_sent() -> None:
    papers = (
        requests.Document(1, 2, "front.png", b"\x89PNG", "back.png", b"\0\0"),
        requests.Document(3, 4, "bill.pdf", b"%PDF"),
    )
    payload = requests.open_real_account(
        r.OpenAccountRequest(first_name="Grace"), r.RealAccountTail(), papers
    )
    read = requests.read_open_real_account(payload)
    assert read.documents == papers
    assert read.application.first_name == read.tail.first_name == "Grace"


def test_a_document_beyond_the_end_is_malformed() -> None:
    payload = requests.open_real_account(
        r.OpenAccountRequest(), r.RealAccountTail(), [requests.Document(front=b"1234")]
    )
    with pytest.raises(MalformedMessage, match="4 and 0 bytes announced, 3 bytes"):
        requests.read_open_real_account(payload[:-1])

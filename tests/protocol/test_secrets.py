"""Passwords, codes, tokens and keys show up in no text that a log could take."""

from __future__ import annotations

import traceback
from pprint import pformat
from typing import Any

import pytest

from mt5web_async.errors import InvalidArgument
from mt5web_async.protocol import requests, responses
from mt5web_async.protocol.records import LOGIN_REQUEST, LoginRequest, OtpRequest
from mt5web_async.protocol.wire import Field, Layout

from .strategies import LAYOUTS, attributes, secret_fields

SECRETS = {
    "CHANGE_PASSWORD_REQUEST": {"new_password", "old_password"},
    "INIT_REQUEST": {"password", "otp"},
    "LOGIN_REQUEST": {"password", "otp", "password_token", "session"},
    "LOGIN_RESPONSE": {"password_token", "session"},
    "OPEN_ACCOUNT_REQUEST": {"phone_password", "email_code", "phone_code"},
    "OPEN_ACCOUNT_RESPONSE": {"password", "investor_password"},
    "OTP_REQUEST": {"password", "otp", "otp_secret", "otp_secret_check"},
}

WORD = "Xyzzy7!"
NUMBER = 98765432
BYTES = b"Xyzzy7!".ljust(160, b"~")


def telling(field: Field) -> str | int | bytes:
    """A value that would be noticed."""
    if field.wire.kind.startswith("utf16"):
        return WORD
    return BYTES if field.wire.kind.startswith("bytes") else NUMBER


def record_full_of_secrets(layout: Layout[Any]) -> Any:
    return layout.record(**{f.name: telling(f) for f in secret_fields(layout)})


def tells(text: str) -> bool:
    return "yzzy" in text or str(NUMBER) in text


def test_it_is_known_which_fields_are_secret() -> None:
    found = {
        name: {field.name for field in secret_fields(layout)}
        for name, layout in LAYOUTS.items()
        if secret_fields(layout)
    }
    assert found == SECRETS


@pytest.mark.parametrize("name", SECRETS)
def test_no_output_of_a_record_tells_its_secrets(name: str) -> None:
    record = record_full_of_secrets(LAYOUTS[name])
    outputs = [repr(record), str(record), f"{record}", f"{[record]}", pformat(record)]
    assert not any(map(tells, outputs))
    assert all(f"{field}=..." in outputs[0] for field in SECRETS[name])


@pytest.mark.parametrize("name", SECRETS)
def test_a_refused_record_does_not_tell_its_secrets(name: str) -> None:
    layout = LAYOUTS[name]
    record = record_full_of_secrets(layout)
    for attribute in attributes(layout):
        broken = record._replace(**{attribute: [WORD]})
        if attribute in SECRETS[name]:
            assert not tells(refusal(layout, broken))
        else:
            assert f".{attribute}: ['Xyzzy7!'] does not fit" in refusal(layout, broken)


def refusal(layout: Layout[Any], record: Any) -> str:
    with pytest.raises(InvalidArgument) as caught:
        layout.write(record)
    return "".join(traceback.format_exception(caught.value))


def test_what_is_not_secret_is_shown() -> None:
    assert "login=7," in repr(LoginRequest(login=7))


def test_a_bootstrap_does_not_tell_token_and_key() -> None:
    bootstrap = responses.Bootstrap(5687, b"Xyzzy7!", b"Xyzzy7!")
    assert repr(bootstrap) == "Bootstrap(build=5687, token=..., key=...)"


def test_a_change_of_one_time_passwords_does_not_tell_its_token() -> None:
    change = requests.OneTimePasswordChange(OtpRequest(password=WORD), BYTES)
    assert not tells(repr(change))


def test_a_secret_that_cannot_be_encoded_is_not_shown() -> None:
    misfit: Any = WORD
    with pytest.raises(InvalidArgument) as caught:
        LOGIN_REQUEST.write(LoginRequest(password_token=misfit))
    assert not tells("".join(traceback.format_exception(caught.value)))

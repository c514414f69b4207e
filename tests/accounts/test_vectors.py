"""Applications become the bytes that the web terminal makes of the same form."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import pytest

from mt5web_async.accounts import Applicant, Application
from mt5web_async.protocol import requests
from tests.names import document, form_fields, load

DAY_MS = 24 * 3600 * 1000


def entries(*commands: int) -> list[Any]:
    return [
        pytest.param(entry, id=entry["name"])
        for entry in load("requests.json")
        if entry["command"] in commands
    ]


def application(given: dict[str, Any]) -> Application:
    return Application(**form_fields(given, names_of(Application)))


def names_of(form: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(form)]


@pytest.mark.parametrize("entry", entries(30, 40))
def test_an_application(entry: dict[str, Any]) -> None:
    record = application(entry["input"]).record()
    assert requests.open_demo_account(record).hex() == entry["hex"]
    assert requests.confirm_codes(record).hex() == entry["hex"]


@pytest.mark.parametrize("entry", entries(27))
def test_an_application_that_asks_for_codes(entry: dict[str, Any]) -> None:
    given = entry["input"]
    payload = requests.verification_codes(
        application(given).record(),
        build=given["flags"],
        client_id=bytes.fromhex(given["cid"]),
    )
    assert payload.hex() == entry["hex"]


WHOLE_DAYS = [
    entry
    for entry in entries(39)
    if entry.values[0]["input"].get("mt_birthDate", 0) % DAY_MS == 0
]
"""An applicant's birth date is a day; a form may send any moment of it."""


@pytest.mark.parametrize("entry", WHOLE_DAYS)
def test_an_application_for_a_real_account(entry: dict[str, Any]) -> None:
    given = entry["input"]
    told = form_fields(given, set(names_of(Applicant)) - {"birth_date"})
    if "mt_birthDate" in given:
        age = datetime.timedelta(milliseconds=given["mt_birthDate"])
        told["birth_date"] = datetime.date(1970, 1, 1) + age
    papers = map(document, given.get("mt_documents", ()))
    payload = requests.open_real_account(
        application(given).record(), Applicant(**told).record(), papers
    )
    assert payload.hex() == entry["hex"]

"""Applications become the bytes that the web terminal makes of the same form."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from mt5web_async.accounts import Applicant, Application, Document
from mt5web_async.protocol import requests
from tests.names import load

NAMES = {
    "mt_group": "group",
    "mt_firstName": "first_name",
    "mt_secondName": "second_name",
    "mt_email": "email",
    "mt_phone": "phone",
    "mt_emailConfirmCode": "email_code",
    "mt_phoneConfirmCode": "phone_code",
    "mt_phonePassword": "phone_password",
    "mt_state": "state",
    "mt_city": "city",
    "mt_deposit": "deposit",
    "mt_leverage": "leverage",
    "mt_agreements": "agreements",
}

DAY_MS = 24 * 3600 * 1000


def entries(*commands: int) -> list[Any]:
    return [
        pytest.param(entry, id=entry["name"])
        for entry in load("requests.json")
        if entry["command"] in commands
    ]


def application(given: dict[str, Any]) -> Application:
    return Application(**{ours: given[n] for n, ours in NAMES.items() if n in given})


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


@pytest.mark.parametrize(
    "entry",
    [
        one
        for one in entries(39)
        if one.values[0]["input"]["mt_birthDate"] % DAY_MS == 0
    ],
)
def test_an_application_for_a_real_account(entry: dict[str, Any]) -> None:
    given = entry["input"]
    birth = datetime.timedelta(milliseconds=given["mt_birthDate"])
    applicant = Applicant(
        birth_date=datetime.date(1970, 1, 1) + birth,
        language=given["mt_language"],
        citizenship=given["mt_citizenship"],
        tax_id=given["mt_taxId"],
        annual_income=given["mt_annualIncome"],
        net_worth=given["mt_netWorth"],
        annual_deposit=given["mt_annualDeposit"],
    )
    papers = [
        Document(
            data_type=paper["mt_dataType"],
            document_type=paper["mt_documentType"],
            front_name=paper["mt_frontName"],
            front=bytes.fromhex(paper["front"]),
        )
        for paper in given["mt_documents"]
    ]
    payload = requests.open_real_account(
        application(given).record(), applicant.record(), papers
    )
    assert payload.hex() == entry["hex"]

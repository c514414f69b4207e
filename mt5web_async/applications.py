"""What an applicant for an account fills in, and what comes of it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from mt5web_async.protocol.records import OpenAccountRequest, RealAccountTail
from mt5web_async.protocol.requests import Document, filetime

_EPOCH: Final = datetime.date(1970, 1, 1)
_MS_PER_DAY: Final = 24 * 3600 * 1000


@dataclass(frozen=True, kw_only=True)
class Application:
    """An application for a demo account; for a real one, the first part.

    Attributes:
        group: kind of account, as the broker's page names it
            (:class:`~mt5web_async.discovery.AccountGroup`).
        first_name: of the applicant.
        second_name: of the applicant.
        email: where a code may be sent to.
        phone: likewise, in the international form.
        country: of residence, and so on to `address`.
        deposit: of a demo account, in its currency.
        leverage: 100 means 1:100.
        agreements: bits of the agreements that were accepted.
        phone_password: to be told when calling the broker.
        domain: host of the page that the applicant came from.
        email_code: the code that came by e-mail; 0: none.
        phone_code: the code that came by phone; 0: none.
    """

    group: str
    first_name: str = ""
    second_name: str = ""
    email: str = ""
    phone: str = ""
    country: str = ""
    city: str = ""
    state: str = ""
    zipcode: str = ""
    address: str = ""
    deposit: float = 100_000.0
    leverage: int = 100
    agreements: int = 0
    phone_password: str = field(default="", repr=False)
    domain: str = ""
    email_code: int = field(default=0, repr=False)
    phone_code: int = field(default=0, repr=False)

    def record(self) -> OpenAccountRequest:
        """The application as the protocol has it."""
        return OpenAccountRequest(
            group=self.group,
            phone_password=self.phone_password,
            country=self.country,
            city=self.city,
            state=self.state,
            zipcode=self.zipcode,
            address=self.address,
            phone=self.phone,
            email=self.email,
            deposit=self.deposit,
            leverage=self.leverage,
            domain=self.domain,
            email_code=self.email_code,
            phone_code=self.phone_code,
            first_name=self.first_name,
            second_name=self.second_name,
            agreements=self.agreements,
        )


@dataclass(frozen=True, kw_only=True)
class Applicant:
    """What a real account asks beyond the application.

    Numbers of choices (gender to wealth, and the years of experience) are those of
    the broker's form; amounts are whole, in the account's currency.
    """

    middle_name: str = ""
    birth_date: datetime.date | None = None
    gender: int = 0
    language: str = ""
    citizenship: str = ""
    tax_id: str = field(default="", repr=False)
    employment: int = 0
    industry: int = 0
    education: int = 0
    wealth: int = 0
    annual_income: int = 0
    net_worth: int = 0
    annual_deposit: int = 0
    experience_fx: int = 0
    experience_cfd: int = 0
    experience_futures: int = 0
    experience_stocks: int = 0

    def record(self) -> RealAccountTail:
        """The same as the protocol has it; names follow from the application."""
        return RealAccountTail(
            middle_name=self.middle_name,
            birth_date=_birth_date(self.birth_date),
            gender=self.gender,
            language=self.language,
            citizenship=self.citizenship,
            tax_id=self.tax_id,
            employment=self.employment,
            industry=self.industry,
            education=self.education,
            wealth=self.wealth,
            annual_income=self.annual_income,
            net_worth=self.net_worth,
            annual_deposit=self.annual_deposit,
            experience_fx=self.experience_fx,
            experience_cfd=self.experience_cfd,
            experience_futures=self.experience_futures,
            experience_stocks=self.experience_stocks,
        )


class CodesNeeded(NamedTuple):
    """Which codes the applicant has to send back."""

    email: bool
    phone: bool


@dataclass(frozen=True, kw_only=True)
class OpenedAccount:
    """A new account; its passwords are told this once.

    Attributes:
        login: its number.
        password: to trade with.
        investor_password: to look on with.
    """

    login: int
    password: str = field(repr=False)
    investor_password: str = field(repr=False)


def _birth_date(date: datetime.date | None) -> int:
    """Midnight of that day as 100 ns steps since 1601; 0: not told."""
    return 0 if date is None else filetime((date - _EPOCH).days * _MS_PER_DAY)


__all__ = ["Applicant", "Application", "CodesNeeded", "Document", "OpenedAccount"]

"""What a new password needs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt5web_async.calculation.passwords import PasswordCheck, check_password


@pytest.mark.parametrize(
    ("password", "found"),
    [
        ("", PasswordCheck.EMPTY),
        ("Aa1!", PasswordCheck.TOO_SHORT),
        ("Aa1!Aa1!", PasswordCheck.GOOD),
        ("Aa1aAa1a", PasswordCheck.TOO_SIMPLE),
        ("aa1!aa1!", PasswordCheck.TOO_SIMPLE),
        ("AA1!AA1!", PasswordCheck.TOO_SIMPLE),
        ("Aaa!Aaa!", PasswordCheck.TOO_SIMPLE),
        ("Aa1\N{CJK UNIFIED IDEOGRAPH-4E00}aaaa", PasswordCheck.GOOD),
        ("Äö1-äöäö", PasswordCheck.GOOD),
        ("Aa\N{ARABIC-INDIC DIGIT ONE}!aaaa", PasswordCheck.TOO_SIMPLE),
    ],
)
def test_a_password_needs_a_digit_both_cases_and_something_else(
    password: str, found: PasswordCheck
) -> None:
    assert check_password(password) == found


def test_length_counts_as_utf_16_does() -> None:
    assert check_password("Aa1\N{MONEY BAG}", 5) == PasswordCheck.GOOD
    assert check_password("Aa1\N{MONEY BAG}", 6) == PasswordCheck.TOO_SHORT


@given(st.text(alphabet=st.characters(codec=None, categories=None)))
def test_any_text_is_judged(password: str) -> None:
    assert check_password(password) in PasswordCheck

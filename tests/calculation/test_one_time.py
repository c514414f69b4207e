"""One-time passwords, against the examples of RFC 6238."""

from __future__ import annotations

import pytest

from mt5web_async.calculation.one_time import is_current, one_time_password

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("time", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(time: int, code: str) -> None:
    assert one_time_password(SECRET, time) == code


def test_blanks_case_and_missing_padding_of_a_secret_do_not_matter() -> None:
    expected = one_time_password("GEZDGNBVGY======", 59)
    assert one_time_password("gezd gnbv gy", 59) == expected


def test_a_secret_that_is_not_base32_is_refused() -> None:
    with pytest.raises(ValueError, match="base32"):
        one_time_password("1!", 59)


@pytest.mark.parametrize(
    ("now", "current"), [(1000, True), (1030, True), (970, True), (1065, False)]
)
def test_a_code_lasts_half_a_minute_more_on_both_sides(now: int, current: bool) -> None:
    assert is_current(one_time_password(SECRET, 1000), SECRET, now) == current


@pytest.mark.parametrize("code", ["", "1", "abcdef", "٣٤٥٦٧٨"])
def test_what_is_no_code_is_not_current(code: str) -> None:
    assert not is_current(code, SECRET, 1000)

"""Passwords: what may be one, how they are kept, who gets in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt5web_async.simulator.trading.accounts import Access
from mt5web_async.simulator.trading.passwords import (
    SALT_SIZE,
    hash_password,
    password_matches,
)

from .house import House

SALT = bytes(SALT_SIZE)
MAIN, LOOK, NEW = "Main-1234", "Look-1234", "Brand-New-1"


def house(**account: int) -> House:
    return House(account=account, password=MAIN, investor_password=LOOK)


@settings(max_examples=10, deadline=None)
@given(st.text(min_size=1), st.text(min_size=1))
def test_a_password_opens_what_it_made_and_nothing_else(one: str, other: str) -> None:
    one, other = (
        text.encode("utf-8", "ignore").decode() + "." for text in (one, other)
    )
    stored = hash_password(one, SALT)
    assert password_matches(one, stored)
    assert password_matches(other, stored) == (one == other)


def test_an_empty_password_opens_nothing() -> None:
    assert hash_password("", SALT) == b""
    assert not password_matches("", b"")
    assert not password_matches("", hash_password("x", SALT))
    assert not password_matches("x", b"")


def test_equal_passwords_are_kept_differently() -> None:
    assert hash_password("x", SALT) != hash_password("x", b"\1" * SALT_SIZE)
    with pytest.raises(ValueError, match="salt of 3 bytes"):
        hash_password("x", b"abc")


@pytest.mark.parametrize(
    ("password", "acceptable"),
    [
        ("Aa1-5678", True),
        ("Aa1-567", False),
        ("aaa-5678", False),
        ("AAA-5678", False),
        ("Aaa-bbbb", False),
        ("Aa123456", False),
        ("Aa1\N{SNOWMAN}5678", True),
        ("Aa1\N{ROCKET}567", True),
        ("\N{CYRILLIC CAPITAL LETTER A}\N{CYRILLIC SMALL LETTER A}1-5678", True),
    ],
)
def test_a_new_password_has_all_kinds_of_characters(
    password: str, acceptable: bool
) -> None:
    made = house()
    assert made.exchange.change_password(made.login, MAIN, password) is acceptable


def test_each_password_opens_its_own_door() -> None:
    made = house()
    login = made.login
    assert made.exchange.authenticate(login, MAIN) is Access.MAIN
    assert made.exchange.authenticate(login, LOOK) is Access.INVESTOR
    assert made.exchange.authenticate(login, "wrong") is Access.REFUSED
    assert made.exchange.authenticate(4711, MAIN) is Access.REFUSED


def test_a_new_main_password_leaves_that_of_the_investor() -> None:
    made = house()
    assert made.exchange.change_password(made.login, MAIN, NEW)
    assert made.exchange.authenticate(made.login, MAIN) is Access.REFUSED
    assert made.exchange.authenticate(made.login, NEW) is Access.MAIN
    assert made.exchange.authenticate(made.login, LOOK) is Access.INVESTOR


@pytest.mark.parametrize(("old", "new"), [(LOOK, NEW), ("wrong", NEW), (MAIN, "weak")])
def test_a_change_that_is_refused_changes_nothing(old: str, new: str) -> None:
    made = house()
    assert not made.exchange.change_password(made.login, old, new)
    assert made.exchange.authenticate(made.login, MAIN) is Access.MAIN


def test_the_account_says_how_long_a_password_has_to_be() -> None:
    made = house(password_min=12)
    assert not made.exchange.change_password(made.login, MAIN, NEW)
    assert made.exchange.change_password(made.login, MAIN, NEW + "!")

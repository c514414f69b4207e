"""Changing passwords (command 24)."""

from __future__ import annotations

import struct

import pytest

from mt5web_async.enums import Rights
from mt5web_async.protocol import requests
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.responses import AccountState, read_account
from mt5web_async.simulator import Simulator
from tests.simulator.client import Client, bootstrapped, entered

CHANGED = struct.pack("<i", 0)
NEW = "Brand-New-1"


def change(client: Client, new: str, old: str, *, investor: bool = False) -> bytes:
    """Ask for another password; the answer."""
    payload = requests.change_password(new, old, investor=investor)
    answer = client.ask(Command.CHANGE_PASSWORD, payload)
    assert answer.result == 0
    assert len(answer.payload) == 4
    return bytes(answer.payload)


def test_a_changed_password_takes_the_place_of_the_old_one(
    server: Simulator, client: Client
) -> None:
    assert change(client, NEW, server.password) == CHANGED
    with bootstrapped(server) as stranger:
        assert stranger.log_in(server.login, server.password).result == 3
        assert stranger.log_in(server.login, NEW).result == 0


def test_the_session_that_changed_it_goes_on(server: Simulator, client: Client) -> None:
    change(client, NEW, server.password)
    assert client.account().balance == server.config.balance


def test_the_owner_sets_the_investor_password_with_his_own(
    server: Simulator, client: Client
) -> None:
    assert change(client, NEW, server.password, investor=True) == CHANGED
    with bootstrapped(server) as stranger:
        assert stranger.log_in(server.login, server.investor_password).result == 3
        assert stranger.log_in(server.login, NEW).result == 0
        assert stranger.account().rights & Rights.INVESTOR
        assert stranger.log_in(server.login, server.password).result == 0


@pytest.mark.parametrize(
    ("new", "old"),
    [
        (NEW, "wrong"),
        (NEW, "Look-12345"),
        ("Sh-0rt", "Demo-12345"),
        ("no-capitals-1", "Demo-12345"),
        ("NoDigits-", "Demo-12345"),
        ("Nothing0ther", "Demo-12345"),
        ("", "Demo-12345"),
    ],
)
def test_a_refused_change_leaves_the_password_as_it_is(
    server: Simulator, client: Client, new: str, old: str
) -> None:
    assert change(client, new, old) != CHANGED
    with entered(server):
        pass


def test_who_looks_on_changes_no_password(server: Simulator) -> None:
    with entered(server, password=server.investor_password) as onlooker:
        assert change(onlooker, NEW, server.investor_password, investor=True) != CHANGED
        assert change(onlooker, NEW, server.password) != CHANGED


@pytest.mark.parametrize("investor", [False, True])
def test_the_tokens_of_a_changed_password_open_nothing_any_more(
    server: Simulator, client: Client, investor: bool
) -> None:
    used = server.investor_password if investor else server.password
    with bootstrapped(server) as other:
        given = other.enter(server.login, used)
        change(client, NEW, server.password, investor=investor)
        token = bytes(given.password_token)
        answer = other.log_in(server.login, token=token, session=given.session)
    assert answer.result == 3


def test_the_tokens_of_the_other_password_stay(
    server: Simulator, client: Client
) -> None:
    given = client.enter(server.login, server.password)
    change(client, NEW, server.password, investor=True)
    client.enter(server.login, token=bytes(given.password_token), session=given.session)


def test_an_account_that_must_change_its_password_is_told_when_that_is_done(
    server: Simulator, client: Client
) -> None:
    def demand(state: AccountState) -> AccountState:
        rights = int(state.account.rights | Rights.RESET_PASSWORD)
        return state._replace(account=state.account._replace(rights=rights))

    server.change_account(demand)
    assert client.account().rights & Rights.RESET_PASSWORD
    client.drain()
    assert change(client, NEW, server.password) == CHANGED
    told = read_account(client.push(Command.ACCOUNT_CHANGED))
    assert not told.account.rights & Rights.RESET_PASSWORD
    assert not client.account().rights & Rights.RESET_PASSWORD

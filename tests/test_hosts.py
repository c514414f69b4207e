"""Which hosts are this machine, and what of an address may be shown."""

from __future__ import annotations

import pytest

from mt5web_async.hosts import is_loopback, public


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost",
        "localhost.",
        "127.0.0.1",
        "127.255.255.254",
        "::1",
        "0:0:0:0:0:0:0:1",
        "::ffff:127.0.0.1",
    ],
)
def test_this_machine_is_known_by_its_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "localhostess",
        "evil.localhost.example",
        "sub.localhost",
        "127.1",
        "0.0.0.0",  # noqa: S104
        "128.0.0.1",
        "::2",
        "::ffff:128.0.0.1",
        "[::1]",
        "localhost..",
        "",
        None,
    ],
)
def test_other_hosts_are_not_taken_for_it(host: str | None) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("wss://broker.example/terminal", "wss://broker.example/terminal"),
        (
            "wss://me:hush@broker.example:8443/t?key=hush#hush",
            "wss://broker.example:8443/t",
        ),
        ("wss://hush@[::1", "wss://..."),
        ("Broker-Demo", "Broker-Demo"),
    ],
)
def test_an_address_is_shown_without_what_may_be_secret(
    address: str, shown: str
) -> None:
    assert public(address) == shown

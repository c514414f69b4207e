from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from mt5web_async.discovery import Discovery, DiscoveryOptions, EndpointCache
from mt5web_async.errors import InsecureConnection
from mt5web_async.simulator import Simulator, SimulatorConfig
from tests.tls import tls_of


@pytest.fixture
def page(authority: trustme.CA) -> Iterator[str]:
    """The page of a server whose certificate a private authority signed."""
    with Simulator(SimulatorConfig(tls=tls_of(authority, "127.0.0.1"))) as simulator:
        yield simulator.url.replace("wss://", "https://")


def test_a_private_authority_has_to_be_named(
    page: str, authority: trustme.CA, folder: Path, tmp_path: Path
) -> None:
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    options = DiscoveryOptions(ca_file=ca_file)
    endpoint = Discovery(options, cache=EndpointCache(folder)).find(page)
    assert endpoint.url == page.replace("https://", "wss://")


def test_a_certificate_that_does_not_verify_is_told_with_what_to_do(
    page: str, discovery: Discovery
) -> None:
    with pytest.raises(InsecureConnection, match="pass ca_file"):
        discovery.find(page)

"""From a host, a page or a server's name to the address to connect to.

::

    endpoint = Discovery().find("terminal.broker.example")
    endpoint.url                                # "wss://terminal.broker.example/terminal"
    [server.name for server in endpoint.servers]  # ["Broker-Demo", "Broker-Live"]

Brokers' pages name their servers and their build; what they tell is kept in the
user's cache folder, so that afterwards the name of a server is enough.

Older hosts announce token and key of each connection, which are asked for anew every
time and kept nowhere::

    announce = Discovery().announcing(endpoint)  # None: it is no older host
    options = SessionOptions(announce=announce)
"""

from .cache import DEFAULT_EXPIRY, EndpointCache, cache_path
from .endpoint import AccountGroup, Broker, Endpoint, TradeServer
from .finding import Discovery, DiscoveryOptions

__all__ = [
    "DEFAULT_EXPIRY",
    "AccountGroup",
    "Broker",
    "Discovery",
    "DiscoveryOptions",
    "Endpoint",
    "EndpointCache",
    "TradeServer",
    "cache_path",
]

"""What a broker's page tells, as values."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class AccountGroup:
    """A kind of account that can be opened at a server.

    Attributes:
        name: as people read it.
        group: as an application names it.
        account_type: the server's number for the kind of account.
        leverages: that can be chosen; 100 means 1:100.
        default_deposit: of a demo account.
        currency: of the account.
        flags: bits without a documented meaning.
        real: whether real money is traded.
        countries: that applicants may live in; none: any.
        agreements: addresses of texts to agree to.
    """

    name: str = ""
    group: str = ""
    account_type: int = 0
    leverages: tuple[int, ...] = ()
    default_deposit: float = 0.0
    currency: str = ""
    flags: int = 0
    real: bool = False
    countries: tuple[str, ...] = ()
    agreements: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TradeServer:
    """A trade server behind a page.

    Attributes:
        name: as terminals show it, ``"Broker-Demo"``.
        type: the page's number for the kind of server.
        demo: whether demo accounts live there; None: the page does not say.
        groups: accounts that can be opened.
    """

    name: str
    type: int = 0
    demo: bool | None = None
    groups: tuple[AccountGroup, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Broker:
    """Who runs the servers; any of it may be empty."""

    name: str = ""
    url: str = ""
    address: str = ""
    email: str = ""
    phone: str = ""
    desktop_setup_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a broker's servers can be reached.

    Attributes:
        url: address of the WebSocket.
        page: address of the page that told.
        build: of the web terminal; 0: the page does not say.
        broker: who runs it.
        servers: trade servers behind the address; older pages name none.
        login: an account number that the page suggests; 0: none.
        older: token and key of every connection have to be asked for before it, by
            :meth:`~mt5web_async.discovery.Discovery.announce`.
    """

    url: str
    page: str
    build: int = 0
    broker: Broker = field(default_factory=Broker)
    servers: tuple[TradeServer, ...] = ()
    login: int = 0
    older: bool = False

    def server(self, name: str) -> TradeServer | None:
        """The server of this name, in whatever case it is written."""
        wanted = name.casefold()
        return next((s for s in self.servers if s.name.casefold() == wanted), None)

"""How a simulated server is set up."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from mt5web_async.enums import MarginMode
from mt5web_async.protocol.records import CorporateLink

from .clock import DAY_S, Clock, seconds_of
from .market.catalogue import Catalogue
from .switches import Switches

_MiB: Final = 1024 * 1024

_BOUNDS: Final[dict[str, tuple[float, float]]] = {
    "port": (0, 65_535),
    "login": (1, 2**63 - 1),
    "balance": (0, 1e12),
    "leverage": (1, 1_000_000),
    "utc_offset": (-14, 14),
    "daylight": (0, 2),
    "pace": (0.001, 60),
    "synthetic_symbols": (0, 1_000_000),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one client may cost the server.

    Attributes:
        bars: most bars in one answer; of more, the newest are sent.
        symbols: most full symbols in one answer.
        message: largest message that a client may send, bytes.
        queue: most bytes that wait for a client that does not read.
        patience: s for which a client may read nothing while something waits for it.
        sessions: most connections at a time.
        accounts: most that clients may open, with those that there are.
    """

    bars: int = 131_072
    symbols: int = 16_384
    message: int = 16 * _MiB
    queue: int = 128 * _MiB
    patience: float = 120.0
    sessions: int = 1000
    accounts: int = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Codes that an applicant for an account receives; 0: none is needed.

    Attributes:
        email: the code sent by e-mail.
        phone: the code sent to the phone.
    """

    email: int = 0
    phone: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorConfig:
    """Everything about a simulated server that can be chosen.

    Attributes:
        host: address to listen at; only loopback is safe, as there is no TLS.
        port: 0: any that is free.
        tls: serve `wss://` with this context instead.
        login: number of the account that is there from the start.
        password: its password.
        investor_password: its password for looking on.
        name: of its owner.
        balance: its first deposit; 0: none.
        currency: its currency.
        leverage: 100 means 1:100.
        margin_mode: hedging, netting or exchange.
        company: the broker's name.
        server_name: the trade server's name.
        build: of the trade server.
        utc_offset: hours by which server time is ahead of UTC, in winter.
        daylight: hours that it is further ahead at present; the clocks change by a
            restart with another one.
        clock: where server time comes from; None: the machine's clock.
        pace: s between two looks at the clock; the pause between tick pushes. It
            matters only with the machine's clock.
        seed: of the market; the same seed gives the same prices.
        automatic: whether the price process quotes; otherwise only by hand.
        always_open: trading at any hour of every day instead of market hours.
        history_start: naive server time; there are no bars before its midnight.
        catalogue: the symbols; None: the standard ones.
        synthetic_symbols: how many further symbols there are, for measuring.
        ledger: file that keeps accounts, orders and deals; None: memory.
        switches: behaviour in which servers differ.
        limits: what one client may cost.
        older: the host is one of 2024: its page tells nothing, and only connections
            that `/terminal/json` announced are served, with the key announced.
        two_factor: logins need a one-time password generator to be set up.
        demo_accounts: whether demo accounts can be opened.
        open_unknown: a login with an unknown number opens a demo account of that
            number and password; for scripts that bring an account of elsewhere.
        common_password: `password` opens every account beside its own; for scripts
            that rely on the passwords that a terminal has stored.
        verification: what an applicant has to confirm.
        links: that the broker shows.

    Raises:
        ValueError: a number that cannot be.
    """

    host: str = "127.0.0.1"
    port: int = 0
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    login: int = 5_000_001
    password: str = field(default="Demo-12345", repr=False)
    investor_password: str = field(default="Look-12345", repr=False)
    name: str = "Demo Account"
    balance: float = 10_000.0
    currency: str = "USD"
    leverage: int = 100
    margin_mode: MarginMode = MarginMode.HEDGING
    company: str = "mt5web Simulator"
    server_name: str = "Simulator-Demo"
    build: int = 5687
    utc_offset: float = 2.0
    daylight: int = 0
    clock: Clock | None = None
    pace: float = 0.1
    seed: int = 1
    automatic: bool = True
    always_open: bool = True
    history_start: datetime = datetime(2016, 1, 1)  # noqa: DTZ001
    catalogue: Catalogue | None = None
    synthetic_symbols: int = 0
    ledger: Path | None = None
    switches: Switches = field(default_factory=Switches)
    limits: Limits = field(default_factory=Limits)
    older: bool = False
    two_factor: bool = False
    demo_accounts: bool = True
    open_unknown: bool = False
    common_password: bool = False
    verification: Verification = field(default_factory=Verification)
    links: tuple[CorporateLink, ...] = ()

    def __post_init__(self) -> None:
        for name, (least, most) in _BOUNDS.items():
            value = getattr(self, name)
            if not least <= value <= most:  # nan is refused as well
                raise ValueError(f"{name} {value}: must be {least} to {most}")

    @property
    def shift(self) -> int:
        """Seconds by which server time is ahead of UTC."""
        return round(self.utc_offset * 3600) + self.daylight * 3600

    @property
    def history_from(self) -> int:
        """The midnight (s, server time) before which there are no bars."""
        return seconds_of(self.history_start) // DAY_S * DAY_S

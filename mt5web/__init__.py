"""The MetaTrader5 API for Python, on any system.

``import mt5web as mt5`` stands in for ``import MetaTrader5 as mt5``: the same 32
functions, 223 constants and 11 result types, with the same behaviour, over the
protocol of the web terminal. What there is beyond the original stays out of the way
of its names, and out of ``from mt5web import *``:

* ``mt5web.Terminal``: the functions as methods, for several accounts at a time;
* ``mt5web.sent_requests``: trade requests, and what became of them;
* ``mt5web.watch_connection``: functions to call when the connection breaks and when
  it is back;
* ``mt5web.to_dataframe``: any result as a pandas data frame;
* ``mt5web.install``: makes ``import MetaTrader5`` mean this package in one process.
"""

import typing as _typing

import mt5web as _package

from . import _core
from . import ending as _ending
from . import facade as _facade
from . import helpers as _helpers
from ._core import *  # noqa: F403 - all of it is the interface
from .alias import install as install
from .dataframe import to_dataframe as to_dataframe
from .facade import Terminal as Terminal
from .release import __version__ as __version__

__author__ = "The mt5web authors"


def Buy(  # noqa: N802 - the official name
    symbol: str,
    volume: float,
    price: float | None = None,
    *,
    comment: str | None = None,
    ticket: int | None = None,
) -> _core.OrderSendResult | None:
    """Buy at a price, or at the market with up to ten attempts.

    See `Terminal.Buy`.
    """
    return _helpers.buy(_package, symbol, volume, price, comment=comment, ticket=ticket)


def Sell(  # noqa: N802 - the official name
    symbol: str,
    volume: float,
    price: float | None = None,
    *,
    comment: str | None = None,
    ticket: int | None = None,
) -> _core.OrderSendResult | None:
    """Sell at a price, or at the market with up to ten attempts.

    See `Terminal.Sell`.
    """
    return _helpers.sell(
        _package, symbol, volume, price, comment=comment, ticket=ticket
    )


def Close(  # noqa: N802 - the official name
    symbol: str, *, comment: str | None = None, ticket: int | None = None
) -> _helpers.Closed:
    """Close the positions of a symbol, or one of them.

    See `Terminal.Close`.
    """
    return _helpers.close(_package, symbol, comment=comment, ticket=ticket)


def _RawOrder(  # noqa: N802 - the official name
    order_type: int,
    symbol: str,
    volume: float,
    price: float,
    comment: str | None = None,
    ticket: int | None = None,
) -> _core.OrderSendResult | None:
    """Send one market deal at a price."""
    return _helpers.raw_order(
        _package, order_type, symbol, volume, price, comment, ticket
    )


_ending.come_last()

sent_requests = _facade.PROCESS_TERMINAL.sent_requests
watch_connection = _facade.PROCESS_TERMINAL.watch_connection

if not _typing.TYPE_CHECKING:  # checkers take all of a module that has no such list
    __all__ = list(_core.__all__)
    __all__ += ["Buy", "Close", "Sell"]

    def __dir__() -> list[str]:
        """What there is for programs, without the modules that it is made of."""
        calls = ("sent_requests", "watch_connection", "to_dataframe", "install")
        kept = [name for name in globals() if name.startswith("_")]
        return [*__all__, "Terminal", *calls, *kept]

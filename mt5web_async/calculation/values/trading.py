"""What the records of positions, orders and requests have to tell."""

from __future__ import annotations

from typing import Protocol

from .record import Record


class Position(Record, Protocol):
    """An open position."""

    @property
    def position_id(self) -> int:
        """The ticket."""

    @property
    def symbol(self) -> str:
        """Name of the symbol."""

    @property
    def action(self) -> int:
        """A :class:`~mt5web_async.enums.Side`."""

    @property
    def volume(self) -> int:
        """1e-8 lots."""

    @property
    def contract_size(self) -> float:
        """Units of the underlying in one lot, as they were at the opening."""

    @property
    def price_open(self) -> float:
        """Price of the opening, averaged where there were several."""

    @property
    def price_close(self) -> float:
        """Last known price that would close it."""

    @property
    def sl(self) -> float:
        """Stop loss; 0: none."""

    @property
    def tp(self) -> float:
        """Take profit; 0: none."""

    @property
    def profit(self) -> float:
        """Last known result, account currency."""

    @property
    def storage(self) -> float:
        """Accumulated swap, account currency."""

    @property
    def rate_profit(self) -> float:
        """Rate that the profit was converted at."""

    @property
    def rate_margin(self) -> float:
        """Rate from margin to account currency, fixed at the opening."""


class Order(Record, Protocol):
    """An open order."""

    @property
    def order(self) -> int:
        """The ticket."""

    @property
    def symbol(self) -> str:
        """Name of the symbol."""

    @property
    def type(self) -> int:
        """An :class:`~mt5web_async.enums.OrderType`."""

    @property
    def type_time(self) -> int:
        """An :class:`~mt5web_async.enums.OrderTime`."""

    @property
    def time_expiration(self) -> int:
        """Server time, s; 0: none."""

    @property
    def state(self) -> int:
        """An :class:`~mt5web_async.enums.OrderState`."""

    @property
    def volume_initial(self) -> int:
        """Volume asked for, 1e-8 lots."""

    @property
    def volume_current(self) -> int:
        """Volume not yet filled, 1e-8 lots."""

    @property
    def contract_size(self) -> float:
        """Units of the underlying in one lot, as they were at the placing."""

    @property
    def price_order(self) -> float:
        """Its price; of a stop limit the price that activates it."""

    @property
    def price_trigger(self) -> float:
        """The limit price of a stop limit."""

    @property
    def price_current(self) -> float:
        """Last known market price of its side."""

    @property
    def sl(self) -> float:
        """Stop loss; 0: none."""

    @property
    def tp(self) -> float:
        """Take profit; 0: none."""

    @property
    def position_id(self) -> int:
        """The position that it closes; 0: none."""

    @property
    def margin_rate(self) -> float:
        """Rate from margin to account currency; 0: that of the market."""

    @property
    def activation_mode(self) -> int:
        """An :class:`~mt5web_async.enums.ActivationMode`."""

    @property
    def commission_daily(self) -> float:
        """Commission due at the end of the day."""

    @property
    def commission_monthly(self) -> float:
        """Commission due at the end of the month."""

    @property
    def comment(self) -> str:
        """The comment."""


class TradeRequest(Record, Protocol):
    """A trade request as it travels."""

    @property
    def action(self) -> int:
        """A :class:`~mt5web_async.enums.TradeAction`."""

    @property
    def symbol(self) -> str:
        """Name of the symbol."""

    @property
    def volume(self) -> int:
        """1e-8 lots."""

    @property
    def digits(self) -> int:
        """The symbol's digits."""

    @property
    def order(self) -> int:
        """Ticket of the order concerned."""

    @property
    def type(self) -> int:
        """An :class:`~mt5web_async.enums.OrderType`."""

    @property
    def type_filling(self) -> int:
        """A :class:`~mt5web_async.enums.Filling`."""

    @property
    def type_time(self) -> int:
        """An :class:`~mt5web_async.enums.OrderTime`."""

    @property
    def type_flags(self) -> int:
        """Bits of :class:`~mt5web_async.enums.TypeFlags`."""

    @property
    def price_order(self) -> float:
        """Price; of a stop limit the price that activates it."""

    @property
    def price_trigger(self) -> float:
        """The limit price of a stop limit."""

    @property
    def sl(self) -> float:
        """Stop loss; 0: none."""

    @property
    def tp(self) -> float:
        """Take profit; 0: none."""

    @property
    def deviation(self) -> int:
        """Points that the price may be worse."""

    @property
    def comment(self) -> str:
        """The comment."""

    @property
    def position(self) -> int:
        """Ticket of the position concerned."""

    @property
    def position_by(self) -> int:
        """Ticket of the position that closes it."""

    @property
    def time_expiration(self) -> int:
        """Server time, s."""


class ApiRequest(Protocol):
    """A request in the words of the Python API (MqlTradeRequest)."""

    @property
    def action(self) -> int:
        """TRADE_ACTION_...: 1 deal, 5 pending, 6 SL/TP, 7 modify, 8 remove, 10 by."""

    @property
    def order(self) -> int:
        """Ticket of the order concerned."""

    @property
    def symbol(self) -> str:
        """Name of the symbol."""

    @property
    def volume(self) -> float:
        """Lots."""

    @property
    def price(self) -> float:
        """Price."""

    @property
    def stoplimit(self) -> float:
        """The limit price of a stop limit."""

    @property
    def sl(self) -> float:
        """Stop loss; 0: none."""

    @property
    def tp(self) -> float:
        """Take profit; 0: none."""

    @property
    def deviation(self) -> int:
        """Points that the price may be worse."""

    @property
    def type(self) -> int:
        """An :class:`~mt5web_async.enums.OrderType`."""

    @property
    def type_filling(self) -> int:
        """A :class:`~mt5web_async.enums.Filling`."""

    @property
    def type_time(self) -> int:
        """An :class:`~mt5web_async.enums.OrderTime`."""

    @property
    def expiration(self) -> int:
        """Server time, s."""

    @property
    def comment(self) -> str:
        """The comment."""

    @property
    def position(self) -> int:
        """Ticket of the position concerned."""

    @property
    def position_by(self) -> int:
        """Ticket of the position that closes it."""

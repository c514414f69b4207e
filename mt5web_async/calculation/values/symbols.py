"""What the records of symbols and quotes have to tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .record import Record


class TradeSettings(Record, Protocol):
    """Trading conditions of a symbol, or overrides for the symbols of masks."""

    @property
    def symbol_path(self) -> str:
        """The symbol's path with its name last; of an override: masks."""

    @property
    def spread_diff(self) -> int:
        """Points to widen the spread by."""

    @property
    def spread_diff_balance(self) -> int:
        """Points to shift the widened spread upwards by."""

    @property
    def trade_mode(self) -> int:
        """A :class:`~mt5web_async.enums.TradeMode`."""

    @property
    def stops_level(self) -> int:
        """Least distance of stops and pending prices, points."""

    @property
    def execution_mode(self) -> int:
        """A :class:`~mt5web_async.enums.ExecutionMode`."""

    @property
    def fill_flags(self) -> int:
        """Bits of :class:`~mt5web_async.enums.FillFlags`."""

    @property
    def time_flags(self) -> int:
        """Bits of :class:`~mt5web_async.enums.TimeFlags`."""

    @property
    def order_flags(self) -> int:
        """Bits of :class:`~mt5web_async.enums.OrderFlags`."""

    @property
    def instant_volume(self) -> int:
        """Most volume of an instant deal, 1e-8 lots; 0: no limit."""

    @property
    def volume_min(self) -> int:
        """Least volume, 1e-8 lots."""

    @property
    def volume_max(self) -> int:
        """Most volume, 1e-8 lots."""

    @property
    def volume_step(self) -> int:
        """Step of volumes, 1e-8 lots; 0: any."""

    @property
    def margin_flags(self) -> int:
        """Bits of :class:`~mt5web_async.enums.MarginFlags`."""

    @property
    def margin_initial(self) -> float:
        """Fixed margin of an order, margin currency per lot; 0: by formula."""

    @property
    def margin_maintenance(self) -> float:
        """Fixed margin of a position; 0: as initial."""

    @property
    def margin_rates_initial(self) -> Sequence[float]:
        """Factors for the margin of orders, by order type 0 to 7."""

    @property
    def margin_rates_maintenance(self) -> Sequence[float]:
        """Factors for the margin of positions; 0: as initial."""

    @property
    def margin_rate_liquidity(self) -> float:
        """The part of a value that counts as assets."""

    @property
    def margin_hedged(self) -> float:
        """Contract size of hedged volume, or its fixed margin per lot."""

    @property
    def margin_rate_currency(self) -> float:
        """Percent added to the price part of a FORTS margin."""


class FullSymbol(Record, Protocol):
    """Everything about one symbol; here `trade` are its effective settings."""

    @property
    def name(self) -> str:
        """The symbol's name."""

    @property
    def basis(self) -> str:
        """The underlying of a derivative."""

    @property
    def currency_base(self) -> str:
        """What is bought."""

    @property
    def currency_profit(self) -> str:
        """What it is paid in."""

    @property
    def currency_margin(self) -> str:
        """What its margin is measured in."""

    @property
    def currency_base_digits(self) -> int:
        """Decimal places of amounts in base currency."""

    @property
    def currency_profit_digits(self) -> int:
        """Decimal places of amounts in profit currency."""

    @property
    def currency_margin_digits(self) -> int:
        """Decimal places of amounts in margin currency."""

    @property
    def digits(self) -> int:
        """Decimal places of prices."""

    @property
    def point(self) -> float:
        """`10 ** -digits`."""

    @property
    def ticks_flags(self) -> int:
        """Bits of :class:`~mt5web_async.enums.TicksFlags`."""

    @property
    def chart_mode(self) -> int:
        """A :class:`~mt5web_async.enums.ChartMode`."""

    @property
    def trade_flags(self) -> int:
        """Bit 1: profit is converted at market rates."""

    @property
    def tick_value(self) -> float:
        """Worth of one tick size per lot, profit currency."""

    @property
    def tick_size(self) -> float:
        """Least price step."""

    @property
    def contract_size(self) -> float:
        """Units of the underlying in one lot."""

    @property
    def calc_mode(self) -> int:
        """A :class:`~mt5web_async.enums.CalcMode`."""

    @property
    def price_settle(self) -> float:
        """Settlement price."""

    @property
    def price_limit_min(self) -> float:
        """Least price of the session; 0: none."""

    @property
    def price_limit_max(self) -> float:
        """Highest price of the session; 0: none."""

    @property
    def face_value(self) -> float:
        """Face value of one bond."""

    @property
    def accrued_interest(self) -> float:
        """Accrued interest of one bond."""

    @property
    def time_expiration(self) -> int:
        """End of trading, s; 0: none."""

    @property
    def trade(self) -> TradeSettings:
        """Trading conditions."""

    @property
    def subscription_status(self) -> int:
        """1 and 2 where quotes have to be subscribed to."""

    @property
    def subscription_level(self) -> int:
        """0 while there is no subscription to live quotes."""


class Session(Protocol):
    """A span of the server's day, in minutes since midnight."""

    @property
    def open(self) -> int:
        """First minute."""

    @property
    def close(self) -> int:
        """The minute that is no more part of it; up to 1440."""


class Tick(Protocol):
    """Price changes of one symbol; prices x `10**digits`."""

    @property
    def time(self) -> int:
        """Server time, s."""

    @property
    def time_ms(self) -> int:
        """Milliseconds to add."""

    @property
    def fields(self) -> int:
        """Bits of :class:`~mt5web_async.enums.TickFields`: what is there."""

    @property
    def bid(self) -> float:
        """Bid; 0: no change."""

    @property
    def ask(self) -> float:
        """Ask; 0: no change."""

    @property
    def last(self) -> float:
        """Price of the last deal; 0: no change."""

    @property
    def volume(self) -> int:
        """Volume of the last deal, 1e-8 units."""

    @property
    def flags(self) -> int:
        """512: belongs to the delayed quote."""


class Statistics(Protocol):
    """Session figures of one symbol; prices x `10**digits`."""

    @property
    def fields(self) -> int:
        """Bits of :class:`~mt5web_async.enums.StatisticsFields`: what is set."""

    @property
    def time(self) -> int:
        """Server time, s."""

    @property
    def time_ms(self) -> int:
        """Milliseconds to add."""

    @property
    def flags(self) -> int:
        """1: belongs to the delayed quote."""

    @property
    def bid(self) -> float:
        """Bid."""

    @property
    def bid_high(self) -> float:
        """Highest bid."""

    @property
    def bid_low(self) -> float:
        """Lowest bid."""

    @property
    def ask(self) -> float:
        """Ask."""

    @property
    def ask_high(self) -> float:
        """Highest ask."""

    @property
    def ask_low(self) -> float:
        """Lowest ask."""

    @property
    def last(self) -> float:
        """Price of the last deal."""

    @property
    def last_high(self) -> float:
        """Highest price of a deal."""

    @property
    def last_low(self) -> float:
        """Lowest price of a deal."""

    @property
    def volume(self) -> int:
        """Volume of the last deal, 1e-8 units."""

    @property
    def volume_high(self) -> int:
        """Greatest volume of a deal, 1e-8 units."""

    @property
    def volume_low(self) -> int:
        """Least volume of a deal, 1e-8 units."""

    @property
    def buy_orders(self) -> int:
        """Number of buy orders."""

    @property
    def sell_orders(self) -> int:
        """Number of sell orders."""

    @property
    def buy_volume(self) -> int:
        """Volume of buy orders, 1e-8 units."""

    @property
    def sell_volume(self) -> int:
        """Volume of sell orders, 1e-8 units."""

    @property
    def deals(self) -> int:
        """Number of deals."""

    @property
    def deals_volume(self) -> int:
        """Volume of deals, 1e-8 units."""

    @property
    def turnover(self) -> int:
        """Turnover."""

    @property
    def interest(self) -> int:
        """Open interest."""

    @property
    def price_open(self) -> float:
        """Open of the session."""

    @property
    def price_close(self) -> float:
        """Close of the previous session."""

    @property
    def price_average(self) -> float:
        """Average weighted price."""

    @property
    def price_change(self) -> float:
        """Change of the price since the previous close, percent x 100."""

    @property
    def price_volatility(self) -> float:
        """Volatility, percent x 1000."""

    @property
    def price_theoretical(self) -> float:
        """Theoretical price."""

    @property
    def delta(self) -> int:
        """Greek of an option x 100000."""

    @property
    def theta(self) -> int:
        """Greek of an option x 100000."""

    @property
    def gamma(self) -> int:
        """Greek of an option x 100000."""

    @property
    def vega(self) -> int:
        """Greek of an option x 100000."""

    @property
    def rho(self) -> int:
        """Greek of an option x 100000."""

    @property
    def omega(self) -> int:
        """Greek of an option x 100000."""

    @property
    def sensitivity(self) -> int:
        """Sensitivity of an option x 100000."""

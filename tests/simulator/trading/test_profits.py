"""What closing a position brings, by kind of symbol."""

from __future__ import annotations

from mt5web_async.enums import CalcMode, MarginMode
from mt5web_async.protocol.records import FullSymbol

from .house import EURUSD, House, vol, with_trade

USDJPY = EURUSD._replace(
    name="USDJPY",
    currency_base="USD",
    currency_profit="JPY",
    currency_margin="USD",
    currency_profit_digits=0,
    digits=3,
    point=0.001,
    multiply=1000.0,
    tick_size=0.001,
)
XAUUSD = EURUSD._replace(
    name="XAUUSD",
    currency_base="XAU",
    currency_margin="USD",
    digits=2,
    point=0.01,
    multiply=100.0,
    tick_size=0.01,
    contract_size=100.0,
    calc_mode=CalcMode.CFD_LEVERAGE,
)
FUTURE = with_trade(
    EURUSD, volume_min=vol(1), volume_step=vol(1), margin_initial=100.0
)._replace(
    name="ES",
    currency_base="USD",
    currency_margin="USD",
    digits=2,
    point=0.01,
    multiply=100.0,
    tick_size=0.25,
    tick_value=12.5,
    contract_size=50.0,
    calc_mode=CalcMode.FUTURES,
)


def profit(symbol: FullSymbol, lots: float, *path: float) -> float:
    """Of a position bought at the first price and sold at the second."""
    house = House(symbol)
    opened, closed = path
    house.quote(opened, opened)
    house.buy(lots)
    house.quote(closed, closed)
    return house.close(1001).deal.profit


def test_a_pair_that_converts_its_own_profit_does_so_at_the_deals_price() -> None:
    house = House(USDJPY)
    house.quote(151.895, 151.905)  # case 93
    house.buy(1.00)
    house.quote(152.205, 152.215)
    assert house.close(1001).deal.profit == 197.10


def test_a_short_converts_at_the_price_that_closes_it() -> None:
    house = House(USDJPY)
    house.quote(151.890, 151.900)  # case 93
    house.sell(1.00)
    house.quote(151.580, 151.590)
    assert house.close(1001).deal.profit == 197.90


def test_an_ounce_of_gold_is_an_ounce_of_gold() -> None:
    assert profit(XAUUSD, 0.10, 2350.50, 2349.20) == -13.00  # case 94


def test_ticks_of_a_future_have_their_value() -> None:
    house = House(FUTURE, mode=MarginMode.NETTING)
    house.quote(5000.25, 5000.25)  # case 95
    house.buy(1)
    house.quote(5000.50, 5000.50)
    house.buy(1)
    assert house.the_position.price_open == 5000.375
    house.quote(5010.25, 5010.25)
    assert house.sell(2).deal.profit == 987.50


def test_a_cross_is_converted_by_another_pair() -> None:
    eurgbp = EURUSD._replace(name="EURGBP", currency_profit="GBP", symbol_id=102)
    gbpusd = EURUSD._replace(
        name="GBPUSD", currency_base="GBP", currency_margin="GBP", symbol_id=103
    )
    house = House(eurgbp, gbpusd, EURUSD)
    house.quote(1.10000, 1.10010, name="EURUSD")
    house.quote(1.25000, 1.25010, name="GBPUSD")
    house.quote(0.85000, 0.85010)
    house.buy(1.00)
    house.quote(0.85110, 0.85120)
    deal = house.close(1001).deal
    assert (deal.profit, deal.rate_profit) == (125.01, 1.25010)


def test_a_conversion_pair_moves_accounts_to_the_stop_out() -> None:
    eurgbp = EURUSD._replace(name="EURGBP", currency_profit="GBP", symbol_id=102)
    gbpusd = EURUSD._replace(
        name="GBPUSD", currency_base="GBP", currency_margin="GBP", symbol_id=103
    )
    house = House(eurgbp, gbpusd, EURUSD, balance=2000.0)
    house.quote(1.10000, 1.10010, name="EURUSD")
    house.quote(1.25000, 1.25010, name="GBPUSD")
    house.quote(0.85000, 0.85010)
    house.buy(1.00)
    house.quote(0.83900, 0.83910)
    assert len(house.positions) == 1
    said = house.quote(1.40000, 1.40010, name="GBPUSD")
    assert said.story == "O+0 D+ O-4 H+4"

"""Requests as MetaQuotes' own web terminal makes them are carried out."""

from __future__ import annotations

from typing import Any, Final

import pytest

from mt5web_async.enums import MarginMode, Retcode, TradeAction
from mt5web_async.protocol.records import TRADE_REQUEST
from tests import names

from .house import ALWAYS, EURUSD, House, schedule, with_trade

NEVER_FILLED: Final = {
    "hedging: orderOpen buy limit exchange filling 0",
    "hedging: orderOpen sell limit exchange filling 1",
    "exchange: positionOpen exchange buy filling 3",
    "exchange: positionOpen exchange sell filling 3",
}
"""To be filled at once or not at all, and away from the market; or the reverse."""

RECORDED: Final = [
    entry
    for entry in names.load("requests.json")
    if entry["command"] == 12
    and entry["input"]["call"] != "modifyBySymbol"  # of a position that is not shown
]


def house_of(given: dict[str, Any]) -> House:
    """A server at which all is as the web terminal saw it."""
    shown, quote = given["symbol"], given["quote"]
    symbol = with_trade(
        EURUSD._replace(
            name=shown["trade_symbol"],
            symbol_id=shown["symbol_id"],
            digits=shown["digits"],
            point=10.0 ** -shown["digits"],
            multiply=10.0 ** shown["digits"],
            tick_size=shown["trade_tick_size"],
            contract_size=float(shown["trade_contract_size"]),
            calc_mode=shown["trade_calc_mode"],
            schedule=schedule(ALWAYS),
        ),
        execution_mode=shown["trade_exemode"],
        fill_flags=shown["trade_fill_flags"],
        instant_volume=int(shown["trade_instant_volume"]),
        volume_min=1,
        volume_step=1,
        volume_max=10**15,
        margin_rates_initial=(0.0,) * 8,
    )
    mode = MarginMode(given["account"]["margin_mode"])
    house = House(symbol, mode=mode, first_order=50_000)
    house.now = quote["time"] * 1000
    house.quote(quote["bid"], quote["ask"], last=quote.get("last", 0.0))
    with house.ledger.transaction():
        for field in {"position", "by"} & given.keys():
            house.ledger.positions.put(house.login, names.position(given[field]))
        if "order" in given:
            house.ledger.orders.put(house.login, names.order(given["order"]))
    house.restart()
    house.quote(quote["bid"], quote["ask"], last=quote.get("last", 0.0))
    return house


@pytest.mark.parametrize("entry", RECORDED, ids=lambda entry: entry["name"])
def test_what_the_web_terminal_asks_for_is_done(entry: dict[str, Any]) -> None:
    house = house_of(entry["input"])
    retcode = house.send(TRADE_REQUEST.read(bytes.fromhex(entry["hex"]))).retcode
    if entry["name"] in NEVER_FILLED:
        assert retcode == Retcode.REJECT
    elif entry["fields"]["trade_action"] == TradeAction.PRICES:
        assert retcode == Retcode.PRICES
    else:
        assert retcode == Retcode.DONE

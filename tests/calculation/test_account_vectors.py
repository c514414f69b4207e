"""Whole accounts, against what the web terminal computes."""

from __future__ import annotations

from typing import Any, Final

import pytest

from mt5web_async.calculation import netting, planning
from mt5web_async.calculation.account import AccountFigures, account_figures
from mt5web_async.calculation.exchange import Group
from mt5web_async.calculation.margin import Kind, WorkingOrder, margin_factor
from mt5web_async.calculation.market import Market
from mt5web_async.calculation.orders import live_order_price
from mt5web_async.calculation.planning import margin_of, planned_profit
from mt5web_async.calculation.portfolio import Portfolio
from mt5web_async.calculation.profit import Holding, profit_rates
from mt5web_async.enums import MarginMode, OrderType, Side
from mt5web_async.protocol.records import FullSymbol, Order, Position
from tests import names
from tests.calculation.vectors import account_entries, market

Entry = dict[str, Any]

OVERWRITTEN: Final = (
    "the web terminal overwrites the margin of buy orders by their rate alone, where "
    "it owes the margin of other instruments on exchange accounts"
)
LOST_SPREADS: Final = (
    "of the spreads that relieve by percent or by difference the web terminal keeps "
    "those of the last symbol only, which has none here"
)
UNOPENED: Final = (
    "the web terminal plans the profit of bonds, and of stocks on exchange accounts, "
    "with an opening rate of 0, as there is no position"
)

DEFECTS: Final = {
    **dict.fromkeys(
        (
            "mode 0 exchange opposite",
            "mode 2 exchange orders",
            "mode 2 exchange opposite",
            "mode 4 exchange opposite",
            "mode 5 exchange opposite",
            "mode 33 exchange orders",
            "mode 33 exchange opposite",
            "mode cross exchange orders",
            "mode cross exchange opposite",
            "mode suffix exchange orders",
            "mode suffix exchange opposite",
            "pending type 2 exchange",
            "pending type 2 against a long position exchange",
            "pending type 4 exchange",
            "pending type 4 against a long position exchange",
            "pending type 6 exchange",
            "pending type 6 against a long position exchange",
            "mixed 3",
        ),
        OVERWRITTEN,
    ),
    "spread relief type 2 opposite sides": LOST_SPREADS,
}
"""The only entries whose account figures are the web terminal's mistakes."""

PLAN_DEFECTS: Final = {"mode 38 exchange long": UNOPENED}
"""The only entries whose planned profits are."""

ENTRIES: Final = account_entries()


def of(entries: list[Entry]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("entry", entries, ids=lambda entry: entry["name"])


def known(entry: Entry) -> tuple[Market, list[Position], list[Order]]:
    given = entry["input"]
    return (
        market(given),
        [names.position(one) for one in given["positions"]],
        [names.order(one) for one in given["orders"]],
    )


def figures(entry: Entry) -> AccountFigures:
    moment, positions, orders = known(entry)
    return account_figures(moment, positions, orders)


NAMES: Final = {
    "marginFree": "margin_free",
    "marginInitial": "margin_initial",
    "marginMaintenance": "margin_maintenance",
    "marginLevelExact": "margin_level",
    "profitExcluded": "profit_excluded",
    "stopOut": "stop_out",
}


def expected_figures(entry: Entry) -> AccountFigures:
    told = {k: v for k, v in entry["expected"]["account"].items() if k != "marginLevel"}
    fields = {NAMES.get(name, name): value for name, value in told.items()}
    level = pytest.approx(fields["margin_level"], rel=1e-9)
    return AccountFigures(**{**fields, "margin_level": level})


@of([entry for entry in ENTRIES if entry["name"] not in DEFECTS])
def test_the_account_is_that_of_the_web_terminal(entry: Entry) -> None:
    assert figures(entry) == expected_figures(entry)


@of([entry for entry in ENTRIES if DEFECTS.get(entry["name"]) == OVERWRITTEN])
def test_nothing_but_the_overwritten_margin_sets_an_account_apart(
    entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert figures(entry) != expected_figures(entry)
    right = netting.order_margin

    def overwritten(moment: Market, symbol: FullSymbol, working: WorkingOrder) -> float:
        if working.side == Side.BUY:
            return working.factor
        return right(moment, symbol, working)

    monkeypatch.setattr(netting, "order_margin", overwritten)
    assert figures(entry) == expected_figures(entry)


@of([entry for entry in ENTRIES if DEFECTS.get(entry["name"]) == LOST_SPREADS])
def test_nothing_but_the_lost_spreads_sets_an_account_apart(entry: Entry) -> None:
    assert figures(entry) != expected_figures(entry)
    without = {**entry, "input": {**entry["input"], "spreads": []}}
    assert figures(without) == expected_figures(entry)


@of(ENTRIES)
def test_a_portfolio_has_the_figures_of_a_full_computation(entry: Entry) -> None:
    moment, positions, orders = known(entry)
    held = {one.position_id: one for one in positions}
    waiting = {one.order: one for one in orders}
    assert Portfolio.of(moment, held, waiting).figures == figures(entry)


@of(ENTRIES)
def test_positions_are_worth_what_they_are_to_the_web_terminal(entry: Entry) -> None:
    moment, positions, _ = known(entry)
    held = {one.position_id: one for one in positions}
    portfolio = Portfolio[Position, Order].of(moment, held, {})
    worths = {
        str(one.position.position_id): (one.profit, one.price_close)
        for one in portfolio.positions
    }
    assert worths == {
        one["id"]: (one["profit"], one["priceClose"])
        for one in entry["expected"]["positions"]
    }


@of(ENTRIES)
def test_orders_meet_the_prices_of_the_web_terminal(entry: Entry) -> None:
    moment, _, orders = known(entry)
    prices = {
        str(order.order): live_order_price(moment, moment.symbols[order.symbol], order)
        for order in orders
    }
    assert prices == {
        one["order"]: one["priceCurrent"] for one in entry["expected"]["orders"]
    }


def planned(entry: Entry) -> list[float]:
    """The planned profits of an entry; 0 stands for what is not known."""
    moment, found = known(entry)[0], []
    for one in entry["expected"]["profits"]:
        symbol = moment.symbols[one["symbol"]]
        side = Side.BUY if one["buy"] else Side.SELL
        prices = one["volume"], one["open"], one["close"]
        rates = profit_rates(moment, symbol)
        found.append(planned_profit(moment, symbol, side, *prices, rates) or 0.0)
    return found


def expected_plans(entry: Entry) -> list[float]:
    return [one["profit"] for one in entry["expected"]["profits"]]


PLANS: Final = [entry for entry in ENTRIES if "profits" in entry["expected"]]


@of([entry for entry in PLANS if entry["name"] not in PLAN_DEFECTS])
def test_planned_profits_are_those_of_the_web_terminal(entry: Entry) -> None:
    assert planned(entry) == expected_plans(entry)


@of([entry for entry in PLANS if entry["name"] in PLAN_DEFECTS])
def test_nothing_but_the_opening_rate_sets_a_plan_apart(
    entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert planned(entry) != expected_plans(entry)

    def unopened(*fields: Any) -> Holding:
        return Holding(*fields)._replace(rate_margin=0.0)

    monkeypatch.setattr(planning, "Holding", unopened)
    assert planned(entry) == expected_plans(entry)


@of([entry for entry in ENTRIES if "leverages" in entry["expected"]])
def test_margins_of_one_lot_are_those_of_the_web_terminal(entry: Entry) -> None:
    # what exchange accounts owe as a liability is no margin there; the maintenance
    # money of its table is, by mistake, that of the same order
    moment = known(entry)[0]
    exchange = moment.account.margin_mode == MarginMode.EXCHANGE
    for name, table in entry["expected"]["leverages"].items():
        symbol = moment.symbols[name]
        owed = exchange and Group.of(symbol) is Group.OTHER
        for order_type, (row,) in enumerate(table["list"]):
            money = margin_of(moment, symbol, order_type, 1.0, 0.0) or 0.0
            money = 0.0 if owed else money
            assert row["initial"]["money"] == money, OrderType(order_type)
            assert row["maintenance"]["money"] == money, OrderType(order_type)
            for kind in Kind:
                factor = margin_factor(symbol, order_type, kind)
                assert row[kind.name.lower()]["rate"] == factor, OrderType(order_type)

"""The checks before sending, against what the web terminal answers."""

from __future__ import annotations

from typing import Any

import pytest

from mt5web_async.calculation.checks import check_request
from mt5web_async.calculation.market import Market
from mt5web_async.protocol.records import TradeRequest
from tests import names
from tests.calculation.vectors import entries, quotes


def checked(given: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Code and repaired request, under the names of the vectors."""
    state = names.account_state(given["account"])
    symbol = names.full_symbol(given["symbol"])
    shown = {symbol.name: given["quote"]} if given["quote"] else {}
    market = Market.of(state, [symbol], quotes([symbol], shown))
    # every request of the vectors starts with these digits
    request = names.trade_request(given["request"])._replace(digits=5)
    retcode, after = check_request(
        market,
        request,
        [names.position(one) for one in given["positions"]],
        [names.order(one) for one in given["orders"]],
    )
    return int(retcode or 0), after._asdict()


@pytest.mark.parametrize(
    "entry", entries("check action"), ids=lambda entry: str(entry["name"])
)
def test_the_check_answers_as_the_web_terminal(entry: dict[str, Any]) -> None:
    retcode, after = checked(entry["input"])
    assert retcode == entry["expected"]["retcode"]
    expected = names.trade_request(entry["expected"]["after"])._asdict()
    told = names.translate(TradeRequest, entry["expected"]["after"])
    assert {name: after[name] for name in told} == {
        name: expected[name] for name in told
    }

"""`Buy`, `Sell` and `Close`: what they send, and what they return."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import mt5web
from mt5web import OrderSendResult, Tick, TradePosition, TradeRequest
from mt5web.backend import CallFailed
from mt5web.helpers import ATTEMPTS
from tests.facade.fake import Setting, filled

DONE, REQUOTE, PRICE_OFF, REJECT = 10009, 10004, 10021, 10006

MARKET = {"action": 1, "symbol": "EURUSD", "volume": 0.1, "deviation": 10}


def sent(setting: Setting) -> list[dict[str, Any]]:
    """The requests that were sent, without what they leave out."""
    return [
        {name: value for name, value in call.args[0]._asdict().items() if value}
        for call in setting.backend.calls
        if call.method == "order_send"
    ]


def answering(*retcodes: int) -> Callable[[TradeRequest], OrderSendResult]:
    """Answers with these codes, one after the other."""
    rest = iter(retcodes)
    return lambda request: filled(OrderSendResult, retcode=next(rest), request=request)


def holding(setting: Setting, *sides: int) -> None:
    """Give the account positions of 0.5 lots."""
    setting.backend.answers["positions_get"] = tuple(
        filled(TradePosition, ticket=i, type=side, symbol="EURUSD", volume=0.5)
        for i, side in enumerate(sides, 1)
    )


def test_buying_at_a_price_sends_one_request(setting: Setting) -> None:
    setting.backend.answers["order_send"] = answering(REQUOTE)
    result = setting.terminal.Buy("EURUSD", 0.1, 1.5)
    assert result is not None
    assert result.retcode == REQUOTE
    assert sent(setting) == [MARKET | {"price": 1.5}]


def test_selling_at_a_price_sends_a_sell(setting: Setting) -> None:
    setting.terminal.Sell("EURUSD", 0.1, 1.5, comment="bye", ticket=7)
    expected = {"type": 1, "price": 1.5, "comment": "bye", "position": 7}
    assert sent(setting) == [MARKET | expected]


def test_without_a_price_a_buy_is_at_the_ask_and_a_sell_at_the_bid(
    setting: Setting,
) -> None:
    setting.terminal.Buy("EURUSD", 0.1)
    setting.terminal.Sell("EURUSD", 0.1)
    assert [request["price"] for request in sent(setting)] == [1.2, 1.1]


def test_only_a_requote_or_missing_price_is_tried_again(setting: Setting) -> None:
    setting.backend.answers["order_send"] = answering(REQUOTE, PRICE_OFF, REJECT)
    result = setting.terminal.Buy("EURUSD", 0.1)
    assert result is not None
    assert result.retcode == REJECT
    assert len(sent(setting)) == 3


def test_each_attempt_is_at_the_price_of_its_moment(setting: Setting) -> None:
    asks = iter([1.5, 1.6])
    setting.backend.answers["order_send"] = answering(REQUOTE, DONE)
    setting.backend.answers["symbol_info_tick"] = lambda _: filled(Tick, ask=next(asks))
    setting.terminal.Buy("EURUSD", 0.1)
    assert [request["price"] for request in sent(setting)] == [1.5, 1.6]


def test_there_are_ten_attempts(setting: Setting) -> None:
    setting.backend.answers["order_send"] = answering(*[REQUOTE] * 20)
    result = setting.terminal.Sell("EURUSD", 0.1)
    assert result is not None
    assert result.retcode == REQUOTE
    assert len(sent(setting)) == ATTEMPTS == 10


def test_an_unknown_symbol_cannot_be_bought_at_the_market(setting: Setting) -> None:
    def unknown(_: str) -> Tick:
        raise CallFailed(-4)

    setting.backend.answers["symbol_info_tick"] = unknown
    with pytest.raises(AttributeError):
        setting.terminal.Buy("EURUSD", 0.1)
    assert sent(setting) == []


def test_what_could_not_be_sent_is_none(setting: Setting) -> None:
    assert setting.terminal.Buy("EURUSD", 1, 1.5) is None
    assert setting.terminal.last_error() == (-2, 'Invalid "volume" argument')
    assert setting.terminal.Buy("EURUSD", 1) is None


def test_closing_sends_the_opposite_of_each_position(setting: Setting) -> None:
    holding(setting, 0, 1)
    assert setting.terminal.Close("EURUSD", comment="bye") is True
    common = MARKET | {"volume": 0.5, "comment": "bye"}
    assert sent(setting) == [
        common | {"type": 1, "price": 1.1, "position": 1},
        common | {"price": 1.2, "position": 2},
    ]
    assert setting.backend.calls[0] == ("positions_get", (None, "EURUSD"))


def test_closing_a_ticket_asks_for_it_alone(setting: Setting) -> None:
    holding(setting, 0)
    assert setting.terminal.Close("EURUSD", ticket=1) is True
    assert setting.backend.calls[0] == ("positions_get", (1, None))


@pytest.mark.parametrize(
    ("retcodes", "expected"),
    [
        ([DONE, DONE], True),
        ([DONE, REJECT], "Partially"),
        ([REJECT, DONE], "Partially"),
        ([REJECT, REJECT], False),
        ([REQUOTE, DONE, PRICE_OFF, DONE], True),
    ],
)
def test_closing_tells_how_much_was_closed(
    retcodes: list[int], expected: object, setting: Setting
) -> None:
    holding(setting, 0, 1)
    setting.backend.answers["order_send"] = answering(*retcodes)
    assert setting.terminal.Close("EURUSD") == expected


def test_closing_nothing_is_false(setting: Setting) -> None:
    holding(setting)
    assert setting.terminal.Close("EURUSD") is False


def test_closing_without_a_tick_is_none(setting: Setting) -> None:
    def unknown(_: str) -> Tick:
        raise CallFailed(-4)

    holding(setting, 0)
    setting.backend.answers["symbol_info_tick"] = unknown
    assert setting.terminal.Close("EURUSD") is None


def test_closing_what_cannot_be_sent_is_none(setting: Setting) -> None:
    def refuse(_: TradeRequest) -> OrderSendResult:
        raise CallFailed(-8)

    holding(setting, 0)
    setting.backend.answers["order_send"] = refuse
    assert setting.terminal.Close("EURUSD") is None


def test_closing_without_a_connection_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        mt5web.Close("EURUSD")


def test_the_helpers_of_the_module_use_its_functions(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("symbol_info_tick", "order_send", "positions_get"):
        monkeypatch.setattr(mt5web, name, getattr(setting.terminal, name))
    holding(setting, 0)
    assert mt5web.Buy("EURUSD", 0.1) is not None
    assert mt5web.Sell("EURUSD", 0.1) is not None
    assert mt5web._RawOrder(0, "EURUSD", 0.1, 1.5) is not None
    assert mt5web.Close("EURUSD") is True
    assert [request["price"] for request in sent(setting)] == [1.2, 1.1, 1.5, 1.1]

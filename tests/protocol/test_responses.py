"""What the readers make of the bytes that MetaQuotes' own client read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pytest

from mt5web_async.enums import Rights
from mt5web_async.errors import MalformedMessage
from mt5web_async.protocol import records as r
from mt5web_async.protocol import responses
from mt5web_async.protocol.wire import Layout
from tests.names import floating_leverage

from . import witness as w
from .witness import Json, Naming

ENTRIES = w.load("responses.json")


def is_without_settings(e: Json) -> bool:
    """The client does not step over a settings count of 0 and reads all that follows
    4 bytes early; and it shows flags that are not there as 0."""
    body = e["hex"]
    count = body[2 * r.ACCOUNT.size :][:8] if isinstance(body, str) else ""
    return e["command"] in {3, 14} and count in {"", "00000000"}


def is_unreadable(e: Json) -> bool:
    """The client fails on it, or asks command 6 instead."""
    return bool({"error", "fallback_command"} & set(e["parsed"]))


def entry(name: str) -> Json:
    (found,) = (e for e in ENTRIES if e["name"] == name)
    return found


def body_of(name: str) -> bytes:
    return bytes.fromhex(entry(name)["hex"])


def is_view(e: Json) -> bool:
    return " view" in e["name"]


UNREADABLE = [e for e in ENTRIES if is_unreadable(e)]
WITHOUT_SETTINGS = [e for e in ENTRIES if is_without_settings(e)]
PLAIN = [
    e for e in ENTRIES if not (is_view(e) or is_unreadable(e) or is_without_settings(e))
]


def listed(naming: Naming, layout: Layout[Any], found: Iterable[Any]) -> list[Json]:
    return [naming.shown(layout, record) for record in found]


def without_additions(naming: Naming, parsed: list[Json]) -> list[Json]:
    return [naming.witnessed(item) for item in parsed]


def assert_same(
    naming: Naming, layout: Layout[Any], found: Iterable[Any], parsed: list[Json]
) -> None:
    assert listed(naming, layout, found) == without_additions(naming, parsed)


def check_login(body: bytes, parsed: Json) -> None:
    answer = responses.read_login(body)
    assert answer.password_token.hex() == parsed["token"]
    assert str(answer.session) == parsed["session"]


def check_state(body: bytes, parsed: Json) -> None:
    assert responses.read_u32(body) == parsed["state"]


def check_password_change(body: bytes, parsed: Json) -> None:
    assert responses.read_i32(body) == parsed["result"]


def check_trade_answer(body: bytes, parsed: Json) -> None:
    assert responses.read_u32(body) == parsed["retcode"]


def check_account(body: bytes, parsed: Json) -> None:
    state = responses.read_account(body)
    shown = state.account._replace(password_min=state.account.password_min or 8)
    assert w.ACCOUNT.shown(r.ACCOUNT, shown) == w.ACCOUNT.witnessed(parsed)
    assert_same(
        w.TRADE_SETTINGS, r.TRADE_SETTINGS, state.settings, parsed["trade_settings"]
    )
    assert state.trade_flags == parsed["trade_flags"]
    assert state.symbols_count == parsed["symbols_count"]
    assert str(state.leverage_flags) == parsed["leverage_flags"]
    assert list(state.leverage) == list(map(floating_leverage, parsed["rules"]))
    check_commissions(state.commissions, parsed["commissions"])
    assert bool(state.account.rights & Rights.READ_ONLY) == parsed["is"]["readOnly"]


def check_commissions(
    found: tuple[responses.CommissionRule, ...], parsed: list[Json]
) -> None:
    assert_same(w.COMMISSION, r.COMMISSION, (rule for rule, _ in found), parsed)
    for (_, tiers), shown in zip(found, parsed, strict=True):
        assert_same(w.COMMISSION_TIER, r.COMMISSION_TIER, tiers, shown["tiers"])


def check_groups(body: bytes, parsed: Json) -> None:
    groups, _ = r.SYMBOL_GROUP.counted(body)
    assert [g.name for g in groups] == [g["group_name"] for g in parsed["groups"]]


def check_symbols(body: bytes, parsed: Json) -> None:
    found, _ = r.SYMBOL.counted(body)
    assert_same(w.SYMBOL, r.SYMBOL, found, parsed["symbols"])
    rows = responses.read_symbols(body)
    assert rows.tobytes() == r.SYMBOL.write_all(found)


def check_packed_symbols(body: bytes, parsed: Json) -> None:
    found = r.SYMBOL.records(responses.unpack_symbols(body).tobytes())
    assert_same(w.SYMBOL, r.SYMBOL, found, parsed["symbols"])


def check_full_symbols(body: bytes, parsed: Json) -> None:
    found, _ = r.FULL_SYMBOL.counted(body)
    check_each_full_symbol(found, parsed["symbols"])


def check_changed_symbols(body: bytes, parsed: Json) -> None:
    check_each_full_symbol(r.FULL_SYMBOL.records(body), parsed["symbols"])


def check_each_full_symbol(found: list[r.FullSymbol], parsed: list[Json]) -> None:
    assert_same(w.FULL_SYMBOL, r.FULL_SYMBOL, found, parsed)
    for symbol, shown in zip(found, parsed, strict=True):
        assert w.TRADE_SETTINGS.shown(r.TRADE_SETTINGS, symbol.trade) == shown["trade"]
        schedule = responses.read_schedule(symbol.schedule)
        assert sessions(schedule.quotes) == shown["schedule"]["quote_sessions"]
        assert sessions(schedule.trades) == shown["schedule"]["trade_sessions"]
        assert shown["subscription"] == {
            "delay": symbol.subscription_delay,
            "status": symbol.subscription_status,
            "level": symbol.subscription_level,
            "reserved": symbol.subscription_reserved,
        }


def sessions(days: tuple[tuple[r.Session, ...], ...]) -> list[list[list[int]]]:
    return [[list(session) for session in day] for day in days]


def check_spreads(body: bytes, parsed: Json) -> None:
    found = responses.read_spreads(body)
    headers = (spread.header for spread in found)
    assert_same(w.SPREAD_HEADER, r.SPREAD_HEADER, headers, parsed["spreads"])
    for spread, shown in zip(found, parsed["spreads"], strict=True):
        assert_same(w.SPREAD_LEG, r.SPREAD_LEG, spread.legs_a, shown["legs_a"])
        assert_same(w.SPREAD_LEG, r.SPREAD_LEG, spread.legs_b, shown["legs_b"])


def check_positions(body: bytes, parsed: Json) -> None:
    positions, orders = responses.read_positions(body)
    assert_same(w.POSITION, r.POSITION, positions, parsed["positions"])
    assert_same(w.ORDER, r.ORDER, orders, parsed["orders"])
    assert responses.write_positions(positions, orders) == body


def check_history(body: bytes, parsed: Json) -> None:
    deals, orders = responses.read_history(body)
    assert_same(w.DEAL, r.DEAL, deals, parsed["deals"])
    assert_same(w.ORDER, r.ORDER, orders, parsed["orders"])
    assert responses.write_history(deals, orders) == body


def check_ticks(body: bytes, parsed: Json) -> None:
    ticks = responses.read_ticks(body)
    assert_same(w.TICK, r.TICK, ticks, parsed["ticks"])
    times = [tick.time * 1000 + tick.time_ms for tick in ticks]
    assert times == [shown["tick_time_ms"] for shown in parsed["ticks"]]


def check_statistics(body: bytes, parsed: Json) -> None:
    found = r.STATISTICS.records(body)
    assert_same(w.STATISTICS, r.STATISTICS, found, parsed["stats"])


def check_books(body: bytes, parsed: Json) -> None:
    shown = [
        [*header, [[mask, kind, str(p), str(v)] for mask, kind, p, v in levels]]
        for header, levels in responses.read_books(body)
    ]
    assert shown == parsed["books"]


def check_transactions(body: bytes, parsed: Json) -> None:
    found: Sequence[r.OrderTransaction | responses.DealGroup] = (
        responses.read_transactions(body)
    )
    for transaction, shown in zip(found, parsed["transactions"], strict=True):
        if isinstance(transaction, responses.DealGroup):
            check_deal_group(transaction, shown)
        else:
            assert w.ORDER_TRANSACTION.shown(
                r.ORDER_TRANSACTION, transaction
            ) == w.ORDER_TRANSACTION.witnessed(shown)
            assert w.ORDER.shown(r.ORDER, transaction.order) == shown["trade_order"]


def check_deal_group(group: responses.DealGroup, shown: Json) -> None:
    change = group.transaction
    assert_same(w.DEAL_TRANSACTION, r.DEAL_TRANSACTION, [change], [shown])
    assert_same(w.DEAL, r.DEAL, [change.deal], [shown["deal"]])
    assert_same(w.POSITION, r.POSITION, [change.position], [shown["trade_position"]])
    assert_same(w.DEAL, r.DEAL, group.deals, shown["deals"])
    assert_same(w.POSITION, r.POSITION, group.positions, shown["positions"])


def check_trade_result(body: bytes, parsed: Json) -> None:
    result = r.TRADE_RESULT.read(body)
    assert result.code == parsed["head"]
    assert_same(
        w.TRADE_RESULT_ACTION,
        r.TRADE_RESULT_ACTION,
        [result.action],
        [parsed["request"]],
    )
    assert_same(
        w.TRADE_RESULT_ANSWER,
        r.TRADE_RESULT_ANSWER,
        [result.answer],
        [parsed["result"]],
    )


def check_bars(body: bytes, parsed: Json) -> None:
    bars = r.BAR.records(body)
    assert_same(w.BAR, r.BAR, bars, parsed["bars"])
    assert r.BAR.rows(body)["close"].tolist() == [bar.close for bar in bars]


def check_links(body: bytes, parsed: Json) -> None:
    links, _ = r.CORPORATE_LINK.counted(body)
    # in these bytes, addresses stand where the layout has the label
    assert [[k.type, k.url, k.label] for k in links] == parsed["links"]


def check_opened_account(body: bytes, parsed: Json) -> None:
    answer = r.OPEN_ACCOUNT_RESPONSE.read(body)
    shown = [answer.code, str(answer.login), answer.password, answer.investor_password]
    assert shown == parsed["account"]


def check_verification(body: bytes, parsed: Json) -> None:
    answer = responses.read_verification(body)
    assert list(answer) == [*parsed["verify"], 0][:2]


def check_trader_parameters(body: bytes, parsed: Json) -> None:
    assert r.TRADER_PARAMETERS.read(body)._asdict() == parsed


CHECKS: dict[int, Callable[[bytes, Json], None]] = {
    3: check_account,
    4: check_positions,
    5: check_history,
    6: check_symbols,
    8: check_ticks,
    9: check_groups,
    10: check_transactions,
    11: check_bars,
    12: check_trade_answer,
    13: check_changed_symbols,
    14: check_account,
    15: check_state,
    17: check_statistics,
    18: check_full_symbols,
    19: check_trade_result,
    20: check_spreads,
    23: check_books,
    24: check_password_change,
    27: check_verification,
    28: check_login,
    30: check_opened_account,
    34: check_packed_symbols,
    40: check_verification,
    41: check_trader_parameters,
    44: check_links,
}


@pytest.mark.parametrize("e", PLAIN, ids=[e["name"] for e in PLAIN])
def test_reads_what_the_client_reads(e: Json) -> None:
    CHECKS[e["command"]](bytes.fromhex(e["hex"]), e["parsed"])


@pytest.mark.parametrize("e", UNREADABLE, ids=[e["name"] for e in UNREADABLE])
def test_what_the_client_cannot_read_is_malformed(e: Json) -> None:
    with pytest.raises(MalformedMessage):
        CHECKS[e["command"]](bytes.fromhex(e["hex"]), e["parsed"])


@pytest.mark.parametrize(
    "e", WITHOUT_SETTINGS, ids=[e["name"] for e in WITHOUT_SETTINGS]
)
def test_an_account_without_settings_is_read_by_the_layout(e: Json) -> None:
    state = responses.read_account(bytes.fromhex(e["hex"]))
    shown = state.account._replace(password_min=state.account.password_min or 8)
    assert w.ACCOUNT.shown(r.ACCOUNT, shown) == w.ACCOUNT.witnessed(e["parsed"])
    assert state.settings == ()


def test_a_settings_count_of_zero_is_stepped_over() -> None:
    tail = b"".join(
        number.to_bytes(size, "little")
        for number, size in ((0, 4), (7, 4), (300, 4), (9, 8), (0, 4), (0, 4))
    )
    base = body_of("account tail: nothing behind the base record")
    state = responses.read_account(base + tail)
    assert (state.settings, state.leverage, state.commissions) == ((), (), ())
    numbers = state.trade_flags, state.symbols_count, state.leverage_flags
    assert numbers == (7, 300, 9)


def test_a_tail_without_a_settings_count_is_read_by_the_layout() -> None:
    slip = entry("account tail: settings count left out when there are none")
    state = responses.read_account(bytes.fromhex(slip["hex"]))
    assert state.trade_flags == slip["parsed"]["symbols_count"] == 300


def test_an_account_without_a_tail_has_no_group_flags() -> None:
    state = responses.read_account(
        body_of("account tail: nothing behind the base record")
    )
    assert state.trade_flags is None
    assert state.account.balance == 10000


RICH = responses.AccountState(
    r.Account(balance=5.0),
    (r.TradeSettings("Forex\\*"), r.TradeSettings("Metals\\*")),
    7,
    300,
    9,
    (
        responses.FloatingLeverage(
            r.LeverageRule("A", tier_count=2), (r.LeverageTier(1), r.LeverageTier(2))
        ),
        responses.FloatingLeverage(r.LeverageRule("B"), ()),
    ),
    (
        responses.CommissionRule(r.Commission("C"), (r.CommissionTier(value=3),)),
        responses.CommissionRule(r.Commission("D"), (r.CommissionTier(value=4),)),
    ),
)


def test_an_account_may_end_anywhere_behind_its_record() -> None:
    body = responses.write_account(RICH)
    before = responses.AccountState(RICH.account)
    for cut in range(r.ACCOUNT.size, len(body) + 1):
        state = responses.read_account(body[:cut])
        assert state.account == RICH.account
        assert state.trade_flags in {before.trade_flags, RICH.trade_flags}
        for name in ("settings", "leverage", "commissions"):
            found, whole = getattr(state, name), getattr(RICH, name)
            assert whole[: len(found)] == found
            assert len(found) >= len(getattr(before, name))
        before = state
    assert before == RICH


def test_nothing_is_read_behind_a_list_that_is_cut() -> None:
    settings = r.TRADE_SETTINGS.write_counted(RICH.settings)
    cut = r.ACCOUNT.write(RICH.account) + b"\x09" + settings[1:] + bytes(400)
    state = responses.read_account(cut)
    assert state.settings == RICH.settings
    assert (state.trade_flags, state.leverage, state.commissions) == (None, (), ())


def test_counts_below_0_are_no_lists() -> None:
    body = bytearray(responses.write_account(RICH._replace(settings=(), leverage=())))
    at = r.ACCOUNT.size + 4 + 16
    body[at : at + 4] = b"\xff\xff\xff\xff"
    state = responses.read_account(bytes(body))
    assert (state.leverage, state.commissions) == ((), RICH.commissions)


def test_an_unreadable_stream_is_refused_so_that_command_6_can_be_asked() -> None:
    with pytest.raises(MalformedMessage, match="cannot be inflated"):
        responses.unpack_symbols(body_of("packed symbols: unreadable data"))


VIEWED_SYMBOL = {
    "id": "symbol_id",
    "symbol": "name",
    "description": "description",
    "digits": "digits",
    "sector": "sector",
    "currencyBase": "currency_base",
    "currencyMargin": "currency_margin",
    "currencyProfit": "currency_profit",
    "ticksBookDepth": "ticks_book_depth",
    "international": "international",
    "multiply": "multiply",
    "contractSize": "contract_size",
    "page": "page",
    "isin": "isin",
    "category": "category",
    "exchange": "exchange",
    "calcMode": "calc_mode",
    "chartMode": "chart_mode",
}
"""What the client's symbol window shows unchanged."""

VIEWED_SETTINGS = {
    "stopsLevel": "stops_level",
    "requestTimeout": "request_timeout",
    "requoteTimeout": "instant_timeout",
    "tradeMode": "trade_mode",
    "path": "symbol_path",
}

SYMBOL_VIEWS = [e for e in ENTRIES if e["name"].startswith("symbol view")]


@pytest.mark.parametrize("e", SYMBOL_VIEWS, ids=[e["name"] for e in SYMBOL_VIEWS])
def test_symbol_window_shows_the_fields_read(e: Json) -> None:
    ((symbol,), _) = r.FULL_SYMBOL.counted(bytes.fromhex(e["hex"]))
    view = e["parsed"]["view"]
    assert {k: getattr(symbol, v) for k, v in VIEWED_SYMBOL.items()} == {
        k: view[k] for k in VIEWED_SYMBOL
    }
    assert {k: getattr(symbol.trade, v) for k, v in VIEWED_SETTINGS.items()} == {
        k: view[k] for k in VIEWED_SETTINGS
    }
    assert list(symbol.trade.swap_rates) == view["swapRates"]


VIEWED_DEAL = {
    "symbol": "symbol",
    "priceOpen": "price_open",
    "priceClose": "price_close",
    "commission": "commission",
    "commissionFee": "fee",
    "storage": "storage",
    "action": "action",
    "tradeReason": "reason",
    "comment": "comment",
    "digits": "digits",
}

HISTORY_VIEWS = [e for e in ENTRIES if e["name"].startswith("history view")]


@pytest.mark.parametrize("e", HISTORY_VIEWS, ids=[e["name"] for e in HISTORY_VIEWS])
def test_history_window_shows_the_deals_read(e: Json) -> None:
    deals, orders = responses.read_history(bytes.fromhex(e["hex"]))
    shown = {item["deal"]: item for item in e["parsed"]["deals"]["items"]}
    for deal in deals:
        item = shown[str(deal.deal)]
        assert {k: getattr(deal, v) for k, v in VIEWED_DEAL.items()} == {
            k: item[k] for k in VIEWED_DEAL
        }
    assert len(shown) == len(deals)
    tickets = {item["order"] for item in e["parsed"]["orders"]["items"]}
    assert tickets == {str(order.order) for order in orders}


def test_columns_of_an_answer_cannot_be_written_to() -> None:
    rows = responses.read_symbols(bytearray(body_of("symbols 3")))
    with pytest.raises(ValueError, match="read-only"):
        rows["digits"] = np.uint32(9)

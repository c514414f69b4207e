"""Where the fields of symbols and accounts come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, get_type_hints

import pytest

from mt5web.mapping.account import account_info
from mt5web.mapping.quotes import LastTicks, tick
from mt5web.mapping.reasons import deal_reason, order_reason, position_reason
from mt5web.mapping.symbols import symbol_info
from mt5web_async.calculation.account import AccountFigures
from mt5web_async.calculation.quotes import Quote, SessionFigures
from mt5web_async.enums import CalcMode, Reason
from mt5web_async.protocol.records import Account, FullSymbol, TradeSettings
from mt5web_async.protocol.responses import AccountState

LOT: Final = 100_000_000
KINDS: Final = (int, float, str)


def numbered(kind: Any, **given: Any) -> Any:
    """A record whose values all differ: numbers counted on, texts named."""
    values: dict[str, Any] = {}
    for i, (name, hint) in enumerate(get_type_hints(kind).items(), 1):
        if hint in KINDS:
            values[name] = name if hint is str else hint(i)
    return kind(**{**values, **given})


def same(names: str, record: object, prefix: str = "") -> dict[str, Any]:
    """Fields that are called as the record calls them, but for a prefix."""
    return {prefix + name: getattr(record, name) for name in names.split()}


TRADE: Final = numbered(
    TradeSettings,
    volume_min=1 * LOT,
    volume_max=2 * LOT,
    volume_step=3 * LOT,
    volume_limit=4 * LOT,
    margin_flags=4,
    permissions_flags=1,
    permissions_book_depth=0,
)
SYMBOL: Final = numbered(
    FullSymbol,
    trade=TRADE,
    chart_mode=1,
    calc_mode=CalcMode.EXCH_OPTIONS,
    option_mode=3,
)
DAY: Final = numbered(
    SessionFigures,
    **{
        name: (i + 1) * LOT
        for i, name in enumerate(
            ("volume_high", "volume_low", "buy_volume", "sell_volume", "deals_volume")
        )
    },
)
QUOTE: Final = Quote(
    bid=1.5,
    ask=2.5,
    last=3.5,
    volume=7 * LOT + LOT // 2,
    time_msc=1_700_000_000_123,
    changed=15,
    price_change=0.25,
    session=DAY,
)

FROM_SYMBOL: Final[Mapping[str, Any]] = {
    **same("digits point chart_mode", SYMBOL),
    **same("basis category currency_base currency_profit currency_margin", SYMBOL),
    **same("description exchange isin name page", SYMBOL),
    **same("contract_size tick_size accrued_interest face_value", SYMBOL, "trade_"),
    "trade_calc_mode": CalcMode.EXCH_OPTIONS,
    "start_time": SYMBOL.time_start,
    "expiration_time": SYMBOL.time_expiration,
    "order_gtc_mode": SYMBOL.gtc_mode,
    "option_mode": 1,
    "option_right": 1,
    "option_strike": SYMBOL.price_strike,
    "ticks_bookdepth": SYMBOL.ticks_book_depth,
    "session_price_settlement": SYMBOL.price_settle,
    "session_price_limit_min": SYMBOL.price_limit_min,
    "session_price_limit_max": SYMBOL.price_limit_max,
}
FROM_SETTINGS: Final[Mapping[str, Any]] = {
    **same("trade_mode swap_mode swap_long swap_short swap_rollover3days", TRADE),
    **same("margin_initial margin_maintenance margin_hedged", TRADE),
    **same("stops_level freeze_level", TRADE, "trade_"),
    "trade_exemode": TRADE.execution_mode,
    "trade_liquidity_rate": TRADE.margin_rate_liquidity,
    "margin_hedged_use_leg": True,
    "expiration_mode": TRADE.time_flags,
    "filling_mode": TRADE.fill_flags,
    "order_mode": TRADE.order_flags,
    "volume_min": 1.0,
    "volume_max": 2.0,
    "volume_step": 3.0,
    "volume_limit": 4.0,
}
FROM_QUOTE: Final[Mapping[str, Any]] = {
    "bid": 1.5,
    "ask": 2.5,
    "last": 3.5,
    "volume": 7,
    "volume_real": 7.5,
    "time": 1_700_000_000,
    "price_change": 0.25,
}
FROM_DAY: Final[Mapping[str, Any]] = {
    **same("deals buy_orders sell_orders", DAY, "session_"),
    **same("price_volatility price_theoretical", DAY),
    **same("delta theta gamma vega rho omega", DAY, "price_greeks_"),
    **{
        side + end: getattr(DAY, f"{side}_{end}")
        for side in ("bid", "ask", "last")
        for end in ("high", "low")
    },
    "price_sensitivity": DAY.sensitivity,
    "session_turnover": float(DAY.turnover),
    "session_interest": float(DAY.interest),
    "session_open": DAY.price_open,
    "session_close": DAY.price_close,
    "session_aw": DAY.price_average,
    "volumehigh": 1,
    "volumehigh_real": 1.0,
    "volumelow": 2,
    "volumelow_real": 2.0,
    "session_buy_orders_volume": 3.0,
    "session_sell_orders_volume": 4.0,
    "session_volume": 5.0,
}
OF_OURS: Final[Mapping[str, Any]] = {
    "path": "Forex\\EURUSD",
    "select": True,
    "visible": False,
    "trade_tick_value": 10.0,
    "trade_tick_value_profit": 10.0,
    "trade_tick_value_loss": 11.0,
    "custom": False,
    "bank": "",
    "formula": "",
    "spread": round(1.0 / SYMBOL.point),
    "spread_float": False,
}


def info_of(symbol: FullSymbol = SYMBOL, quote: Quote = QUOTE) -> Any:
    return symbol_info(
        symbol, "Forex\\EURUSD", quote, (10.0, 11.0), selected=True, visible=False
    )


def test_every_field_of_a_symbol_has_its_source() -> None:
    expected = {**FROM_SYMBOL, **FROM_SETTINGS, **FROM_QUOTE, **FROM_DAY, **OF_OURS}
    found = info_of()._asdict()
    assert found == {name: expected[name] for name in found}
    assert expected.keys() == found.keys()


def changed(symbol: FullSymbol = SYMBOL, **settings: Any) -> FullSymbol:
    return symbol._replace(trade=symbol.trade._replace(**settings))


def test_without_quotes_a_symbol_has_the_spread_of_its_settings() -> None:
    info = info_of(quote=Quote())
    assert (info.spread, info.bid, info.time) == (SYMBOL.spread, 0.0, 0)
    assert info_of(SYMBOL._replace(spread=0)).spread_float is True


@pytest.mark.parametrize(
    ("mode", "last", "depth", "expected"),
    [
        (0, 1.0, 5, 0),
        (1, 0.0, 0, 1),
        (255, 1.0, 0, 1),
        (255, 0.0, 5, 1),
        (255, 0, 0, 0),
    ],
)
def test_a_chart_mode_that_is_left_to_the_market(
    mode: int, last: float, depth: int, expected: int
) -> None:
    symbol = SYMBOL._replace(chart_mode=mode, ticks_book_depth=depth)
    assert info_of(symbol, Quote(last=last)).chart_mode == expected


@pytest.mark.parametrize(
    ("flags", "allowed", "expected"), [(0, 0, 0), (1, 0, 27), (1, 5, 5), (1, 99, 27)]
)
def test_a_book_is_as_deep_as_the_account_may_see(
    flags: int, allowed: int, expected: int
) -> None:
    symbol = changed(permissions_flags=flags, permissions_book_depth=allowed)
    assert SYMBOL.ticks_book_depth == 27
    assert info_of(symbol).ticks_bookdepth == expected


def test_only_options_have_a_mode_and_a_right() -> None:
    info = info_of(SYMBOL._replace(calc_mode=CalcMode.FOREX))
    assert (info.option_mode, info.option_right) == (0, 0)


def test_the_tick_size_is_the_point_where_the_server_has_none() -> None:
    assert info_of(SYMBOL._replace(tick_size=0.0)).trade_tick_size == SYMBOL.point


def test_a_tick_tells_seconds_whole_volumes_and_official_flags() -> None:
    assert tick(QUOTE) == (1_700_000_000, 1.5, 2.5, 3.5, 7, 1_700_000_000_123, 30, 7.5)


# the account

FIGURES: Final = numbered(AccountFigures)
ACCOUNT: Final = numbered(Account, type=1, rights=0)


def account_of(trade_flags: int | None = 0, **fields: Any) -> Any:
    state = AccountState(ACCOUNT._replace(**fields), trade_flags=trade_flags)
    return account_info(5001, state, FIGURES)


def test_every_field_of_an_account_has_its_source() -> None:
    figures = "balance credit equity margin margin_free margin_level margin_initial"
    record = "leverage margin_so_mode margin_mode currency_digits margin_so_call"
    assert account_of(trade_flags=4)._asdict() == {
        "login": 5001,
        "trade_mode": 0,
        "limit_orders": 0,
        "trade_allowed": True,
        "trade_expert": True,
        "fifo_close": False,
        "profit": FIGURES.floating,
        "commission_blocked": FIGURES.commission,
        "server": "server_name",
        **same(f"{figures} margin_maintenance assets liabilities", FIGURES),
        **same(f"{record} margin_so_so name currency company", ACCOUNT),
    }


@pytest.mark.parametrize(("wire", "official"), [(0, 2), (1, 0), (2, 1), (3, 2), (9, 2)])
def test_demo_contest_and_real_have_other_numbers_on_the_wire(
    wire: int, official: int
) -> None:
    assert account_of(type=wire).trade_mode == official


@pytest.mark.parametrize(
    ("rights", "allowed"),
    [(0, True), (1 + 2 + 64, True), (4, False), (8, False), (512, False)],
)
def test_some_rights_forbid_trading(rights: int, allowed: bool) -> None:
    assert account_of(rights=rights).trade_allowed is allowed


@pytest.mark.parametrize(
    ("flags", "experts", "fifo"),
    [(None, True, False), (0, False, False), (4, True, False), (4 + 256, True, True)],
)
def test_the_group_decides_on_experts_and_the_order_of_closing(
    flags: int | None, experts: bool, fifo: bool
) -> None:
    account = account_of(trade_flags=flags)
    assert (account.trade_expert, account.fifo_close) == (experts, fifo)


# reasons


def official(reasons: Iterable[Reason]) -> list[tuple[int, int, int]]:
    return [(deal_reason(r), order_reason(r), position_reason(r)) for r in reasons]


def test_reasons_are_numbered_as_the_package_does() -> None:
    known = (Reason.CLIENT, Reason.MOBILE, Reason.WEB, Reason.EXPERT, Reason.SIGNAL)
    assert official(known) == [(0, 0, 0), (1, 1, 1), (2, 2, 2), (3, 3, 3), (3, 3, 3)]
    assert official((Reason.SL, Reason.TP, Reason.SO)) == [
        (4, 4, 0),
        (5, 5, 0),
        (6, 6, 0),
    ]
    of_deals = (Reason.ROLLOVER, Reason.VARIATION_MARGIN, Reason.SPLIT)
    assert official(of_deals) == [(7, 0, 0), (8, 0, 0), (9, 0, 0)]
    assert official((Reason.DEALER,)) == [(0, 0, 0)]


def test_a_symbols_tick_is_that_of_its_newest_quote() -> None:
    ticks = LastTicks()
    quotes = [
        ("EURUSD", Quote(bid=1.1, time_msc=1000)),
        ("USDJPY", Quote(bid=150.0, time_msc=1000)),
        ("EURUSD", Quote(bid=1.2, time_msc=1000)),
        ("EURUSD", Quote(bid=1.1, time_msc=2000)),
    ]
    for name, quote in quotes:
        assert ticks.of(name, quote) == ticks.of(name, quote) == tick(quote)

"""Symbols: 96 fields out of the full record, the quote and the account's rules."""

from __future__ import annotations

from typing import Final

from mt5web.structs import SymbolInfo
from mt5web.structseq import build
from mt5web_async.calculation.quotes import Quote
from mt5web_async.calculation.volumes import lots
from mt5web_async.enums import CalcMode
from mt5web_async.protocol.records import FullSymbol
from mt5web_async.terminal.depth import book_depth

from .quotes import UNITS

_OPTIONS: Final = (CalcMode.EXCH_OPTIONS, CalcMode.EXCH_OPTIONS_MARGIN)
_BY_MARKET: Final = 255
_LARGER_LEG: Final = 4


def chart_mode(symbol: FullSymbol, quote: Quote) -> int:
    """SYMBOL_CHART_MODE_...: bars by bid, 0, or by last price, 1."""
    if symbol.chart_mode != _BY_MARKET:
        return symbol.chart_mode
    return int(bool(quote.last) or symbol.ticks_book_depth > 0)


def spread(symbol: FullSymbol, quote: Quote) -> int:
    """Points between bid and ask."""
    if quote.bid and quote.ask and symbol.point:
        return round((quote.ask - quote.bid) / symbol.point)
    return symbol.spread


def symbol_info(
    symbol: FullSymbol,
    path: str,
    quote: Quote,
    tick_values: tuple[float, float],
    *,
    selected: bool,
    visible: bool,
) -> SymbolInfo:
    """Everything about a symbol.

    Args:
        symbol: its record with the settings that count for the account.
        path: its own path, which an override of the settings hides.
        quote: its prices; empty when there are none.
        tick_values: of a winning and a losing tick, deposit currency per lot.
        selected: quotes come in, for whatever reason.
        visible: it is in the Market Watch.
    """
    trade, session = symbol.trade, quote.session
    option = symbol.calc_mode in _OPTIONS
    profit, loss = tick_values
    return build(
        SymbolInfo,
        custom=False,
        chart_mode=chart_mode(symbol, quote),
        select=selected,
        visible=visible,
        session_deals=session.deals,
        session_buy_orders=session.buy_orders,
        session_sell_orders=session.sell_orders,
        volume=quote.volume // UNITS,
        volumehigh=session.volume_high // UNITS,
        volumelow=session.volume_low // UNITS,
        time=quote.time_msc // 1000,
        digits=symbol.digits,
        spread=spread(symbol, quote),
        spread_float=symbol.spread == 0,
        ticks_bookdepth=book_depth(symbol),
        trade_calc_mode=symbol.calc_mode,
        trade_mode=trade.trade_mode,
        start_time=symbol.time_start,
        expiration_time=symbol.time_expiration,
        trade_stops_level=trade.stops_level,
        trade_freeze_level=trade.freeze_level,
        trade_exemode=trade.execution_mode,
        swap_mode=trade.swap_mode,
        swap_rollover3days=trade.swap_rollover3days,
        margin_hedged_use_leg=bool(trade.margin_flags & _LARGER_LEG),
        expiration_mode=trade.time_flags,
        filling_mode=trade.fill_flags,
        order_mode=trade.order_flags,
        order_gtc_mode=symbol.gtc_mode,
        option_mode=symbol.option_mode // 2 if option else 0,
        option_right=symbol.option_mode % 2 if option else 0,
        bid=quote.bid,
        bidhigh=session.bid_high,
        bidlow=session.bid_low,
        ask=quote.ask,
        askhigh=session.ask_high,
        asklow=session.ask_low,
        last=quote.last,
        lasthigh=session.last_high,
        lastlow=session.last_low,
        volume_real=quote.volume / UNITS,
        volumehigh_real=session.volume_high / UNITS,
        volumelow_real=session.volume_low / UNITS,
        option_strike=symbol.price_strike,
        point=symbol.point,
        trade_tick_value=profit,
        trade_tick_value_profit=profit,
        trade_tick_value_loss=loss,
        trade_tick_size=symbol.tick_size or symbol.point,
        trade_contract_size=symbol.contract_size,
        trade_accrued_interest=symbol.accrued_interest,
        trade_face_value=symbol.face_value,
        trade_liquidity_rate=trade.margin_rate_liquidity,
        volume_min=lots(trade.volume_min),
        volume_max=lots(trade.volume_max),
        volume_step=lots(trade.volume_step),
        volume_limit=lots(trade.volume_limit),
        swap_long=trade.swap_long,
        swap_short=trade.swap_short,
        margin_initial=trade.margin_initial,
        margin_maintenance=trade.margin_maintenance,
        session_volume=session.deals_volume / UNITS,
        session_turnover=float(session.turnover),
        session_interest=float(session.interest),
        session_buy_orders_volume=session.buy_volume / UNITS,
        session_sell_orders_volume=session.sell_volume / UNITS,
        session_open=session.price_open,
        session_close=session.price_close,
        session_aw=session.price_average,
        session_price_settlement=symbol.price_settle,
        session_price_limit_min=symbol.price_limit_min,
        session_price_limit_max=symbol.price_limit_max,
        margin_hedged=trade.margin_hedged,
        price_change=quote.price_change,
        price_volatility=session.price_volatility,
        price_theoretical=session.price_theoretical,
        price_greeks_delta=session.delta,
        price_greeks_theta=session.theta,
        price_greeks_gamma=session.gamma,
        price_greeks_vega=session.vega,
        price_greeks_rho=session.rho,
        price_greeks_omega=session.omega,
        price_sensitivity=session.sensitivity,
        basis=symbol.basis,
        category=symbol.category,
        currency_base=symbol.currency_base,
        currency_profit=symbol.currency_profit,
        currency_margin=symbol.currency_margin,
        bank="",
        description=symbol.description,
        exchange=symbol.exchange,
        formula="",
        isin=symbol.isin,
        name=symbol.name,
        page=symbol.page,
        path=path,
    )

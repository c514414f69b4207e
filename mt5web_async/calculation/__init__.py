"""The arithmetic of trading: profit, margin, account state, checks, requests.

Pure functions over plain values: no clocks, no I/O, no state. They take the records of
the protocol as they are, or anything with the same attributes
(:mod:`~mt5web_async.calculation.values`). "Section 6.5" in a docstring is a section of
docs/calculation.rst. Volumes are whole numbers of 1e-8 lot, times server time.

======================  ==============================================================
module                  what it gives
======================  ==============================================================
rounding, volumes       `normalize`, `align`, `scaled`; `lots`, `volume`, `size`
masks, settings         `matches`; `effective_symbol`, `trading_allowed`, `is_forex`
spread, quotes          `Pricing.of(symbol)`; `apply_tick(quote, tick, pricing)`,
                        `apply_statistics`, `market_prices`
market                  `Market.of(account_state, symbols, Quotes({...}))`: one moment
conversion              `profit_rate`, `margin_rate`, `conversion_symbols`
profit, worth           `converted_profit`; `position_worth(market, symbol, position)`
margin                  `unit_margin`, `margin_factor`, `working_order`
hedging, netting,       margin of one symbol by the account's margin mode
exchange
leverage, relief        floating leverage; spreads between futures
account                 `account_figures(market, positions, orders, checked=None)`
portfolio               `Portfolio.of(market, held, waiting)`, `.ticked(market)`: the
                        same figures live, and what each position is worth
sessions                `session_open(week, time)`, `next_opening`, `server_offset`
stops, cases, checks    `check_request(market, request, positions, orders)`
requests                `prepared(market, api_request, blank, positions, orders)`
planning                `profit_of`, `margin_of`, `order_check`, `forecast`,
                        `tick_values`
texts, passwords        how numbers are shown; `check_password`
======================  ==============================================================
"""

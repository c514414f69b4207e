"""A second computation of accounts, made apart from the package's own.

Everything is computed anew from records and prices, in the plainest way, and only for
what the simulated broker offers: currency pairs, CFDs, indices, stocks and futures.

::

    opinion = SecondOpinion(account, symbols, {"EURUSD": Shown(1.1, 1.1001, 0.0)})
    opinion.account(positions, orders)["equity"]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil, floor
from typing import Final, NamedTuple

from mt5web_async.enums import CalcMode, MarginMode
from mt5web_async.protocol.records import Account, FullSymbol, Order, Position

LOT: Final = 1e8
LARGER_LEG: Final = 4
LONG_PROFIT_EXCLUDED: Final = 8
LEVERAGED: Final = (CalcMode.FOREX, CalcMode.CFD_LEVERAGE)


class Shown(NamedTuple):
    """Prices of a symbol; 0: there is none."""

    bid: float
    ask: float
    last: float


def rounded(value: float, digits: int) -> float:
    power = 10.0**digits
    shifted = abs(value) * power + 0.5000001
    return floor(shifted) / power if value >= 0 else ceil(-shifted) / power + 0.0


class SecondOpinion:
    """What an account is worth.

    Args:
        account: its record.
        symbols: by name.
        shown: prices by name.
    """

    def __init__(
        self,
        account: Account,
        symbols: Mapping[str, FullSymbol],
        shown: Mapping[str, Shown],
    ) -> None:
        self.owner = account
        self.symbols = symbols
        self.shown = shown

    def money(self, value: float) -> float:
        return rounded(value, self.owner.currency_digits)

    # conversion

    def rate(
        self,
        of: FullSymbol,
        source: str,
        *,
        dear: bool,
        own: float = 0.0,
    ) -> float:
        """Account currency for one of another; dear: at the ask, else at the bid.

        `own` stands for the quote of the pair itself.
        """
        target = self.owner.currency
        if source == target:
            return 1.0
        return self.pair(of, source, target, dear, own) or (
            self.pair(of, source, "USD", dear, own)
            * self.pair(of, "USD", target, dear, own)
        )

    def pair(
        self, of: FullSymbol, source: str, target: str, dear: bool, own: float
    ) -> float:
        for name, upright in ((source + target, True), (target + source, False)):
            shown = self.shown.get(name)
            price = 0.0
            if own and name == of.name and of.calc_mode == CalcMode.FOREX:
                price = own
            elif shown is not None and name in self.symbols:
                price = shown.ask if dear is upright else shown.bid
            if price:
                return price if upright else 1 / price
        return 0.0

    # profit

    def close_of(self, of: FullSymbol, long: bool) -> float:
        shown = self.shown[of.name]
        if of.calc_mode >= CalcMode.EXCH_STOCKS:
            return shown.last
        return shown.bid if long else shown.ask

    def gain(
        self, of: FullSymbol, long: bool, lots: float, start: float, end: float
    ) -> float:
        """In profit currency."""
        digits = of.currency_profit_digits
        size = rounded(lots * of.contract_size, 8)
        if of.calc_mode == CalcMode.FOREX:
            gain = rounded(end * size, digits) - rounded(start * size, digits)
        elif of.calc_mode == CalcMode.EXCH_FUTURES:
            gain = (end - start) * lots * of.tick_value / of.tick_size
        else:
            gain = end * size - start * size
        return rounded(gain if long else -gain, digits)

    def planned(
        self, of: FullSymbol, long: bool, lots: float, start: float, end: float
    ) -> float:
        """Profit of a deal that is only thought of."""
        return self.result(of, long, lots, start, end, own=end)

    def profit(self, held: Position) -> float:
        of, long = self.symbols[held.symbol], held.action == 0
        end = self.close_of(of, long)
        lots, start = held.volume / LOT, held.price_open
        return self.result(of, long, lots, start, end, opened_at=held.rate_margin)

    def result(
        self,
        of: FullSymbol,
        long: bool,
        lots: float,
        start: float,
        end: float,
        *,
        own: float = 0.0,
        opened_at: float = 0.0,
    ) -> float:
        buying = self.rate(of, of.currency_profit, dear=True, own=own)
        selling = self.rate(of, of.currency_profit, dear=False, own=own)
        if self.on_exchange(of) == "stock":
            closing = selling if long else buying
            size, digits = lots * of.contract_size, of.currency_profit_digits
            first = rounded(start * size * (opened_at or closing), digits)
            second = rounded(end * size * closing, digits)
            return self.money(second - first if long else first - second)
        gain = self.gain(of, long, lots, start, end)
        if of.calc_mode == CalcMode.FOREX:
            return self.money(gain * (buying if long else selling))
        return self.money(gain * (selling if gain > 0 else buying))

    def on_exchange(self, of: FullSymbol) -> str:
        """How an exchange account treats a symbol; empty on other accounts."""
        if self.owner.margin_mode != MarginMode.EXCHANGE:
            return ""
        return "stock" if of.calc_mode == CalcMode.EXCH_STOCKS else "other"

    # margin

    def unit(self, of: FullSymbol, lots: float, price: float, fixed: float) -> float:
        """In margin currency, before all rates."""
        size = rounded(lots * of.contract_size, 8)
        if fixed:
            unit = fixed * lots
        elif of.calc_mode == CalcMode.FOREX:
            unit = size
        elif of.calc_mode == CalcMode.CFD_INDEX:
            unit = size * price / of.tick_size * of.tick_value
        elif of.calc_mode == CalcMode.EXCH_FUTURES:
            unit = 0.0
        else:
            unit = size * price
        alone = self.owner.margin_mode == MarginMode.EXCHANGE
        by = 1 if alone or of.calc_mode not in LEVERAGED else self.owner.leverage
        return unit / by

    @staticmethod
    def factors(of: FullSymbol, kind: int) -> tuple[float, float]:
        """For orders and for what is open."""
        initial = of.trade.margin_rates_initial[kind]
        return initial, of.trade.margin_rates_maintenance[kind] or initial

    def price_of(self, one: Order) -> float:
        return one.price_trigger if one.type >= 6 else one.price_order

    def order_margin(
        self, of: FullSymbol, kind: int, lots: float, price: float, fixed: float = 0.0
    ) -> float:
        """`fixed` is the rate that the server has set, 0 where it has not."""
        own = self.rate(of, of.currency_margin, dear=kind % 2 == 0, own=price)
        unit = self.unit(of, lots, price, of.trade.margin_initial)
        return unit * (fixed or own) * self.factors(of, kind)[0]

    def planned_margin(
        self, of: FullSymbol, side: int, lots: float, price: float
    ) -> float:
        """Margin of a market order that is only thought of."""
        if self.on_exchange(of) != "stock":
            return self.money(self.order_margin(of, side, lots, price))
        last, volume = self.shown[of.name].last, round(lots * LOT)
        alone = Order(type=side, volume_current=volume, price_order=last)
        rate = self.rate(of, of.currency_profit, dear=side == 0)
        return self.stock_orders(of, 0.0, side, [alone], rate)

    def held_margin(self, held: Position) -> float:
        of, trade = self.symbols[held.symbol], self.symbols[held.symbol].trade
        fixed = trade.margin_maintenance or trade.margin_initial
        unit = self.unit(of, held.volume / LOT, held.price_open, fixed)
        return unit * held.rate_margin * self.factors(of, held.action)[1]

    def waiting_margin(self, orders: Iterable[Order]) -> float:
        total = 0.0
        for one in orders:
            of, lots = self.symbols[one.symbol], one.volume_current / LOT
            price, rate = self.price_of(one), one.margin_rate
            total += self.order_margin(of, one.type, lots, price, rate)
        return total

    def hedging(
        self, of: FullSymbol, held: list[Position], orders: list[Order]
    ) -> float:
        """Uncovered volume in full, hedged volume by its own size, orders on top."""
        sides = [[p for p in held if p.action == side] for side in (0, 1)]
        waiting = [[o for o in orders if o.type % 2 == side] for side in (0, 1)]
        whole = [
            sum(map(self.held_margin, sides[side])) + self.waiting_margin(waiting[side])
            for side in (0, 1)
        ]
        if of.trade.margin_flags & LARGER_LEG:
            return max(whole)
        volumes = [sum(p.volume for p in side) for side in sides]
        larger = sides[volumes[1] > volumes[0]]
        open_lots = abs(volumes[0] - volumes[1]) / LOT
        fixed = of.trade.margin_maintenance or of.trade.margin_initial
        margin = self.waiting_margin(orders)
        if open_lots:
            price, rate = averages(larger)
            factor = self.factors(of, larger[0].action)[1]
            margin += self.unit(of, open_lots, price, fixed) * rate * factor
        if min(volumes):
            price, rate = averages(held)
            hedged = of._replace(contract_size=of.trade.margin_hedged)
            per_lot = of.trade.margin_hedged if fixed else 0.0
            factor = (self.factors(of, 0)[1] + self.factors(of, 1)[1]) / 2
            lots = min(volumes) / LOT
            if not fixed or per_lot:
                margin += self.unit(hedged, lots, price, per_lot) * rate * factor
        return margin

    def netting(self, held: list[Position], orders: list[Order]) -> float:
        """The side that needs more; orders against the position for their excess."""
        margins, volumes = [0.0, 0.0], [0, 0]
        for one in orders:
            margins[one.type % 2] = self.money(
                margins[one.type % 2] + self.waiting_margin([one])
            )
            if self.factors(self.symbols[one.symbol], one.type)[0]:
                volumes[one.type % 2] += one.volume_current
        for position in held:
            along, against = position.action, 1 - position.action
            margins[along] += self.money(self.held_margin(position))
            if margins[against] > 0:
                share = margins[against] / volumes[against] * position.volume
                margins[against] -= self.money(share)
        return max(margins)

    def stock(
        self, of: FullSymbol, held: list[Position], orders: list[Order]
    ) -> dict[str, float]:
        """A stock on an exchange account, valued at the price of its last deal."""
        last, trade = self.shown[of.name].last, of.trade
        rates = [
            self.rate(of, of.currency_profit, dear=dear, own=0.0)
            for dear in (True, False)
        ]
        size, initial, maintenance, assets, owed = 0.0, 0.0, 0.0, 0.0, 0.0
        for position in held:
            side, units = position.action, position.volume / LOT * of.contract_size
            size = -units if side else units
            value = rounded(units * last, of.currency_profit_digits)
            first, second = (
                self.money(rounded(value * factor, of.currency_margin_digits))
                for factor in self.factors(of, side)
            )
            initial = self.money(first * rates[side])
            maintenance = self.money(second * rates[side])
            if side:
                owed = self.money(value * rates[1])
            else:
                assets = self.money(value * trade.margin_rate_liquidity * rates[0])
        needs = [initial, initial]
        for side in (0, 1):
            waiting = [one for one in orders if one.type in (side, side + 2)]
            if waiting:
                needs[side] = self.stock_orders(of, size, side, waiting, rates[side])
        margin = max(needs) if any(needs) else initial
        return {
            "margin": margin,
            "margin_initial": initial,
            "margin_maintenance": maintenance,
            "assets": assets,
            "liabilities": 0.0 - owed,
        }

    def stock_orders(
        self, of: FullSymbol, size: float, side: int, orders: list[Order], rate: float
    ) -> float:
        """What is needed once the limit orders of a side are filled."""
        sign, last = 1 - 2 * side, self.shown[of.name].last
        better = max if side else min
        factor, digits = of.trade.margin_rates_initial[side], of.currency_profit_digits
        units = [one.volume_current / LOT * of.contract_size for one in orders]
        prices = [better(self.price_of(one), last) for one in orders]
        after = sign * size + sum(units)
        if after <= 0:
            return 0.0
        values, own = (
            [rounded(n * price, digits) for n, price in zip(units, at, strict=True)]
            for at in (prices, [self.price_of(one) for one in orders])
        )
        extreme = better(*prices, last)
        if not factor:
            own = [
                rounded(n * self.price_of(o), digits)
                for n, o in zip(units, orders, strict=True)
            ]
            return self.money(sum(values if side else own) * rate)
        loss = size * (last - extreme)
        cost = sign * (sum(values) - sum(units) * extreme)
        return self.money((loss + after * extreme * factor + cost) * rate)

    # the account

    def account(
        self, positions: Iterable[Position], orders: Iterable[Order]
    ) -> dict[str, float]:
        """All figures, under the names of `account_info()`."""
        held, waiting = list(positions), list(orders)
        profits = {one.position_id: self.profit(one) for one in held}
        floating = self.money(sum(profits.values()) + sum(one.storage for one in held))
        figures = {
            "balance": self.owner.balance,
            "credit": self.owner.credit,
            "profit": floating,
            "commission_blocked": self.money(
                self.owner.commission_daily + self.owner.commission_monthly
            ),
            **dict.fromkeys(
                ("margin", "margin_initial", "margin_maintenance", "assets"), 0.0
            ),
            "liabilities": 0.0,
        }
        names = [one.symbol for one in held] + [one.symbol for one in waiting]
        for name in dict.fromkeys(names):
            own = [one for one in held if one.symbol == name]
            pending = [one for one in waiting if one.symbol == name]
            for figure, value in self.needed(name, own, pending).items():
                figures[figure] = self.money(figures[figure] + value)
        return figures | self.wealth(figures, held, profits)

    def needed(
        self, name: str, held: list[Position], orders: list[Order]
    ) -> dict[str, float]:
        of = self.symbols[name]
        if self.owner.margin_mode == MarginMode.HEDGING:
            return {"margin": self.hedging(of, held, orders)}
        if self.on_exchange(of) == "stock":
            return self.stock(of, held, orders)
        margin = self.netting(held, orders)
        return {"liabilities": -margin} if self.on_exchange(of) else {"margin": margin}

    def wealth(
        self,
        figures: Mapping[str, float],
        held: list[Position],
        profits: Mapping[int, float],
    ) -> dict[str, float]:
        """Equity, free margin and level."""
        counted = [
            one for one in held if self.on_exchange(self.symbols[one.symbol]) != "stock"
        ]
        floating = sum(profits[one.position_id] + one.storage for one in counted)
        others = ("balance", "credit", "assets", "liabilities", "commission_blocked")
        base = sum(figures[name] for name in others)
        equity, margin = self.money(base + floating), figures["margin"]
        if self.owner.margin_mode == MarginMode.EXCHANGE:
            kept = figures["margin_maintenance"]
            level = equity / kept * 100 if kept else 0.0
            free = self.money(equity - margin)
            return {"equity": equity, "margin_free": free, "margin_level": level}
        excluded = sum(
            profits[one.position_id]
            for one in held
            if one.action == 0
            and self.symbols[one.symbol].trade.margin_flags & LONG_PROFIT_EXCLUDED
        )
        usable = {
            0: 0.0,
            1: floating,
            2: max(floating, 0.0),
            3: min(floating, 0.0),
        }[self.owner.margin_free_mode]
        free = self.money(base - margin + usable - excluded)
        level = (equity - excluded) / margin * 100 if margin > 0 else 0.0
        return {"equity": equity, "margin_free": free, "margin_level": level}


def averages(held: list[Position]) -> tuple[float, float]:
    """Price and rate, weighted by volume."""
    volume = sum(one.volume for one in held)
    price = sum(one.volume * one.price_open for one in held) / volume
    return price, sum(one.volume * one.rate_margin for one in held) / volume

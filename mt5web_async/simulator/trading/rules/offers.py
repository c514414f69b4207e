"""Prices that the server offered to an account and stands by for a while."""

from __future__ import annotations

from typing import NamedTuple

from mt5web_async.enums import Side


class Offer(NamedTuple):
    """A requote, or the answer to a request for prices."""

    bid: float
    ask: float
    time: int  # ms

    def price(self, side: int) -> float:
        """What an order of this side would get."""
        return self.ask if side == Side.BUY else self.bid


class Offers:
    """The last offer to each account for each symbol; forgotten in a restart."""

    def __init__(self) -> None:
        self._offers: dict[tuple[int, str], Offer] = {}
        self._luck: dict[int, float] = {}

    def make(self, login: int, symbol: str, offer: Offer) -> None:
        """Offer prices; they replace those offered before."""
        self._offers[login, symbol] = offer

    def take(self, login: int, symbol: str) -> None:
        """An offer was accepted; it does not hold a second time."""
        self._offers.pop((login, symbol), None)

    def standing(self, login: int, symbol: str, now: int, timeout: int) -> Offer | None:
        """The offer, if it was made at most `timeout` s before `now` (ms)."""
        offer = self._offers.get((login, symbol))
        if offer is None or now - offer.time > timeout * 1000:
            return None
        return offer

    def unlucky(self, login: int, rate: float) -> bool:
        """Whether this instant order of the account is one of those to be requoted.

        Args:
            login: the account's.
            rate: share of its orders that are requoted, spread evenly over them.
        """
        due = self._luck.get(login, 0.0) + rate
        self._luck[login] = due - 1.0 if due >= 1.0 else due
        return due >= 1.0

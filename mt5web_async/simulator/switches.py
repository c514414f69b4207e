"""Behaviour in which real trade servers differ, each with its usual setting."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Final

from mt5web_async.enums import GroupFlags, Retcode


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """How a simulated trade server behaves where servers differ.

    A client has to stand every combination.

    Attributes:
        refuse_at_once: refusals come as the immediate answer, not as a result.
        verbose: interim results 10002 and 10003 precede the final one.
        shuffle: source of chance that mixes the pushes of one request, as far as
            their meaning allows; None keeps them in the usual order.
        result_delay: ms of server time that results are held back.
        close_by_in_two: the two deals of a close by come in messages of their own.
        tp_at_market: a take profit is filled at the market, not at its level.
        limit_at_market: a limit order is filled at the market when that is better.
        fill_price_in_order: done market orders show the fill price as their price.
        partial_retcode: result of an order whose rest was dropped, 10010 or 11001.
        price_as_market: results of deals show the fill price as both bid and ask.
        pending_as_placed: placed pending orders are answered by 10008, not 10009.
        book_depth: orders are filled from the depth of market, level by level.
        requote_rate: share (0 to 1) of instant orders that are requoted although
            their price is good.
        fifo: all accounts close their oldest positions first.
        hedging_prohibited: no account may hold opposite positions of a symbol.
        compensation: a balance below zero after a stop out is made good.
        order_limit: pending orders that an account may have; 0: no limit.
        position_limit: positions that an account may have; 0: no limit.
        end_of_day_minute: minute of the server's day at which the day ends, 0 to
            1439; before noon it ends the day before, otherwise the same one.
        request_limit: trade requests of one account a second; 0: no limit.
    """

    refuse_at_once: bool = False
    verbose: bool = False
    shuffle: random.Random | None = None
    result_delay: int = 0
    close_by_in_two: bool = False
    tp_at_market: bool = False
    limit_at_market: bool = False
    fill_price_in_order: bool = False
    partial_retcode: int = Retcode.DONE_PARTIAL
    price_as_market: bool = False
    pending_as_placed: bool = False
    book_depth: bool = False
    requote_rate: float = 0.0
    fifo: bool = False
    hedging_prohibited: bool = False
    compensation: bool = False
    order_limit: int = 0
    position_limit: int = 0
    end_of_day_minute: int = 0
    request_limit: int = 50

    def __post_init__(self) -> None:
        if self.partial_retcode not in _PARTIAL:
            raise ValueError(
                f"partial_retcode {self.partial_retcode}: must be 10010 or 11001"
            )
        if not 0.0 <= self.requote_rate <= 1.0:
            raise ValueError(f"requote_rate {self.requote_rate}: must be 0 to 1")
        if not 0 <= self.end_of_day_minute < 24 * 60:
            raise ValueError(
                f"end_of_day_minute {self.end_of_day_minute}: must be 0 to 1439"
            )
        if self.result_delay < 0:
            raise ValueError(f"result_delay {self.result_delay}: must be 0 ms or more")

    @classmethod
    def named(cls, words: Iterable[str]) -> Switches:
        """Switches out of `name` and `name=value`, as a command line has them.

        Args:
            words: what alone is a name is switched on; `shuffle` is given its seed.

        Raises:
            ValueError: there is no such switch, or it cannot have the value.

        Example:
            >>> Switches.named(["verbose", "requote_rate=0.2"]).requote_rate
            0.2
        """
        return cls(**dict(map(_switch, words)))

    @property
    def group_flags(self) -> GroupFlags:
        """The permissions that the switches add to every account's own."""
        flags = GroupFlags(0)
        if self.fifo:
            flags |= GroupFlags.FIFO_CLOSE
        if self.hedging_prohibited:
            flags |= GroupFlags.HEDGE_PROHIBIT
        if self.compensation:
            flags |= GroupFlags.SO_COMPENSATION
        return flags


_USUAL: Final = {field.name: field.default for field in fields(Switches)}


def _switch(word: str) -> tuple[str, Any]:
    """A switch with its value, out of words."""
    name, given, text = word.partition("=")
    if name not in _USUAL:
        raise ValueError(f"switch {name!r}: must be one of {', '.join(_USUAL)}")
    usual = _USUAL[name]
    try:
        if isinstance(usual, bool):
            return name, _TRUTHS[text] if given else True
        if usual is None:
            return name, random.Random(int(text or "1"))  # noqa: S311 - repeatable
        return name, float(text) if isinstance(usual, float) else int(text)
    except (KeyError, ValueError):
        kind = "yes or no" if isinstance(usual, bool) else "a number"
        raise ValueError(f"switch {word!r}: must be {kind}") from None


_TRUTHS: Final = {"yes": True, "1": True, "no": False, "0": False}
_PARTIAL = (Retcode.DONE_PARTIAL, Retcode.DONE_PARTIAL_CANCELED)

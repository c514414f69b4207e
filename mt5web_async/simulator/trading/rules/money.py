"""Deals that only move money: deposits, credits, charges, compensation."""

from __future__ import annotations

from mt5web_async.enums import DealType, Reason
from mt5web_async.protocol.records import Deal, Position

from . import comments
from .desk import Desk


def post(
    desk: Desk, kind: DealType, amount: float, comment: str, reason: Reason
) -> None:
    """Book an amount: a deal without symbol, order and position."""
    deal = Deal(
        deal=desk.ledger.deal_tickets.take(),
        time_create=desk.seconds,
        time_update=desk.seconds,
        action=kind,
        profit=desk.money(amount),
        comment=comments.cut(comment),
        digits_currency=desk.digits,
        reason=reason,
        time_create_ms=desk.ms,
        time_update_ms=desk.ms,
    )
    desk.record_deal(deal)
    desk.tell_deal(deal, Position())

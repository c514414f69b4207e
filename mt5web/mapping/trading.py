"""Positions, orders, deals and the results of requests."""

from __future__ import annotations

from mt5web.kept import Kept
from mt5web.structs import (
    OrderCheckResult,
    OrderSendResult,
    TradeDeal,
    TradeOrder,
    TradePosition,
    TradeRequest,
)
from mt5web.structseq import build
from mt5web_async.calculation.volumes import lots
from mt5web_async.enums import RETCODE_TEXTS
from mt5web_async.protocol.records import Deal, Order, Position, TradeResult

from .reasons import deal_reason, order_reason, position_reason

_MS = 1000


def trade_position(
    position: Position, kept: Kept, price_current: float, profit: float
) -> TradePosition:
    """An open position.

    Args:
        position: its record.
        kept: what is known beyond it.
        price_current: the price that would close it now.
        profit: at that price, in the deposit currency.
    """
    return build(
        TradePosition,
        ticket=position.position_id,
        time=position.time_create,
        time_msc=position.time_create * _MS + position.time_create_ms,
        time_update=position.time_update,
        time_update_msc=position.time_update * _MS + position.time_update_ms,
        type=position.action,
        magic=kept.magic(position),
        identifier=position.expert_position_id or position.position_id,
        reason=position_reason(position.reason),
        volume=lots(position.volume),
        price_open=position.price_open,
        sl=position.sl,
        tp=position.tp,
        price_current=price_current,
        swap=position.storage,
        profit=profit,
        symbol=position.symbol,
        comment=kept.comment(position),
        external_id=position.external_id,
    )


def trade_order(order: Order, kept: Kept, price_current: float) -> TradeOrder:
    """A pending or historical order.

    Args:
        order: its record.
        kept: what is known beyond it.
        price_current: the price of the moment; of a done order, the last one.
    """
    return build(
        TradeOrder,
        ticket=order.order,
        time_setup=order.time_setup,
        time_setup_msc=order.time_setup * _MS + order.time_setup_ms,
        time_done=order.time_done,
        time_done_msc=order.time_done * _MS + order.time_done_ms,
        time_expiration=order.time_expiration,
        type=order.type,
        type_time=order.type_time,
        type_filling=order.type_filling,
        state=order.state,
        magic=kept.magic(order),
        position_id=order.position_id,
        position_by_id=kept.position_by(order),
        reason=order_reason(order.reason),
        volume_initial=lots(order.volume_initial),
        volume_current=lots(order.volume_current),
        price_open=order.price_order,
        sl=order.sl,
        tp=order.tp,
        price_current=price_current,
        price_stoplimit=order.price_trigger,
        symbol=order.symbol,
        comment=kept.comment(order),
        external_id=order.external_id,
    )


def trade_deal(deal: Deal, kept: Kept) -> TradeDeal:
    """An execution or a movement of money."""
    return build(
        TradeDeal,
        ticket=deal.deal,
        order=deal.order,
        time=deal.time_create,
        time_msc=deal.time_create * _MS + deal.time_create_ms,
        type=deal.action,
        entry=deal.entry,
        magic=kept.magic(deal),
        position_id=deal.position_id,
        reason=deal_reason(deal.reason),
        volume=lots(deal.volume),
        price=deal.price_open,
        commission=deal.commission,
        swap=deal.storage,
        profit=deal.profit,
        fee=deal.fee,
        symbol=deal.symbol,
        comment=kept.comment(deal),
        external_id=deal.external_id,
    )


def retcode_text(retcode: int) -> str:
    """What the comment of a result says when the server says nothing."""
    return RETCODE_TEXTS.get(retcode, f"Retcode {retcode}")


def send_result(
    result: TradeResult, request: TradeRequest, request_id: int
) -> OrderSendResult:
    """What the server told of a request."""
    answer = result.answer
    return build(
        OrderSendResult,
        retcode=answer.retcode,
        deal=answer.deal,
        order=answer.order,
        volume=lots(answer.volume),
        price=answer.price,
        bid=answer.bid,
        ask=answer.ask,
        comment=answer.comment or retcode_text(answer.retcode),
        request_id=request_id,
        retcode_external=0,
        request=request,
    )


def refused_result(
    retcode: int, request: TradeRequest, request_id: int = 0
) -> OrderSendResult:
    """The result of a request that was refused, or of which nothing was heard.

    Args:
        retcode: why.
        request: as it was given.
        request_id: of one that was sent.
    """
    return build(
        OrderSendResult,
        retcode=int(retcode),
        deal=0,
        order=0,
        volume=0.0,
        price=0.0,
        bid=0.0,
        ask=0.0,
        comment=retcode_text(retcode),
        request_id=request_id,
        retcode_external=0,
        request=request,
    )


def refused_check(retcode: int, request: TradeRequest) -> OrderCheckResult:
    """The check of a request that the server would refuse."""
    return OrderCheckResult(
        (int(retcode), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, retcode_text(retcode), request)
    )

"""Orders, deals, positions and trade results as they lie on the wire."""

from typing import Annotated, NamedTuple

from mt5web_async.protocol.wire import (
    Layout,
    f64,
    i32,
    i64,
    nested,
    raw,
    text64,
    u32,
    u64,
)


class Position(NamedTuple):
    """An open position (command 4 and push 10)."""

    position_id: i64 = 0  # the ticket
    order: i64 = 0
    time_create: u32 = 0  # s
    time_update: u32 = 0
    symbol: text64 = ""
    action: u32 = 0  # Side
    price_open: f64 = 0.0
    price_close: f64 = 0.0  # the current price
    sl: f64 = 0.0
    tp: f64 = 0.0
    volume: u64 = 0  # 1e-8 lots
    profit: f64 = 0.0
    rate_profit: f64 = 0.0
    rate_margin: f64 = 0.0
    commission: f64 = 0.0
    storage: f64 = 0.0  # swap
    expert: i64 = 0  # magic number
    expert_position_id: i64 = 0  # the identifier
    comment: text64 = ""
    contract_size: f64 = 0.0
    digits: u32 = 0
    digits_currency: u32 = 0
    reason: u32 = 0  # Reason
    external_id: text64 = ""
    time_create_ms: i32 = 0  # ms to add
    time_update_ms: i32 = 0


POSITION = Layout(Position)


class Order(NamedTuple):
    """An order, open or done (commands 4 and 5, push 10)."""

    order: i64 = 0  # the ticket
    external_id: text64 = ""
    symbol: text64 = ""
    time_setup: u32 = 0
    time_expiration: u32 = 0
    time_done: u32 = 0
    type: u32 = 0
    type_filling: u32 = 0
    type_time: u32 = 0
    reason: u32 = 0  # Reason
    price_order: f64 = 0.0
    price_trigger: f64 = 0.0  # a stop limit's limit price
    price_current: f64 = 0.0
    sl: f64 = 0.0
    tp: f64 = 0.0
    volume_initial: i64 = 0  # 1e-8 lots
    volume_current: i64 = 0
    state: u32 = 0
    expert: i64 = 0  # magic number
    position_id: i64 = 0
    comment: text64 = ""
    contract_size: f64 = 0.0
    digits: u32 = 0
    digits_currency: u32 = 0
    commission_daily: f64 = 0.0
    commission_monthly: f64 = 0.0
    margin_rate: f64 = 0.0
    activation_mode: u32 = 0
    time_setup_ms: i32 = 0
    time_done_ms: i32 = 0


ORDER = Layout(Order)


class Deal(NamedTuple):
    """An execution or a movement of money (command 5, push 10)."""

    deal: i64 = 0  # the ticket
    external_id: text64 = ""
    order: i64 = 0
    time_create: u32 = 0
    time_update: u32 = 0
    symbol: text64 = ""
    action: u32 = 0  # DealType
    entry: u32 = 0  # DealEntry
    price_open: f64 = 0.0  # the deal's price
    price_close: f64 = 0.0
    sl: f64 = 0.0
    tp: f64 = 0.0
    volume: u64 = 0  # 1e-8 lots
    profit: f64 = 0.0
    rate_profit: f64 = 0.0
    rate_margin: f64 = 0.0
    commission: f64 = 0.0
    storage: f64 = 0.0  # swap
    expert: i64 = 0  # magic number
    position_id: i64 = 0
    comment: text64 = ""
    contract_size: f64 = 0.0
    digits: u32 = 0
    digits_currency: u32 = 0
    reason: u32 = 0  # Reason
    time_create_ms: i32 = 0
    time_update_ms: i32 = 0
    fee: f64 = 0.0


DEAL = Layout(Deal)


class OrderTransaction(NamedTuple):
    """An order that was added, changed or removed (push 10)."""

    kind: u32 = 0  # TransactionKind
    transaction_id: u32 = 0
    transaction_type: u32 = 0  # TransactionType
    order: Annotated[Order, nested(ORDER)] = Order()


ORDER_TRANSACTION = Layout(OrderTransaction)


class DealTransaction(NamedTuple):
    """A deal and the state after it; more deals and positions follow (push 10)."""

    kind: u32 = 0  # TransactionKind.DEAL
    transaction_id: u32 = 0
    transaction_type: u32 = 0  # TransactionType
    deal: Annotated[Deal, nested(DEAL)] = Deal()
    position: Annotated[Position, nested(POSITION)] = (
        Position()
    )  # after it; 0 lots: gone
    balance: f64 = 0.0
    credit: f64 = 0.0
    commission_daily: f64 = 0.0
    commission_monthly: f64 = 0.0
    account_profit: f64 = 0.0


DEAL_TRANSACTION = Layout(DealTransaction)


class TradeResultAction(NamedTuple):
    """The request that a result answers, as the server took it."""

    action_id: u32 = 0
    action: u32 = 0
    symbol: text64 = ""
    volume: u64 = 0
    digits: u32 = 0
    order: i64 = 0
    type: u32 = 0
    type_filling: u32 = 0
    type_time: u32 = 0
    type_flags: u32 = 0
    type_reason: u32 = 0
    price_order: f64 = 0.0
    price_trigger: f64 = 0.0
    sl: f64 = 0.0
    tp: f64 = 0.0
    deviation: u32 = 0
    price_top: f64 = 0.0
    price_bottom: f64 = 0.0
    comment: text64 = ""
    position: u64 = 0
    position_by: u64 = 0
    reserved: Annotated[bytes, raw(4)] = bytes(4)


TRADE_RESULT_ACTION = Layout(TradeResultAction)


class TradeResultAnswer(NamedTuple):
    """What became of a request."""

    retcode: u32 = 0
    deal: i64 = 0
    order: i64 = 0
    volume: i64 = 0  # 1e-8 lots
    price: f64 = 0.0
    time: u32 = 0
    bid: f64 = 0.0
    ask: f64 = 0.0
    last: f64 = 0.0
    comment: text64 = ""


TRADE_RESULT_ANSWER = Layout(TradeResultAnswer)


class TradeResult(NamedTuple):
    """Outcome of a trade request (push 19)."""

    code: u32 = 0
    action: Annotated[TradeResultAction, nested(TRADE_RESULT_ACTION)] = (
        TradeResultAction()
    )
    answer: Annotated[TradeResultAnswer, nested(TRADE_RESULT_ANSWER)] = (
        TradeResultAnswer()
    )


TRADE_RESULT = Layout(TradeResult)

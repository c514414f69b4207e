"""What MetaQuotes' own web terminal demands of a server, point by point."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import pytest

from mt5web_async.calculation.masks import matches
from mt5web_async.enums import (
    DealType,
    ExecutionMode,
    OrderType,
    Period,
    Retcode,
    Rights,
    TradeAction,
    TransactionKind,
)
from mt5web_async.protocol import requests, responses
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import (
    ACCOUNT,
    BAR,
    DEAL,
    FULL_SYMBOL,
    POSITION,
    RATES_REQUEST,
    STATISTICS,
    SYMBOL,
    SYMBOL_GROUP,
    TICK,
    TRADE_REQUEST,
    TRADE_RESULT,
    Account,
    RatesRequest,
    TradeRequest,
)
from mt5web_async.protocol.responses import AccountState
from mt5web_async.simulator import Simulator

from .client import Client, bootstrapped, entered
from .conftest import Start, still
from .market.test_bars import NOW, lies_on_tick

LOT = 100_000_000


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    with Simulator(still()) as running:
        yield running


def trade(
    client: Client, name: str, action: TradeAction, **fields: Any
) -> TradeRequest:
    """A request to buy the least that there is, as the web terminal sends it."""
    symbol = client.symbol(name)
    return TradeRequest(
        action_id=77,
        action=action,
        symbol=name,
        volume=symbol.trade.volume_min,
        digits=symbol.digits,
        type=OrderType.BUY,
        type_flags=2,
    )._replace(**fields)


def test_the_usual_beginning_succeeds_in_its_order(server: Simulator) -> None:
    with bootstrapped(server) as client:
        client.enter(server.login, server.password)
        for command in (
            Command.PING,
            Command.ACCOUNT,
            Command.SYMBOL_GROUPS,
            Command.SYMBOL_GROUPS,
            Command.SYMBOLS,
            Command.PACKED_SYMBOLS,
            Command.POSITIONS,
        ):
            assert client.ask(command).result == 0
        payload = requests.ids([101, 102])
        assert client.ask(Command.FULL_SYMBOLS, payload).result == 0
        assert client.ask(Command.SPREADS, payload).result == 0


def test_requests_may_be_sent_all_at_once(server: Simulator) -> None:
    commands = [
        Command.PING,
        Command.ACCOUNT,
        Command.SYMBOL_GROUPS,
        Command.SYMBOL_GROUPS,
        Command.SYMBOLS,
        Command.POSITIONS,
    ]
    with entered(server) as client:
        for command in commands:
            client.send(command)
        assert [client.receive().command for _ in commands] == commands


def test_lists_that_are_empty_are_a_count_of_zero(client: Client) -> None:
    none = struct.pack("<I", 0)
    assert bytes(client.ask(Command.FULL_SYMBOLS, none).payload) == none
    assert bytes(client.ask(Command.POSITIONS).payload) == none + none
    history = client.ask(Command.HISTORY, requests.span(0, 1))
    assert bytes(history.payload) == none + none


def test_answers_are_whole_records_to_their_last_byte(client: Client) -> None:
    for command, record in (
        (Command.SYMBOLS, SYMBOL),
        (Command.SYMBOL_GROUPS, SYMBOL_GROUP),
    ):
        payload = client.ask(command).payload
        (count,) = struct.unpack_from("<I", payload)
        assert len(payload) == 4 + count * record.size
    answer = client.ask(Command.FULL_SYMBOLS, requests.ids([101, 102]))
    assert len(answer.payload) == 4 + 2 * FULL_SYMBOL.size
    wanted = RATES_REQUEST.write(RatesRequest("EURUSD", Period.H1, NOW - 10**6, NOW))
    assert len(client.ask(Command.RATES, wanted).payload) % BAR.size == 0


def test_symbols_and_spreads_may_be_asked_for_several_times_in_one_request(
    client: Client,
) -> None:
    ids = [105, 101, 105, 105]
    assert [one.symbol_id for one in client.full_symbols(ids)] == ids
    assert client.ask(Command.SPREADS, requests.ids(ids)).result == 0


@pytest.mark.parametrize("command", [Command.SUBSCRIBE_TICKS, Command.SUBSCRIBE_BOOK])
def test_subscriptions_are_answered_by_nothing_before_any_push_of_theirs(
    server: Simulator, command: int
) -> None:
    with entered(server) as client:
        for ids in ([101], [101, 102], []):
            client.send(command, requests.ids(ids))
            answer = client.receive()
            assert (answer.command, answer.result, len(answer.payload)) == (
                command,
                0,
                0,
            )
            client.drain()


def test_pushes_are_runs_of_whole_records_of_known_symbols(start: Start) -> None:
    server = start()
    with entered(server) as client:
        symbols, _ = SYMBOL.counted(client.ask(Command.SYMBOLS).payload)
        known = {symbol.symbol_id for symbol in symbols}
        client.quote(*known)
        client.watch(*known)
        server.advance(60)
        pushes = client.drain()
    commands = {push.command for push in pushes}
    assert commands == {Command.TICKS, Command.STATISTICS, Command.BOOK}
    for push in pushes:
        assert push.result == 0
        payload = bytes(push.payload)
        if push.command == Command.TICKS:
            assert {tick.symbol_id for tick in TICK.records(payload)} <= known
        elif push.command == Command.STATISTICS:
            assert {one.symbol_id for one in STATISTICS.records(payload)} <= known
        else:
            books = responses.read_books(payload)
            assert responses.write_books(books) == payload


def test_statistics_give_a_quiet_symbol_its_first_prices(start: Start) -> None:
    with entered(start(automatic=False)) as client:
        client.quote(101)
        (figures,) = client.statistics()
    assert figures.fields & 0b1001 == 0b1001  # bid and ask
    assert 0 < figures.bid < figures.ask


def test_quotes_lie_on_the_tick_size(start: Start) -> None:
    server = start()
    with entered(server) as client:
        symbols, _ = SYMBOL.counted(client.ask(Command.SYMBOLS).payload)
        full = {
            one.symbol_id: one
            for one in client.full_symbols(one.symbol_id for one in symbols)
        }
        client.quote(*full)
        for _ in range(5):
            server.advance(10)
            for tick in client.ticks():
                symbol = full[tick.symbol_id]
                for price in (tick.bid, tick.ask, tick.last):
                    plain = round(price / symbol.multiply, symbol.digits)
                    assert lies_on_tick(symbol, plain)


# the account


def test_an_account_without_overrides_sends_one_that_is_for_no_symbol(
    client: Client,
) -> None:
    body = bytes(client.ask(Command.ACCOUNT).payload)
    assert struct.unpack_from("<I", body, ACCOUNT.size) != (0,)
    (override,) = responses.read_account(body).settings
    symbols, _ = SYMBOL.counted(client.ask(Command.SYMBOLS).payload)
    assert not any(matches(override.symbol_path, one.path) for one in symbols)


def test_a_changed_account_is_told_with_an_override_too(server: Simulator) -> None:
    with entered(server) as client:
        server.change_account(lambda state: state)
        body = client.push(Command.ACCOUNT_CHANGED)
        assert body == bytes(client.ask(Command.ACCOUNT).payload)


def test_the_account_is_what_was_configured(start: Start) -> None:
    server = start(
        currency="EUR",
        balance=123.45,
        leverage=30,
        name="Ada",
        company="Engines",
        server_name="Engines-Demo",
        build=6090,
        utc_offset=3.0,
    )
    with entered(server) as client:
        account = client.account()
    assert account == Account(
        type=account.type,
        rights=account.rights,
        currency="EUR",
        currency_digits=2,
        balance=123.45,
        leverage=30,
        name="Ada",
        company="Engines",
        server_name="Engines-Demo",
        server_build=6090,
        timezone_shift=3 * 3600,
        margin_mode=2,
        margin_free_mode=account.margin_free_mode,
        margin_so_call=account.margin_so_call,
        margin_so_so=account.margin_so_so,
    )


def test_an_account_that_must_change_its_password_says_so_in_its_rights(
    start: Start,
) -> None:
    def demand(state: AccountState) -> AccountState:
        rights = int(state.account.rights | Rights.RESET_PASSWORD)
        return state._replace(account=state.account._replace(rights=rights))

    server = start()
    server.change_account(demand)
    with entered(server) as client:
        assert client.account().rights & 1024


# trading


def test_a_trade_request_is_answered_by_four_bytes(start: Start) -> None:
    with entered(start()) as client:
        request = TRADE_REQUEST.write(trade(client, "EURUSD", TradeAction.MARKET))
        for payload in (request, request[:-1], request + b"\0", b""):
            answer = client.ask(Command.TRADE, payload)
            assert answer.result == 0
            assert len(answer.payload) == 4
            taken = bytes(answer.payload) == bytes(4)
            assert taken == (payload == request)


def test_a_result_names_the_request_that_it_answers(start: Start) -> None:
    with entered(start()) as client:
        request = trade(client, "EURUSD", TradeAction.MARKET, action_id=4_000_000_123)
        result = client.trade(request)
    assert result.answer.retcode == Retcode.DONE
    assert result.action.action_id == 4_000_000_123


@pytest.mark.parametrize(
    ("name", "action", "execution"),
    [
        ("USDNOK", TradeAction.INSTANT, ExecutionMode.INSTANT),
        ("EURUSD", TradeAction.MARKET, ExecutionMode.MARKET),
        ("US500F", TradeAction.EXCHANGE, ExecutionMode.EXCHANGE),
    ],
)
def test_the_action_that_goes_with_the_execution_opens_a_position(
    start: Start, name: str, action: TradeAction, execution: ExecutionMode
) -> None:
    server = start()
    with entered(server) as client:
        symbol = client.symbol(name)
        assert symbol.trade.execution_mode == execution
        client.quote(symbol.symbol_id)
        ask = client.ticks()[-1].ask / symbol.multiply
        price = ask if execution == ExecutionMode.INSTANT else 0.0
        result = client.trade(trade(client, name, action, price_order=price))
    assert result.answer.retcode == Retcode.DONE
    (position,) = server.positions()
    assert position.symbol == name


def test_in_instant_execution_a_price_of_zero_is_refused(start: Start) -> None:
    server = start()
    with entered(server) as client:
        result = client.trade(trade(client, "USDNOK", TradeAction.INSTANT))
    assert result.answer.retcode == Retcode.INVALID_PRICE
    assert server.positions() == ()


def test_a_request_for_prices_comes_before_request_execution(start: Start) -> None:
    with entered(start()) as client:
        prices = client.trade(trade(client, "USDSEK", TradeAction.PRICES)).answer
        assert prices.retcode == Retcode.PRICES
        assert 0 < prices.bid < prices.ask
        result = client.trade(
            trade(client, "USDSEK", TradeAction.REQUEST, price_order=prices.ask)
        )
    assert result.answer.retcode == Retcode.DONE
    assert result.answer.price == prices.ask


def test_money_is_told_as_a_deal_without_a_position(start: Start) -> None:
    server = start(balance=1000.0)
    with entered(server) as client:
        client.account()
        server.deposit(250.0)
        body = client.push(Command.TRANSACTIONS)
    assert struct.unpack_from("<I", body) == (TransactionKind.DEAL,)
    (group,) = responses.read_transactions(body)
    assert isinstance(group, responses.DealGroup)
    transaction = group.transaction
    assert transaction.deal.action == DealType.BALANCE
    assert transaction.position.volume == 0
    assert transaction.position.position_id == 0
    assert transaction.balance == 1250.0


def test_positions_orders_and_deals_fill_whole_records(start: Start) -> None:
    with entered(start()) as client:
        client.trade(trade(client, "EURUSD", TradeAction.MARKET))
        held = client.ask(Command.POSITIONS).payload
        assert len(held) == 4 + POSITION.size + 4
        deals, orders = responses.read_history(
            client.ask(Command.HISTORY, requests.span(0, 2**31 - 1)).payload
        )
    assert [deal.action for deal in deals] == [DealType.BALANCE, DealType.BUY]
    assert len(orders) == 1
    assert DEAL.write_counted(deals)


def test_the_state_of_the_trade_server_is_pushed(start: Start) -> None:
    server = start()
    with entered(server) as client:
        client.account()
        for connected, state in ((False, 1), (True, 0)):
            server.set_connected(connected)
            pushed = client.push(Command.TRADE_SERVER_STATE)
            assert pushed == struct.pack("<I", state)


def test_without_its_trade_server_the_gateway_takes_no_trades(start: Start) -> None:
    server = start()
    with entered(server) as client:
        request = TRADE_REQUEST.write(trade(client, "EURUSD", TradeAction.MARKET))
        server.set_connected(False)
        answer = client.ask(Command.TRADE, request)
        assert struct.unpack("<I", answer.payload) == (Retcode.CONNECTION,)
        server.set_connected(True)
        assert bytes(client.ask(Command.TRADE, request).payload) == bytes(4)
        assert TRADE_RESULT.read(client.push(Command.TRADE_RESULT)).answer.retcode


def test_all_connections_of_an_account_hear_of_its_trades_and_others_do_not(
    start: Start,
) -> None:
    server = start()
    stranger = server.add_account("Other-1234")
    with (
        entered(server) as client,
        entered(server) as same,
        entered(server, stranger, "Other-1234") as other,
    ):
        client.trade(trade(client, "EURUSD", TradeAction.MARKET))
        heard = {message.command for message in same.drain()}
        assert heard == {Command.TRANSACTIONS}
        assert other.drain() == []

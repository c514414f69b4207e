"""Magic numbers, which the protocol cannot carry, and requests without an answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

import mt5web as mt5
from mt5web import opening
from mt5web_async.protocol.commands import Command
from mt5web_async.simulator.config import SimulatorConfig
from mt5web_async.simulator.faults import TradeLoss
from mt5web_async.simulator.server import Simulator
from mt5web_async.simulator.switches import Switches
from mt5web_async.terminal.fate import Executed, Unknown
from tests.programs import python
from tests.waiting import eventually, interrupted_when

MAGIC = 20260


def request(terminal: mt5.Terminal, **more: Any) -> dict[str, Any]:
    tick = terminal.symbol_info_tick("EURUSD")
    assert tick is not None
    return {
        "action": mt5.TRADE_ACTION_DEAL,
        "symbol": "EURUSD",
        "volume": 0.1,
        "type": mt5.ORDER_TYPE_BUY,
        "price": tick.ask,
        "type_filling": mt5.ORDER_FILLING_IOC,
        **more,
    }


def test_positions_orders_and_deals_show_the_magic_number_of_their_request(
    terminal: mt5.Terminal,
) -> None:
    result = terminal.order_send(request(terminal, magic=MAGIC))
    assert result is not None
    (position,) = terminal.positions_get(ticket=result.order) or ()
    (order,) = terminal.history_orders_get(ticket=result.order) or ()
    (deal,) = terminal.history_deals_get(position=result.order) or ()
    assert (position.magic, order.magic, deal.magic) == (MAGIC, MAGIC, MAGIC)


def test_a_closing_deal_carries_the_magic_number_of_its_own_order(
    terminal: mt5.Terminal,
) -> None:
    result = terminal.order_send(request(terminal, magic=MAGIC))
    assert result is not None
    closing = request(
        terminal, magic=77, type=mt5.ORDER_TYPE_SELL, position=result.order
    )
    terminal.order_send(closing)
    deals = terminal.history_deals_get(position=result.order)
    assert deals is not None
    assert [deal.magic for deal in deals] == [MAGIC, 77]


def test_another_process_sees_the_magic_number_later(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    result = terminal.order_send(request(terminal, magic=MAGIC))
    assert result is not None
    code = textwrap.dedent(
        f"""
        import mt5web as mt5
        assert mt5.initialize(
            server={server.url!r}, login={server.login}, password={server.password!r}
        )
        (position,) = mt5.positions_get(ticket={result.order})
        print(position.magic)
        mt5.shutdown()
        """
    )
    done = python("-c", code)
    assert done.stdout == f"{MAGIC}\n", done.stderr


def test_a_process_that_is_killed_right_after_sending_leaves_the_magic_number(
    server: Simulator,
) -> None:
    server.trouble.hold(12)
    code = textwrap.dedent(
        f"""
        import mt5web as mt5
        assert mt5.initialize(
            server={server.url!r}, login={server.login}, password={server.password!r}
        )
        print("ready", flush=True)
        mt5.order_send(dict(
            action=1, symbol="EURUSD", volume=0.1, type=0, magic={MAGIC},
            price=mt5.symbol_info_tick("EURUSD").ask, type_filling=1,
        ))
        """
    )
    with subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        eventually(lambda: len(server.positions()) == 1)
        os.kill(process.pid, signal.SIGKILL)
    server.trouble.clear()
    terminal = mt5.Terminal()
    assert terminal.initialize(
        server=server.url, login=server.login, password=server.password
    )
    (position,) = terminal.positions_get() or ()
    assert position.magic == MAGIC
    (entry,) = terminal.sent_requests()
    assert isinstance(entry.fate, Executed)
    assert (entry.fate.order, entry.fate.settled) == (position.ticket, True)
    terminal.shutdown()


@pytest.mark.parametrize("when", [TradeLoss.BEFORE, TradeLoss.AFTER])
def test_the_journal_tells_what_became_of_a_request_whose_answer_was_lost(
    server: Simulator, terminal: mt5.Terminal, when: TradeLoss
) -> None:
    server.trouble.lose_trade(when)
    result = terminal.order_send(request(terminal, magic=MAGIC))
    assert result is not None
    assert result.retcode == mt5.TRADE_RETCODE_TIMEOUT

    def connected() -> bool:
        info = terminal.terminal_info()
        return info is not None and info.connected

    eventually(connected)
    (entry,) = terminal.sent_requests()
    executed = when is TradeLoss.AFTER
    assert isinstance(entry.fate, Executed) is executed
    assert len(server.positions()) == executed
    if executed:
        (position,) = terminal.positions_get() or ()
        assert position.magic == MAGIC


@pytest.mark.parametrize("told", [True, False], ids=["told by then", "not yet"])
def test_after_ctrl_c_the_journal_tells_what_became_of_the_request(
    server: Simulator, terminal: mt5.Terminal, told: bool
) -> None:
    trouble = server.trouble.hold if told else server.trouble.ignore
    trouble(Command.TRADE)

    def under_way() -> bool:
        done = bool(server.positions()) or not told
        return done and len(terminal.sent_requests()) == 1

    buying = request(terminal, magic=MAGIC)
    with interrupted_when(under_way), pytest.raises(KeyboardInterrupt):
        terminal.order_send(buying)
    fate = Executed if told else Unknown
    eventually(lambda: isinstance(terminal.sent_requests()[0].fate, fate))
    assert len(server.positions()) == told


def test_a_tag_in_the_comment_tells_another_machine_the_magic_number(
    server: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text("[options]\nmagic_in_comment = true\n")
    here = mt5.Terminal()
    assert here.initialize(**server.credentials)
    assert here.order_send(request(here, magic=MAGIC, comment="mine"))
    here.shutdown()
    monkeypatch.setenv("MT5WEB_DATA", str(tmp_path / "another machine"))
    opening.journal.cache_clear()
    there = mt5.Terminal()
    assert there.initialize(**server.credentials)
    (position,) = there.positions_get() or ()
    assert (position.magic, position.comment) == (MAGIC, "mine")
    there.shutdown()


def test_the_journal_may_be_kept_anywhere(
    server: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen, named = tmp_path / "a" / "chosen.db", tmp_path / "b" / "named.db"
    (tmp_path / "config.toml").write_text(f"[options]\njournal = '{chosen}'\n")
    for place in chosen, named:
        terminal = mt5.Terminal()
        assert terminal.initialize(**server.credentials)
        assert terminal.order_send(request(terminal, magic=MAGIC))
        assert place.exists()
        assert len(terminal.sent_requests()) == 1
        terminal.shutdown()
        monkeypatch.setenv("MT5WEB_JOURNAL", str(named))
    assert not (tmp_path / "data" / "journal.sqlite3").exists()


def test_a_journal_that_fails_costs_no_call(
    server: Simulator, terminal: mt5.Terminal, tmp_path: Path
) -> None:
    first = terminal.order_send(request(terminal, magic=MAGIC))
    assert first is not None
    (position,) = terminal.positions_get() or ()
    journal = opening.journal(tmp_path / "data" / "journal.sqlite3")
    assert journal is not None
    journal.close()
    second = terminal.order_send(request(terminal, magic=MAGIC + 1))
    assert second is not None
    assert second.retcode == mt5.TRADE_RETCODE_DONE
    magics = [one.magic for one in terminal.positions_get() or ()]
    assert magics == [position.magic, 0] == [MAGIC, 0]
    deals = terminal.history_deals_get(ticket=first.order) or ()
    assert [one.magic for one in deals] == [MAGIC]
    later = mt5.Terminal()
    assert later.initialize(**server.credentials)
    assert [one.magic for one in later.positions_get() or ()] == [MAGIC, 0]
    later.shutdown()


@pytest.mark.parametrize("here", [True, False], ids=["here", "on another machine"])
def test_a_tag_leaves_room_for_part_of_a_comment_and_the_journal_has_the_rest(
    server: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: bool
) -> None:
    (tmp_path / "config.toml").write_text("[options]\nmagic_in_comment = true\n")
    comment = "a comment of twenty-nine char"
    terminal = mt5.Terminal()
    assert terminal.initialize(**server.credentials)
    assert terminal.order_send(request(terminal, magic=MAGIC, comment=comment))
    if not here:
        terminal.shutdown()
        monkeypatch.setenv("MT5WEB_DATA", str(tmp_path / "another machine"))
        terminal = mt5.Terminal()
        assert terminal.initialize(**server.credentials)
    (position,) = terminal.positions_get() or ()
    (deal,) = terminal.history_deals_get(position=position.ticket) or ()
    (order,) = terminal.history_orders_get(position=position.ticket) or ()
    shown = comment if here else comment[:25]
    assert {one.comment for one in (position, deal, order)} == {shown}
    assert {one.magic for one in (position, deal, order)} == {MAGIC}
    terminal.shutdown()


PROCESSES, ORDERS = 4, 20
UNLIMITED = SimulatorConfig(switches=Switches(request_limit=0))  # requests a second


@pytest.mark.parametrize("server", [UNLIMITED], indirect=True, ids=["unlimited"])
def test_several_processes_trade_at_once_with_one_journal(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    code = textwrap.dedent(
        f"""
        import sys, mt5web as mt5
        assert mt5.initialize(
            server={server.url!r}, login={server.login}, password={server.password!r}
        )
        magic = int(sys.argv[1])
        for _ in range({ORDERS}):
            result = mt5.order_send(dict(
                action=1, symbol="EURUSD", volume=0.01, type=0, magic=magic,
                price=mt5.symbol_info_tick("EURUSD").ask, type_filling=1,
            ))
            assert result.retcode == mt5.TRADE_RETCODE_DONE, result
            (position,) = mt5.positions_get(ticket=result.order)
            assert position.magic == magic, position
        mt5.shutdown()
        """
    )
    running = [
        subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-c", code, str(magic)], stderr=subprocess.PIPE, text=True
        )
        for magic in range(1, PROCESSES + 1)
    ]
    said = [process.communicate(timeout=100)[1] for process in running]
    assert said == [""] * PROCESSES
    eventually(lambda: terminal.positions_total() == PROCESSES * ORDERS)
    magics = sorted(one.magic for one in terminal.positions_get() or ())
    assert magics == sorted([*range(1, PROCESSES + 1)] * ORDERS)
    entries = terminal.sent_requests(2 * PROCESSES * ORDERS)
    assert len(entries) == PROCESSES * ORDERS
    assert {type(entry.fate).__name__ for entry in entries} == {"Executed"}

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
from mt5web_async.simulator.faults import TradeLoss
from mt5web_async.simulator.server import Simulator
from tests.waiting import eventually

MAGIC = 20260


@pytest.fixture(autouse=True)
def own_journal(own_folders: None) -> None:
    """Each test begins with an empty journal."""
    opening.journal.cache_clear()


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
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
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
    terminal.shutdown()


@pytest.mark.parametrize("when", [TradeLoss.BEFORE, TradeLoss.AFTER])
def test_the_journal_tells_what_became_of_a_request_whose_answer_was_lost(
    server: Simulator, terminal: mt5.Terminal, when: TradeLoss
) -> None:
    from mt5web_async.terminal.fate import Executed

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

"""What takes in bytes of somebody else, each as a function of these bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

from mt5web_async.discovery.reading import (
    json_of,
    parameters_of,
    read_broker,
    read_servers,
)
from mt5web_async.errors import EngineError
from mt5web_async.protocol import records as r
from mt5web_async.protocol import requests, responses, wire
from mt5web_async.protocol.cipher import Cipher
from mt5web_async.protocol.columns import texts
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.frames import read_answer, read_request
from mt5web_async.terminal.model import Model
from tests.names import load
from tests.protocol.strategies import LAYOUTS

Target = Callable[[bytes], object]

CIPHER: Final = Cipher(bytes(range(32)))

READERS: Final[dict[str, Target]] = {
    **{
        f"responses.{n}": getattr(responses, n) for n in vars(responses) if "read_" in n
    },
    **{f"requests.{n}": getattr(requests, n) for n in vars(requests) if "read_" in n},
    **{f"{n}.read": layout.read for n, layout in LAYOUTS.items()},
    **{f"{n}.rows": layout.rows for n, layout in LAYOUTS.items()},
    **{f"{n}.records": layout.records for n, layout in LAYOUTS.items()},
    **{f"{n}.counted": layout.counted for n, layout in LAYOUTS.items()},
    **{f"{n}.complete": layout.complete for n, layout in LAYOUTS.items()},
    "responses.unpack_symbols": responses.unpack_symbols,
    "wire.read_count": wire.read_count,
    "wire.read_i32": wire.read_i32,
    "frames.read_answer": lambda body: read_answer(CIPHER, body),
    "frames.read_request": lambda body: read_request(CIPHER, body),
    "cipher.decrypt": CIPHER.decrypt,
}
"""All readers of the protocol; they raise MalformedMessage and nothing else."""


def _page(body: bytes) -> None:
    page = body.decode("utf-8", "replace")
    for told in (parameters_of(page), json_of(page)):
        if told is not None:
            read_broker(told)
            read_servers(told)


def _names(body: bytes) -> None:
    chunk, _ = r.SYMBOL.counted_bytes(body)
    rows = r.SYMBOL.rows(chunk)
    assert texts(rows, "name").tolist() == [s.name for s in r.SYMBOL.records(chunk)]


def _pushed(command: int) -> Target:
    """A push to a model that knows some symbols, and what is computed from it."""

    def push(body: bytes) -> None:
        model = known_model()
        with suppress(EngineError):
            model.pushes()[command](memoryview(body))
        model.portfolio()

    return push


def _loaded(load_from: Callable[[Model, memoryview], object]) -> Target:
    """An answer to a model that knows some symbols, and what is computed from it."""

    def answer(body: bytes) -> None:
        model = known_model()
        with suppress(EngineError):
            load_from(model, memoryview(body))
        model.portfolio()

    return answer


def known_model() -> Model:
    """A model with the account and the symbols of two positions."""
    model = Model()
    names = ("EURUSD", "XAUUSD")
    listed = [r.Symbol(name, symbol_id=n, digits=5) for n, name in enumerate(names, 1)]
    model.symbols.take_list(r.SYMBOL.rows(r.SYMBOL.write_all(listed)))
    trade = r.TradeSettings(trade_mode=4, margin_rates_initial=(1.0,) * 8)
    model.symbols.take_full(
        r.FullSymbol(
            name=name,
            symbol_id=number,
            digits=5,
            point=1e-5,
            contract_size=1e5,
            currency_base=name[:3],
            currency_profit="USD",
            currency_margin=name[:3],
            trade=trade,
        )
        for number, name in enumerate(names, 1)
    )
    account = r.Account(currency="USD", leverage=100, balance=1e4, margin_mode=2)
    state = responses.AccountState(account, trade_flags=0)
    model.take_account(memoryview(responses.write_account(state)))
    positions = [
        r.Position(number, symbol=name, volume=10**8, contract_size=1e5)
        for number, name in enumerate(names, 1)
    ]
    held = responses.write_positions(positions, [])
    model.holdings.take_positions(memoryview(held))
    ticks = [r.Tick(n, 1, 3, bid=110_000.0, ask=110_010.0) for n in (1, 2)]
    model.pushes()[Command.TICKS](memoryview(r.TICK.write_all(ticks)))
    return model


TARGETS: Final[dict[str, Target]] = {
    **READERS,
    "discovery.page": _page,
    "columns.texts": _names,
    **{f"push.{Command(c).name}": _pushed(c) for c in Model().pushes()},
    "answer.account": _loaded(lambda m, body: m.take_account(body)),
    "answer.positions": _loaded(lambda m, body: m.holdings.take_positions(body)),
    "answer.history": _loaded(lambda m, body: m.history.take(0, 9, body)),
    "answer.symbols": _loaded(lambda m, body: m.take_counted_full_symbols(body)),
}
"""Everything that takes in bytes; it returns, or raises an EngineError."""


def bear(target: Target, body: bytes) -> None:
    """Give it the bytes; anything but a documented error gets out."""
    with suppress(EngineError):
        target(body)


def one_input(data: bytes) -> None:
    """Two bytes choose the target, the others are for it."""
    names = list(TARGETS)
    name = names[int.from_bytes(data[:2], "little") % len(names)]
    bear(TARGETS[name], data[2:])


def seeds() -> Iterator[tuple[str, bytes]]:
    """Targets, with honest bodies to begin from."""
    bodies = [
        bytes.fromhex(entry["hex"])
        for entry in load("responses.json")
        if isinstance(entry["hex"], str)
    ]
    for number, name in enumerate(TARGETS):
        for body in bodies[number % 3 :: 3]:
            yield name, body

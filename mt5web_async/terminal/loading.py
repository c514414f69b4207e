"""Filling the model from the server, after a login and as symbols are asked for."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import partial
from typing import Final

from mt5web_async.calculation.settings import margin_mode
from mt5web_async.connection.session import Session
from mt5web_async.enums import MarginMode
from mt5web_async.errors import MalformedMessage, ServerRefused
from mt5web_async.protocol import requests
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.responses import (
    read_spreads,
    read_symbols,
    unpack_symbols,
)
from mt5web_async.waiting import Deadline

from .history import FAR, OVERLAP
from .model import Model

log = logging.getLogger("mt5web_async.terminal")

PACKED_ABOVE: Final = 256
"""Symbols from which on the list is asked for packed."""

CHUNK: Final = 500
"""Full records asked for at once: 1.5 MB."""


async def load(session: Session, model: Model, deadline: Deadline) -> None:
    """Account, symbol list, positions and orders, and what they need to be valued."""
    model.begin()
    state = await session.request(
        Command.ACCOUNT, b"", model.take_account, deadline=deadline
    )
    await load_symbols(session, model, deadline, packed=state.symbols_count)
    await session.request(
        Command.POSITIONS, b"", model.holdings.take_positions, deadline=deadline
    )
    await load_spreads(session, model, held_symbols(model), deadline)
    log.info(
        "account %s, %d symbols, %d positions, %d orders",
        state.account.currency,
        len(model.symbols),
        len(model.holdings.positions),
        len(model.holdings.orders),
    )


async def reload(session: Session, model: Model, deadline: Deadline) -> None:
    """Account, positions, orders and late history: a transaction has gone missing."""
    model.holdings.expect_snapshot()
    await session.request(Command.ACCOUNT, b"", model.take_account, deadline=deadline)
    await session.request(
        Command.POSITIONS, b"", model.holdings.take_positions, deadline=deadline
    )
    if model.history.since is not None:
        recent = max(model.history.since, round(model.clock.now()) - OVERLAP)
        await load_history(session, model, recent, deadline)


async def load_history(
    session: Session, model: Model, start: int, deadline: Deadline
) -> None:
    """What was done from a moment on, s of server time, up to now."""
    span = start, FAR
    await session.request(
        Command.HISTORY,
        requests.span(*span),
        partial(model.history.take, *span),
        deadline=deadline,
    )


async def load_symbols(
    session: Session, model: Model, deadline: Deadline, *, packed: int
) -> None:
    """The symbol list; a long one packed, unless that cannot be read."""
    if packed > PACKED_ABOVE:
        try:
            rows = await session.request(
                Command.PACKED_SYMBOLS, b"", unpack_symbols, deadline=deadline
            )
        except MalformedMessage as exc:
            log.warning("asking for the plain symbol list: %s", exc)
        else:
            model.symbols.take_list(rows)
            return
    rows = await session.request(Command.SYMBOLS, b"", read_symbols, deadline=deadline)
    model.symbols.take_list(rows)


async def load_full_symbols(
    session: Session, model: Model, names: Iterable[str], deadline: Deadline
) -> None:
    """The full records of these symbols, as far as they are not loaded yet.

    A server may leave out some of them.

    Raises:
        NotFound: the server has no symbol of one of the names.
    """
    missing = [name for name in names if not model.symbols.loaded(name)]
    ids = [model.symbols.id_of(name) for name in missing]
    for start in range(0, len(ids), CHUNK):
        await session.request(
            Command.FULL_SYMBOLS,
            requests.ids(ids[start : start + CHUNK]),
            model.take_counted_full_symbols,
            deadline=deadline,
        )


async def load_spreads(
    session: Session, model: Model, names: Iterable[str], deadline: Deadline
) -> None:
    """Margin reliefs of these symbols; only netting accounts have them.

    A server that refuses to tell costs the relief, not the connection.
    """
    if margin_mode(model.holdings.account) != MarginMode.NETTING:
        return
    ids = [model.symbols.id_of(name) for name in names]
    if not ids:
        return
    try:
        spreads = await session.request(
            Command.SPREADS, requests.ids(ids), read_spreads, deadline=deadline
        )
    except (ServerRefused, MalformedMessage) as exc:
        log.warning("no margin reliefs between futures: %s", exc)
    else:
        model.take_spreads(spreads)


def held_symbols(model: Model) -> list[str]:
    """Names of the symbols of positions and orders that the server still has."""
    held = model.holdings.now
    names = dict.fromkeys(p.symbol for p in held.positions.values())
    names.update(dict.fromkeys(o.symbol for o in held.orders.values()))
    return [name for name in names if name in model.symbols]

"""Who is connected, and what each of them gets to hear."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import Final

from mt5web_async.enums import Rights
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import (
    FULL_SYMBOL,
    ORDER_TRANSACTION,
    TRADE_RESULT,
)
from mt5web_async.protocol.responses import (
    AccountState,
    write_account,
    write_deal_group,
)
from mt5web_async.simulator.trading.accounts import Access, override
from mt5web_async.simulator.trading.pushes import (
    AccountPush,
    DealPush,
    OrdersPush,
    Push,
    RequestAnswer,
    ResultPush,
    ServerStatePush,
    SymbolPush,
)

from .session import Reply, Session, Stage

_U32: Final = struct.Struct("<I")
_FOR_NO_SYMBOL: Final = override("!*")
_MOST_TICKS: Final = 5000  # in one message


class Audience:
    """All connections, and the ticks that wait to be told to them."""

    def __init__(self) -> None:
        self._sessions: dict[int, Session] = {}
        self._next = 1
        self._ticks: list[tuple[int, bytes]] = []

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._sessions.values()))

    def __len__(self) -> int:
        return len(self._sessions)

    def number(self) -> int:
        """A number for the next session."""
        self._next += 1
        return self._next - 1

    def join(self, session: Session) -> None:
        """A connection was made."""
        self._sessions[session.number] = session

    def leave(self, session: Session) -> None:
        """A connection ended."""
        self._sessions.pop(session.number, None)

    def of(self, login: int) -> Iterable[Session]:
        """The sessions that are logged in to an account."""
        return [session for session in self if session.login == login]

    def tick(self, symbol_id: int, record: bytes) -> None:
        """Tell a tick with the next :meth:`flush`."""
        self._ticks.append((symbol_id, record))

    def flush(self) -> None:
        """Send the ticks that wait, those of one client in one message."""
        ticks, self._ticks = self._ticks, []
        if not ticks:
            return
        for session in self:
            quoted = session.quoted
            chosen = [record for symbol_id, record in ticks if symbol_id in quoted]
            for start in range(0, len(chosen), _MOST_TICKS):
                part = b"".join(chosen[start : start + _MOST_TICKS])
                session.send(Command.TICKS, part)

    def route(self, pushes: Iterable[Push]) -> None:
        """Send what the exchange hands out to those whom it concerns."""
        for push in pushes:
            self.flush()
            if isinstance(push, RequestAnswer | ResultPush):
                if push.session in self._sessions:
                    _tell_sender(self._sessions[push.session], push)
            else:
                self._send(push)

    def _send(
        self, push: OrdersPush | DealPush | AccountPush | SymbolPush | ServerStatePush
    ) -> None:
        match push:
            case OrdersPush(login, transactions):
                payload = ORDER_TRANSACTION.write_all(transactions)
                self._tell(self.of(login), Command.TRANSACTIONS, payload)
            case DealPush(login, group):
                payload = write_deal_group(group)
                self._tell(self.of(login), Command.TRANSACTIONS, payload)
            case AccountPush(login, state):
                for session in self.of(login):
                    payload = write_account(as_seen_by(session, state))
                    session.send(Command.ACCOUNT_CHANGED, payload)
            case SymbolPush(symbol):
                payload = FULL_SYMBOL.write(symbol)
                self._tell(self._logged_in(), Command.SYMBOLS_CHANGED, payload)
            case ServerStatePush(state):
                payload = _U32.pack(state)
                self._tell(self._logged_in(), Command.TRADE_SERVER_STATE, payload)

    def _logged_in(self) -> Iterable[Session]:
        return [session for session in self if session.stage is Stage.LOGGED_IN]

    @staticmethod
    def _tell(sessions: Iterable[Session], command: int, payload: bytes) -> None:
        for session in sessions:
            session.send(command, payload)


def _tell_sender(session: Session, push: RequestAnswer | ResultPush) -> None:
    """Answer a trade request, or tell what became of it."""
    if isinstance(push, RequestAnswer):
        session.answer(Command.TRADE, Reply(_U32.pack(push.retcode)))
    else:
        session.send(Command.TRADE_RESULT, TRADE_RESULT.write(push.result))


def as_seen_by(session: Session, state: AccountState) -> AccountState:
    """The account as this session is told of it.

    Who only looks on cannot trade. An account without overrides has one that is for
    no symbol: web terminals misread what follows an empty list.
    """
    state = state._replace(settings=state.settings or (_FOR_NO_SYMBOL,))
    if session.access is Access.MAIN:
        return state
    rights = state.account.rights | Rights.INVESTOR | Rights.READ_ONLY
    return state._replace(account=state.account._replace(rights=int(rights)))

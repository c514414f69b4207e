"""Hours of trading and of quotes, in the server's time (section 8).

Sessions are informational: no check before sending looks at them, the server answers
"market closed" itself. A week is seven lists of sessions, Sunday first, as
`read_schedule` of the protocol gives them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from .values import Account, Session

Week = Sequence[Sequence[Session]]

_MINUTE: Final = 60
_DAY: Final = 86_400
_WEEK: Final = 7
_FIRST_WEEKDAY: Final = 4
"""1970 began on a Thursday; Sunday is 0."""


class _Moment(NamedTuple):
    """A second as sessions count.

    Attributes:
        midnight: s, of its day.
        weekday: 0 is Sunday.
        minute: since midnight.
    """

    midnight: int
    weekday: int
    minute: int

    @classmethod
    def of(cls, time: int) -> _Moment:
        day, second = divmod(time, _DAY)
        return cls(day * _DAY, (day + _FIRST_WEEKDAY) % _WEEK, second // _MINUTE)


def server_offset(account: Account) -> int:
    """Seconds that server time is ahead of UTC."""
    return account.timezone_shift + 3600 * account.daylight_mode


def session_open(week: Week, time: int) -> bool:
    """Whether a moment lies in a session: `open <= minute < close`.

    Args:
        week: sessions by weekday, 0 being Sunday; a day without any is closed.
        time: server time, s.
    """
    now = _Moment.of(time)
    return any(one.open <= now.minute < one.close for one in week[now.weekday])


def next_opening(week: Week, time: int) -> int | None:
    """When the next session opens, today or on one of the 6 days after.

    Args:
        week: sessions by weekday, 0 being Sunday.
        time: server time, s.

    Returns:
        Server time in s; None: nothing opens.
    """
    now = _Moment.of(time)
    for ahead in range(_WEEK):
        after = now.minute if ahead == 0 else -1
        sessions = week[(now.weekday + ahead) % _WEEK]
        opens = [one.open for one in sessions if after < one.open < one.close]
        if opens:
            return now.midnight + ahead * _DAY + min(opens) * _MINUTE
    return None

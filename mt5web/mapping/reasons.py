"""Why an order, deal or position exists: servers and the Python API differ.

Reasons that only servers know become 0, "client"; positions and orders know fewer
reasons than deals.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mt5web_async.enums import Reason

_DEAL: Final[Mapping[int, int]] = {
    Reason.CLIENT: 0,
    Reason.EXPERT: 3,
    Reason.SL: 4,
    Reason.TP: 5,
    Reason.SO: 6,
    Reason.ROLLOVER: 7,
    Reason.VARIATION_MARGIN: 8,
    Reason.SIGNAL: 3,
    Reason.MOBILE: 1,
    Reason.WEB: 2,
    Reason.SPLIT: 9,
}
_LAST_OF_ORDERS: Final = 6
_LAST_OF_POSITIONS: Final = 3


def deal_reason(reason: int) -> int:
    """DEAL_REASON_... for a reason on the wire.

    >>> deal_reason(Reason.WEB), deal_reason(Reason.SL), deal_reason(Reason.DEALER)
    (2, 4, 0)
    """
    return _DEAL.get(reason, 0)


def order_reason(reason: int) -> int:
    """ORDER_REASON_... for a reason on the wire."""
    known = deal_reason(reason)
    return known if known <= _LAST_OF_ORDERS else 0


def position_reason(reason: int) -> int:
    """POSITION_REASON_... for a reason on the wire."""
    known = deal_reason(reason)
    return known if known <= _LAST_OF_POSITIONS else 0

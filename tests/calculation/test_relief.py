"""Spreads between futures save margin on netting accounts."""

from __future__ import annotations

from typing import Any, Final

import pytest

from mt5web_async.calculation.relief import Exposure, leg_matches, spread_relief
from mt5web_async.calculation.volumes import volume
from mt5web_async.enums import CalcMode, Side
from mt5web_async.protocol.records import SpreadHeader, SpreadLeg
from mt5web_async.protocol.responses import Spread
from tests.calculation.scenes import symbol

NEAR: Final = symbol("NEAR", CalcMode.EXCH_FUTURES, basis="OIL", time_expiration=1000)
FAR: Final = symbol("FAR", CalcMode.EXCH_FUTURES, basis="OIL", time_expiration=2000)


def leg(name: str, ratio: float = 1.0, **fields: Any) -> SpreadLeg:
    return SpreadLeg(symbol=name, ratio=ratio, **fields)


def spread(
    kind: int, initial: float, maintenance: float = 0.0, ratio: float = 1.0
) -> Spread:
    header = SpreadHeader(
        margin_type=kind, margin_initial=initial, margin_maintenance=maintenance
    )
    return Spread(header, (leg("NEAR", ratio),), (leg("FAR"),))


def exposure(of: Any, side: Side, lots: float, per_lot: float) -> Exposure:
    return Exposure(of, side, volume(lots), per_lot / volume(1.0))


BOUGHT: Final = exposure(NEAR, Side.BUY, 3, 2500.0)
SOLD: Final = exposure(FAR, Side.SELL, 2, 1800.0)


@pytest.mark.parametrize(
    ("kind", "initial", "maintenance", "saved"),
    [
        (0, 1500.0, 1200.0, 5600.0),  # 2 * (2500 + 1800 - 1500)
        (1, 0.0, 0.0, 3600.0),  # the smaller of 7500 and 3600
        (2, 40.0, 30.0, 2580.0),  # 8600 * 30 / 100
        (3, 400.0, 300.0, 6600.0),  # 8600 - (5000 - 3600 + 2 * 300)
        (9, 1.0, 1.0, 0.0),
    ],
)
def test_a_spread_saves_by_its_type(
    kind: int, initial: float, maintenance: float, saved: float
) -> None:
    one = spread(kind, initial, maintenance)
    assert spread_relief([one], [BOUGHT, SOLD], 2) == saved


def test_while_an_order_is_checked_initial_margins_count() -> None:
    one = spread(2, 40.0, 30.0)
    assert spread_relief([one], [BOUGHT, SOLD], 2, checking=True) == 3440.0


def test_both_directions_of_a_spread_count() -> None:
    turned = [BOUGHT._replace(side=Side.SELL), SOLD._replace(side=Side.BUY)]
    assert spread_relief([spread(0, 1500.0)], turned, 2) == 5600.0


def test_two_of_one_side_make_no_spread() -> None:
    same = [BOUGHT, SOLD._replace(side=Side.BUY)]
    assert spread_relief([spread(0, 1500.0)], same, 2) == 0.0


def test_a_ratio_takes_more_of_one_leg() -> None:
    # 3 near are 1.5 spreads of 2 near and 1 far: 1.5 * (2 * 2500 + 1800 - 1500)
    one = spread(0, 1500.0, ratio=2.0)
    assert spread_relief([one], [BOUGHT, SOLD], 2) == 7950.0


def test_the_best_spread_goes_first_and_takes_its_volume() -> None:
    spreads = [spread(0, 2000.0), spread(0, 1000.0)]
    assert spread_relief(spreads, [BOUGHT, SOLD], 2) == 6600.0


def test_legs_by_basis_look_at_the_expiration() -> None:
    window = leg("OIL", mode=1, time_from=500, time_to=1500)
    open_end = leg("OIL", mode=1, time_from=1500)
    assert (leg_matches(window, NEAR), leg_matches(window, FAR)) == (True, False)
    assert (leg_matches(open_end, NEAR), leg_matches(open_end, FAR)) == (False, True)
    assert not leg_matches(leg("OIL", mode=1, ratio=0.0), NEAR)

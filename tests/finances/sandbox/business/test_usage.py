"""How much of a metered thing is used."""

from __future__ import annotations

from finances.sandbox.business.usage import used

DAY = 86_400
ITEM = {"id": "si_1a", "created": 0}


def test_the_same_period_always_has_the_same_use() -> None:
    assert used(ITEM, 0, 30 * DAY) == used(dict(ITEM), 0, 30 * DAY) > 0
    assert used(ITEM, 0, 30 * DAY) != used(ITEM, 30 * DAY, 60 * DAY)


def test_half_the_time_is_half_the_use_and_no_time_is_none() -> None:
    whole = used(ITEM, 0, 30 * DAY)

    assert abs(used(ITEM, 0, 15 * DAY) - whole / 2) <= 1
    assert used(ITEM, 0, 0) == 0


def test_items_differ_and_use_grows() -> None:
    items = [{"id": f"si_{number}", "created": 0} for number in range(200)]
    early = sum(used(item, 0, 30 * DAY) for item in items)
    late = sum(used(item, 24 * 30 * DAY, 25 * 30 * DAY) for item in items)

    assert len({used(item, 0, 30 * DAY) for item in items}) > 100
    assert 1.3 < late / early < 1.7

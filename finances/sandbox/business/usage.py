"""How much of a metered thing is used: the same for the same item and period, whenever it is asked."""

from __future__ import annotations

import random

from finances.sandbox.engine.clock import DAY
from finances.sandbox.engine.store import Object

LEVELS = (350, 1_200, 4_000, 9_000, 26_000)  # a month


def used(item: Object, start: int, end: int) -> int:
    """Units from `start` to `end`. Each item has its level, which rises by 2 % a month, and months that are fuller."""
    level = random.Random(f"level {item['id']}").choice(LEVELS)
    months = (start - item["created"]) / (30 * DAY)
    noise = random.Random(f"use {item['id']} {start}").uniform(0.7, 1.3)
    return int(level * (1 + 0.02 * months) * noise * (end - start) / (30 * DAY))

"""Faults on demand: what a network and a busy Stripe do now and then. Only on Stripe's own addresses."""

from __future__ import annotations

import random
from typing import Any, Literal

Fault = Literal["429", "lock_timeout", "500", "timeout", "reset", "cut"]
KINDS: tuple[Fault, ...] = ("429", "lock_timeout", "500", "timeout", "reset", "cut")


class Faults:
    """Rates from 0 to 1 for each kind; one draw a request, so that a seed gives the same faults again."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._random = random.Random(f"faults {seed}")
        self._rates: dict[Fault, float] = {}
        self._paths = ""
        self.retry_after: int | None = None

    def set(self, wanted: dict[str, Any]) -> None:
        """ValueError, in one sentence, for what is no fault."""
        unknown = sorted(set(wanted) - {*KINDS, "paths", "retry_after"})
        if unknown:
            raise ValueError(f"Unknown fault: {unknown[0]}. Known: {', '.join(KINDS)}, paths, retry_after.")
        rates: dict[Fault, float] = {}
        for kind in KINDS:
            rate = wanted.get(kind, 0)
            if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
                raise ValueError(f"The rate of {kind} is a number from 0 to 1.")
            rates[kind] = rate
        if sum(rates.values()) > 1.000001:
            raise ValueError("The rates of all faults together are at most 1.")
        if not isinstance(wanted.get("paths", ""), str):
            raise ValueError("paths is the beginning of an address, such as /v1/invoices.")
        retry_after = wanted.get("retry_after")
        if retry_after is not None and (isinstance(retry_after, bool) or not isinstance(retry_after, int)):
            raise ValueError("retry_after is a whole number of seconds.")
        self._rates, self._paths, self.retry_after = rates, wanted.get("paths", ""), retry_after
        self._random = random.Random(f"faults {self._seed}")

    def draw(self, path: str) -> Fault | None:
        if not any(self._rates.values()) or not path.startswith(self._paths):
            return None
        place = self._random.random()
        for kind, rate in self._rates.items():
            if place < rate:
                return kind
            place -= rate
        return None

"""Faults on demand: what a network and a busy Stripe do now and then. Only on Stripe's own addresses."""

from __future__ import annotations

import json
import random
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from finances.sandbox.engine.rendering import encoded

# Instead of an answer: errors of Stripe's, of its edge, of the network.
INSTEAD = ("429", "lock_timeout", "500", "html", "timeout", "hung", "reset")
# An answer that is late, or not the true one: `cut` ends in the midst, the last three bend the page of a list.
BENT = ("slow", "cut", "empty_more", "drop_one", "repeat_one")
KINDS = (*INSTEAD, *BENT)
OPTIONS = ("paths", "retry_after", "delay", "html_status", "revoke_after", "rate_limit")
HTML = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center></body>"
)


@dataclass
class Rule:
    """`rates` by kind, from 0 to 1. Everything else is what /_sandbox/faults was told; times in seconds."""

    rates: dict[str, float]
    random: random.Random
    paths: str = ""
    retry_after: int | None = None
    delay: float = 2.0
    html_status: int = 502
    revoke_after: int | None = None
    rate_limit: float | None = None
    calls: int = 0
    lately: deque[float] = field(default_factory=deque)

    def draw(self) -> str | None:
        """One draw a call, so that a seed gives the same faults again."""
        self.calls += 1
        if self.revoke_after is not None and self.calls > self.revoke_after:
            return "revoked"
        if self.rate_limit is not None and self._too_fast(self.rate_limit):
            return "429"
        if not any(self.rates.values()):
            return None
        place = self.random.random()
        for kind, rate in self.rates.items():
            if place < rate:
                return kind
            place -= rate
        return None

    def _too_fast(self, a_second: float) -> bool:
        """So many calls were answered within the last second (or, below one a second, within 1 / rate)."""
        now, window = time.monotonic(), max(1.0, 1.0 / a_second)
        while self.lately and self.lately[0] <= now - window:
            self.lately.popleft()
        if len(self.lately) >= max(int(a_second), 1):
            return True
        self.lately.append(now)
        return False


class Faults:
    """Rules in force. The first whose path fits and whose draw says so decides."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._rules: list[Rule] = []

    def set(self, wanted: dict[str, Any]) -> None:
        """One rule, or several as {"rules": [...]}, in place of all before. ValueError, in one sentence, for what is no
        fault."""
        several = wanted.get("rules", [wanted])
        if ("rules" in wanted and len(wanted) > 1) or not isinstance(several, list):
            raise ValueError("rules is a list, and stands alone.")
        if not all(isinstance(each, dict) for each in several):
            raise ValueError('A rule is an object such as {"500": 0.1}.')
        self._rules = [
            _rule(each, random.Random(f"faults {self._seed}{f' {number}' if number else ''}"))
            for number, each in enumerate(several)
        ]

    def draw(self, path: str) -> tuple[str, Rule] | None:
        """The kind of fault, or "revoked" for a key that is not taken any more, and whose it is."""
        for rule in self._rules:
            if path.startswith(rule.paths) and (kind := rule.draw()) is not None:
                return kind, rule
        return None


def bent(kind: str, answer: bytes, rng: random.Random) -> bytes:
    """A page of a list as it should not be; every other answer as it is."""
    if kind not in ("empty_more", "drop_one", "repeat_one") or not answer.startswith(b'{"object":"list"'):
        return answer
    page = json.loads(answer)
    data = page["data"]
    if kind == "empty_more":
        return encoded({**page, "data": [], "has_more": True})
    if not data:
        return answer
    place = rng.randrange(len(data))
    changed = data[:place] + data[place + 1 :] if kind == "drop_one" else data[: place + 1] + data[place:]
    return encoded({**page, "data": changed})


def _rule(wanted: dict[str, Any], rng: random.Random) -> Rule:
    unknown = sorted(set(wanted) - {*KINDS, *OPTIONS})
    if unknown:
        raise ValueError(f"Unknown fault: {unknown[0]}. Known: {', '.join((*KINDS, *OPTIONS))}, rules.")
    rates = {kind: _number(wanted.get(kind, 0), f"The rate of {kind}", 0, 1) for kind in KINDS}
    if sum(rates.values()) > 1.000001:
        raise ValueError("The rates of all faults together are at most 1.")
    if not isinstance(wanted.get("paths", ""), str):
        raise ValueError("paths is the beginning of an address, such as /v1/invoices.")
    for name in ("retry_after", "revoke_after"):
        if wanted.get(name) is not None and (type(wanted[name]) is not int or wanted[name] < 0):
            raise ValueError(f"{name} is a whole number from 0: of seconds, or of calls.")
    if wanted.get("html_status", 502) not in (200, 502):
        raise ValueError("html_status is 200 or 502.")
    limit = wanted.get("rate_limit")
    return Rule(
        rates,
        rng,
        wanted.get("paths", ""),
        wanted.get("retry_after"),
        _number(wanted.get("delay", 2.0), "delay, in seconds,", 0, 600),
        wanted.get("html_status", 502),
        wanted.get("revoke_after"),
        None if limit is None else _number(limit, "rate_limit, in calls a second,", 0.01, 100_000),
    )


def _number(value: Any, name: str, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise ValueError(f"{name} is a number from {least:g} to {most:g}.")
    return value

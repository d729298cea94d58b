"""Ids that look like Stripe's and are the same again for the same seed."""

from __future__ import annotations

import random

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
CAPITALS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"

# What Stripe puts before the random part, and how long that part is.
SHORT = {"cus": 14, "prod": 14, "req": 14}


class Identifiers:
    """A stream of ids. Its own generator, so that a new kind of id never changes what the business decides."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(f"identifiers {seed}")

    def new(self, prefix: str) -> str:
        """`cus` gives "cus_" and 14 characters, `in` gives "in_1" and 23, `pi` and `ch` give "pi_3" and 23."""
        if prefix in SHORT:
            return f"{prefix}_{self.letters(SHORT[prefix])}"
        version = "3" if prefix in ("pi", "ch") else "1"
        return f"{prefix}_{version}{self.letters(23)}"

    def letters(self, length: int) -> str:
        return "".join(self._random.choices(ALPHABET, k=length))

    def capitals(self, length: int) -> str:
        """An invoice prefix such as "K3Q9ZB7F"."""
        return "".join(self._random.choices(CAPITALS, k=length))

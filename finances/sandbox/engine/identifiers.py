"""Ids that look like Stripe's and are the same again for the same seed."""

from __future__ import annotations

import random
from hashlib import blake2b

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
CAPITALS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
# Which letter a byte stands for: many thousands of ids are made at a time.
LETTERS = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
CAPITAL_LETTERS = bytes(ord(CAPITALS[byte % len(CAPITALS)]) for byte in range(256))

# What Stripe puts before the random part, and how long that part is.
SHORT = {"cus": 14, "prod": 14, "req": 14}


class Identifiers:
    """A stream of ids. Its own generator, so that a new kind of id never changes what the business decides."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(f"identifiers {seed}")
        self._seed = seed

    def new(self, prefix: str) -> str:
        """`cus` gives "cus_" and 14 characters, `in` gives "in_1" and 23, what moves a payment "pi_3" and 23."""
        if prefix in SHORT:
            return f"{prefix}_{self.letters(SHORT[prefix])}"
        version = "3" if prefix in ("pi", "ch", "re") else "1"
        return f"{prefix}_{version}{self.letters(23)}"

    def of(self, what: str, length: int) -> str:
        """So many letters, up to 64, that follow from `what` alone, and not from how many ids were made before."""
        return _written(blake2b(f"{self._seed} {what}".encode(), digest_size=length).digest(), LETTERS)

    def letters(self, length: int) -> str:
        return _written(self._random.randbytes(length), LETTERS)

    def capitals(self, length: int) -> str:
        """An invoice prefix such as "K3Q9ZB7F"."""
        return _written(self._random.randbytes(length), CAPITAL_LETTERS)


def _written(chance: bytes, letters: bytes) -> str:
    return chance.translate(letters).decode("ascii")

"""Rows in the text that COPY speaks, and templates of them."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

NULL = "\\N"

_UNESCAPES = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}


def canonical(value: Any) -> str:
    """The text of which the mirror keeps the hash."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: _UNESCAPES.get(found[1], found[1]), text)


class Template:
    """A text with slots. `fill` takes the values of all slots there are, in the order of their numbers."""

    def __init__(self, pieces: Sequence[str | int]) -> None:
        """`pieces`: text, or the number of a slot."""
        self._pieces: list[str] = [""]
        slots: list[int] = []
        for piece in pieces:
            if isinstance(piece, int):
                slots.append(piece)
                self._pieces += ["", ""]
            else:
                self._pieces[-1] += piece
        self._slots = slots

    def fill(self, values: Sequence[str]) -> str:
        pieces = self._pieces.copy()
        pieces[1::2] = [values[slot] for slot in self._slots]
        return "".join(pieces)


class Slots:
    """Numbers for what differs from copy to copy, each distinct thing once."""

    def __init__(self, known: Iterable[Any]) -> None:
        self.numbers: dict[Any, int] = {each: number for number, each in enumerate(known)}

    def __getitem__(self, thing: Any) -> int:
        return self.numbers.setdefault(thing, len(self.numbers))

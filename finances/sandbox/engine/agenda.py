"""What is due when. History and the moving clock run the same agenda: the past is the future, run earlier."""

from __future__ import annotations

import heapq
from collections.abc import Callable

from finances.sandbox.engine.books import Books


class Agenda:
    """Ordered by time, then by the order in which it was planned."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._due: list[tuple[int, int, Callable[..., object], tuple[object, ...]]] = []
        self._planned = 0

    def plan(self, at: int, action: Callable[..., object], *about: object) -> None:
        self._planned += 1
        heapq.heappush(self._due, (at, self._planned, action, about))

    def run_until(self, end: int, forgiving: bool = False) -> None:
        """`forgiving`: what the control address took away or bent stops there, and the rest goes on."""
        while self._due and self._due[0][0] <= end:
            at, _, action, about = heapq.heappop(self._due)
            self._books.at = max(at, self._books.at)
            self._books.events.begin()
            try:
                action(*about)
            except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, StopIteration):
                if not forgiving:
                    raise
        self._books.at = max(end, self._books.at)

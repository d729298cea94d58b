"""Answers that were given before, in a bounded piece of memory."""

from __future__ import annotations

CACHED = 12 * 1024 * 1024  # bytes


class BytesCache(dict[str, bytes]):
    """Answers by the object's id. Full, it is emptied: a page costs little without it."""

    def __init__(self) -> None:
        super().__init__()
        self._size = 0

    def __setitem__(self, object_id: str, answer: bytes) -> None:
        self._size += len(answer)
        if self._size > CACHED:
            self.clear()
            self._size = len(answer)
        super().__setitem__(object_id, answer)

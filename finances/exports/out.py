"""Where the maker of a file writes to: pieces in the database, so that any machine can hand them out."""

import time
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from finances.models import Export, ExportPiece
from finances.tickets import lease_end

PIECE = 1024 * 1024  # bytes
BREATH = 1.0  # seconds between two signs of life


class Lost(Exception):
    """Another worker has it by now, or a person took it away: stop where we are."""


class Stopped(Exception):
    """The worker was asked to stop."""


def held(export: Export) -> QuerySet[Export]:
    """The export, as long as it is ours."""
    return Export.objects.filter(pk=export.pk, claim=export.claim, state=Export.State.RUNNING)


class Out:
    """A file to write to, and only to write to. Any call may raise Lost or Stopped, which the maker lets through."""

    def __init__(self, export: Export, clock: Callable[[], datetime], stop: Callable[[], bool]) -> None:
        self._export, self._clock, self._stop = export, clock, stop
        self._piece, self._number = bytearray(), 0
        self._breathed = time.monotonic()
        self.rows = self.size = 0

    def write(self, data: bytes) -> int:
        self._piece += data
        while len(self._piece) >= PIECE:
            self._keep(bytes(self._piece[:PIECE]))
            del self._piece[:PIECE]
        self._breathe()
        return len(data)

    def flush(self) -> None:
        """What a ZipFile expects of a file; a piece is kept when it is full."""

    def expect(self, total: int) -> None:
        """So many rows there will be."""
        self._renew(total=total)

    def done(self, rows: int) -> None:
        """So many rows are in the file."""
        self.rows = rows
        self._breathe()

    def close(self) -> None:
        """Inside the transaction that ends the export."""
        self._keep(bytes(self._piece))
        self._piece.clear()

    def _keep(self, piece: bytes) -> None:
        with transaction.atomic():
            self._renew(size=self.size + len(piece))
            ExportPiece.objects.create(export=self._export, number=self._number, body=piece)
        self._number += 1
        self.size += len(piece)

    def _breathe(self) -> None:
        if time.monotonic() - self._breathed >= BREATH:
            self._renew()

    def _renew(self, **changes: int) -> None:
        if self._stop():
            raise Stopped
        if not held(self._export).update(lease_until=lease_end(self._clock()), rows=self.rows, **changes):
            raise Lost
        self._breathed = time.monotonic()

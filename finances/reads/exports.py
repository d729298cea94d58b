"""The exports of one person, and the file of one."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet

from finances.models import Export, ExportPiece

MOST_SHOWN = 100


def exports_of(person: User) -> QuerySet[Export]:
    """Nobody sees another person's, whatever else they may see. Newest first."""
    return Export.objects.filter(requested_by=person).order_by("-asked_at", "-id")


def downloadable(export: Export, now: datetime) -> bool:
    return export.state == Export.State.COMPLETE and export.expires_at is not None and export.expires_at > now


def file_of(export_id: UUID) -> Iterator[bytes]:
    """Piece by piece: a query each, so that a file of any size takes the memory of one piece."""
    number = 0
    while True:
        piece = ExportPiece.objects.filter(export=export_id, number=number).values_list("body", flat=True).first()
        if piece is None:
            return
        yield bytes(piece)
        number += 1

"""Files that have served their time, and the rows of exports that nobody looks at any more."""

from datetime import datetime, timedelta

from django.db import transaction

from finances.models import Export, ExportPiece

ROWS_STAY = timedelta(days=30)


def prune_exports(now: datetime) -> int:
    """Take away the files that have expired, and exports that were asked for over a month ago. How many files."""
    expired = Export.objects.filter(state=Export.State.COMPLETE, expires_at__lte=now)
    taken = 0
    for key in expired.values_list("pk", flat=True):
        with transaction.atomic():
            ExportPiece.objects.filter(export=key).delete()
            taken += expired.filter(pk=key).update(state=Export.State.EXPIRED)
    Export.objects.filter(asked_at__lt=now - ROWS_STAY).exclude(state__in=Export.UNFINISHED).delete()
    return taken

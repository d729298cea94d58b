"""Chain what was committed, in batches, by hash. Nothing that records waits for it.

Rows commit in another order than that of their ids, so a batch is not a range of ids: it is what was committed and in
no seal yet.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from finances.audit.digests import digest_of_entry, digest_of_seal
from finances.models import AuditEntry, AuditSeal, SealedEntry

BATCH = 1000
LONGEST_TRANSACTION = timedelta(days=1)
"""An id below a seal's highest that came into no seal for so long was never committed, and is not looked for again."""


def newest_seal() -> AuditSeal | None:
    return AuditSeal.objects.order_by("-number").first()


def unsealed(last: AuditSeal | None) -> QuerySet[AuditEntry]:
    """What the seal after `last` takes, by id. One query for the seals, and the one that is returned."""
    floor = 0
    if last:
        settled = AuditSeal.objects.filter(sealed_at__lt=last.sealed_at - LONGEST_TRANSACTION).order_by("-number")
        floor = settled.values_list("through", flat=True).first() or 0
    return AuditEntry.objects.filter(pk__gt=floor, sealed__isnull=True).order_by("pk")


def seal_due(clock: Callable[[], datetime], *, stop: Callable[[], bool] = lambda: False) -> int:
    """Seal all that is committed, a batch at a time. The number of entries sealed."""
    sealed = 0
    while not stop() and unsealed(newest_seal()).exists():  # outside a transaction: SQLite's would take the write lock
        count = _seal_batch(clock())
        sealed += count
        if count < BATCH:
            break
    return sealed


def _seal_batch(now: datetime) -> int:
    """How many entries the next seal took. 0 when another sealer made that seal: the unique number lets one win."""
    try:
        with transaction.atomic():
            last = newest_seal()  # before the entries: of two sealers one then finds its number taken
            entries = list(unsealed(last)[: BATCH + 1])
            entries, took_all = entries[:BATCH], len(entries) <= BATCH
            if not entries:
                return 0
            members = [(entry.pk, digest_of_entry(entry)) for entry in entries]
            seal = AuditSeal(
                number=last.number + 1 if last else 1,
                sealed_at=now,
                count=len(entries),
                through=max(entries[-1].pk, last.through if last else 0),
                took_all=took_all,
                previous=last.digest if last else "",
            )
            seal.digest = digest_of_seal(seal, members)
            seal.save(force_insert=True)
            SealedEntry.objects.bulk_create(
                SealedEntry(entry_id=entry_id, seal=seal, digest=digest) for entry_id, digest in members
            )
    except IntegrityError:
        return 0
    return len(entries)

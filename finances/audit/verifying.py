"""Read the whole chain again and name the first thing in it that is not as it was sealed.

What it cannot find without help: the newest seals taken away together with what they sealed. Whoever notes the newest
digest elsewhere can have it looked for (`known`).
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from finances.audit.digests import digest_of_entry, digest_of_personal, digest_of_seal
from finances.audit.sealing import newest_seal
from finances.models import AuditEntry, AuditPersonal, AuditSeal, SealedEntry

AT_A_TIME = 20  # seals, of a thousand entries at most
LATE = timedelta(hours=1)
"""A transaction may commit so long after the time that its entry gives; what comes later was put in behind our back."""
TRIGGERS = {
    "paydesk_auditentry": ("update", "delete"),
    "paydesk_auditseal": ("update", "delete"),
    "paydesk_sealedentry": ("update", "delete"),
    "paydesk_auditpersonal": ("update",),  # to delete is to erase
}


class Known(NamedTuple):
    """A seal's number and its digest, as somebody noted them elsewhere."""

    number: int
    digest: str


class Broken(NamedTuple):
    """The first thing that is wrong: of which seal, of which entry, as far as that can be said; `sentence` says it."""

    seal: int | None
    entry: int | None
    sentence: str


@dataclass
class Verified:
    """`entries` and `erased`: those in seals, and how many of them have no personal detail any more, which is as it
    should be. `unsealed`: committed since the newest seal. `missing_triggers`: by name."""

    seals: int = 0
    entries: int = 0
    erased: int = 0
    unsealed: int = 0
    newest: AuditSeal | None = None
    broken: Broken | None = None
    missing_triggers: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return self.broken is None and not self.missing_triggers


class _Found(Exception):
    def __init__(self, sentence: str, *, seal: int | None = None, entry: int | None = None) -> None:
        self.broken = Broken(seal, entry, sentence)


def verify(known: Known | None = None) -> Verified:
    """Reads everything, writes nothing: three queries for each twenty seals. Stops at the first thing that is wrong."""
    result = Verified(newest=newest_seal(), missing_triggers=missing_triggers())
    try:
        _look_at_seals(result, known)
        _look_at_the_rest(result)
    except _Found as found:
        result.broken = found.broken
    return result


STANDING_ON_POSTGRESQL = """
    SELECT tgname FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE tgenabled = 'A' AND tgqual IS NULL AND proname = 'paydesk_refuse' AND prosrc LIKE '% RAISE EXCEPTION %'
"""
STANDING_ON_SQLITE = """
    SELECT name FROM sqlite_master WHERE type = 'trigger' AND (
        sql LIKE 'CREATE TRIGGER ' || name || ' BEFORE %' || tbl_name || ' BEGIN SELECT RAISE(ABORT, %'
        OR name LIKE '%_no_replace'
        AND sql LIKE 'CREATE TRIGGER ' || name || ' BEFORE INSERT ON ' || tbl_name
            || ' WHEN EXISTS (SELECT 1 FROM ' || tbl_name || ' WHERE %) BEGIN SELECT RAISE(ABORT, %'
        AND (tbl_name != 'paydesk_auditseal' OR sql LIKE '% OR previous = NEW.previous) BEGIN %')
    )
"""
"""By what they do, since a trigger of the same name may do nothing."""


def missing_triggers() -> list[str]:
    """Those of the triggers that no longer stand, are switched off, or do no longer what they are for. One query."""
    if connection.vendor == "postgresql":
        sql, other = STANDING_ON_POSTGRESQL, "truncate"
    else:
        sql, other = STANDING_ON_SQLITE, "replace"
    expected = {f"{table}_no_{each}" for table, refused in TRIGGERS.items() for each in refused}
    expected |= {f"{table}_no_{other}" for table in TRIGGERS if other == "replace" or "delete" in TRIGGERS[table]}
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return sorted(expected - {name for (name,) in cursor.fetchall()})


def _look_at_seals(result: Verified, known: Known | None) -> None:
    last, whole = result.newest.number if result.newest else 0, None
    if known and known.number > last:
        raise _Found(f"Seal {known.number}, whose digest was noted, is gone.", seal=known.number)
    before: AuditSeal | None = None
    for first in range(1, last + 1, AT_A_TIME):
        numbers = range(first, min(first + AT_A_TIME, last + 1))
        batches = _Batches(numbers[0], numbers[-1])
        for number in numbers:
            seal = batches.seals.get(number)
            if seal is None:
                raise _Found(f"Seal {number} is gone.", seal=number)
            if seal.previous != (before.digest if before else ""):
                raise _Found(f"Seal {number} does not follow the seal before it.", seal=number)
            _look_at_seal(seal, batches, whole, result)
            if known and known.number == number and known.digest != seal.digest:
                raise _Found(f"Seal {number} is not the one whose digest was noted.", seal=number)
            before, whole = seal, seal if seal.took_all else whole


class _Batches:
    """What stands in the tables about the seals from the first number to the last."""

    def __init__(self, first: int, last: int) -> None:
        self.seals = AuditSeal.objects.filter(number__range=(first, last)).in_bulk()
        self.members: dict[int, list[SealedEntry]] = {}
        for member in SealedEntry.objects.filter(seal__gte=first, seal__lte=last).order_by("seal_id", "entry_id"):
            self.members.setdefault(member.seal_id, []).append(member)
        sealed = AuditEntry.objects.filter(sealed__seal__gte=first, sealed__seal__lte=last)
        self.entries = {entry.pk: entry for entry in with_personal(sealed)}


def with_personal(entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
    return entries.select_related("personal")


def personal_of(entry: AuditEntry) -> AuditPersonal | None:
    """None without one, or where it was erased."""
    return getattr(entry, "personal", None)


def _look_at_seal(seal: AuditSeal, batches: _Batches, whole: AuditSeal | None, result: Verified) -> None:
    members = batches.members.get(seal.number, [])
    for member in members:
        entry = batches.entries.get(member.entry_id)
        if entry is None:
            raise _Found(f"Entry {member.entry_id} is gone.", seal=seal.number, entry=member.entry_id)
        if digest_of_entry(entry) != member.digest:
            raise _Found(f"Entry {entry.pk} was changed.", seal=seal.number, entry=entry.pk)
        if whole and entry.at + LATE < whole.sealed_at:
            raise _Found(
                f"Entry {entry.pk} gives a time from before seal {whole.number}, and came after it.",
                seal=seal.number,
                entry=entry.pk,
            )
        result.erased += _look_at_personal(entry, seal.number)
    if digest_of_seal(seal, [(member.entry_id, member.digest) for member in members]) != seal.digest:
        raise _Found(
            f"Seal {seal.number} does not fit its entries: one was put in or taken out, or the seal was changed.",
            seal=seal.number,
        )
    result.seals += 1
    result.entries += len(members)


def _look_at_personal(entry: AuditEntry, seal: int | None) -> bool:
    """Whether it was erased."""
    personal = personal_of(entry)
    if personal is None:
        return bool(entry.personal_digest)
    if digest_of_personal(personal.salt, personal.body) != entry.personal_digest:
        raise _Found(f"The personal detail of entry {entry.pk} was changed.", seal=seal, entry=entry.pk)
    return False


def _look_at_the_rest(result: Verified) -> None:
    """What is in no seal: new, or put in where no seal looks."""
    whole = AuditSeal.objects.filter(took_all=True).order_by("-number").first()
    for entry in with_personal(AuditEntry.objects.filter(sealed__isnull=True).order_by("pk")).iterator(1000):
        if whole and entry.at + LATE < whole.sealed_at:
            raise _Found(
                f"Entry {entry.pk} gives a time from before seal {whole.number}, and is in no seal.", entry=entry.pk
            )
        _look_at_personal(entry, None)
        result.unsealed += 1

"""Erase one customer, beginning with what would let others write the person anew."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import batched

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from finances import audit
from finances.erasure.person import Person
from finances.mirror import erasing
from finances.models import AuditPersonal, Customer, Delivery, Export, ExportPiece, Replay, ResyncFinding, ResyncRun

DONE = "paydesk.erasure.made"
AT_ONCE = 500
"""Ids of one statement."""


class NotPossible(Exception):
    """In the user's words."""


@dataclass(frozen=True)
class Erased:
    """How many of each were emptied: Stripe's objects, payloads of webhooks, what people typed into the audit trail."""

    objects: int
    payloads: int
    typed: int


def erase_customer(
    customer_id: str,
    *,
    now: datetime,
    by: User | None = None,
    reason: str = "",
    beside: Callable[[Person], object] = lambda person: None,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> Erased:
    """Take who it was out of all that is kept of a customer whom Stripe has deleted. Raises NotPossible.

    What was erased once may be erased again, and is where an earlier call did not come to its end. `beside`: what
    others keep of the person; within the transaction that also marks the objects and writes the audit row. `progress`:
    objects done, and in all.
    """
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise NotPossible(f"No customer {customer_id} is stored here.")
    if customer.deleted_at is None:
        raise NotPossible(f"{customer_id} is not deleted in Stripe. Delete or redact the customer there first.")
    objects = erasing.objects_of(customer_id)
    ids = [each for of_type in objects.values() for each in of_type]
    person = Person(erasing.texts_of(objects))
    with transaction.atomic():
        erasing.mark_erased(objects, now)
        payloads = _erase_payloads(customer_id, ids)
        _erase_findings(ids)
        _erase_reasons(person, ids)
        _erase_exports(person)
        typed = _erase_typed(person, ids)
        beside(person)
        detail = {"objects": len(ids), "payloads": payloads, "typed": typed}
        audit.record(DONE, at=now, actor=by, target=customer_id, detail=detail, personal={"reason": reason})
    for done in erasing.erase(objects, now):
        progress(done, len(ids))
    return Erased(len(ids), payloads, typed)


def _erase_payloads(customer_id: str, ids: list[str]) -> int:
    """Of those that wait and of quarantined ones too: which object to read is in columns of its own."""
    held = Delivery.objects.filter(payload__isnull=False)
    emptied = held.filter(customer_id=customer_id).update(payload=None)
    return emptied + sum(
        held.filter(object_id__in=some).update(payload=None) for some in batched(ids, AT_ONCE, strict=False)
    )


def _erase_findings(ids: list[str]) -> None:
    """That something was found stays, what it was goes: it holds both states."""
    for some in batched(ids, AT_ONCE, strict=False):
        ResyncFinding.objects.filter(object_id__in=some).update(differences=[])


def _erase_reasons(person: Person, ids: list[str]) -> None:
    about = set(ids)
    for runs in (ResyncRun, Replay):
        for run in runs._base_manager.exclude(reason="").iterator():
            target = run.target if isinstance(run, ResyncRun) else ""
            if target in about or person.is_sought_by(run.reason):
                runs._base_manager.filter(pk=run.pk).update(reason="")


def _erase_exports(person: Person) -> None:
    """Any file that stands may hold a line of them, and is soon made anew; one that is being made begins anew."""
    for export in Export.objects.exclude(conditions=""):
        if person.is_sought_by(export.conditions):
            export.delete()
    standing = Export.objects.filter(state__in=[Export.State.COMPLETE, Export.State.RUNNING])
    keys = list(standing.values_list("pk", flat=True))
    ExportPiece.objects.filter(export__in=keys).delete()
    standing.filter(state=Export.State.COMPLETE).update(state=Export.State.EXPIRED)
    # Its lease is over and its worker told so by the higher number: the next one takes it from the beginning.
    for export in standing.filter(state=Export.State.RUNNING):
        Export.objects.filter(pk=export.pk).update(
            state=Export.State.QUEUED, claim=export.claim + 1, lease_until=None, rows=0, size=0
        )


def _erase_typed(person: Person, ids: list[str]) -> int:
    """Rows beside the audit trail's entries: those of entries about these objects, and those that name the person."""
    doomed: set[int] = set()
    for some in batched(ids, AT_ONCE, strict=False):
        about = AuditPersonal.objects.filter(entry__target__in=some).exclude(entry__action=DONE)
        doomed.update(about.values_list("pk", flat=True))
    for key, body in AuditPersonal.objects.values_list("pk", "body").iterator(2000):
        if person.is_in(body):
            doomed.add(key)
    for keys in batched(sorted(doomed), AT_ONCE, strict=False):
        AuditPersonal.objects.filter(Q(pk__in=keys)).delete()
    return len(doomed)

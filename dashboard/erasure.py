"""What the console itself keeps of a customer who is erased: notes, and views of lists that look for them."""

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.models import User

from dashboard.models import Note, SavedView
from finances.erasure import Erased, Person, erase_customer


def erase(
    customer_id: str,
    *,
    now: datetime,
    by: User | None = None,
    reason: str = "",
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> Erased:
    """Everywhere. Raises finances.erasure.NotPossible."""

    def beside(person: Person) -> None:
        _erase_notes(customer_id, person, now)
        _remove_views(person)

    return erase_customer(customer_id, now=now, by=by, reason=reason, beside=beside, progress=progress)


def _erase_notes(customer_id: str, person: Person, now: datetime) -> None:
    """All about the customer and what is theirs; about others, those that name them. The traces stay."""
    doomed = set(Note.objects.filter(customer_id=customer_id, deleted_at=None).values_list("pk", flat=True))
    others = Note.objects.exclude(customer_id=customer_id).exclude(body="").values_list("pk", "body")
    doomed.update(key for key, body in others.iterator() if person.is_named_in(body))
    Note.objects.filter(pk__in=doomed).update(body="", deleted_at=now)


def _remove_views(person: Person) -> None:
    """One that looks for a person who was erased finds nothing any more."""
    views = SavedView.objects.values_list("pk", "name", "conditions")
    doomed = [pk for pk, name, conditions in views if person.is_named_in(name) or person.is_sought_by(conditions)]
    SavedView.objects.filter(pk__in=doomed).delete()

"""Internal notes: written, changed by their author for an hour, deleted with a trace; each with its audit row."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from dashboard.models import Note
from finances import audit
from finances.models import Customer, Invoice, Subscription
from finances.redaction import without_keys

LONGEST = 4000  # characters
CHANGEABLE_FOR = timedelta(hours=1)
SHOWN = 20
ABOUT: dict[str, tuple[str, Callable[[str], str | None]]] = {
    "cus": ("paydesk.view_customer", lambda key: _first(Customer.objects.filter(pk=key), "pk")),
    "sub": ("paydesk.view_subscription", lambda key: _first(Subscription.objects.filter(pk=key), "customer_id")),
    "in": ("paydesk.view_invoice", lambda key: _first(Invoice.objects.filter(pk=key), "customer_id")),
}
"""By the id's prefix: the right that it takes to see what the note is about, and whose it is."""


class NotPossible(Exception):
    """In the user's words."""


def notes_of_customer(customer_id: str) -> QuerySet[Note]:
    """About the customer and what is theirs, newest first."""
    return _newest(Q(customer_id=customer_id))


def notes_about(object_id: str) -> QuerySet[Note]:
    """Newest first."""
    return _newest(Q(about_id=object_id))


def right_to_see(object_id: str) -> str:
    """The permission for what has this id; empty for what nobody writes notes about."""
    return ABOUT.get(object_id.partition("_")[0], ("", None))[0]


def may_change(note: Note, person: User, now: datetime) -> bool:
    mine = note.author_id is not None and note.author_id == person.pk
    return mine and note.deleted_at is None and now - note.written_at < CHANGEABLE_FOR


def may_delete(note: Note, person: User) -> bool:
    """Its author, at any time; another's note takes a right of its own."""
    mine = note.author_id is not None and note.author_id == person.pk
    return note.deleted_at is None and (mine or person.has_perm("paydesk_console.delete_note"))


def write(about_id: str, body: str, *, by: User, now: datetime) -> Note:
    """Raises NotPossible. The caller has checked the rights."""
    body = _checked(body)
    __, whose = ABOUT.get(about_id.partition("_")[0], ("", lambda key: None))
    customer_id = whose(about_id)
    if customer_id is None:
        raise NotPossible(_("%(id)s is not stored here, so no note can be written about it.") % {"id": about_id})
    with transaction.atomic():
        note = Note.objects.create(
            about_id=about_id,
            customer_id=customer_id,
            author=by,
            author_name=by.get_username(),
            body=body,
            written_at=now,
        )
        _record("written", note, by, now)
    return note


def change(note_id: int, body: str, *, by: User, now: datetime) -> None:
    """Raises NotPossible, where it is another's, an hour has passed or it was deleted meanwhile too."""
    body = _checked(body)
    own = Note.objects.filter(pk=note_id, author=by, deleted_at=None, written_at__gt=now - CHANGEABLE_FOR)
    with transaction.atomic():
        if not own.update(body=body, changed_at=now):
            raise NotPossible(_("A note can be changed by its author, for an hour. Write another one instead."))
        _record("changed", Note.objects.get(pk=note_id), by, now)


def delete(note_id: int, *, by: User, now: datetime) -> None:
    """Its words go; who wrote it and when, and who deleted it, stays. Raises NotPossible."""
    there = Note.objects.filter(pk=note_id, deleted_at=None)
    if not by.has_perm("paydesk_console.delete_note"):
        there = there.filter(author=by)
    with transaction.atomic():
        if not there.update(body="", deleted_at=now, deleted_by_name=by.get_username()):
            raise NotPossible(_("This note is another person’s, or was deleted already."))
        _record("deleted", Note.objects.get(pk=note_id), by, now)


def _record(verb: str, note: Note, by: User, now: datetime) -> None:
    """Without its words: the trail stays for ever, and a note can be deleted."""
    audit.record(f"paydesk.note.{verb}", at=now, actor=by, target=note.about_id, detail={"note": note.pk})


def _checked(body: str) -> str:
    """Without keys that were pasted by mistake, and with what PostgreSQL can hold."""
    body = without_keys(body.replace("\x00", "\N{REPLACEMENT CHARACTER}").replace("\r\n", "\n").strip())
    if not body:
        raise NotPossible(_("The note is empty."))
    if len(body) > LONGEST:
        said = _("The note has %(length)s characters; it may have %(longest)s.")
        raise NotPossible(said % {"length": f"{len(body):,}", "longest": f"{LONGEST:,}"})
    return body


def _newest(about: Q) -> QuerySet[Note]:
    return Note.objects.filter(about).order_by("-written_at", "-id")[:SHOWN]


def _first(rows: QuerySet, column: str) -> str | None:
    return rows.values_list(column, flat=True).first()

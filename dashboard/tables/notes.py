"""Notes as a page lists them: what each is about where that is another page, and what its reader may do with it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from django.utils.translation import gettext as _

from dashboard.formatting import shortened
from dashboard.models import Note
from dashboard.notes import may_change, may_delete


class ShownNote(NamedTuple):
    """`elsewhere`: what people call the subscription or the invoice that it is about. `open`: the link's words."""

    note: Note
    elsewhere: str
    open: str


def shown_notes(
    notes: Iterable[Note], here: str, names: Mapping[str, str], person: User | AnonymousUser, now: datetime
) -> list[ShownNote]:
    """`here`: the id of what the page shows. `names`: by id."""
    shown = []
    for note in notes:
        change = isinstance(person, User) and may_change(note, person, now)
        delete = isinstance(person, User) and may_delete(note, person)
        elsewhere = "" if note.about_id == here else names.get(note.about_id) or shortened(note.about_id)
        shown.append(ShownNote(note, elsewhere, _("change or delete") if change else _("delete") if delete else ""))
    return shown

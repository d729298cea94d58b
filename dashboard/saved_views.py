"""Views of lists that people keep under a name: private, or shared with everybody who may see the list.

Each change leaves an audit row in its transaction.
"""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from dashboard.models import SavedView
from dashboard.models.saved_view import LONGEST_NAME
from finances import audit
from finances.redaction import without_keys

MOST = 50  # of one person and list
LONGEST_CONDITIONS = 2000  # characters, as long as an address may well be
JOINERS = "\u200c\u200d"  # between letters and in emoji; by themselves they show nothing


class NotPossible(Exception):
    """In the user's words."""


def views_for(person: User, list: str) -> QuerySet[SavedView]:
    """Their own, then those that others share, each by name. One query, with the owners."""
    seen = SavedView.objects.filter(Q(owner=person) | Q(shared=True), list=list).select_related("owner")
    return seen.annotate(others=~Q(owner=person)).order_by("others", Lower("name"), "pk")


def may_share(person: User) -> bool:
    return person.has_perm("paydesk_console.share_view")


def may_remove(view: SavedView, person: User) -> bool:
    return view.owner_id == person.pk or (view.shared and person.has_perm("paydesk_console.remove_shared_view"))


def save(list: str, name: str, conditions: str, *, shared: bool, by: User, now: datetime) -> SavedView:
    """A new one. Raises NotPossible. The caller has checked the right to see the list."""
    view = SavedView(list=list, owner=by, name=_name(name), conditions=_conditions(conditions), shared=shared)
    if SavedView.objects.filter(list=list, owner=by).count() >= MOST:
        raise NotPossible(_("You have %(most)s views of this list. Remove one first.") % {"most": MOST})
    _store("saved", view, by, now)
    return view


def update(view_id: int, conditions: str, *, by: User, now: datetime) -> SavedView:
    """Other conditions under the same name. Raises NotPossible, and SavedView.DoesNotExist for what is not theirs."""
    view = SavedView.objects.get(pk=view_id, owner=by)
    view.conditions = _conditions(conditions)
    _store("changed", view, by, now)
    return view


def rename(view_id: int, name: str, *, shared: bool, by: User, now: datetime) -> SavedView:
    """Also whether it is shared. Raises NotPossible, and SavedView.DoesNotExist for what is not theirs."""
    view = SavedView.objects.get(pk=view_id, owner=by)
    view.name, view.shared = _name(name), shared
    _store("changed", view, by, now)
    return view


def remove(view_id: int, *, by: User, now: datetime) -> SavedView:
    """Raises SavedView.DoesNotExist for what they may not remove."""
    view = SavedView.objects.get(Q(owner=by) | Q(shared=True), pk=view_id)
    if not may_remove(view, by):
        raise SavedView.DoesNotExist
    with transaction.atomic():
        _record("removed", view, by, now)
        view.delete()
    return view


def _store(verb: str, view: SavedView, by: User, now: datetime) -> None:
    # Of what was shared before, too: who may no longer share can take a view back, and change what only they see.
    if view.shared and not may_share(by):
        raise NotPossible(_("Sharing a view with everybody needs a right of its own. Ask an admin."))
    view.saved_at = now
    try:
        with transaction.atomic():
            view.save()
            _record(verb, view, by, now)
    except IntegrityError:
        # Which names are one, the database says: to ask before would miss what is saved at the same moment.
        words = _("You have a view of this list that is called “%(name)s” already. Take another name, or update it.")
        raise NotPossible(words % {"name": view.name}) from None


def _record(verb: str, view: SavedView, by: User, now: datetime) -> None:
    """Name and conditions may hold anybody's name, so they stand where they can be erased."""
    audit.record(
        f"paydesk.saved_view.{verb}",
        at=now,
        actor=by,
        target=f"view:{view.pk}",
        detail={"where": view.list, "shared": view.shared},
        personal={"view": view.name, "conditions": view.conditions},
    )


def _name(name: str) -> str:
    """In one line, without what cannot be seen and without keys that were pasted by mistake."""
    seen = "".join(sign if sign.isprintable() or sign in JOINERS else " " for sign in without_keys(name))
    name = " ".join(seen.split())
    if not name.strip(JOINERS + " "):
        raise NotPossible(_("Give the view a name."))
    if len(name) > LONGEST_NAME:
        words = _("The name has %(length)s characters; a view’s may have %(most)s.")
        raise NotPossible(words % {"length": f"{len(name):,}", "most": LONGEST_NAME})
    return name


def _conditions(conditions: str) -> str:
    if len(conditions) > LONGEST_CONDITIONS:
        raise NotPossible(_("These conditions are too long to be kept as a view."))
    return conditions

"""Views of lists that people keep under a name: private, or shared with everybody who may see the list."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from dashboard.models import SavedView
from dashboard.models.saved_view import LONGEST_NAME

MOST = 50  # of one person and list
LONGEST_CONDITIONS = 2000  # characters, as long as an address may well be


class NotPossible(Exception):
    """In the user's words."""


def views_for(person: User, list: str) -> QuerySet[SavedView]:
    """Their own, then those that others share, each by name. One query, with the owners."""
    seen = SavedView.objects.filter(Q(owner=person) | Q(shared=True), list=list).select_related("owner")
    return seen.annotate(others=~Q(owner=person)).order_by("others", "name", "pk")


def may_share(person: User) -> bool:
    return person.has_perm("paydesk_console.share_view")


def may_remove(view: SavedView, person: User) -> bool:
    return view.owner_id == person.pk or (view.shared and person.has_perm("paydesk_console.remove_shared_view"))


def save(list: str, name: str, conditions: str, *, shared: bool, by: User, now: datetime) -> tuple[SavedView, bool]:
    """The view, and whether it is new: one of the same name and owner takes the new conditions. Raises NotPossible."""
    name = _checked(name)
    if len(conditions) > LONGEST_CONDITIONS:
        raise NotPossible(_("These conditions are too long to be kept as a view."))
    if shared and not may_share(by):
        raise NotPossible(_("Sharing a view with everybody needs a right of its own. Ask an admin."))
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)  # of two saved at once under one name the second replaces
        mine = SavedView.objects.filter(list=list, owner=by)
        found = mine.filter(name__iexact=name).first()
        if found is None and mine.count() >= MOST:
            raise NotPossible(_("You have %(most)s views of this list. Remove one first.") % {"most": MOST})
        view = found or SavedView(list=list, owner=by)
        view.name, view.conditions, view.shared, view.saved_at = name, conditions, shared, now
        view.save()
    return view, found is None


def rename(view_id: int, name: str, *, shared: bool, by: User) -> SavedView:
    """Also whether it is shared. Raises NotPossible, and SavedView.DoesNotExist for what is not theirs."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)
        view = SavedView.objects.get(pk=view_id, owner=by)
        name = _checked(name)
        if shared and not view.shared and not may_share(by):
            raise NotPossible(_("Sharing a view with everybody needs a right of its own. Ask an admin."))
        if SavedView.objects.filter(list=view.list, owner=by, name__iexact=name).exclude(pk=view_id).exists():
            raise NotPossible(_("You have a view of this list that is called “%(name)s” already.") % {"name": name})
        view.name, view.shared = name, shared
        view.save(update_fields=["name", "shared"])
    return view


def remove(view_id: int, *, by: User) -> SavedView:
    """Raises SavedView.DoesNotExist for what they may not remove."""
    view = SavedView.objects.get(Q(owner=by) | Q(shared=True), pk=view_id)
    if not may_remove(view, by):
        raise SavedView.DoesNotExist
    SavedView.objects.filter(pk=view_id).delete()
    return view


def _checked(name: str) -> str:
    name = " ".join(name.replace("\x00", "").split())
    if not name:
        raise NotPossible(_("Give the view a name."))
    if len(name) > LONGEST_NAME:
        words = _("The name has %(length)s characters; a view’s may have %(most)s.")
        raise NotPossible(words % {"length": len(name), "most": LONGEST_NAME})
    return name

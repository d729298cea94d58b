"""Objects of customers who were erased: whatever Stripe still says of them, the tables learn nothing of the person."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from finances.expandable import id_of
from finances.mirror.impersonal import impersonal
from finances.mirror.states import UNWRITTEN, Fetched, State
from finances.models import ObjectState

Json = dict[str, Any]

HANGS_ON = ("customer", "charge", "payment_intent", "invoice", "source")
"""What an object may name that was erased: a refund knows its charge and no customer."""


def without_erased_persons(
    fetched: Mapping[str, Fetched], states: dict[str, State]
) -> tuple[dict[str, Fetched], dict[str, State]]:
    """Both by key. What is new and hangs on something erased is erased too. One query where something is new."""
    new = {each: it.data for each, it in fetched.items() if states[each].ticket == UNWRITTEN}
    since = _erased_since({owner for it in new.values() for owner in _owners(it)})
    theirs = {
        each: states[each]._replace(erased_at=min(since[owner] for owner in _owners(it) if owner in since))
        for each, it in new.items()
        if any(owner in since for owner in _owners(it))
    }
    states = states | theirs
    return {each: _without_person(it) if states[each].erased_at else it for each, it in fetched.items()}, states


def without_erased_persons_of(theirs: Mapping[str, Json], states: Mapping[str, ObjectState]) -> dict[str, Json]:
    """Of objects that are only looked at, by id. One query where some are not known here."""
    since = _erased_since({owner for each, it in theirs.items() if each not in states for owner in _owners(it)})

    def is_erased(object_id: str, it: Json) -> bool:
        state = states.get(object_id)
        return bool(state.erased_at) if state else any(owner in since for owner in _owners(it))

    return {each: impersonal(it) if is_erased(each, it) else it for each, it in theirs.items()}


def _without_person(it: Fetched) -> Fetched:
    return replace(it, data=impersonal(it.data), further_lines=tuple(map(impersonal, it.further_lines)))


def _owners(stripe_object: Json) -> list[str]:
    named = (stripe_object.get(name) for name in HANGS_ON)
    return [
        owner for value in named if isinstance(value, dict | str) and isinstance(owner := id_of(value), str) and owner
    ]


def _erased_since(object_ids: Iterable[str]) -> dict[str, Any]:
    ids = list(object_ids)
    if not ids:
        return {}
    erased = ObjectState.objects.filter(object_id__in=ids, erased_at__isnull=False)
    return dict(erased.values_list("object_id", "erased_at"))

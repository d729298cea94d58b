"""Foreign keys of rows that were written before what they point at."""

from datetime import datetime
from typing import Any

from django.db.models import ForeignKey, OuterRef, Q, Subquery, TextField, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce, NullIf

from finances.mirror.columns import links_of
from finances.mirror.tax_rates import NAMED_IN
from finances.mirror.types import TYPES
from finances.models import ObjectState
from finances.tickets import locked_in_order

type Place = dict[str, Any]

AT_ONCE = 500
"""Rows of one transaction."""


def pointing_at(target: str) -> list[str]:
    """The types of which the mirror writes objects before the `target` that they name, and links them when it is
    here."""
    return [
        name
        for name, entry in TYPES.items()
        if entry.model and any(_target(entry.model, each) is TYPES[target].model for each in entry.companions)
    ]


def link(type_name: str, target: str, place: Place, *, seen_since: datetime) -> Place | None:
    """Some hundred objects of a type, read since then, whose target was not here when they were written: those whose
    it is by now are linked to it. Within a transaction.

    `place`: {} to begin with; the answer is the next one, None where these were the last. In dj-stripe's rows alone:
    the read model knows ids, not keys. None of these types has ids that people choose, so a state's key is the id.
    """
    model: Any = TYPES[type_name].model
    here_of: Any = TYPES[target].model
    waiting = ObjectState.objects.filter(
        type=type_name, unlinked=True, deleted_at=None, created_at__isnull=False, seen_at__gte=seen_since
    )
    if place:
        at = datetime.fromisoformat(place["created"])
        waiting = waiting.filter(
            Q(created_at=at, object_id__gt=place["after"]) | Q(created_at__gt=at), created_at__gte=at
        )
    page = list(waiting.order_by("created_at", "object_id").values_list("created_at", "object_id")[:AT_ONCE])
    # Whoever writes one of them holds its row.
    states = locked_in_order(ObjectState.objects.filter(pk__in=[each for _, each in page], unlinked=True))
    ids = list(states.values_list("pk", flat=True))
    rows = model._base_manager.filter(id__in=ids)
    for name in TYPES[type_name].companions:
        if _target(model, name) is here_of:
            here = here_of._base_manager.filter(id=OuterRef("named")).values(_key(model, name))[:1]
            named = rows.filter(**{name: None}).annotate(named=_named(type_name, name))
            named.update(**{name: Subquery(here)})
    lacking = Q()
    for number, name in enumerate(links_of(model)):
        rows = rows.annotate(**{f"named_{number}": _named(type_name, name)})
        lacking |= Q(**{name: None, f"named_{number}__gt": ""})
    if rates := NAMED_IN.get(model):  # a key that may not read tax rates reads none of them
        lacking |= Q(**{rates: None, f"stripe_data__{rates}__0__isnull": False})
    still = set(rows.filter(lacking).values_list("id", flat=True))
    ObjectState.objects.filter(pk__in=[each for each in ids if each not in still]).update(unlinked=False)
    if len(page) < AT_ONCE:
        return None
    created, last = page[-1]
    return {"created": created.isoformat() if created else "", "after": last}


def _named(type_name: str, name: str) -> Coalesce:
    """The id that Stripe's JSON says; empty where it says none."""
    inside: KeyTransform | str = "stripe_data"
    if (type_name, name) == ("customer", "default_payment_method"):
        inside = KeyTransform("invoice_settings", "stripe_data")
    said = NullIf(KeyTextTransform(name, inside), Value("null"))  # as SQLite writes JSON's null as a text
    return Coalesce(said, Value(""), output_field=TextField())


def _target(model: Any, name: str) -> Any:
    field = model._meta.get_field(name)
    return field.related_model if isinstance(field, ForeignKey) else None


def _key(model: Any, name: str) -> str:
    return model._meta.get_field(name).target_field.attname

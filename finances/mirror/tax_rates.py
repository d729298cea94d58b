"""Which tax rates stand on an invoice and on a subscription's item: the rows between dj-stripe's tables.

These are all of its many-to-many fields that the mirror's types have. dj-stripe's own sync fills those of an item and
leaves those of an invoice empty; Stripe's answers name both in the same way, so both are written. Those of a
subscription itself stand in its JSON only.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from djstripe import models as djstripe

from finances.expandable import id_of

Json = dict[str, Any]

NAMED_IN: dict[Any, str] = {djstripe.Invoice: "default_tax_rates", djstripe.SubscriptionItem: "tax_rates"}
"""By dj-stripe's model, the field of it and of Stripe's JSON."""


def tax_rates_of(model: Any, it: Json) -> set[str]:
    """Their ids."""
    return {id_of(each) for each in it.get(NAMED_IN[model]) or ()}


def write_tax_rates(model: Any, stripe_objects: Sequence[Json], before: Mapping[str, Json]) -> set[str]:
    """Each of these rows that is here has the tax rates that its JSON names, and no others. The ids of those that name
    one that is not here.

    `before`: by id, what some of the rows held until now, empty for one that was not there. What named no tax rate and
    names none costs nothing; a page that names some, five statements at most.
    """
    if model not in NAMED_IN:
        return set()
    wanted = {it["id"]: tax_rates_of(model, it) for it in stripe_objects}
    looked_at = [each for each, rates in wanted.items() if rates or _may_have_some(model, each, before)]
    if not looked_at:
        return set()
    rates = dict(_keys(djstripe.TaxRate, set().union(*wanted.values())))
    named = {(each, rates[rate]) for each in looked_at for rate in wanted[each] if rate in rates}
    rows = getattr(model, NAMED_IN[model]).through._base_manager
    owner = model._meta.model_name
    standing = {
        (owner_id, rate): pk
        for pk, owner_id, rate in rows.filter(**{f"{owner}__id__in": looked_at}).values_list(
            "pk", f"{owner}__id", "taxrate_id"
        )
    }
    if surplus := [pk for pair, pk in standing.items() if pair not in named]:
        rows.filter(pk__in=surplus).delete()
    if lacking := sorted(named - standing.keys()):
        owners = dict(_keys(model, {each for each, _ in lacking}))
        rows.bulk_create(
            rows.model(**{f"{owner}_id": owners[each], "taxrate_id": rate}) for each, rate in lacking if each in owners
        )
    return {each for each in looked_at if wanted[each] - rates.keys()}


def _may_have_some(model: Any, object_id: str, before: Mapping[str, Json]) -> bool:
    return object_id not in before or bool(tax_rates_of(model, before[object_id]))


def _keys(model: Any, ids: Iterable[str]) -> Iterable[tuple[str, Any]]:
    ids = set(ids)
    return model._base_manager.filter(id__in=ids).values_list("id", "pk") if ids else ()

"""The read model anew from dj-stripe's tables, or what it would change."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.db import models, transaction
from djstripe.models.base import StripeModel

from finances.mirror.projections import Projected, subscription_item, subscription_items
from finances.mirror.rows import upsert
from finances.mirror.types import TYPES
from finances.models import ObjectState, SubscriptionItem

Json = dict[str, Any]
type Project = Callable[[Json], Projected]
BATCH = 500


class Drift(NamedTuple):
    """A read-model row that is not what dj-stripe's row says; `fields` is empty for one that is missing or too many."""

    model: str
    id: str
    fields: list[str]


def rebuild(*, check_only: bool = False) -> Iterator[Drift]:
    """Compare every row; unless `check_only`, put right what differs, a batch of 500 a transaction.

    Drifts come after their batch was committed: whoever reads them slowly holds no lock.
    """
    for entry in TYPES.values():
        if not (entry.project and entry.model):
            continue
        last = ""
        while ids := list(
            entry.model._base_manager.filter(id__gt=last).order_by("id").values_list("id", flat=True)[:BATCH]
        ):
            yield from _batch(entry.model, entry.project, ids, check_only)
            last = ids[-1]
        read_model = type(entry.project({"id": ""}))
        yield from _remove(read_model._base_manager.exclude(id__in=entry.model._base_manager.values("id")), check_only)


def _batch(model: type[StripeModel], project: Project, ids: list[str], check_only: bool) -> list[Drift]:
    with transaction.atomic():
        if not check_only:
            # As every writer does first: none may write between our reading of dj-stripe's rows and our writing.
            list(ObjectState.objects.select_for_update().filter(object_id__in=ids).order_by("object_id"))
        rows = model._base_manager.filter(id__in=ids).values("id", "stripe_data", "djstripe_owner_account_id")
        wanted: list[Any] = []
        parts: list[Any] = []
        for row in rows:
            row_and_parts = [project(row["stripe_data"]), *_parts(row["stripe_data"])]
            for each in row_and_parts:
                each.account_id = row["djstripe_owner_account_id"] or ""
            wanted.append(row_and_parts[0])
            parts += row_and_parts[1:]
        drifts = _settle(wanted, check_only) + _settle(parts, check_only)
        if parts:
            surplus = SubscriptionItem.objects.filter(subscription_id__in=ids).exclude(id__in=[it.id for it in parts])
            drifts += _remove(surplus, check_only)
    return drifts


def _parts(stripe_object: Json) -> list[SubscriptionItem]:
    if stripe_object.get("object") != "subscription":
        return []
    return [subscription_item(item, stripe_object) for item in subscription_items(stripe_object)]


def _settle(wanted: list[Any], check_only: bool) -> list[Drift]:
    if not wanted:
        return []
    model = type(wanted[0])
    ids = [row.pk for row in wanted]
    present = model._base_manager.in_bulk(ids)
    tombstones = dict(
        ObjectState.objects.filter(object_id__in=ids, deleted_at__isnull=False).values_list("object_id", "deleted_at")
    )
    wrong, drifts = [], []
    for row in wanted:
        row.deleted_at = tombstones.get(row.pk)
        stored = present.get(row.pk)
        if stored and row.deleted_at and not row.created_at.timestamp():
            row.created_at = stored.created_at  # a stub does not say when it was made
        fields = [
            field.attname
            for field in model._meta.concrete_fields
            if stored is None or _as_stored(field, row) != _as_stored(field, stored)
        ]
        if fields:
            wrong.append(row)
            drifts.append(Drift(model.__name__, row.pk, fields if stored else []))
    if not check_only:
        upsert(wrong)
    return drifts


def _remove(orphans: models.QuerySet, check_only: bool) -> list[Drift]:
    """Rows that dj-stripe's tables know nothing of."""
    drifts = [Drift(orphans.model.__name__, orphan_id, []) for orphan_id in orphans.values_list("id", flat=True)]
    if not check_only and drifts:
        orphans.delete()
    return drifts


def _as_stored(field: models.Field, row: models.Model) -> Any:
    """The value as the database would hold it: decimals at the column's scale."""
    value = getattr(row, field.attname)
    if isinstance(field, models.DecimalField) and value is not None:
        return round(value, field.decimal_places)
    return value

"""The read model anew from dj-stripe's tables, or what it would change."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db import models, transaction

from finances.mirror.projections import subscription_item, subscription_items
from finances.mirror.rows import upsert
from finances.mirror.types import TYPES
from finances.models import ObjectState

Json = dict[str, Any]
BATCH = 500


class Drift(NamedTuple):
    """A read-model row that is not what dj-stripe's row says; `fields` is empty for one that is missing or too many."""

    model: str
    id: str
    fields: list[str]


def rebuild(*, check_only: bool = False) -> Iterator[Drift]:
    """Compare every row; unless `check_only`, put right what differs, a batch of 500 a transaction."""
    for entry in TYPES.values():
        if not (entry.project and entry.model):
            continue
        read_model: type[models.Model] | None = None
        rows = entry.model._base_manager.order_by("id")
        last = ""
        while batch := list(rows.filter(id__gt=last).values("id", "stripe_data", "djstripe_owner_account_id")[:BATCH]):
            last = batch[-1]["id"]
            projected = [_projected(entry.project, row) for row in batch]
            read_model = type(projected[0])
            yield from _settle(projected, check_only)
            parts = [part for row in batch for part in _parts(row)]
            yield from _settle(parts, check_only)
        if read_model:  # what dj-stripe no longer has
            known = entry.model._base_manager.values("id")
            for orphan in read_model._base_manager.exclude(id__in=known):
                yield Drift(read_model.__name__, orphan.pk, [])
                if not check_only:
                    orphan.delete()


def _projected(project: Any, row: Json) -> models.Model:
    projected = project(row["stripe_data"])
    projected.account_id = row["djstripe_owner_account_id"] or ""
    return projected


def _parts(row: Json) -> Iterable[models.Model]:
    if row["stripe_data"].get("object") == "subscription":
        for item in subscription_items(row["stripe_data"]):
            part = subscription_item(item, row["stripe_data"])
            part.account_id = row["djstripe_owner_account_id"] or ""
            yield part


def _settle(wanted: list[models.Model], check_only: bool) -> Iterator[Drift]:
    if not wanted:
        return
    model = type(wanted[0])
    with transaction.atomic():
        present = {row.pk: row for row in model._base_manager.filter(pk__in=[row.pk for row in wanted])}
        tombstones = dict(
            ObjectState.objects.filter(object_id__in=[row.pk for row in wanted], deleted_at__isnull=False).values_list(
                "object_id", "deleted_at"
            )
        )
        wrong = []
        for row in wanted:
            row.deleted_at = tombstones.get(row.pk)  # type: ignore[attr-defined]
            if row.deleted_at and row.pk in present and not row.created_at.timestamp():  # type: ignore[attr-defined]
                row.created_at = present[row.pk].created_at  # type: ignore[attr-defined]
            fields = [
                field.attname
                for field in model._meta.concrete_fields
                if row.pk not in present or _stored(field, row) != _stored(field, present[row.pk])
            ]
            if fields:
                wrong.append(row)
                yield Drift(model.__name__, row.pk, fields if row.pk in present else [])
        if not check_only:
            upsert(wrong)


def _stored(field: models.Field, row: models.Model) -> Any:
    """The value as the database would hold it: decimals at the column's scale."""
    value = getattr(row, field.attname)
    if isinstance(field, models.DecimalField) and value is not None:
        return round(value, field.decimal_places)
    return value

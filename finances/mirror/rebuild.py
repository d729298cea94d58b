"""The read model anew from dj-stripe's tables, or what it would change."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db import models, transaction

from finances.mirror.held import rows_of
from finances.mirror.neighbours import value_items
from finances.mirror.parts import has_parts, lines_beyond, parts_of, surplus
from finances.mirror.rows import project_all, upsert
from finances.mirror.types import TYPES
from finances.models import Discount, InvoiceLine, ObjectState, SubscriptionItem

Json = dict[str, Any]
BATCH = 500


class Drift(NamedTuple):
    """A read-model row that is not what dj-stripe's row says; `fields` is empty for one that is missing or too many.

    `of`: the object whose JSON says so. `there`: it has a row. `values`: by field, what that holds and what it should.
    """

    model: str
    id: str
    fields: list[str]
    of: str
    there: bool
    values: dict[str, tuple[Any, Any]]


def rebuild(*, check_only: bool = False) -> Iterator[Drift]:
    """Compare every row; unless `check_only`, put right what differs, a batch of 500 a transaction.

    Drifts come after their batch was committed: whoever reads them slowly holds no lock.
    """
    for type_name, entry in TYPES.items():
        if not entry.project:
            continue
        last = ""
        while ids := list(rows_of(type_name).filter(id__gt=last).order_by("id").values_list("id", flat=True)[:BATCH]):
            yield from _batch(type_name, ids, check_only)
            last = ids[-1]
        read_model = type(entry.project({"id": ""}))
        yield from _remove(read_model._base_manager.exclude(id__in=rows_of(type_name).values("id")), check_only)


def drifts_of(type_name: str, ids: Iterable[str]) -> list[Drift]:
    """Of a few objects, nothing is changed. A dozen queries at most, however many they are."""
    ids = sorted(ids)
    return _batch(type_name, ids, check_only=True) if ids and TYPES[type_name].project else []


def _batch(type_name: str, ids: list[str], check_only: bool) -> list[Drift]:
    with transaction.atomic():
        rows = rows_of(type_name).filter(id__in=ids)
        if not check_only:
            # As every writer does first: none may write between our reading of the JSON and our writing.
            owners = _owners(type_name, rows)
            list(ObjectState.objects.select_for_update().filter(object_id__in=[*ids, *owners]).order_by("object_id"))
        owner = "account_id" if TYPES[type_name].model is None else "djstripe_owner_account_id"
        wanted: list[Any] = []
        parts: list[Any] = []
        by_owner: dict[str, list[Json]] = {}
        for row in rows.order_by("id").values("id", "stripe_data", owner):
            by_owner.setdefault(row[owner] or "", []).append(row["stripe_data"])
        for account_id, stripe_objects in by_owner.items():
            projected, of_parts = project_all(type_name, stripe_objects, account_id)
            wanted += projected
            if has_parts(type_name):
                further = lines_beyond(stripe_objects) if type_name == "invoice" else {}
                theirs = [part for it in stripe_objects for _, part in parts_of(it, further.get(it["id"], []))]
                for part in theirs:
                    part.account_id = account_id
                value_items(theirs, of_parts)
                parts += theirs
        drifts = _settle(wanted, check_only)
        for model in {type(part) for part in parts}:
            drifts += _settle([part for part in parts if type(part) is model], check_only)
        everything = [it for stripe_objects in by_owner.values() for it in stripe_objects]
        for gone in surplus(type_name, everything, parts):
            drifts += _remove(gone, check_only)
    return drifts


def _owners(type_name: str, rows: models.QuerySet) -> list[str]:
    """The customers on whose discount the value of these subscriptions depends."""
    return (
        [owner for owner in rows.values_list("customer_id", flat=True) if owner] if type_name == "subscription" else []
    )


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
            values = {name: (getattr(stored, name), getattr(row, name)) for name in fields} if stored else {}
            drifts.append(Drift(model.__name__, row.pk, list(values), _whose(row), stored is not None, values))
    if not check_only:
        upsert(wrong)
    return drifts


def _remove(orphans: models.QuerySet, check_only: bool) -> list[Drift]:
    """Rows that dj-stripe's tables know nothing of."""
    drifts = [Drift(orphans.model.__name__, row.pk, [], _whose(row), there=True, values={}) for row in orphans]
    if not check_only and drifts:
        orphans.delete()
    return drifts


def _whose(row: models.Model) -> str:
    """The object that a part hangs on, of everything else its own id."""
    match row:
        case SubscriptionItem():
            return row.subscription_id
        case InvoiceLine():
            return row.invoice_id
        case Discount():
            return row.subscription_id or row.customer_id
    return row.pk


def _as_stored(field: models.Field, row: models.Model) -> Any:
    """The value as the database would hold it: decimals at the column's scale."""
    value = getattr(row, field.attname)
    if isinstance(field, models.DecimalField) and value is not None:
        return round(value, field.decimal_places)
    return value

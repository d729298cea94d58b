"""What is written into dj-stripe's tables, our read model and `StripeObject`: a statement a table, sorted by id."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import models
from django.utils import timezone
from djstripe import models as djstripe
from djstripe.models.base import StripeModel

from finances.expandable import id_of
from finances.mirror.columns import Columns
from finances.mirror.neighbours import (
    COMPLETED_BY,
    GAPS_OF,
    Values,
    discounts_of_customers,
    owners_of,
    tell_owners,
    value_again,
    value_items,
    value_what_lacked,
)
from finances.mirror.parts import DJSTRIPE_PARTS, has_parts, parts_of, same_lines, surplus
from finances.mirror.projections.subscriptions import subscription_items
from finances.mirror.states import Fetched
from finances.mirror.table import JsonText, sent_ahead, table
from finances.mirror.tax_rates import NAMED_IN, write_tax_rates
from finances.mirror.types import TYPES
from finances.models import StripeObject, SubscriptionItem, state_key

Json = dict[str, Any]

# What the application owns in dj-stripe's rows, and what a first write sets once.
KEPT = frozenset({"djstripe_created", "subscriber_id", "date_purged"})


def upsert(rows: Iterable[models.Model]) -> None:
    """Read-model rows of one model."""
    if listed := list(rows):
        into = table(type(listed[0]))
        into.upsert(map(into.values, listed))


def write_djstripe_rows(
    model: type[StripeModel],
    stripe_objects: Sequence[tuple[Json, Json | JsonText]],
    owner_id: str | None,
    before: Mapping[str, Json] = MappingProxyType({}),
) -> set[str]:
    """dj-stripe's rows of one model, of objects with what is stored of them, and their tax rates. A foreign key whose
    object is not here stays empty: the ids of those that have one, or name such a tax rate. `before`: as
    `tax_rates.write_tax_rates` takes it."""
    columns = [Columns(model, stripe_object, stored) for stripe_object, stored in stripe_objects]
    targets = _existing_targets(model, columns)
    into = table(model)
    rows, unlinked = [], set()
    for column in columns:
        values = column.values
        values["djstripe_owner_account_id"] = owner_id
        for name, target_id in column.links.items():
            field = model._meta.get_field(name)
            value = targets[field.related_model].get(target_id, {}).get(field.target_field.attname)
            values[field.attname] = value
            if value is None:
                unlinked.add(values["id"])
        rows.append(into.row(**values))
    into.upsert(rows, kept=KEPT)
    return unlinked | write_tax_rates(model, [it for it, _ in stripe_objects], before)


def _existing_targets(model: type[StripeModel], columns: list[Columns]) -> dict[Any, dict[str, Json]]:
    """By model: Stripe id -> both keys of the row, since some of dj-stripe's foreign keys point at the integer one."""
    wanted: dict[Any, set[str]] = {}
    for column in columns:
        for name, target_id in column.links.items():
            wanted.setdefault(model._meta.get_field(name).related_model, set()).add(target_id)
    return {
        target: {row["id"]: row for row in target._base_manager.filter(id__in=ids).values("id", "djstripe_id")}
        for target, ids in wanted.items()
    }


def link_what_came_later(type_name: str, stripe_objects: list[Json]) -> set[str]:
    """Foreign keys and tax rates of unchanged objects whose target was not here when they were written, and is now.

    A payment method that came after its charge; or two writers, each with one of a pair that points at each other.
    The ids of those that still lack one.
    """
    model = TYPES[type_name].model
    if model is None or not stripe_objects:
        return set()
    by_id = {it["id"]: it for it in stripe_objects}
    columns = {object_id: Columns(model, it, it) for object_id, it in by_id.items()}
    targets = _existing_targets(model, list(columns.values()))
    keys = sorted({name for column in columns.values() for name in column.links})
    linked, unlinked = [], set()
    for row in model._base_manager.filter(id__in=by_id).only("id", *keys):
        for name, target_id in columns[row.id].links.items():
            field: Any = model._meta.get_field(name)
            target = targets[field.related_model].get(target_id)
            if target is None:
                unlinked.add(row.id)
            elif getattr(row, field.attname) is None:
                setattr(row, field.attname, target[field.target_field.attname])
                linked.append(row)
    if linked:
        model._base_manager.bulk_update(linked, keys)
    if type_name == "subscription":
        return unlinked | _tax_rates_of_items(stripe_objects)
    return unlinked | write_tax_rates(model, list(by_id.values()), {})


def _tax_rates_of_items(subscriptions: list[Json]) -> set[str]:
    """The subscriptions of which an item still lacks one."""
    owner_of = {item["id"]: it["id"] for it in subscriptions for item in subscription_items(it)}
    items = [item for it in subscriptions for item in subscription_items(it)]
    return {owner_of[each] for each in write_tax_rates(djstripe.SubscriptionItem, items, {})}


def write_type(
    type_name: str, batch: list[Fetched], owner_id: str | None, before: dict[str, Json], unlinked: set[str]
) -> None:
    """Everything that the tables hold of these objects of one type, parts included. `before`: by key, what is known
    to stand there of some of them, empty for one that was never written. `unlinked`: gets the keys of those that name
    something that is not here, and loses those for whom it came with these."""
    stripe_objects = [fetched.data for fetched in batch]
    ids = [fetched.id for fetched in batch]
    discounts_before = discounts_of_customers(ids) if type_name == "customer" else {}
    with sent_ahead():
        unlinked |= {state_key(type_name, each) for each in write_objects(type_name, batch, owner_id, before)}
        rows, of_parts = project_all(type_name, stripe_objects, owner_id)
        upsert(rows)
        if has_parts(type_name):
            others = [it for it in batch if not _same_parts(it, before)]
            lacking = _write_parts(type_name, others, owner_id, of_parts, before)
            unlinked |= {state_key(type_name, each) for each in lacking}
    if type_name == "customer":
        value_again(ids, discounts_before)
    if type_name in GAPS_OF:
        value_what_lacked(type_name, ids)
    tell_owners(type_name, owners_of(type_name, stripe_objects))
    if type_name == "payment_method":
        unlinked -= _link_default_methods(stripe_objects)


def write_objects(
    type_name: str, batch: list[Fetched], owner_id: str | None, before: Mapping[str, Json] = MappingProxyType({})
) -> set[str]:
    """Where Stripe's JSON is kept. The ids of those that name something that is not here. `before`: as of
    `write_type`."""
    if model := TYPES[type_name].model:
        stored = [(it.data, it.text) for it in batch]
        known = {it.id: before[it.key] for it in batch if it.key in before} if model in NAMED_IN else {}
        return write_djstripe_rows(model, stored, None if type_name == "account" else owner_id, known)
    into = table(StripeObject)
    into.upsert(
        into.row(
            id=it.id,
            type=type_name,
            livemode=bool(it.data.get("livemode")),
            account_id=owner_id or "",
            customer_id=id_of(it.data.get("customer")),
            stripe_data=it.text,
        )
        for it in batch
    )
    return set()


def _same_parts(fetched: Fetched, before: dict[str, Json]) -> bool:
    """The lines of an invoice hardly ever change after its draft. An item's value depends on more than itself."""
    earlier = before.get(fetched.key)
    return earlier is not None and not fetched.further_lines and same_lines(earlier, fetched.data)


def project_all(type_name: str, stripe_objects: list[Json], owner_id: str | None) -> tuple[list[Any], Values]:
    """Read-model rows of objects of one type, with what only their neighbours know; the same of their parts."""
    project = TYPES[type_name].project
    if project is None:
        return [], {}
    rows = [project(it) for it in stripe_objects]
    for row in rows:
        row.account_id = owner_id or ""
    complete = COMPLETED_BY.get(type_name)
    return rows, complete(list(zip(stripe_objects, rows, strict=True))) if complete else {}


def _write_parts(
    type_name: str, batch: list[Fetched], owner_id: str | None, of_parts: Values, before: dict[str, Json]
) -> set[str]:
    """The ids of the subscriptions of which an item names a tax rate that is not here."""
    lacking: set[str] = set()
    # A line can stand in two answers of one page; dj-stripe's rows and ours are written once each.
    parts = {row.id: (part, row) for it in batch for part, row in parts_of(it.data, it.further_lines)}
    value_items((row for _, row in parts.values()), of_parts)
    by_model: dict[type, list[tuple[Json | None, Any]]] = {}
    for part, row in parts.values():
        row.account_id = owner_id or ""
        by_model.setdefault(type(row), []).append((part, row))
    for model, pairs in by_model.items():
        if djstripe_model := DJSTRIPE_PARTS.get(model):
            stored = [(part, part) for part, _ in pairs if part]
            known = _items_before(batch, before) if model is SubscriptionItem else {}
            unlinked = write_djstripe_rows(djstripe_model, stored, owner_id, known)
            if model is SubscriptionItem:
                lacking |= {row.subscription_id for _, row in pairs if row.id in unlinked}
        upsert(row for _, row in pairs)
    for gone in surplus(type_name, [it.data for it in batch], [row for _, row in parts.values()]):
        ids = list(gone.values_list("id", flat=True))
        gone.model._base_manager.filter(id__in=ids).delete()
        if djstripe_model := DJSTRIPE_PARTS.get(gone.model):
            djstripe_model._base_manager.filter(id__in=ids).delete()
    return lacking


def _items_before(batch: list[Fetched], before: dict[str, Json]) -> dict[str, Json]:
    """By id, the items of these subscriptions as they stood, empty for those that were not there. Of a subscription
    that was never written nothing is known: dj-stripe's own sync writes the tax rates of items."""
    known: dict[str, Json] = {}
    for it in batch:
        earlier = before.get(it.key)
        if earlier and not (earlier.get("items") or {}).get("has_more"):
            stood = {item["id"]: item for item in subscription_items(earlier)}
            known |= {item["id"]: stood.get(item["id"], {}) for item in subscription_items(it.data)}
    return known


def _link_default_methods(methods: list[Json]) -> set[str]:
    """A customer that was here before its default method gets the link now; the two point at each other. Their ids."""
    ids = [it["id"] for it in methods]
    waiting = djstripe.Customer.objects.filter(
        id__in={id_of(it.get("customer")) for it in methods}, default_payment_method=None
    ).order_by("id")  # as whoever writes a page of customers, so that neither waits for the other in a circle
    linked = set()
    for customer_id, data in waiting.values_list("id", "stripe_data"):
        default = id_of((data.get("invoice_settings") or {}).get("default_payment_method"))
        if default in ids:
            djstripe.Customer.objects.filter(id=customer_id, default_payment_method=None).update(
                default_payment_method_id=default
            )
            linked.add(customer_id)
    return linked


def mark_deleted(type_name: str, gone: list[Fetched], owner_id: str | None, since: dict[str, datetime | None]) -> None:
    """Stripe says that these are gone: what was known of them stays readable, marked. `since`: of older tombstones.

    A customer or product that was never seen alive gets a row from its stub, since what is left of it points there.
    A balance transaction gets none: its amount cannot be empty, and what names it is written without it.
    """
    entry = TYPES[type_name]
    owners = owners_of(type_name, [fetched.data for fetched in gone])
    for fetched in gone:
        stub_has_a_row = bool(fetched.data.get("object")) and not entry.parents and _is_enough(entry.model, fetched)
        keeper: Any = entry.model or StripeObject
        here = keeper._base_manager.filter(id=fetched.id)
        if row := here.first():
            # By update: what is saved sends a signal, by which others tell us what we would be telling ourselves.
            touched: Json = {"djstripe_updated": timezone.now()} if entry.model else {}
            here.update(stripe_data={**row.stripe_data, "deleted": True}, **touched)
        elif entry.model and stub_has_a_row:
            write_djstripe_rows(entry.model, [(fetched.data, fetched.text)], owner_id)
        if entry.project:
            sketch: Any = entry.project(fetched.data)
            deleted_at = since[fetched.id] or fetched.seen_at
            marked = type(sketch)._base_manager.filter(id=fetched.id).update(deleted_at=deleted_at)
            if not marked and stub_has_a_row:
                sketch.account_id = owner_id or ""
                sketch.deleted_at = deleted_at
                if "created" not in fetched.data:  # a stub does not say when it was made
                    sketch.created_at = deleted_at
                if complete := COMPLETED_BY.get(type_name):
                    complete([(fetched.data, sketch)])
                sketch.save(force_insert=True)
    tell_owners(type_name, owners)


def _is_enough(model: type[StripeModel] | None, stub: Fetched) -> bool:
    return model is not None and not Columns(model, stub.data, stub.text).missing(model)

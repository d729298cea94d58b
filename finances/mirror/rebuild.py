"""The read model anew from dj-stripe's tables, or what it would change."""

import multiprocessing
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import batched, chain
from typing import Any, NamedTuple

import django
from django.db import connections, models, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Cast

from finances.mirror.canonical import read_json
from finances.mirror.held import rows_of
from finances.mirror.neighbours import OWNER_OF, order_dating, tell_owners, value_items, with_something_unpaid
from finances.mirror.parts import has_parts, lines_beyond, parts_of, surplus
from finances.mirror.projections.subscriptions import UNPAID
from finances.mirror.rows import project_all, upsert
from finances.mirror.table import Table, table
from finances.mirror.types import TYPES
from finances.models import Discount, InvoiceLine, ObjectState, Subscription, SubscriptionItem, state_key

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


class _Span(NamedTuple):
    """Objects of a type by their ids, both ends included."""

    type_name: str
    first: str
    last: str
    check_only: bool


def rebuild(*, check_only: bool = False, processes: int = 1) -> Iterator[Drift]:
    """Compare every row; unless `check_only`, put right what differs, a batch of 500 a transaction.

    Drifts come after their batch was committed: whoever reads them slowly holds no lock. `processes`: so many share the
    batches of a type, each with a connection of its own; with one it is done here.
    """
    types = [name for name, entry in TYPES.items() if entry.project]
    if processes == 1:
        for type_name in types:
            yield from chain.from_iterable(map(_rebuild_span, _spans(type_name, check_only)))
            yield from _without_source(type_name, check_only)
        yield from _what_is_unpaid(check_only)
        return
    connections.close_all()  # no child may share one
    with multiprocessing.get_context("spawn").Pool(processes, initializer=django.setup) as pool:
        for type_name in types:  # one after the other: some columns stand in rows of an earlier type
            # A list: the pool would go through a generator in a thread of its own, whose connection nobody closes.
            spans = list(_spans(type_name, check_only))
            yield from chain.from_iterable(pool.imap_unordered(_rebuild_span, spans))
            yield from _without_source(type_name, check_only)
    yield from _what_is_unpaid(check_only)


def _spans(type_name: str, check_only: bool) -> Iterator[_Span]:
    last = ""
    while ids := list(rows_of(type_name).filter(id__gt=last).order_by("id").values_list("id", flat=True)[: BATCH * 20]):
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            yield _Span(type_name, batch[0], batch[-1], check_only)
        last = ids[-1]


def _rebuild_span(span: _Span) -> list[Drift]:
    rows = rows_of(span.type_name).filter(id__gte=span.first, id__lte=span.last)
    # Five hundred invoices have nearly as many customers: two processes would always wait for each other.
    return _batch(span.type_name, rows, span.check_only, with_owners=span.type_name != "invoice")


def _what_is_unpaid(check_only: bool) -> Iterator[Drift]:
    """Once more, when their invoices are right."""
    unpaid = Subscription.objects.filter(status=UNPAID).order_by("id").values_list("id", flat=True)
    for ids in [] if check_only else batched(list(unpaid), BATCH, strict=False):
        yield from put_right("subscription", ids)


def _without_source(type_name: str, check_only: bool, *, among: Iterable[str] | None = None) -> list[Drift]:
    project = TYPES[type_name].project
    if project is None:
        return []
    read_model = type(project({"id": ""}))
    # NOT IN would be asked row by row once the ids are more than PostgreSQL's working memory holds.
    source = rows_of(type_name).filter(id=OuterRef("id"))
    # What Stripe said is gone stays readable, also where dj-stripe's handler of that event took its own row away.
    rows = read_model._base_manager.filter(~Exists(source), deleted_at=None)
    if among is not None:
        rows = rows.filter(id__in=list(among))
    if check_only:
        return _remove(rows, check_only)
    with transaction.atomic():
        owners = _held_by_rows(type_name, rows)
        _hold(owners)
        drifts = _remove(rows, check_only)
        tell_owners(type_name, owners)
    return drifts


def drifts_of(type_name: str, ids: Iterable[str]) -> list[Drift]:
    """Of a few objects, nothing is changed. A dozen queries at most, however many they are."""
    ids = sorted(ids)
    if not ids or not TYPES[type_name].project:
        return []
    return _batch(type_name, rows_of(type_name).filter(id__in=ids), check_only=True)


def put_right(type_name: str, ids: Iterable[str]) -> list[Drift]:
    """What the read model should say of a few objects, it says; of those that dj-stripe has no row of, nothing."""
    ids = sorted(ids)
    drifts = _batch(type_name, rows_of(type_name).filter(id__in=ids), check_only=False)
    return drifts + _without_source(type_name, check_only=False, among=ids)


def _batch(type_name: str, rows: models.QuerySet, check_only: bool, *, with_owners: bool = True) -> list[Drift]:
    with transaction.atomic():
        owners: set[str] = set()
        if not check_only:
            # As every writer does first: none may write between our reading of the JSON and our writing.
            owners = _held_by(type_name, rows) if with_owners else set()
            _hold({*(state_key(type_name, each) for each in rows.values_list("id", flat=True)), *owners})
        owner = "account_id" if TYPES[type_name].model is None else "djstripe_owner_account_id"
        wanted: list[Any] = []
        parts: list[Any] = []
        by_owner: dict[str, list[Json]] = {}
        if not check_only:
            # What dj-stripe alone has written has no state yet, and whoever reads it first makes one beside us.
            rows = rows.select_for_update(no_key=True)
        as_text = rows.order_by("id").annotate(text=Cast("stripe_data", models.TextField()))
        for account_id, text in as_text.values_list(owner, "text"):
            by_owner.setdefault(account_id or "", []).append(read_json(text))
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
        drifts = _settle(wanted, check_only, tombstones=_tombstones(type_name, (row.pk for row in wanted)))
        for model in dict.fromkeys(type(part) for part in parts):
            drifts += _settle([part for part in parts if type(part) is model], check_only, tombstones={})
        everything = [it for stripe_objects in by_owner.values() for it in stripe_objects]
        for gone in surplus(type_name, everything, parts):
            drifts += _remove(gone, check_only)
        if owners:
            tell_owners(type_name, owners)
    return drifts


def owners_to_hold(type_name: str, ids: Iterable[str]) -> set[str]:
    """The customers or payments with which these have columns in common, by dj-stripe's rows and by the read model's,
    which may be all that is left; of most types none. As `neighbours.owners_to_hold`."""
    if type_name not in OWNER_OF:
        return set()
    ids = list(ids)
    there = OWNER_OF[type_name][1]._base_manager.filter(pk__in=ids)
    return _held_by(type_name, rows_of(type_name).filter(id__in=ids)) | _held_by_rows(type_name, there)


def _held_by(type_name: str, rows: models.QuerySet) -> set[str]:
    if type_name not in OWNER_OF:
        return set()
    return _to_hold(type_name, rows, f"{OWNER_OF[type_name][0]}__id", "stripe_data__status")


def _held_by_rows(type_name: str, rows: models.QuerySet) -> set[str]:
    """By rows of the read model."""
    return _to_hold(type_name, rows, OWNER_OF[type_name][2], "status") if type_name in OWNER_OF else set()


def _to_hold(type_name: str, rows: models.QuerySet, column: str, status: str) -> set[str]:
    is_unpaid = type_name == "subscription" and rows.filter(**{status: UNPAID}).exists()
    if is_unpaid or type_name == "invoice":
        order_dating(alone=is_unpaid)
    owners = {owner for owner in rows.values_list(column, flat=True) if owner}
    return with_something_unpaid(owners) if type_name == "invoice" else owners


def _hold(keys: Iterable[str]) -> None:
    """Until the transaction ends: the state rows that there are, in the order in which everybody takes them."""
    states = ObjectState.objects.select_for_update().filter(object_id__in=set(keys)).order_by("object_id")
    list(states.values_list("pk", flat=True))


def _tombstones(type_name: str, ids: Iterable[str]) -> dict[str, datetime]:
    """By id."""
    ids = {state_key(type_name, each): each for each in ids}
    gone = ObjectState.objects.filter(object_id__in=list(ids), deleted_at__isnull=False)
    return {ids[key]: at for key, at in gone.values_list("object_id", "deleted_at") if at}


def _settle(wanted: list[Any], check_only: bool, *, tombstones: dict[str, datetime]) -> list[Drift]:
    """Rows of one model beside those that stand there: whole rows are compared, and fields only where they differ."""
    if not wanted:
        return []
    model = type(wanted[0])
    of_model = table(model)
    columns = model._base_manager.filter(pk__in=[row.pk for row in wanted]).values_list(*of_model.names)
    present = {stored[of_model.key]: stored for stored in columns}
    wrong, drifts = [], []
    for row in wanted:
        row.deleted_at = tombstones.get(row.pk)
        stored = present.get(row.pk)
        if stored and row.deleted_at and not row.created_at.timestamp():
            # A stub does not say when it was made.
            row.created_at = stored[of_model.names.index("created_at")]
        now = of_model.as_stored(row)
        if now == stored:
            continue
        wrong.append(row)
        values = _differing(of_model, stored, now) if stored else {}
        drifts.append(Drift(model.__name__, row.pk, list(values), _whose(row), stored is not None, values))
    if not check_only:
        upsert(wrong)
    return drifts


def _differing(of_model: Table, stored: tuple[Any, ...], now: tuple[Any, ...]) -> dict[str, tuple[Any, Any]]:
    both = zip(of_model.names, stored, now, strict=True)
    return {name: (before, after) for name, before, after in both if before != after}


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

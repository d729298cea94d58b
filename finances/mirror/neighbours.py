"""Columns of a read-model row that its own JSON does not hold: they stand in other rows.

Most of those are written before it. What a customer's subscriptions come to, since when one of them is unpaid, how many
charges a payment has and what became of the last, stand in rows that are written after it: whoever writes those holds
the state row of the customer, as writers of subscriptions do, or that of the payment too, and writes the columns again.
So neither reads what the other is about to replace, whichever comes first.

Writers of invoices hold the customers of whom something is unpaid, and no others: the invoices of a month name the same
customers in each of its pages, and two writers would only wait for each other.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet
from djstripe import models as djstripe

from finances.expandable import id_of
from finances.metrics.lasting_discounts import held_discounts
from finances.metrics.monthly_value import monthly_value
from finances.mirror.projections.subscriptions import UNPAID, paying_time, subscription_items
from finances.mirror.unpaid import unpaid_since
from finances.models import (
    Charge,
    Customer,
    Discount,
    Dispute,
    Invoice,
    Payment,
    Refund,
    Subscription,
    SubscriptionItem,
)
from finances.models.mirrored import MirroredRow
from finances.statements import server_side_cursor

Json = dict[str, Any]


type Values = dict[str, Decimal | None]


class ChargesOf(NamedTuple):
    """What a payment says of its charges."""

    attempts: int
    refunded: bool
    disputed: bool

    @classmethod
    def of(cls, payment: Payment) -> "ChargesOf":
        return cls(payment.attempts, payment.refunded, payment.disputed)


ENDED = ("canceled", "incomplete_expired")
NOT_SUBSCRIBING = (Customer.Subscribing.NONE.value, None)
# Whose columns depend on it: the field of an object's JSON that names them, and the row with its column.
OWNER_OF: dict[str, tuple[str, Any, str]] = {
    "subscription": ("customer", Subscription, "customer_id"),
    "charge": ("payment_intent", Charge, "payment_intent_id"),
    "invoice": ("customer", Invoice, "customer_id"),
}
DATING = 7_317_001  # of PostgreSQL's advisory locks, ours
# What a subscription's value lacks until a price or a coupon says it.
GAPS_OF = {"price": ("tiers_unknown", "price_currency"), "coupon": ("coupon_unknown", "coupon_currency")}


def complete_subscriptions(pairs: Sequence[tuple[Json, Subscription]]) -> Values:
    """See `value_subscriptions`; and the paying time of those that are unpaid."""
    _date_unpaid(pairs)
    return value_subscriptions(pairs)


def _date_unpaid(pairs: Sequence[tuple[Json, Subscription]]) -> list[Subscription]:
    """Set `paying_since` and `paying_until` of those that are unpaid; those whose it changes. Two queries, or none."""
    unpaid = [(it, row) for it, row in pairs if row.status == UNPAID]
    since, differing = unpaid_since({row.id for _, row in unpaid}), []
    for it, row in unpaid:
        time = paying_time(it, since.get(row.id))
        if (row.paying_since, row.paying_until) != time:
            row.paying_since, row.paying_until = time
            differing.append(row)
    return differing


def value_subscriptions(pairs: Sequence[tuple[Json, Subscription]]) -> Values:
    """Set `mrr` and `mrr_gap`, and give each item's part of it by the item's id, for `value_items`.

    Tiers are on the price, what a coupon applies to is on the coupon. At most three queries.

    A customer's own discount counts too: whoever writes a subscription or a customer holds the customer's state row, so
    that neither reads what the other is about to replace.
    """
    prices = _stored(djstripe.Price, {id_of(item.get("price")) for it, _ in pairs for item in _unfinished(it)})
    customers = {row.customer_id for it, row in pairs if not (it.get("discounts") or it.get("discount"))}
    of_customers = dict(
        djstripe.Customer.objects.filter(id__in=customers, stripe_data__discount__isnull=False).values_list(
            "id", "stripe_data__discount"
        )
    )
    named = {
        coupon_id_of(discount)
        for discount in [*of_customers.values(), *(each for it, _ in pairs for each in discounts_of(it))]
        if isinstance(discount, dict)
    }
    coupons = _stored(djstripe.Coupon, named)
    of_items: Values = {}
    for it, row in pairs:
        value = monthly_value(it, prices, coupons, of_customers.get(row.customer_id))
        row.mrr, row.mrr_gap = _as_kept(value.total), value.gap
        of_items |= {item.item_id: None if value.gap else _as_kept(item.monthly) for item in value.items}
    return of_items


def _as_kept(value: Decimal | None) -> Decimal | None:
    """At the columns' scale: PostgreSQL rounds a half up, Python to the even, and a rebuild would differ for ever."""
    return None if value is None else value.quantize(Decimal("0.000001"))


def value_items(parts: Iterable[MirroredRow], of_items: Values) -> None:
    for part in parts:
        if isinstance(part, SubscriptionItem):
            part.mrr = of_items.get(part.id)


def value_again(customer_ids: Iterable[str], discounts_before: dict[str, list[Any]]) -> None:
    """After customers were written: the subscriptions of those whose own discount is another one than before."""
    now = discounts_of_customers(customer_ids)
    differing = [each for each in customer_ids if now.get(each) != discounts_before.get(each)]
    if not differing:
        return
    _value(Subscription.objects.filter(customer_id__in=differing))


def value_what_lacked(type_name: str, ids: Sequence[str]) -> None:
    """After prices or coupons were written: the subscriptions that could not be valued without what they say."""
    on = Subscription.objects.filter(mrr_gap__in=GAPS_OF[type_name])
    if type_name == "price":
        holding = SubscriptionItem.objects.filter(price_id__in=ids)
        _value(on.filter(id__in=holding.values("subscription_id")))
        return
    held = Discount.objects.filter(coupon_id__in=ids)
    of_customers = held.filter(subscription_id="").values("customer_id")
    _value(on.filter(Q(id__in=held.values("subscription_id")) | Q(customer_id__in=of_customers)))


def _value(subscriptions: QuerySet[Subscription]) -> None:
    rows = list(subscriptions.select_for_update().order_by("id"))
    if not rows:
        return
    stored = _stored(djstripe.Subscription, {row.id for row in rows})
    of_items = value_subscriptions([(stored[row.id], row) for row in rows if row.id in stored])
    Subscription.objects.bulk_update(rows, ["mrr", "mrr_gap"])
    items = list(SubscriptionItem.objects.filter(subscription_id__in=stored))
    value_items(items, of_items)
    SubscriptionItem.objects.bulk_update(items, ["mrr"])


def discounts_of_customers(customer_ids: Iterable[str]) -> dict[str, list[Any]]:
    """What the read model holds of the customers' own discounts, to see whether they change."""
    rows = Discount.objects.filter(customer_id__in=set(customer_ids), subscription_id="").order_by("id")
    found: dict[str, list[Any]] = {}
    for customer_id, *rest in rows.values_list("customer_id", "id", "coupon_id", "ends_at"):
        found.setdefault(customer_id, []).append(rest)
    return found


def name_customers(pairs: Sequence[tuple[Json, Refund | Dispute]]) -> Values:
    """Set `customer_id` of refunds and disputes from their charges; they have no parts. One query."""
    owners = dict(Charge.objects.filter(id__in={row.charge_id for _, row in pairs}).values_list("id", "customer_id"))
    for _, row in pairs:
        row.customer_id = owners.get(row.charge_id, "")
    return {}


def sum_up_subscriptions(pairs: Sequence[tuple[Json, Customer]]) -> Values:
    """Set `subscribing` and `paying_since` of customers from the subscriptions that are here. One query."""
    found = _subscribing({row.id for _, row in pairs})
    for _, row in pairs:
        row.subscribing, row.paying_since = found.get(row.id, NOT_SUBSCRIBING)
    return {}


def sum_up_charges(pairs: Sequence[tuple[Json, Payment]]) -> Values:
    """Set `attempts`, and `refunded` and `disputed` from the last charge, where that is here. One query."""
    fates: dict[str, dict[str, tuple[bool, bool]]] = {row.id: {} for _, row in pairs}
    columns = ("payment_intent_id", "id", "amount_refunded", "disputed")
    rows = Charge.objects.filter(payment_intent_id__in=fates)
    for payment_id, charge_id, refunded, disputed in rows.values_list(*columns):
        fates[payment_id][charge_id] = (refunded > 0, disputed)
    for _, row in pairs:
        theirs = fates[row.id]
        row.attempts = len(theirs)
        row.refunded, row.disputed = theirs.get(row.latest_charge_id, (False, False))
    return {}


def _subscribing(customer_ids: set[str]) -> dict[str, tuple[str, datetime | None]]:
    """By customer; those without a subscription are left out."""
    rows = Subscription.objects.filter(customer_id__in=customer_ids - {""})
    found: dict[str, tuple[set[str], datetime | None]] = {}
    columns = ("customer_id", "status", "deleted_at", "paying_since", "paying_until")
    for customer_id, status, deleted_at, since, until in rows.values_list(*columns):
        statuses, first = found.setdefault(customer_id, (set(), None))
        statuses.add(status)
        # As `finances.metrics.paying.ever_paying` has it.
        if since and deleted_at is None and (until is None or until > since):
            found[customer_id] = (statuses, min(since, first or since))
    return {each: (_standing(statuses), first) for each, (statuses, first) in found.items()}


def _standing(statuses: set[str]) -> str:
    if "active" in statuses:
        return Customer.Subscribing.ACTIVE.value
    if statuses - set(ENDED):
        return Customer.Subscribing.RUNNING.value
    return (Customer.Subscribing.CANCELED if "canceled" in statuses else Customer.Subscribing.EXPIRED).value


def owners_of(type_name: str, stripe_objects: Sequence[Json]) -> set[str]:
    """Customers or payments that a writer of these holds too: columns of the ones stand in rows of the others.

    No query, but for what came without a name of its owner, as something that is gone does.
    """
    if type_name not in OWNER_OF:
        return set()
    name, model, column = OWNER_OF[type_name]
    found = {id_of(it.get(name)) for it in stripe_objects}
    if stubs := [it["id"] for it in stripe_objects if name not in it]:
        found |= set(model.objects.filter(id__in=stubs).values_list(column, flat=True))
    return found - {""}


def owners_to_hold(objects: Iterable[tuple[str, Json]]) -> set[str]:
    """Whose state rows a writer of these, by type, holds; asked in its transaction before it holds any. One query, and
    one statement, where invoices are among them."""
    by_type: dict[str, list[Json]] = {}
    for type_name, it in objects:
        by_type.setdefault(type_name, []).append(it)
    becomes_unpaid = any(it.get("status") == UNPAID for it in by_type.get("subscription", ()))
    if becomes_unpaid or "invoice" in by_type:
        order_dating(alone=becomes_unpaid)
    owners = {type_name: owners_of(type_name, of_type) for type_name, of_type in by_type.items()}
    if "invoice" in owners:
        owners["invoice"] = with_something_unpaid(owners["invoice"])
    return set().union(*owners.values())


def order_dating(*, alone: bool) -> None:
    """Until the transaction ends, no subscription becomes unpaid beside a writer of invoices: each would miss what the
    other writes. `alone`: for who may write such a subscription; writers of invoices do not wait for one another.

    SQLite has one writer at a time.
    """
    if connection.vendor == "postgresql":
        with server_side_cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_xact_lock{'' if alone else '_shared'}(%b)", [DATING])


def with_something_unpaid(customer_ids: Iterable[str]) -> set[str]:
    """One query."""
    unpaid = Subscription.objects.filter(customer_id__in=set(customer_ids), status=UNPAID)
    return set(unpaid.values_list("customer_id", flat=True))


def tell_owners(type_name: str, ids: Iterable[str]) -> None:
    """After subscriptions, invoices or charges were written, marked or removed: what their customers, those'
    subscriptions, or their payments say of them."""
    if type_name == "subscription":
        _tell_customers(set(ids))
    if type_name == "charge":
        _tell_payments(set(ids))
    if type_name == "invoice":
        _tell_unpaid(set(ids))


def _tell_unpaid(customer_ids: set[str]) -> None:
    """One query; more only where something is unpaid."""
    rows = list(
        Subscription.objects.filter(customer_id__in=customer_ids, status=UNPAID).select_for_update().order_by("id")
    )
    stored = _stored(djstripe.Subscription, {row.id for row in rows})
    if differing := _date_unpaid([(stored[row.id], row) for row in rows if row.id in stored]):
        Subscription.objects.bulk_update(differing, ["paying_since", "paying_until"])
        _tell_customers({row.customer_id for row in differing})


def _tell_customers(ids: set[str]) -> None:
    """Two queries, and one more where something differs."""
    found, differing = _subscribing(ids), []
    for row in Customer.objects.filter(id__in=ids).only("id", "subscribing", "paying_since"):
        now = found.get(row.id, NOT_SUBSCRIBING)
        if (row.subscribing, row.paying_since) != now:
            row.subscribing, row.paying_since = now
            differing.append(row)
    if differing:
        Customer.objects.bulk_update(differing, ["subscribing", "paying_since"])


def _tell_payments(ids: set[str]) -> None:
    """Two queries, and one more for each set of values that something gets."""
    rows = list(Payment.objects.filter(id__in=ids).only("id", "latest_charge_id", *ChargesOf._fields))
    before = {row.id: ChargesOf.of(row) for row in rows}
    sum_up_charges([({}, row) for row in rows])
    by_values: dict[ChargesOf, list[str]] = {}
    for row in rows:
        if (now := ChargesOf.of(row)) != before[row.id]:
            by_values.setdefault(now, []).append(row.id)
    for values, differing in by_values.items():
        Payment.objects.filter(id__in=differing).update(**values._asdict())


COMPLETED_BY: dict[str, Any] = {
    "customer": sum_up_subscriptions,
    "payment_intent": sum_up_charges,
    "subscription": complete_subscriptions,
    "refund": name_customers,
    "dispute": name_customers,
}


def discounts_of(it: Json) -> list[Any]:
    """A subscription's discounts and its items', or a customer's own: whole or as ids."""
    return [*held_discounts(it), *(each for item in subscription_items(it) for each in item.get("discounts") or [])]


def coupon_id_of(discount: Json) -> str:
    return id_of((discount.get("source") or {}).get("coupon")) or id_of(discount.get("coupon"))


def _unfinished(it: Json) -> list[Json]:
    """Items whose price says more where it is stored: its tiers, or what it costs in this currency."""
    return [
        item
        for item in subscription_items(it)
        if (price := item.get("price") or {})
        and (price.get("billing_scheme") == "tiered" or price.get("currency") != it.get("currency"))
    ]


def _stored(model: Any, ids: set[str]) -> dict[str, Json]:
    if not ids:
        return {}
    return dict(model._base_manager.filter(id__in=ids).values_list("id", "stripe_data"))

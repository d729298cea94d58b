"""Rows of things that have no life of their own: a subscription's items, an invoice's lines, a discount.

What Stripe's answer does not hold any more is removed: dj-stripe never does.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from djstripe import models as djstripe

from finances.mirror.projections.invoices import invoice_line, invoice_lines
from finances.mirror.projections.subscriptions import discounts, subscription_item, subscription_items
from finances.models import Discount, InvoiceLine, SubscriptionItem
from finances.models.mirrored import MirroredRow

Json = dict[str, Any]

# Of which part dj-stripe keeps rows too, by the part's read model.
DJSTRIPE_PARTS: dict[type[MirroredRow], Any] = {
    SubscriptionItem: djstripe.SubscriptionItem,
    InvoiceLine: djstripe.LineItem,
}


def has_parts(type_name: str) -> bool:
    return type_name in {"subscription", "customer", "invoice"}


def parts_of(it: Json, further_lines: Sequence[Json] = ()) -> list[tuple[Json | None, MirroredRow]]:
    """Read-model rows of an object's parts, each with its JSON where dj-stripe keeps a row of it too.

    `further_lines`: of an invoice, those beyond what its own JSON carries, in Stripe's order.
    """
    kind = it.get("object")
    pairs: list[tuple[Json | None, MirroredRow]] = []
    if kind == "subscription":
        pairs = [(item, subscription_item(item, it)) for item in subscription_items(it)]
    if kind in ("subscription", "customer"):
        pairs += [(None, row) for row in discounts(it)]
    if kind == "invoice":
        lines = {line["id"]: line for line in [*invoice_lines(it), *further_lines]}
        pairs = [(line, invoice_line(line, it, position)) for position, line in enumerate(lines.values())]
    return pairs


def same_lines(before: Json, now: Json) -> bool:
    """Whether two states of an invoice have the same lines, so that what was written of them stands."""
    if now.get("object") != "invoice" or any(before.get(name) != now.get(name) for name in ("currency", "livemode")):
        return False
    lines, earlier = now.get("lines") or {}, before.get("lines") or {}
    return not lines.get("has_more") and not earlier.get("has_more") and lines.get("data") == earlier.get("data")


def surplus(type_name: str, stripe_objects: Sequence[Json], present: Sequence[MirroredRow]) -> list[QuerySet]:
    """What the read model holds of these objects' parts beyond `present`."""
    ids = [row.id for row in present]
    all_of_them = [it["id"] for it in stripe_objects]
    if type_name == "subscription":
        whole = [it["id"] for it in stripe_objects if not (it.get("items") or {}).get("has_more")]
        return [
            SubscriptionItem.objects.filter(subscription_id__in=whole).exclude(id__in=ids),
            Discount.objects.filter(subscription_id__in=all_of_them).exclude(id__in=ids),
        ]
    if type_name == "customer":
        return [Discount.objects.filter(customer_id__in=all_of_them, subscription_id="").exclude(id__in=ids)]
    if type_name == "invoice":
        counts = Counter(row.invoice_id for row in present if isinstance(row, InvoiceLine))
        # Of one that is written anew without its further lines, those that are here stay.
        whole = [
            it["id"]
            for it in stripe_objects
            if not (it.get("lines") or {}).get("has_more") or counts[it["id"]] > len(invoice_lines(it))
        ]
        return [InvoiceLine.objects.filter(invoice_id__in=whole).exclude(id__in=ids)]
    return []


def lines_beyond(invoices: Sequence[Json]) -> dict[str, list[Json]]:
    """By invoice: the lines that its own JSON has no room for, as they are stored, in Stripe's order."""
    longer = [it["id"] for it in invoices if (it.get("lines") or {}).get("has_more")]
    if not longer:
        return {}
    shown = {line["id"] for it in invoices for line in invoice_lines(it)}
    rows = InvoiceLine.objects.filter(invoice_id__in=longer).exclude(id__in=shown).order_by("position")
    places = dict(rows.values_list("id", "invoice_id"))
    held = djstripe.LineItem.objects.filter(id__in=places)
    if lost := set(longer) - set(places.values()):
        # Only the JSON names the invoice of a line, and no index does: read it so where nothing else is left.
        held = held | djstripe.LineItem.objects.filter(stripe_data__invoice__in=list(lost)).exclude(id__in=shown)
    order = {line_id: place for place, line_id in enumerate(places)}
    found: dict[str, list[Json]] = {}
    stored = held.values_list("id", "djstripe_id", "stripe_data")
    for line_id, _, line in sorted(stored, key=lambda row: (order.get(row[0], len(order)), row[1])):
        found.setdefault(places.get(line_id) or line["invoice"], []).append(line)
    return found

"""Pages that are no list by conditions: one object's, what the admin lists, what workers did, sums."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from tests.scale.list_addresses import known_here

LARGEST = "SELECT customer_id FROM paydesk_invoice GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
# Stripe's JSON of them is the mirror's own, of which pages ask more than of a copy's.
MOULD = """
    SELECT i.customer_id, i.subscription_id, i.id, p.payment_intent_id FROM djstripe_invoice s
    JOIN paydesk_invoice i ON i.id = s.id JOIN paydesk_invoicepayment p ON p.invoice_id = i.id
    WHERE s.djstripe_id < 1000000 AND i.subscription_id <> '' AND p.payment_intent_id <> '' ORDER BY i.id LIMIT 1
"""
# Filters and searches of the admin's lists, by the model's name.
ADMIN: dict[str, dict[str, str]] = {
    "balancetransaction": {"type": "refund", "status": "pending", "currency": "jpy", "q": "{charge}"},
    "payout": {"status__exact": "failed", "automatic__exact": "0", "q": "{payout}"},
    "taxrate": {"active__exact": "1", "q": "VAT"},
    "promotioncode": {"active__exact": "0", "q": "CODE77"},
}
# By keyset, newest first: its order, where that is not by creation.
PAGED = {"resyncs": ("ResyncRun", "created_at"), "reconcile": ("ResyncRun", "created_at")}
WHOLE = ("overview", "receivables", "sync_health", "replays", "exports")
SINGLE = (
    *("customer", "subscription", "invoice", "payment", "dispute", "product", "coupon", "delivery"),
    *("replay", "resync", "comparison"),
)
AGES = ("open", "overdue", "not_due", "uncollectible")


def page_addresses() -> Iterator[tuple[str, str]]:
    from django.urls import reverse

    for name in WHOLE:
        yield name, reverse(f"console:{name}")
    for currency in ("eur", "jpy"):
        yield f"overview, {currency}", f"{reverse('console:overview')}?currency={currency}"
        for age in AGES:
            yield f"receivables, {currency}, {age}", f"{reverse('console:receivables')}?currency={currency}&age={age}"
    yield "sync health, 7 days", f"{reverse('console:sync_health')}?days=7"
    for name, (model, column) in PAGED.items():
        address = reverse(f"console:{name}")
        yield name, address
        yield f"{name}, in the middle", f"{address}?after={_middle(model, column)}"
    yield from _of_single_objects()
    yield from _of_the_admin()
    known = known_here()
    for what, words in {"a name": known["word"], "an e-mail": known["part"], "nothing": "nobodyiscalledso"}.items():
        yield f"search box, {what}", f"{reverse('console:go')}?{urlencode({'q': words})}"
    yield "names of products", f"{reverse('console:product_names')}?product=pro"
    yield "names of prices", f"{reverse('console:price_names')}?price=pro"


def _of_single_objects() -> Iterator[tuple[str, str]]:
    """Of what a business has none of there is no page: the test says that its own has one of each."""
    from django.urls import reverse

    ids = _single_objects()
    for name in SINGLE:
        if ids[name]:
            yield f"page of a {name}", reverse(f"console:{name}", args=[ids[name]])
    (largest,) = _row(LARGEST)
    yield "page of the largest customer", reverse("console:customer", args=[largest])
    for name in ("customer", "subscription", "invoice"):
        yield f"{name} as it was", f"{reverse(f'console:{name}', args=[ids[name]])}?as-of=2100-01-01"


def _single_objects() -> dict[str, Any]:
    from finances.models import Coupon, Delivery, Dispute, Product, Replay, ResyncRun

    customer, subscription, invoice, payment = _row(MOULD)
    comparisons = ResyncRun.objects.filter(kind="compare")
    rows = {
        "delivery": Delivery.objects.filter(object_id=invoice).order_by("pk"),
        "dispute": Dispute.objects.order_by("pk"),
        "product": Product.objects.order_by("pk"),
        "coupon": Coupon.objects.order_by("pk"),
        "replay": Replay.objects.order_by("-asked_at"),
        "resync": ResyncRun.objects.filter(target="all").order_by("pk"),
        "comparison": comparisons.order_by("-created_at"),
    }
    named = {"customer": customer, "subscription": subscription, "invoice": invoice, "payment": payment}
    return named | {name: found.values_list("pk", flat=True).first() for name, found in rows.items()}


def _of_the_admin() -> Iterator[tuple[str, str]]:
    from django.apps import apps
    from django.urls import reverse

    from finances.models import Charge, Payout

    known = {
        "charge": Charge.objects.order_by("pk")[0].pk,
        "payout": Payout.objects.order_by("pk")[0].pk,
    }
    for name, asked in ADMIN.items():
        address = reverse(f"admin:paydesk_{name}_changelist")
        yield f"admin, {name}", address
        yield f"admin, {name}, second page", f"{address}?p=2"
        for parameter, value in asked.items():
            yield f"admin, {name}, {parameter}", f"{address}?{urlencode({parameter: value.format(**known)})}"
    for name in (*ADMIN, "creditnote"):
        for row in apps.get_model("paydesk", name).objects.order_by("pk")[:1]:
            yield f"admin, one {name}", reverse(f"admin:paydesk_{name}_change", args=[row.pk])


def _middle(model: str, column: str) -> str:
    from django.apps import apps

    from finances.reads import keyset

    order = keyset.Order(column)
    rows: Any = order.arranged(apps.get_model("paydesk", model).objects.all())
    return keyset.cursor_of(rows[rows.count() // 2], order)


def _row(query: str) -> tuple[Any, ...]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()

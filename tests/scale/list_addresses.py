"""What lists are asked for: every list, tab, filter, search and order, and pages in the middle."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

# What a list is asked for by each of its filters; `q` is searched for below.
SAMPLES: dict[str, str] = {
    "age": "overdue",
    "currency": "jpy",
    "delinquent": "yes",
    "country": "JP",
    "new": "{month}",
    "returned": "{month}",
    "lost": "{month}",
    "card_expires": "2027-06",
    "created_from": "{month}-01",
    "created_to": "{month}-28",
    "cancels": "yes",
    "customer": "{customer}",
    "product": "{product}",
    "price": "{price}",
    "mrr": "counted",
    "since": "{month}",
    "until": "{month}",
    "subscription": "{subscription}",
    "reason": "duplicate",
    "credit_note": "yes",
    "paid": "{month}",
    "issued_from": "{month}-01",
    "issued_to": "{month}-28",
    "paid_from": "{month}-01",
    "paid_to": "{month}-28",
    "failed": "{month}",
    "failed_from": "{month}-01",
    "failed_to": "{month}-28",
    "period_end_from": "{month}-01",
    "period_end_to": "{month}-28",
    "trial_end_from": "{month}-01",
    "trial_end_to": "{month}-28",
    "canceled_from": "{month}-01",
    "canceled_to": "{month}-28",
    "brand": "amex",
    "last4": "4242",
    "amount_from": "100",
    "amount_to": "500",
    "due_to": "{month}-28",
    "state": "quarantined",
    "type": "invoice.*",
    "received_from": "{month}-01",
    "received_to": "{month}-28",
    "delay": "60",
    "version": "other",
    "found": "missed",
    "comparison": "1",
    "event": "{event}",
    "went": "refund",
    "invoice": "{invoice}",
    "payment": "{payment}",
    "email": "{part}",
    "name": "{word}",
    "phone": "+44 555 480",
    "user": "42",
    "collection": "send_invoice",
    "late_from": "61",
    "late_to": "30",
    "attempts_from": "3",
    "attempts_to": "0",
    "due_from": "{month}-01",
    "drift": "yes",
    "stale": "2d",
    "number": "{number}",
    "kind": "resync",
    "action": "paydesk.resync.requested",
    "person": "person7",
    "target": "{customer}",
    "at_from": "{month}-01",
    "at_to": "{month}-28",
}
OF_LIST = {
    "payments": {"reason": "insufficient_funds"},
    "invoices": {"reason": "manual"},
    "webhooks": {"reason": "It does not fit"},
}
STATUSES = {"webhooks": "state"}
LISTS = {
    "customers": ("CustomersPage", "created_at", "id"),
    "subscriptions": ("SubscriptionsPage", "created_at", "id"),
    "invoices": ("InvoicesPage", "created_at", "id"),
    "payments": ("PaymentsPage", "created_at", "id"),
    "refunds": ("RefundsPage", "created_at", "id"),
    "disputes": ("DisputesPage", "created_at", "id"),
    "credit_notes": ("CreditNotesPage", "created_at", "id"),
    "webhooks": ("WebhooksPage", "received_at", "event_id"),
    "products": ("ProductsPage", "created_at", "id"),
    "coupons": ("CouponsPage", "created_at", "id"),
    "audit": ("AuditPage", "at", "id"),
}
PARTS = {"email": "{part}", "name": "{word}", "number": "{number}"}  # by `email~`, of lists that know it
METADATA = {
    "metadata with a value": 'metadata["campaign"]:"40"',
    "metadata with a key": '-metadata["campaign"]:null',
    "metadata without a key": 'metadata["campaign"]:null',
    "metadata with a key that none has": '-metadata["unheard_of"]:null',
}
BESIDE = ("invoices", "open")  # the list whose filters are asked for beside a status, too


def list_addresses() -> Iterator[tuple[str, str]]:
    """With what each is called, of the database at hand. A filter without a sample is an error: its plan is unseen."""
    import importlib

    from django.urls import reverse

    from finances.reads.keyset import Order

    known = known_here()
    for name, (page_name, time, key) in LISTS.items():
        page = getattr(importlib.import_module(f"dashboard.pages.{name}"), page_name)
        address = reverse(f"console:{name}")
        yield name, address
        for value, _ in getattr(page, "tabs", ()):
            if value:
                yield f"{name}, status {value}", f"{address}?{STATUSES.get(name, 'status')}={value}"
        for parameter in page.filter_class.base_filters:
            if parameter in ("q", "status"):
                continue
            value = (OF_LIST.get(name, {}).get(parameter) or SAMPLES[parameter]).format(**known)
            yield f"{name}, {parameter}", f"{address}?{parameter}={value}"
            if name == BESIDE[0]:
                yield f"{name}, {BESIDE[1]}, {parameter}", f"{address}?status={BESIDE[1]}&{parameter}={value}"
        for word, value in PARTS.items():
            if hasattr(page.filter_class, f"containing_{word}"):
                yield f"{name}, part of {word}", f"{address}?q={word}~{value.format(**known)}"
        if hasattr(page.filter_class, "where_metadata"):
            for what, words in METADATA.items():
                yield f"{name}, {what}", f"{address}?{urlencode({'q': words})}"
        searches = {
            "e-mail": known["part"],
            "name": known["word"],
            "id": known["customer"],
            "nothing": "nobodyiscalledso",
        }
        for what, words in searches.items():
            yield f"{name}, search for {what}", f"{address}?q={words}"
        model = page.filter_class._meta.model
        if cursor := _middle(model, Order(time, key=key)):
            yield f"{name}, in the middle", f"{address}?after={cursor}"
        for each in page.sorts:
            sort = f"{address}?sort={each.value}"
            yield f"{name}, sorted by {each.value}", sort
            if cursor := _middle(model, each.order):
                yield f"{name}, sorted by {each.value}, in the middle", f"{sort}&after={cursor}"
                yield f"{name}, sorted by {each.value}, back from the middle", f"{sort}&before={cursor}"
            if cursor := _before_what_is_empty(model, each.order):
                yield f"{name}, sorted by {each.value}, where what is empty begins", f"{sort}&after={cursor}"
            for narrowed in (*(f"status={value}" for value, _ in page.tabs if value), "currency=jpy"):
                yield f"{name}, sorted by {each.value}, {narrowed}", f"{sort}&{narrowed}"


def known_here() -> dict[str, str]:
    from datetime import UTC, datetime

    from finances.models import Delivery, Invoice, Payment, Price, Product, Subscription

    invoice = Invoice.objects.filter(status="paid").exclude(subscription_id="").order_by("-created_at")[200]
    customer = _customer(invoice.customer_id)
    event = Delivery.objects.order_by("-received_at").first()
    subscription = Subscription.objects.get(pk=invoice.subscription_id)
    price = Price.objects.exclude(interval="").first()
    assert event
    assert price
    return {
        "month": f"{datetime.now(UTC):%Y-%m}",
        "customer": customer.pk,
        "part": customer.email.partition("@")[0],
        "word": max(customer.name.split(), key=len),
        "invoice": invoice.pk,
        "number": invoice.number,
        "payment": Payment.objects.order_by("pk")[0].pk,
        "subscription": subscription.pk,
        "product": Product.objects.order_by("pk")[0].pk,
        "price": price.pk,
        "event": event.pk,
    }


def _customer(customer_id: str) -> Any:
    from finances.models import Customer

    return Customer.objects.get(pk=customer_id)


def _middle(model: Any, order: Any) -> str:
    rows = order.arranged(_filled(model, order))
    return _cursor(rows, order, rows.count() // 2)


def _before_what_is_empty(model: Any, order: Any) -> str:
    """Of a column that is empty in some rows: the place of the last one in which it is not."""
    if _filled(model, order).count() == model.objects.count():
        return ""
    return _cursor(order.arranged(_filled(model, order), backwards=True), order)


def _filled(model: Any, order: Any) -> Any:
    field = model._meta.get_field(order.column)
    rows = model.objects.exclude(**{order.column: ""}) if field.empty_strings_allowed else model.objects.all()
    return rows.filter(**{f"{order.column}__isnull": False})


def _cursor(rows: Any, order: Any, at: int = 0) -> str:
    from finances.reads import keyset

    row = next(iter(rows[at : at + 1]), None)
    return keyset.cursor_of(row, order) if row else ""

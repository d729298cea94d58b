"""How PostgreSQL answers what the lists ask: every list, tab, filter, search and order, and pages in the middle.

Which plan is good is said by what it reads, not by its names. A node may look at so many rows of a table as a capped
count and a page take, whatever the table's size. A sequential scan that stops there is the cheapest way to count to ten
thousand; an index scan that walks a whole table with a filter is as bad as a sequential one. So the statements are
carried out (EXPLAIN ANALYZE), with all ways open to the planner, on tables that are larger than what a node may read.
Forbidding sequential scans would show that there is an index, and not that it is taken.

`python -m tests.scale.plans`: of the database that DATABASE_URL names, prints in JSON what reads too much, by list and
condition.
"""

import json
import os
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import django

Json = dict[str, Any]
Statement = tuple[str, Any]

MOST_READ = 12_000  # rows of one table by one node: the cap of counts, and a page
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
    "paid_from": "{month}-01",
    "paid_to": "{month}-28",
    "failed": "{month}",
    "failed_from": "{month}-01",
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
    "phone": "{word}",
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
}
PARTS = {"email": "{part}", "name": "{word}", "number": "{number}"}  # by `email~`, of lists that know it
BESIDE = ("invoices", "open")  # the list whose filters are asked for beside a status, too
# dj-stripe's tables, which metadata is asked of, are not filled by this size: what reads too much there is not seen.
BIG = ("customer", "subscription", "subscriptionitem", "invoice", "invoiceline", "invoicepayment", "payment", "charge",
       "paymentmethod", "delivery", "objectstate", "refund", "dispute", "creditnote", "discount", "balancetransaction",
       "formeremail")  # fmt: skip


def addresses() -> Iterator[tuple[str, str]]:
    """With what each is called, of the database at hand. A filter without a sample is an error: its plan is unseen."""
    import importlib

    from django.urls import reverse

    from finances.reads.keyset import Order

    known = _known()
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


def _known() -> dict[str, str]:
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


def asked(get: Any, address: str) -> list[Statement]:
    """Every SELECT of the page that goes to a big table."""
    from django.db import connection

    found: list[Statement] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        # A union, as most searches look up what their words mean, begins with a bracket.
        if sql.lstrip("(").startswith("SELECT") and any(f'"paydesk_{table}"' in sql for table in BIG):
            found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        response = get(address)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}")
    return found


def too_much(statement: Statement) -> list[str]:
    """What each node reads beyond the bound, and the statement; empty where it keeps to it."""
    from django.db import connection

    sql, params = statement
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", params)
        plan = cursor.fetchone()[0]
    plan = json.loads(plan) if isinstance(plan, str) else plan
    heavy = [line for node in _nodes(plan[0]["Plan"]) if (line := _heavy(node))]
    return [f"{', '.join(heavy)} ({plan[0]['Execution Time']:.0f} ms): {' '.join(sql.split())[:240]}"] if heavy else []


def _nodes(node: Json) -> Iterator[Json]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


def _heavy(node: Json) -> str:
    table = node.get("Relation Name", "")
    if table.removeprefix("paydesk_") not in BIG:
        return ""
    a_loop = sum(node.get(f"Rows Removed by {each}", 0) for each in ("Filter", "Index Recheck")) + node["Actual Rows"]
    read = round(a_loop * node["Actual Loops"])
    return f"{node['Node Type']} of {table} reads {read:,} rows" if read > MOST_READ else ""


def findings() -> dict[str, list[str]]:
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group
    from django.test import Client

    user, _ = get_user_model().objects.get_or_create(username="plans@paydesk.test", defaults={"is_staff": True})
    user.groups.add(Group.objects.get(name="Finance"))
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    seen: set[str] = set()
    found: dict[str, list[str]] = {}
    for name, address in addresses():
        for statement in asked(partial(client.get, follow=True), address):
            if (once := repr(statement)) not in seen:
                seen.add(once)
                if lines := too_much(statement):
                    found.setdefault(name, []).extend(lines)
    return found


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    django.setup()
    json.dump(findings(), sys.stdout)

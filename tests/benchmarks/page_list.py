"""The pages that are measured: ours, dj-stripe's for the same object, and the plain SQL under a list."""

from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from django.db import connection

from finances.reads import keyset

FLOOR = "an empty page of the shell"
UNFOLD = "an empty page of Unfold, as it comes"
DEEP = 20_000  # rows


@dataclass(frozen=True)
class Measured:
    """`kind`: list, page, search or overview, by which its target goes. `peer`: dj-stripe's address below its admin."""

    name: str
    path: str
    kind: str = "list"
    peer: str = ""
    sql: str = ""


def pages() -> list[Measured]:
    """Of the database at hand, whose own ids stand in the addresses."""
    return [*_lists(), *_filtered(), *_deep(), *_single(), *_searches(), Measured("overview", "/console/", "overview")]


def _newest(table: str, where: str = "", time: str = "created_at", key: str = "id") -> str:
    return f"SELECT * FROM {table} {where} ORDER BY {time} DESC, {key} DESC LIMIT 51"


def _lists() -> list[Measured]:
    there = "WHERE deleted_at IS NULL"
    deliveries = _newest("paydesk_delivery", time="received_at", key="event_id").replace("*", "event_id, event_type")
    return [
        Measured("customers", "/console/customers/", peer="customer/", sql=_newest("paydesk_customer")),
        Measured("subscriptions", "/console/subscriptions/", peer="subscription/", sql=_newest("paydesk_subscription")),
        Measured("invoices", "/console/invoices/", peer="invoice/", sql=_newest("paydesk_invoice", there)),
        Measured("payments", "/console/payments/", peer="paymentintent/", sql=_newest("paydesk_payment", there)),
        Measured("refunds", "/console/refunds/", peer="refund/", sql=_newest("paydesk_refund", there)),
        Measured("disputes", "/console/disputes/", peer="dispute/", sql=_newest("paydesk_dispute", there)),
        Measured("credit notes", "/console/credit-notes/", sql=_newest("paydesk_creditnote", there)),
        Measured("webhook log", "/console/webhooks/", peer="event/", sql=deliveries),
        Measured("products", "/console/products/", peer="product/"),
        Measured("discounts", "/console/discounts/", peer="coupon/"),
        Measured(
            "balance transactions",
            "/console/paydesk/balancetransaction/",
            peer="balancetransaction/",
            sql=_newest("paydesk_balancetransaction"),
        ),
        Measured("payouts", "/console/paydesk/payout/", peer="payout/"),
        Measured("audit trail", "/console/audit/"),
    ]


def _filtered() -> list[Measured]:
    invoices, month = "/console/invoices/", f"{datetime.now(UTC):%Y-%m}"
    largest = _largest_customer()
    return [
        Measured(f"{name}: {query}", f"/console/{name}/?{query}")
        for name, query in (
            ("customers", "status=active"),
            ("customers", "status=past_due"),
            ("customers", "status=canceled"),
            ("customers", "status=none"),
            ("customers", "delinquent=yes"),
            ("customers", "country=JP"),
            ("subscriptions", "status=active"),
            ("subscriptions", "status=canceled"),
            ("subscriptions", "currency=jpy"),
            ("subscriptions", "cancels=yes"),
            ("subscriptions", f"since={month}"),
            ("invoices", "status=open"),
            ("invoices", "status=past_due"),
            ("invoices", "status=paid"),
            ("invoices", "status=paid&currency=jpy"),
            ("invoices", "currency=gbp"),
            ("invoices", f"paid={month}&currency=eur"),
            ("invoices", "reason=manual"),
            ("invoices", "credit_note=yes"),
            ("payments", "status=succeeded"),
            ("payments", "status=failed"),
            ("payments", "status=refunded"),
            ("payments", "status=disputed"),
            ("payments", "reason=insufficient_funds"),
            ("payments", "last4=4242"),
            ("payments", "brand=amex"),
            ("payments", "amount_from=1000"),
            ("refunds", "status=failed"),
            ("refunds", "reason=duplicate"),
            ("disputes", "status=needs_response"),
            ("webhooks", "state=quarantined"),
            ("webhooks", "type=invoice.*"),
        )
    ] + [
        Measured("invoices: of the largest customer", f"{invoices}?customer={largest}"),
        Measured("payments: of the largest customer", f"/console/payments/?customer={largest}"),
    ]


def _deep() -> list[Measured]:
    found = []
    for name, path, table, order in (
        ("customers", "customers", "paydesk_customer", ("created_at", "id")),
        ("subscriptions", "subscriptions", "paydesk_subscription", ("created_at", "id")),
        ("invoices", "invoices", "paydesk_invoice", ("created_at", "id")),
        ("payments", "payments", "paydesk_payment", ("created_at", "id")),
        ("webhook log", "webhooks", "paydesk_delivery", ("received_at", "event_id")),
    ):
        count = _one(f"SELECT count(*) FROM {table}")
        for words, offset in (
            (f"{min(DEEP, count // 2):,} deep", min(DEEP, count // 2)),
            ("the last page", count - 51),
        ):
            cursor = _cursor(table, order, offset)
            found.append(Measured(f"{name}: {words}", f"/console/{path}/?after={cursor}"))
    return found


def _cursor(table: str, order: tuple[str, str], offset: int) -> str:
    columns = ", ".join(order)
    rows = _rows(f"SELECT {columns} FROM {table} ORDER BY {order[0]} DESC, {order[1]} DESC OFFSET {offset} LIMIT 1")
    row = SimpleNamespace(**dict(zip(order, rows[0], strict=True)))
    return keyset.cursor_of(row, keyset.Order(order[0], key=order[1]))


def _single() -> list[Measured]:
    median, largest = _median_customer(), _largest_customer()
    invoice = _one(f"SELECT id FROM paydesk_invoice WHERE customer_id = '{median}' AND status = 'paid' LIMIT 1")
    subscription = _one(f"SELECT id FROM paydesk_subscription WHERE customer_id = '{median}' LIMIT 1")
    payment = _one(f"SELECT id FROM paydesk_payment WHERE customer_id = '{median}' LIMIT 1")
    delivery = _one("SELECT event_id FROM paydesk_delivery ORDER BY received_at DESC LIMIT 1")
    return [
        Measured("customer, a median one", f"/console/customers/{median}/", "page", peer=_change("customer", median)),
        Measured("customer, the largest", f"/console/customers/{largest}/", "page", peer=_change("customer", largest)),
        Measured("invoice", f"/console/invoices/{invoice}/", "page", peer=_change("invoice", invoice)),
        Measured(
            "subscription",
            f"/console/subscriptions/{subscription}/",
            "page",
            peer=_change("subscription", subscription),
        ),
        Measured("payment", f"/console/payments/{payment}/", "page", peer=_change("paymentintent", payment)),
        Measured("webhook", f"/console/webhooks/{delivery}/", "page"),
    ]


def _searches() -> list[Measured]:
    median = _median_customer()
    name, email = _rows(f"SELECT name, email FROM paydesk_customer WHERE id = '{median}'")[0]
    number, invoice = _rows(f"SELECT number, id FROM paydesk_invoice WHERE customer_id = '{median}' LIMIT 1")[0]
    part = email.partition("@")[0]
    word = max(name.split(), key=len)
    searches = [
        ("customers: e-mail part", f"/console/customers/?q={part}", f"customer/?q={part}"),
        ("customers: name part", f"/console/customers/?q={word}", f"customer/?q={word}"),
        ("customers: id", f"/console/customers/?q={median}", f"customer/?q={median}"),
        ("subscriptions: e-mail part", f"/console/subscriptions/?q={part}", f"subscription/?q={part}"),
        ("subscriptions: name part", f"/console/subscriptions/?q={word}", f"subscription/?q={word}"),
        ("invoices: e-mail part", f"/console/invoices/?q={part}", f"invoice/?q={part}"),
        ("invoices: name part", f"/console/invoices/?q={word}", f"invoice/?q={word}"),
        ("invoices: number", f"/console/invoices/?q={number}", f"invoice/?q={number}"),
        ("invoices: id", f"/console/invoices/?q={invoice}", f"invoice/?q={invoice}"),
        ("payments: e-mail part", f"/console/payments/?q={part}", ""),
        ("payments: name part", f"/console/payments/?q={word}", ""),
        ("payments: last four digits", "/console/payments/?q=4242", ""),
        ("refunds: name part", f"/console/refunds/?q={word}", ""),
        ("webhook log: name part", f"/console/webhooks/?q={word}", ""),
        ("search box: name part", f"/console/go/?q={word}", ""),
        ("search box: e-mail part", f"/console/go/?q={part}", ""),
        ("search box: nothing found", "/console/go/?q=nobodyiscalledthis", ""),
    ]
    return [
        Measured(f"search in {name}", quote(path, safe="/?=&"), "search", peer=quote(peer, safe="/?=&"))
        for name, path, peer in searches
    ]


def _change(model: str, object_id: str) -> str:
    key = _one(f"SELECT djstripe_id FROM djstripe_{model} WHERE id = '{object_id}'")
    return f"{model}/{key}/change/"


def _median_customer() -> str:
    """One of those with a running subscription and as many invoices as half of all customers have at most."""
    return _one(
        """
        WITH counts AS (SELECT customer_id, count(*) AS n FROM paydesk_invoice WHERE number <> '' GROUP BY 1)
        SELECT c.customer_id FROM counts c JOIN paydesk_customer k ON k.id = c.customer_id
        WHERE n >= (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY n) FROM counts)
          AND k.email LIKE '%.%@%' AND EXISTS (SELECT FROM paydesk_subscription s WHERE s.customer_id = k.id)
          AND EXISTS (SELECT FROM paydesk_invoice i WHERE i.customer_id = k.id AND i.status = 'paid')
          AND EXISTS (SELECT FROM paydesk_payment p WHERE p.customer_id = k.id)
        ORDER BY n, c.customer_id LIMIT 1
        """
    )


def _largest_customer() -> str:
    return _one("SELECT customer_id FROM paydesk_invoice GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1")


def _one(query: str) -> Any:
    return _rows(query)[0][0]


def _rows(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()

"""A page of invoices is written by so many statements, however many invoices it has."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances import mirror
from finances.gateway import Gateway
from finances.models import Invoice, InvoiceLine, InvoicePayment
from finances.tickets import take_ticket

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.postgresql,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes each row by a statement of its own"),
]

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FEW, MANY = 10, 100
Json = dict[str, Any]


def write(type_name: str, page: list[Json]) -> int:
    """How many statements it took."""
    ticket = take_ticket()
    with CaptureQueriesContext(connection) as captured:
        mirror.write(Gateway(), type_name, page, ticket=ticket, now=NOW)
    # How JSON is compressed is said where PostgreSQL has another way than its own.
    beside = ("SAVEPOINT", "default_toast_compression")
    return sum(not any(word in query["sql"] for word in beside) for query in captured.captured_queries)


@pytest.fixture
def invoices(stripe) -> list[Json]:
    """None is here, what they name is: paid ones of many customers, with lines and payments of their own."""
    expand = {"expand[]": ["data.payments", "data.discounts"]}
    made = next(it for it in stripe.all("/v1/invoices", **expand) if it["lines"]["data"] and it["payments"]["data"])
    customer = stripe.get(f"/v1/customers/{made['customer']}")
    mirror.write(Gateway(), "invoice", [made], ticket=take_ticket(), now=NOW)
    mirror.write(
        Gateway(),
        "customer",
        [customer | {"id": f"cus_{number}"} for number in range(20)],
        ticket=take_ticket(),
        now=NOW,
    )

    def another(number: int) -> Json:
        invoice = {"invoice": f"in_{number}"}
        lines = [line | invoice | {"id": f"il_{number}_{at}"} for at, line in enumerate(made["lines"]["data"])]
        payments = [it | invoice | {"id": f"inpay_{number}_{at}"} for at, it in enumerate(made["payments"]["data"])]
        return made | {
            "id": f"in_{number}",
            "customer": f"cus_{number % 20}",
            "lines": made["lines"] | {"data": lines},
            "payments": made["payments"] | {"data": payments},
        }

    return [another(number) for number in range(FEW + MANY)]


def test_a_hundred_take_no_more_than_ten_whether_they_are_new_the_same_or_changed(stripe, invoices):
    def counts(changes: Json) -> tuple[int, int]:
        page = [it | changes for it in invoices]
        return write("invoice", page[:FEW]), write("invoice", page[FEW:])

    rates = stripe.all("/v1/tax_rates")[:2]
    write("tax_rate", rates)

    assert counts({}) == (22, 22)
    assert counts({}) == (4, 4)
    assert counts({"description": "changed"}) == (15, 15)
    # Whether they are here, which row each has, what these invoices have, their keys, the new rows.
    assert counts({"default_tax_rates": rates}) == (20, 20)

    ids = [it["id"] for it in invoices]
    assert Invoice.objects.filter(id__in=ids).count() == len(ids)
    assert InvoiceLine.objects.filter(invoice_id__in=ids).count() >= len(ids)
    assert InvoicePayment.objects.filter(invoice_id__in=ids).count() >= len(ids)

"""Whoever writes a row marks the days that it was on and is on now, whatever he writes with."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from finances.apps import put_up_marks, take_down_marks
from finances.models import (
    Charge,
    DirtyDay,
    DirtyProduct,
    Invoice,
    Refund,
    Subscription,
    SubscriptionItem,
    TotalsZone,
)
from finances.totals import triggers
from tests.factories import (
    a_charge,
    a_customer,
    a_line,
    a_payment,
    a_product,
    a_refund,
    a_subscription,
    an_invoice,
    an_item,
)

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 16, 23, 30, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)


def marks() -> set[tuple[str, date]]:
    """Those that were made since the last look."""
    found = set(DirtyDay.objects.values_list("kind", "day"))
    DirtyDay.objects.all().delete()
    return found


def days(kind: str, *moments: datetime) -> set[tuple[str, date]]:
    return {(kind, at.date()) for at in moments}


def test_an_invoice_marks_the_day_of_its_payment_before_and_after():
    invoice = an_invoice(a_customer(), paid_at=MONDAY)
    assert marks() == days("revenue", MONDAY)

    Invoice.objects.filter(id=invoice.id).update(paid_at=FRIDAY)
    assert marks() == days("revenue", MONDAY, FRIDAY)

    Invoice.objects.filter(id=invoice.id).update(paid_at=None, status="void")
    assert marks() == days("revenue", FRIDAY)

    an_invoice(a_customer(), status="open")
    assert marks() == set()


def test_a_row_that_goes_marks_the_day_that_it_was_on():
    an_invoice(a_customer(), paid_at=MONDAY)
    charge = a_charge(a_payment(a_customer()), created_at=FRIDAY)
    a_refund(charge, created_at=MONDAY)
    marks()

    for model in (Invoice, Charge, Refund):
        model.objects.all().delete()

    assert marks() == days("revenue", MONDAY) | days("attempts", FRIDAY) | days("refunds", MONDAY)


def test_an_upsert_marks_both_days_too():
    one, other = (an_invoice(a_customer(), paid_at=at) for at in (MONDAY, FRIDAY))
    marks()
    one.paid_at = FRIDAY + timedelta(days=3)
    new = Invoice(id="in_new", paid_at=MONDAY + timedelta(days=1), currency="eur", created_at=MONDAY)

    Invoice.objects.bulk_create(
        [one, other, new], update_conflicts=True, unique_fields=["id"], update_fields=["paid_at"]
    )

    assert marks() == days("revenue", MONDAY, one.paid_at, FRIDAY, new.paid_at)


def test_a_line_marks_the_day_on_which_its_invoice_was_paid():
    paid, unpaid = an_invoice(a_customer(), paid_at=MONDAY), an_invoice(a_customer(), status="open")
    marks()

    line = a_line(paid)
    a_line(unpaid)
    assert marks() == days("revenue", MONDAY)

    line.delete()
    assert marks() == days("revenue", MONDAY)


def test_a_subscription_marks_every_day_on_which_its_customer_came_or_went():
    """A customer who is new with one subscription comes back with it once an earlier one is known."""
    customer, long_ago = a_customer(), MONDAY - timedelta(days=200)
    a_subscription(customer, paying_since=MONDAY, paying_until=FRIDAY)
    assert marks() == days("subscriptions", MONDAY, FRIDAY)
    a_subscription(a_customer(), paying_since=FRIDAY + timedelta(days=9))
    marks()

    earlier = a_subscription(customer, paying_since=long_ago)
    assert marks() == days("subscriptions", long_ago, MONDAY, FRIDAY)

    Subscription.objects.filter(id=earlier.id).update(paying_since=None)
    assert marks() == days("subscriptions", long_ago, MONDAY, FRIDAY)


def products() -> set[str]:
    """Those that were marked since the last look."""
    found = set(DirtyProduct.objects.values_list("product_id", flat=True))
    DirtyProduct.objects.all().delete()
    return found


def test_an_item_marks_its_product_before_and_after_and_its_subscription_does():
    one, other = a_product(), a_product()
    subscription = a_subscription(a_customer())
    assert products() == set()

    item = an_item(subscription, one)
    assert products() == {one.id}

    SubscriptionItem.objects.filter(id=item.id).update(product_id=other.id)
    assert products() == {one.id, other.id}

    Subscription.objects.filter(id=subscription.id).update(status="canceled")
    assert products() == {other.id}

    Subscription.objects.all().delete()
    assert products() == {other.id}

    SubscriptionItem.objects.all().delete()
    assert products() == {other.id}


def test_a_mark_knows_since_when_it_waits():
    an_invoice(a_customer(), paid_at=MONDAY)

    assert abs(datetime.now(UTC) - DirtyDay.objects.get().marked_at) < timedelta(minutes=1)


def test_a_page_takes_no_statement_more(django_assert_num_queries):
    rows = [
        Invoice(id=f"in_{number}", paid_at=MONDAY + timedelta(minutes=number), currency="eur", created_at=MONDAY)
        for number in range(100)
    ]

    with django_assert_num_queries(1):
        Invoice.objects.bulk_create(rows)

    assert DirtyDay.objects.count() == 2  # one a day, not one a row


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL alters a table in its place")
def test_on_sqlite_they_are_away_while_a_migration_makes_a_table_anew_and_come_back_after_it():
    take_down_marks(using="default", plan=[])
    assert not triggers.missing()

    take_down_marks(using="default", plan=[("a migration", False)])
    assert len(triggers.missing()) == 21

    put_up_marks(using="default")
    assert not triggers.missing()


@pytest.mark.django_db(transaction=True)
def test_a_trigger_that_was_lost_is_put_up_again_and_everything_summed_anew():
    TotalsZone.objects.update_or_create(id=1, defaults={"name": "UTC"})
    product = a_product()
    an_item(a_subscription(a_customer()), product)
    products()
    lost = next(name for name, _ in triggers._statements(connection.vendor) if "refund" in name)
    on = " ON paydesk_refund" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {lost}{on}")
    assert triggers.missing() == [lost]

    call_command("migrate", run_syncdb=True, verbosity=0)

    assert triggers.missing() == []
    assert not TotalsZone.objects.exists()
    assert products() == {product.id}
    a_refund(a_charge(a_payment(a_customer())), created_at=MONDAY)
    assert ("refunds", MONDAY.date()) in marks()


def test_where_all_stand_nothing_is_summed_anew():
    TotalsZone.objects.create(name="UTC")

    assert not triggers.put_up("default")
    assert TotalsZone.objects.exists()

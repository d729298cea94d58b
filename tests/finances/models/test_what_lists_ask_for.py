"""What was there before the columns were: filled in by the migration as the mirror would."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from finances.metrics.catalogue import use_of
from finances.mirror.neighbours import tell_owners
from finances.models import Customer, DirtyProduct, Payment
from tests.factories import NOON, a_charge, a_customer, a_payment, a_product, a_subscription, an_item

pytestmark = pytest.mark.django_db(transaction=True)
STATUSES = ("active", "past_due", "canceled", "incomplete_expired", "trialing")


@pytest.fixture
def _business() -> None:
    a_customer()
    product = a_product()
    for status in STATUSES:
        customer = a_customer()
        an_item(a_subscription(customer, status=status), product)
        a_subscription(customer, status="canceled", paying_since=NOON - timedelta(days=9), paying_until=NOON)
    a_subscription(a_customer(), status="canceled", paying_since=NOON, paying_until=NOON)
    a_subscription(a_customer(), status="incomplete_expired", paying_since=None)
    a_subscription(a_customer(), deleted_at=NOON)
    for fields in ({}, {"amount_refunded": 100}, {"disputed": True}):
        payment = a_payment(a_customer())
        charge = a_charge(payment, **fields)
        Payment.objects.filter(id=payment.id).update(latest_charge_id=charge.id)
        tell_owners("charge", [payment.id])


def columns() -> tuple[list, list]:
    customers = Customer.objects.order_by("id").values_list("id", "subscribing", "paying_since")
    return list(customers), list(Payment.objects.order_by("id").values_list("id", "refunded", "disputed"))


@pytest.mark.usefixtures("_business")
def test_a_migration_there_and_back_leaves_what_the_mirror_wrote():
    wanted = columns()
    use = use_of("product_id", set(DirtyProduct.objects.values_list("product_id", flat=True)))

    call_command("migrate", "paydesk", "0020", verbosity=0)
    call_command("migrate", "paydesk", verbosity=0)

    assert columns() == wanted
    assert {"active", "running", "canceled", "expired", "none"} == {row[1] for row in wanted[0]}
    assert use
    assert use_of("product_id", use) == use

"""What an object points at and the tables lack is read before it."""

from datetime import UTC, datetime

import pytest
from djstripe import models as djstripe

from finances import mirror
from finances.gateway import Gateway
from finances.mirror.projections.invoices import subscription_id_of
from finances.models import (
    Charge,
    Customer,
)
from finances.stripe_problems import ScopeMissing

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def read(type_name: str, object_id: str, now: datetime = NOW) -> list[mirror.Written]:
    return mirror.read_and_write(Gateway(), type_name, object_id, now=now)


def ada(stripe) -> dict:
    return next(it for it in stripe.all("/v1/customers") if it["name"] == "Ada Lovelace")


def test_missing_parents_are_fetched_first(stripe):
    subscription = stripe.all("/v1/subscriptions", customer=ada(stripe)["id"])[0]

    read("subscription", subscription["id"])

    row = djstripe.Subscription.objects.get(id=subscription["id"])
    assert row.customer.id == subscription["customer"]
    assert {(item.id, item.price.id, item.price.product.id) for item in row.items.all()} == {
        (item["id"], item["price"]["id"], item["price"]["product"]) for item in subscription["items"]["data"]
    }
    assert Customer.objects.filter(id=subscription["customer"]).exists()


def test_a_line_of_an_invoice_points_at_its_subscription_whatever_was_read_first(stripe):
    invoice = next(it for it in stripe.all("/v1/invoices") if subscription_id_of(it))

    mirror.read_and_write(Gateway(), "invoice", invoice["id"], now=NOW)

    lines = djstripe.LineItem.objects.filter(id__in=[line["id"] for line in invoice["lines"]["data"]])
    assert {line.subscription_id for line in lines} == {subscription_id_of(invoice)}


def test_a_key_that_may_not_read_what_goes_beside_an_object_still_reads_the_object(stripe, monkeypatch):
    charge = next(it for it in stripe.all("/v1/charges") if it["balance_transaction"])
    whole = Gateway.retrieve

    def without_balance(self, type_name: str, object_id: str) -> dict:
        if type_name == "balance_transaction":
            raise ScopeMissing("The key may not read balance transactions.")
        return whole(self, type_name, object_id)

    monkeypatch.setattr(Gateway, "retrieve", without_balance)
    mirror.read_and_write(Gateway(), "charge", charge["id"], now=NOW)

    assert Charge.objects.get(id=charge["id"]).amount == charge["amount"]
    assert djstripe.Charge.objects.get(id=charge["id"]).balance_transaction is None


def test_a_key_that_may_not_read_a_parent_does_not_write_half_of_it(stripe, monkeypatch):
    charge = next(it for it in stripe.all("/v1/charges") if it["customer"])
    whole = Gateway.retrieve

    def without_customers(self, type_name: str, object_id: str) -> dict:
        if type_name == "customer":
            raise ScopeMissing("The key may not read customers.")
        return whole(self, type_name, object_id)

    monkeypatch.setattr(Gateway, "retrieve", without_customers)

    with pytest.raises(ScopeMissing):
        mirror.read_and_write(Gateway(), "charge", charge["id"], now=NOW)
    assert not Charge.objects.exists()


def test_an_invoice_of_a_customer_deleted_before_anyone_saw_it_can_be_written(stripe):
    invoice = stripe.all("/v1/invoices", customer=ada(stripe)["id"])[0]
    stripe.delete(invoice["customer"])

    read("invoice", invoice["id"])

    assert djstripe.Invoice.objects.get(id=invoice["id"]).customer.stripe_data["deleted"] is True
    assert Customer.objects.get(id=invoice["customer"]).deleted_at == NOW


def test_what_points_at_a_customer_that_was_missing_before_can_still_be_written(stripe):
    invoice = stripe.all("/v1/invoices", customer=ada(stripe)["id"])[0]
    stripe.patch(invoice["id"], customer="cus_nobody")
    read("customer", "cus_nobody")

    read("invoice", invoice["id"])

    assert djstripe.Invoice.objects.get(id=invoice["id"]).customer.id == "cus_nobody"

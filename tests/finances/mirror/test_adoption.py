"""What an application beside us writes through dj-stripe reaches the read model."""

import os
from datetime import UTC, datetime

import pytest
import stripe as stripe_python
from django.conf import settings
from django.db import transaction
from djstripe import models as djstripe

from finances import mirror
from finances.gateway import Gateway
from finances.mirror import Outcome, adoption
from finances.mirror.rebuild import rebuild
from finances.models import Customer, Invoice, InvoiceLine, ObjectState, Price, Subscription
from finances.tickets import take_ticket

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def sync(stripe, monkeypatch):
    """dj-stripe's own way of writing one object."""
    monkeypatch.setattr(stripe_python, "api_base", settings.STRIPE_API_BASE)
    monkeypatch.setattr(stripe_python, "api_version", settings.STRIPE_API_VERSION)
    key = os.environ["STRIPE_TEST_SECRET_KEY"]

    def write(model, stripe_object: dict) -> None:
        model.sync_from_stripe_data(stripe_python.convert_to_stripe_object(stripe_object, api_key=key), api_key=key)

    return write


def ada(stripe) -> dict:
    return next(it for it in stripe.all("/v1/customers") if it["name"] == "Ada Lovelace")


def read(customer: dict) -> mirror.Written:
    return mirror.read_and_write(Gateway(), "customer", customer["id"], now=NOW)[0]


def test_a_customer_that_djstripe_syncs_is_in_the_read_model(stripe, sync):
    customer = ada(stripe)

    sync(djstripe.Customer, customer)

    row = Customer.objects.get(id=customer["id"])
    assert (row.email, row.name) == (customer["email"], "Ada Lovelace")


def test_an_invoice_comes_with_its_lines_and_its_subscription(stripe, sync):
    invoice = next(it for it in stripe.all("/v1/invoices", customer=ada(stripe)["id"]) if it["lines"]["data"])

    sync(djstripe.Invoice, invoice)

    lines = set(InvoiceLine.objects.filter(invoice_id=invoice["id"]).values_list("id", flat=True))
    assert Invoice.objects.get(id=invoice["id"]).total == invoice["total"]
    assert lines == {line["id"] for line in invoice["lines"]["data"]}
    assert list(rebuild(check_only=True)) == []


def test_what_djstripe_changes_afterwards_changes_here(stripe, sync):
    customer = ada(stripe)
    read(customer)

    sync(djstripe.Customer, customer | {"name": "Ada King"})

    assert Customer.objects.get(id=customer["id"]).name == "Ada King"


def test_the_next_read_puts_stripes_own_answer_there_again(stripe, sync):
    customer = ada(stripe)
    read(customer)
    sync(djstripe.Customer, customer | {"name": "Ada King"})

    written = read(customer)

    assert written.outcome == Outcome.CHANGED
    assert djstripe.Customer.objects.get(id=customer["id"]).stripe_data == Gateway().retrieve(
        "customer", customer["id"]
    )
    assert Customer.objects.get(id=customer["id"]).name == "Ada Lovelace"


def test_a_fetch_that_began_before_counts_as_newer_than_what_nobody_took_a_ticket_for(stripe, sync):
    customer = ada(stripe)
    sync(djstripe.Customer, customer)

    assert ObjectState.objects.get(object_id=customer["id"]).ticket == 0
    assert read(customer).outcome == Outcome.CHANGED


def test_a_row_that_is_deleted_leaves_the_read_model(stripe, sync):
    subscription = stripe.all("/v1/subscriptions", customer=ada(stripe)["id"])[0]
    sync(djstripe.Subscription, subscription)
    assert Subscription.objects.filter(id=subscription["id"]).exists()

    djstripe.Subscription.objects.get(id=subscription["id"]).delete()

    assert not Subscription.objects.filter(id=subscription["id"]).exists()


def test_nothing_is_taken_over_of_a_write_that_is_rolled_back(stripe, sync):
    customer = ada(stripe)

    def write_and_change_ones_mind() -> None:
        with transaction.atomic():
            sync(djstripe.Customer, customer)
            raise LookupError

    with pytest.raises(LookupError):
        write_and_change_ones_mind()

    assert not Customer.objects.filter(id=customer["id"]).exists()


def test_what_cannot_be_taken_over_is_said_in_the_log_and_leaves_the_others_write_alone(
    stripe, sync, monkeypatch, caplog
):
    customer = ada(stripe)

    def refuse(*_, **__):
        raise RuntimeError(customer["email"])

    monkeypatch.setattr(adoption, "put_right", refuse)

    sync(djstripe.Customer, customer)

    assert djstripe.Customer.objects.filter(id=customer["id"]).exists()
    assert f"{customer['id']}: written by dj-stripe, and not taken into the read model" in caplog.text
    assert customer["email"] not in caplog.text


def test_the_mirrors_own_writes_are_not_taken_over_once_more(stripe, monkeypatch):
    adopted = []
    monkeypatch.setattr(adoption, "adopt", lambda *names, **_: adopted.append(names))
    customer = ada(stripe)

    read(customer)
    stripe.delete(customer["id"])
    read(customer)

    assert adopted == []


def test_lines_that_djstripe_left_as_they_were_are_written_by_the_next_read(stripe, sync):
    """Its sync leaves rows of lines that exist alone, so that its row of the invoice says more than is true."""
    invoice = next(it for it in stripe.all("/v1/invoices", customer=ada(stripe)["id"]) if it["lines"]["data"])
    mirror.read_and_write(Gateway(), "invoice", invoice["id"], now=NOW)
    lines = [line | {"description": "another"} for line in stripe.state(invoice["id"])["lines"]["data"]]
    stripe.patch(invoice["id"], lines=invoice["lines"] | {"data": lines})
    sync(djstripe.Invoice, Gateway().retrieve("invoice", invoice["id"]))

    mirror.read_and_write(Gateway(), "invoice", invoice["id"], now=NOW)

    rows = djstripe.LineItem.objects.filter(id__in=[line["id"] for line in lines])
    assert {row.stripe_data["description"] for row in rows} == {"another"}


def test_what_stripe_said_is_gone_stays_readable_when_djstripe_deletes_its_row(stripe):
    price = stripe.all("/v1/prices")[0]
    mirror.read_and_write(Gateway(), "price", price["id"], now=NOW)
    gone = {"id": price["id"], "object": "price", "deleted": True}
    mirror.write(Gateway(), "price", [gone], ticket=take_ticket(), now=NOW)

    djstripe.Price.objects.get(id=price["id"]).delete()

    assert Price.objects.get(id=price["id"]).deleted_at == NOW


def test_what_djstripe_saves_alive_over_a_tombstone_is_marked_again(stripe, sync):
    customer = ada(stripe)
    read(customer)
    stripe.delete(customer["id"])
    read(customer)

    sync(djstripe.Customer, customer)

    assert djstripe.Customer.objects.get(id=customer["id"]).stripe_data["deleted"] is True
    assert Customer.objects.get(id=customer["id"]).deleted_at == NOW

"""A write that does not take the last answer for what the rows hold: it looks, and mends what something else did."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from djstripe import models as djstripe

from finances import mirror
from finances.gateway import Gateway
from finances.mirror import Outcome
from finances.mirror.states import Fetched
from finances.mirror.writing import write_all
from finances.models import Customer, InvoiceLine, ObjectState, ObjectVersion, StripeObject, SubscriptionItem
from finances.tickets import take_ticket

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def read(type_name: str, object_id: str, *, anew: bool = False) -> mirror.Written:
    return mirror.read_and_write(Gateway(), type_name, object_id, now=NOW, anew=anew)[0]


@pytest.fixture
def ada(stripe) -> dict[str, Any]:
    """As Stripe has her, and as we have read her."""
    truth = stripe.get("/v1/customers", email="ada@analytical.example")["data"][0]
    read("customer", truth["id"])
    return truth


def change_row(object_id: str, **fields: Any) -> None:
    row = djstripe.Customer.objects.get(id=object_id)
    djstripe.Customer.objects.filter(id=object_id).update(stripe_data={**row.stripe_data, **fields})


def test_a_row_that_something_else_changed_is_written_again(ada):
    change_row(ada["id"], name="Mallory")

    assert read("customer", ada["id"]).outcome == Outcome.SAME
    written = read("customer", ada["id"], anew=True)

    assert (written.outcome, written.before["name"], written.data["name"]) == (
        Outcome.CHANGED,
        "Mallory",
        "Ada Lovelace",
    )
    assert djstripe.Customer.objects.get(id=ada["id"]).stripe_data == ada


def test_a_column_that_something_else_changed_is_written_again_and_named(ada):
    Customer.objects.filter(pk=ada["id"]).update(email="mallory@example.test")

    written = read("customer", ada["id"], anew=True)

    assert written.outcome == Outcome.CHANGED
    assert written.in_columns == (
        {"field": "Customer.email", "before": "mallory@example.test", "after": "ada@analytical.example"},
    )
    assert Customer.objects.get(pk=ada["id"]).email == "ada@analytical.example"


def test_a_part_that_lacks_its_row_gets_it_back(stripe, ada):
    subscription = stripe.get("/v1/subscriptions", customer=ada["id"])["data"][0]
    read("subscription", subscription["id"])
    count = SubscriptionItem.objects.count()
    item = subscription["items"]["data"][0]["id"]
    SubscriptionItem.objects.filter(pk=item).delete()

    written = read("subscription", subscription["id"], anew=True)

    assert written.in_columns == ({"field": f"SubscriptionItem[{item}]", "after": item},)
    assert SubscriptionItem.objects.count() == count


def test_a_row_that_was_taken_away_comes_back_as_new(ada):
    djstripe.Customer.objects.filter(id=ada["id"]).delete()
    Customer.objects.filter(pk=ada["id"]).delete()

    written = read("customer", ada["id"], anew=True)

    assert (written.outcome, written.before) == (Outcome.NEW, None)
    assert Customer.objects.get(pk=ada["id"]).name == "Ada Lovelace"


def test_what_is_right_stays_as_it_is(ada):
    assert read("customer", ada["id"], anew=True).outcome == Outcome.SAME


def test_the_history_gets_no_state_that_stripe_never_had_and_none_twice(ada):
    change_row(ada["id"], name="Mallory")

    read("customer", ada["id"], anew=True)

    assert [it.stripe_data["name"] for it in ObjectVersion.objects.filter(object_id=ada["id"])] == ["Ada Lovelace"]


def test_what_changed_at_stripe_too_is_told_against_the_row_and_kept_in_the_history(stripe, ada):
    change_row(ada["id"], name="Mallory")
    stripe.patch(ada["id"], name="Ada King")

    written = read("customer", ada["id"], anew=True)

    assert (written.before["name"], written.data["name"]) == ("Mallory", "Ada King")
    assert ObjectVersion.objects.filter(object_id=ada["id"]).count() == 2


def test_an_older_fetch_still_does_not_overwrite_a_newer_one(ada):
    older = take_ticket()
    read("customer", ada["id"])
    change_row(ada["id"], name="Mallory")

    written = write_all([Fetched("customer", ada, older, NOW)], mirror.known_account_id(), anew=True)

    assert written[0].outcome == Outcome.STALE
    assert djstripe.Customer.objects.get(id=ada["id"]).stripe_data["name"] == "Mallory"


def test_a_tombstone_that_something_else_took_off_is_put_back_with_its_time(stripe, ada):
    stripe.delete(ada["id"])
    read("customer", ada["id"])
    djstripe.Customer.objects.filter(id=ada["id"]).update(stripe_data=ada)
    Customer.objects.filter(pk=ada["id"]).update(deleted_at=None)

    written = mirror.read_and_write(Gateway(), "customer", ada["id"], now=NOW + timedelta(hours=1), anew=True)[0]

    assert written.outcome == Outcome.GONE
    assert djstripe.Customer.objects.get(id=ada["id"]).stripe_data["deleted"] is True
    assert Customer.objects.get(pk=ada["id"]).deleted_at == NOW
    assert ObjectState.objects.get(pk=ada["id"]).deleted_at == NOW


def test_lines_beyond_the_first_ten_are_read_again(stripe, ada):
    invoice = stripe.get("/v1/invoices", customer=ada["id"])["data"][0]
    line = invoice["lines"]["data"][0]
    lines = [{**line, "id": f"il_{number:02d}"} for number in range(12)]
    stripe.put({**invoice, "lines": {**invoice["lines"], "data": lines, "total_count": 12}})
    read("invoice", invoice["id"])
    InvoiceLine.objects.filter(pk="il_11").delete()
    djstripe.LineItem.objects.filter(id="il_11").delete()

    written = read("invoice", invoice["id"], anew=True)

    assert (written.outcome, written.in_columns) == (
        Outcome.CHANGED,
        ({"field": "InvoiceLine[il_11]", "after": "il_11"},),
    )
    assert InvoiceLine.objects.filter(invoice_id=invoice["id"]).count() == 12
    assert read("invoice", invoice["id"], anew=True).outcome == Outcome.SAME


def test_a_type_without_a_djstripe_model_is_looked_at_too(stripe):
    payment = stripe.all("/v1/invoice_payments")[0]
    read("invoice_payment", payment["id"])
    StripeObject.objects.filter(pk=payment["id"]).update(stripe_data={**payment, "status": "canceled"})

    assert read("invoice_payment", payment["id"], anew=True).before["status"] == "canceled"
    assert StripeObject.objects.get(pk=payment["id"]).stripe_data["status"] == payment["status"]

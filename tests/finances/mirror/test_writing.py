"""One writer: what Stripe answers is what the tables hold, and the newest fetch wins."""

import itertools
import random
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from djstripe import models as djstripe

from finances import mirror
from finances.gateway import Gateway
from finances.mirror import Fetched, Outcome
from finances.mirror.writing import write_all
from finances.models import (
    Customer,
    Invoice,
    ObjectState,
    ObjectVersion,
    StripeObject,
    Subscription,
    SubscriptionItem,
)
from finances.tickets import take_ticket

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def read(type_name: str, object_id: str, now: datetime = NOW) -> list[mirror.Written]:
    return mirror.read_and_write(Gateway(), type_name, object_id, now=now)


def ada(stripe) -> dict:
    return next(it for it in stripe.all("/v1/customers") if it["name"] == "Ada Lovelace")


def test_the_stored_json_is_stripes_answer_as_it_came(stripe):
    invoice_id = stripe.all("/v1/invoices", customer=ada(stripe)["id"])[0]["id"]

    read("invoice", invoice_id)

    answer = stripe.get(f"/v1/invoices/{invoice_id}", **{"expand[]": ["payments", "discounts"]})
    assert djstripe.Invoice.objects.get(id=invoice_id).stripe_data == answer


def test_read_model_row_version_and_state_are_written_beside_it(stripe):
    truth = ada(stripe)

    read("customer", truth["id"])

    row = Customer.objects.get(id=truth["id"])
    assert (row.email, row.name, row.currency) == (truth["email"], truth["name"], truth["currency"])
    assert row.account_id == stripe.get("/v1/account")["id"]
    assert row.search_text == f"ada@analytical.example\nada lovelace\n{truth['id'].casefold()}\n{truth['phone']}\n"
    assert ObjectVersion.objects.get(object_id=truth["id"]).stripe_data == stripe.get(f"/v1/customers/{truth['id']}")
    assert ObjectState.objects.get(object_id=truth["id"]).seen_at == NOW


def test_a_type_without_a_djstripe_model_goes_to_stripe_object(stripe):
    payment = stripe.all("/v1/invoice_payments")[0]

    read("invoice_payment", payment["id"])

    row = StripeObject.objects.get(id=payment["id"])
    assert (row.type, row.stripe_data) == ("invoice_payment", stripe.state(payment["id"]))


def test_payments_that_came_along_with_an_invoice_are_objects_of_their_own(stripe):
    invoice = next(it for it in stripe.all("/v1/invoices", **{"expand[]": "data.payments"}) if it["payments"]["data"])

    read("invoice", invoice["id"])

    payment = invoice["payments"]["data"][0]
    assert StripeObject.objects.get(id=payment["id"]).stripe_data == payment


def test_an_unchanged_object_gets_no_new_version_but_is_fresher(stripe):
    customer_id = ada(stripe)["id"]
    read("customer", customer_id)

    again = read("customer", customer_id, NOW + timedelta(hours=1))

    assert again[0].outcome == Outcome.SAME
    assert ObjectVersion.objects.filter(object_id=customer_id).count() == 1
    assert ObjectState.objects.get(object_id=customer_id).seen_at == NOW + timedelta(hours=1)


def test_a_changed_object_keeps_the_state_before(stripe):
    customer_id = ada(stripe)["id"]
    read("customer", customer_id)
    stripe.patch(customer_id, name="Ada King")

    changed = read("customer", customer_id)[0]

    assert changed.outcome == Outcome.CHANGED
    assert (changed.before["name"], changed.data["name"]) == ("Ada Lovelace", "Ada King")
    assert Customer.objects.get(id=customer_id).name == "Ada King"
    assert [version.stripe_data["name"] for version in ObjectVersion.objects.filter(object_id=customer_id)] == [
        "Ada Lovelace",
        "Ada King",
    ]


def test_an_item_that_left_the_subscription_leaves_the_tables(stripe):
    subscription = stripe.all("/v1/subscriptions", customer=ada(stripe)["id"])[0]
    read("subscription", subscription["id"])
    item = subscription["items"]["data"][0]
    items = {**subscription["items"], "data": [{**item, "id": "si_another"}], "total_count": 1}
    stripe.patch(subscription["id"], items=items)

    read("subscription", subscription["id"])

    assert list(SubscriptionItem.objects.values_list("id", flat=True)) == ["si_another"]
    assert list(djstripe.SubscriptionItem.objects.values_list("id", flat=True)) == ["si_another"]


def test_a_deleted_customer_stays_readable_as_a_tombstone(stripe):
    customer_id = ada(stripe)["id"]
    read("customer", customer_id)
    stripe.delete(customer_id)

    gone = read("customer", customer_id, NOW + timedelta(hours=1))[0]

    row = Customer.objects.get(id=customer_id)
    assert gone.outcome == Outcome.GONE
    assert (row.name, row.deleted_at) == ("Ada Lovelace", NOW + timedelta(hours=1))
    stored = djstripe.Customer.objects.get(id=customer_id).stripe_data
    assert (stored["deleted"], stored["name"]) == (True, "Ada Lovelace")


def test_an_unknown_id_leaves_no_row_but_a_tombstone(stripe):
    written = read("customer", "cus_nobody")[0]

    assert (written.outcome, written.before) == (Outcome.UNKNOWN, None)
    assert not Customer.objects.exists()
    assert ObjectState.objects.get(object_id="cus_nobody").deleted_at == NOW


def test_an_unknown_id_stays_unknown_however_often_it_is_asked_for(stripe):
    assert [read("customer", "cus_nobody")[0].outcome for _ in range(2)] == [Outcome.UNKNOWN] * 2


def test_a_link_to_what_came_later_is_set_when_the_object_is_read_again(stripe):
    charge = next(it for it in stripe.all("/v1/charges") if it["payment_method"])
    page = [charge, {**charge, "id": "ch_another"}]
    mirror.write(Gateway(), "charge", page, ticket=take_ticket(), now=NOW)
    assert djstripe.Charge.objects.get(id=charge["id"]).payment_method is None

    read("payment_method", charge["payment_method"])
    again = mirror.write(Gateway(), "charge", page, ticket=take_ticket(), now=NOW)

    assert again[0].outcome == Outcome.SAME
    assert djstripe.Charge.objects.get(id=charge["id"]).payment_method.id == charge["payment_method"]


def test_a_connected_account_that_is_read_does_not_become_the_owner(stripe):
    own = mirror.owner_account_id(Gateway(), NOW)
    connected = {**stripe.get("/v1/account"), "id": "acct_connected"}

    mirror.write(Gateway(), "account", [connected], ticket=take_ticket(), now=NOW + timedelta(hours=1))

    assert mirror.known_account_id() == own


def test_a_late_answer_to_an_older_fetch_does_not_bring_a_deleted_customer_back(stripe):
    customer = ada(stripe)
    read("customer", customer["id"])
    older = take_ticket()
    stripe.delete(customer["id"])
    read("customer", customer["id"])

    late = mirror.write(Gateway(), "customer", [customer], ticket=older, now=NOW)

    assert late[0].outcome == Outcome.STALE
    assert Customer.objects.get(id=customer["id"]).deleted_at


@pytest.mark.parametrize("order", itertools.permutations([0, 1, 2]))
def test_of_three_fetches_written_in_any_order_the_newest_stays(stripe, order):
    customer = ada(stripe)
    read("customer", customer["id"])
    fetches = [(take_ticket(), {**customer, "name": f"version {number}"}) for number in range(3)]

    for index in order:
        ticket, state = fetches[index]
        mirror.write(Gateway(), "customer", [state], ticket=ticket, now=NOW)

    assert Customer.objects.get(id=customer["id"]).name == "version 2"
    assert djstripe.Customer.objects.get(id=customer["id"]).stripe_data["name"] == "version 2"


def test_a_state_that_went_a_b_a_is_not_overwritten_by_the_older_fetch_of_b(stripe):
    customer = ada(stripe)
    read("customer", customer["id"])
    ticket_of_b = take_ticket()
    read("customer", customer["id"])  # A again: unchanged, but its ticket moves on

    written = write_all([Fetched("customer", {**customer, "name": "B"}, ticket_of_b, NOW)])

    assert written[0].outcome == Outcome.STALE
    assert Customer.objects.get(id=customer["id"]).name == "Ada Lovelace"


@pytest.mark.django_db(transaction=True)
def test_of_many_writers_at_once_the_newest_fetch_stays_whether_or_not_a_row_was_there(stripe):
    """Real threads: first inserts that meet, pages that overlap in another order, parents that both bring."""
    invoices = stripe.all("/v1/invoices", **{"expand[]": "data.payments"})[:20]
    mirror.owner_account_id(Gateway(), NOW)
    fetches = [(take_ticket(), [{**it, "description": f"version {number}"} for it in invoices]) for number in range(8)]
    errors = []

    def write(ticket: int, page: list[dict]) -> None:
        try:
            mirror.write(Gateway(), "invoice", page[ticket % 3 :: -1] + page, ticket=ticket, now=NOW)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=fetch) for fetch in fetches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert {row.stripe_data["description"] for row in djstripe.Invoice.objects.all()} == {"version 7"}
    assert Invoice.objects.count() == len(invoices)


@pytest.mark.django_db(transaction=True)
def test_writers_of_overlapping_pages_never_wait_in_a_circle(stripe):
    customers = [{**ada(stripe), "id": f"cus_{number:02}"} for number in range(30)]
    mirror.owner_account_id(Gateway(), NOW)
    errors = []

    def write(seed: int) -> None:
        chance = random.Random(seed)
        try:
            for _ in range(12):
                page = [{**it, "name": f"{seed}"} for it in chance.sample(customers, 10)]
                mirror.write(Gateway(), "customer", page, ticket=take_ticket(), now=NOW)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=[seed]) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []


def test_a_page_that_repeats_an_object_writes_it_once(stripe):
    customer = ada(stripe)

    mirror.write(Gateway(), "customer", [customer, customer], ticket=take_ticket(), now=NOW)

    assert Customer.objects.count() == 1
    assert ObjectVersion.objects.filter(object_id=customer["id"]).count() == 1


def test_a_page_of_a_hundred_costs_as_many_queries_as_a_page_of_two(stripe, django_assert_max_num_queries):
    customers = [{**ada(stripe), "id": f"cus_{number:04}"} for number in range(102)]
    mirror.owner_account_id(Gateway(), NOW)

    counts = []
    for page in (customers[:2], customers[2:]):
        ticket = take_ticket()
        with django_assert_max_num_queries(24) as captured:
            mirror.write(Gateway(), "customer", page, ticket=ticket, now=NOW)
        counts.append(len([query for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]))

    # SQLite splits a long insert by its limit of variables; PostgreSQL does not.
    assert counts[1] - counts[0] <= 5, counts


def test_money_and_times_of_an_invoice_are_stripes(stripe):
    truth = next(it for it in stripe.all("/v1/invoices") if it["status"] == "paid")

    read("invoice", truth["id"])

    row = Invoice.objects.get(id=truth["id"])
    assert (row.total, row.amount_due, row.amount_paid, row.amount_remaining, row.currency) == (
        truth["total"],
        truth["amount_due"],
        truth["amount_paid"],
        truth["amount_remaining"],
        truth["currency"],
    )
    assert row.paid_at == datetime.fromtimestamp(truth["status_transitions"]["paid_at"], UTC)
    assert row.subscription_id == truth["parent"]["subscription_details"]["subscription"]


def test_the_period_of_a_subscription_is_read_from_its_items(stripe):
    truth = stripe.all("/v1/subscriptions", customer=ada(stripe)["id"])[0]

    read("subscription", truth["id"])

    ends = min(item["current_period_end"] for item in truth["items"]["data"])
    assert Subscription.objects.get(id=truth["id"]).current_period_end == datetime.fromtimestamp(ends, UTC)


def test_an_invoice_in_the_old_shape_points_at_its_subscription_payment_and_charge(stripe):
    """Before 2025-03-31 an invoice named them at the top; such shapes come from older API versions and stored data."""
    paid = stripe.all("/v1/invoices", status="paid", **{"expand[]": "data.payments"})
    invoice = next(it for it in paid if it["payments"]["data"])
    intent = stripe.get(f"/v1/payment_intents/{invoice['payments']['data'][0]['payment']['payment_intent']}")
    old = {name: value for name, value in invoice.items() if name not in {"parent", "payments"}} | {
        "subscription": invoice["parent"]["subscription_details"]["subscription"],
        "payment_intent": intent["id"],
        "charge": intent["latest_charge"],
        "paid": True,
    }

    mirror.write(Gateway(), "invoice", [old], ticket=take_ticket(), now=NOW)

    row = djstripe.Invoice.objects.get(id=invoice["id"])
    assert (row.subscription.id, row.payment_intent.id, row.charge.id) == (
        old["subscription"],
        intent["id"],
        intent["latest_charge"],
    )
    assert Invoice.objects.get(id=invoice["id"]).subscription_id == old["subscription"]
    assert row.stripe_data == old

"""What is unpaid is unpaid since the first period that nobody paid, however often Stripe renews it after that."""

import dataclasses
import itertools
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from djstripe import models as djstripe

from finances import mirror
from finances.gateway import Gateway
from finances.metrics.paying import ever_paying
from finances.mirror import adoption, neighbours, writing
from finances.mirror.held import held
from finances.mirror.rebuild import rebuild
from finances.mirror.states import Fetched, states_of
from finances.mirror.unpaid import unpaid_since
from finances.models import Customer, Invoice, Subscription
from finances.tickets import take_ticket
from tests.factories import NOON, a_customer, a_line, a_subscription, an_invoice

pytestmark = pytest.mark.django_db

QUARTER = 91 * 86_400


def read(type_name: str, object_id: str) -> list[mirror.Written]:
    return mirror.read_and_write(Gateway(), type_name, object_id, now=NOON)


def at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def billed(subscription: Subscription, months_ago: int, status: str, **line: Any) -> Invoice:
    """An invoice of a period that began so many months of thirty days ago."""
    start = NOON - timedelta(days=30 * months_ago)
    made = an_invoice(
        a_customer(),
        subscription_id=subscription.id,
        status=status,
        billing_reason="subscription_cycle",
        created_at=start + timedelta(hours=1),
    )
    a_line(made, **{"starts_at": start, "ends_at": start + timedelta(days=30)} | line)
    return made


def test_it_is_the_first_period_that_nobody_paid_after_the_last_that_was_paid(django_assert_num_queries) -> None:
    subscription, other = a_subscription(a_customer()), a_subscription(a_customer())
    billed(subscription, 5, "uncollectible")
    billed(subscription, 4, "paid")
    billed(subscription, 3, "void")
    billed(subscription, 2, "open")
    billed(subscription, 1, "open")
    billed(other, 3, "open")

    with django_assert_num_queries(2):
        found = unpaid_since({subscription.id, other.id})

    assert found == {subscription.id: NOON - timedelta(days=60), other.id: NOON - timedelta(days=90)}


def test_use_of_the_period_before_and_a_change_in_it_do_not_move_the_day() -> None:
    subscription = a_subscription(a_customer())
    invoice = billed(subscription, 2, "uncollectible")
    a_line(invoice, starts_at=NOON - timedelta(days=90), ends_at=NOON - timedelta(days=60))
    a_line(invoice, starts_at=NOON - timedelta(days=45), ends_at=NOON - timedelta(days=30), proration=True)

    assert unpaid_since({subscription.id}) == {subscription.id: NOON - timedelta(days=60)}


def test_an_invoice_that_opens_no_period_says_nothing_of_it() -> None:
    subscription = a_subscription(a_customer())
    billed(subscription, 4, "paid")
    billed(subscription, 3, "open", proration=True)  # an upgrade within the month
    once = NOON - timedelta(days=80)
    billed(subscription, 3, "open", starts_at=once, ends_at=once)
    billed(subscription, 2, "open")

    assert unpaid_since({subscription.id}) == {subscription.id: NOON - timedelta(days=60)}


def test_a_later_period_that_was_paid_covers_what_was_owed_before_however_it_came_about() -> None:
    subscription = a_subscription(a_customer())
    billed(subscription, 3, "open")
    by_the_year = billed(subscription, 2, "paid", ends_at=NOON + timedelta(days=300))
    Invoice.objects.filter(pk=by_the_year.pk).update(billing_reason="subscription_update")

    assert unpaid_since({subscription.id}) == {}


def test_one_of_which_every_invoice_was_paid_has_no_such_day(django_assert_num_queries) -> None:
    subscription = a_subscription(a_customer())
    billed(subscription, 1, "paid")

    assert unpaid_since({subscription.id}) == {}
    with django_assert_num_queries(0):
        assert unpaid_since(set()) == {}


@pytest.fixture
def left_unpaid(stripe) -> dict[str, Any]:
    """Ada's subscription, unpaid since the period of `invoice` began, and renewed by Stripe for a quarter since."""
    ada = next(it for it in stripe.all("/v1/customers") if it["name"] == "Ada Lovelace")
    subscription = stripe.all("/v1/subscriptions", customer=ada["id"])[0]
    theirs = stripe.all("/v1/invoices", subscription=subscription["id"])
    invoice = next(it for it in theirs if it["billing_reason"] == "subscription_cycle")
    stripe.patch(invoice["id"], status="open", amount_remaining=invoice["total"], amount_paid=0)
    since = max(line["period"]["start"] for line in invoice["lines"]["data"])
    renewed = {"current_period_start": since + QUARTER, "current_period_end": since + QUARTER + 86_400}
    items = [item | renewed for item in subscription["items"]["data"]]
    stripe.patch(subscription["id"], status="unpaid", items=subscription["items"] | {"data": items})
    return {"customer": ada["id"], "subscription": subscription["id"], "invoice": invoice["id"], "since": since}


def paid_until(subscription_id: str) -> datetime | None:
    return Subscription.objects.get(id=subscription_id).paying_until


@pytest.mark.parametrize("order", list(itertools.permutations(("customer", "subscription", "invoice"))))
def test_whatever_is_read_first_it_is_lost_in_the_month_that_nobody_paid(stripe, left_unpaid, order) -> None:
    for type_name in order:
        read(type_name, left_unpaid[type_name])

    assert paid_until(left_unpaid["subscription"]) == at(left_unpaid["since"])
    assert list(rebuild(check_only=True)) == []


def test_a_further_renewal_does_not_move_it(stripe, left_unpaid) -> None:
    for type_name in ("invoice", "subscription"):
        read(type_name, left_unpaid[type_name])
    subscription = stripe.state(left_unpaid["subscription"])
    start = left_unpaid["since"] + 2 * QUARTER
    items = [item | {"current_period_start": start} for item in subscription["items"]["data"]]
    page = [subscription | {"items": subscription["items"] | {"data": items}}]

    mirror.write(Gateway(), "subscription", page, ticket=take_ticket(), now=NOON)

    assert paid_until(left_unpaid["subscription"]) == at(left_unpaid["since"])


def test_an_invoice_that_is_written_off_leaves_it_and_one_that_is_void_says_nothing(stripe, left_unpaid) -> None:
    found = []
    read("subscription", left_unpaid["subscription"])
    for status in ("uncollectible", "void", "open"):
        stripe.patch(left_unpaid["invoice"], status=status)
        read("invoice", left_unpaid["invoice"])
        found.append(paid_until(left_unpaid["subscription"]))

    since, own = at(left_unpaid["since"]), at(left_unpaid["since"] + QUARTER)
    assert found == [since, own, since]


def test_one_whose_first_period_nobody_paid_never_was_paid_for(stripe, left_unpaid) -> None:
    stripe.patch(left_unpaid["subscription"], trial_end=left_unpaid["since"])
    read("customer", left_unpaid["customer"])
    read("subscription", left_unpaid["subscription"])
    assert Customer.objects.get(id=left_unpaid["customer"]).paying_since == at(left_unpaid["since"])

    read("invoice", left_unpaid["invoice"])

    assert not ever_paying().exists()
    assert Customer.objects.get(id=left_unpaid["customer"]).paying_since is None
    assert list(rebuild(check_only=True)) == []


@pytest.mark.django_db(transaction=True)
def test_a_rebuild_takes_an_invoice_away_that_djstripe_no_longer_has(stripe, left_unpaid, monkeypatch) -> None:
    for type_name in ("customer", "subscription", "invoice"):
        read(type_name, left_unpaid[type_name])
    monkeypatch.setattr(adoption, "adopt", lambda *_, **__: None)  # as after a restore, of which nobody is told
    djstripe.Invoice.objects.filter(id=left_unpaid["invoice"]).delete()
    assert paid_until(left_unpaid["subscription"]) == at(left_unpaid["since"])

    assert "Invoice" in {drift.model for drift in rebuild()}

    assert paid_until(left_unpaid["subscription"]) == at(left_unpaid["since"] + QUARTER)
    assert list(rebuild(check_only=True)) == []


@pytest.mark.django_db(transaction=True)
def test_what_djstripe_writes_and_deletes_beside_us_dates_it_too(stripe, left_unpaid) -> None:
    for type_name in ("customer", "subscription", "invoice"):
        read(type_name, left_unpaid[type_name])
    invoice = djstripe.Invoice.objects.get(id=left_unpaid["invoice"])

    invoice.stripe_data = invoice.stripe_data | {"status": "void"}
    invoice.save()
    assert paid_until(left_unpaid["subscription"]) == at(left_unpaid["since"] + QUARTER)
    invoice.stripe_data = invoice.stripe_data | {"status": "open"}
    invoice.save()
    assert paid_until(left_unpaid["subscription"]) == at(left_unpaid["since"])
    invoice.delete()
    assert paid_until(left_unpaid["subscription"]) == at(left_unpaid["since"] + QUARTER)


def beside(write: Callable[[], object], *, patience: float) -> tuple[threading.Thread, bool]:
    """In another connection; and whether it ended within so many seconds."""

    def work() -> None:
        try:
            write()
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(patience)
    return thread, not thread.is_alive()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_writers_of_one_customers_invoices_do_not_wait_for_each_other(stripe) -> None:
    ada = next(it for it in stripe.all("/v1/customers") if it["name"] == "Ada Lovelace")
    one, other = stripe.all("/v1/invoices", customer=ada["id"])[:2]
    ended = []

    def meanwhile(written: list[mirror.Written]) -> None:
        ended.append(beside(lambda: read("invoice", other["id"]), patience=20)[1])

    read("invoice", one["id"])
    stripe.patch(one["id"], description="Changed")
    mirror.read_and_write(Gateway(), "invoice", one["id"], now=NOON, within=meanwhile)

    assert ended == [True]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["invoice", "subscription"])
def test_one_that_becomes_unpaid_while_its_invoice_is_written_is_dated_by_it(stripe, left_unpaid, first) -> None:
    unpaid = stripe.state(left_unpaid["subscription"])
    stripe.patch(left_unpaid["subscription"], status="active")
    stripe.patch(left_unpaid["invoice"], status="paid")
    for type_name in ("customer", "subscription", "invoice"):
        read(type_name, left_unpaid[type_name])
    stripe.patch(left_unpaid["subscription"], status=unpaid["status"])
    stripe.patch(left_unpaid["invoice"], status="open")
    second = "subscription" if first == "invoice" else "invoice"
    others = []

    def meanwhile(written: list[mirror.Written]) -> None:
        others.append(beside(lambda: read(second, left_unpaid[second]), patience=2))

    mirror.read_and_write(Gateway(), first, left_unpaid[first], now=NOON, within=meanwhile)
    ((thread, ended_before),) = others
    thread.join()

    assert not ended_before
    assert paid_until(left_unpaid["subscription"]) == at(left_unpaid["since"])


def test_of_what_is_not_the_same_any_more_as_when_it_was_looked_at_the_owner_is_held_too(
    stripe, left_unpaid, monkeypatch
) -> None:
    for type_name in ("customer", "subscription", "invoice"):
        read(type_name, left_unpaid[type_name])
    invoice = stripe.state(left_unpaid["invoice"])
    stored = Fetched("invoice", held("invoice", [invoice["id"]])[invoice["id"]], take_ticket(), NOON)
    looked_at = states_of([stored.key])
    stripe.patch(invoice["id"], status="void")
    read("invoice", invoice["id"])
    later = dataclasses.replace(stored, ticket=take_ticket())

    held_owners: list[set[str]] = []
    hold = neighbours.owners_to_hold
    monkeypatch.setattr(writing, "owners_to_hold", lambda objects: held_owners.append(hold(objects)) or held_owners[-1])

    (written,) = writing.write_all([later], known=looked_at)

    assert held_owners == [set(), {left_unpaid["customer"]}]
    assert looked_at[later.key].holds(later)
    assert written.outcome == mirror.Outcome.CHANGED
    assert paid_until(left_unpaid["subscription"]) == at(left_unpaid["since"])


def test_a_rebuild_dates_it_once_its_invoices_are_right(stripe, left_unpaid) -> None:
    read("invoice", left_unpaid["invoice"])
    Invoice.objects.update(status="paid")
    Subscription.objects.update(paying_until=None)

    list(rebuild())

    assert paid_until(left_unpaid["subscription"]) == at(left_unpaid["since"])
    assert list(rebuild(check_only=True)) == []

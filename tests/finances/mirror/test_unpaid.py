"""What is unpaid is unpaid since the first period that nobody paid, however often Stripe renews it after that."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from finances import mirror
from finances.gateway import Gateway
from finances.metrics.paying import ever_paying
from finances.mirror.rebuild import rebuild
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


def test_a_rebuild_dates_it_once_its_invoices_are_right(stripe, left_unpaid) -> None:
    read("invoice", left_unpaid["invoice"])
    Invoice.objects.update(status="paid")
    Subscription.objects.update(paying_until=None)

    list(rebuild())

    assert paid_until(left_unpaid["subscription"]) == at(left_unpaid["since"])
    assert list(rebuild(check_only=True)) == []

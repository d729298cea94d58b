"""When access ends, said in one sentence on the pages of a customer and of a subscription, and in the list."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from djstripe import models as djstripe

from tests.factories import NOON, a_customer, a_payment_method, a_subscription, an_invoice

pytestmark = pytest.mark.django_db
TRIAL_END = datetime(2026, 12, 4, 12, tzinfo=UTC)
TRIAL = {"status": "trialing", "trial_ends_at": TRIAL_END}


@pytest.fixture
def desk(client, support):
    client.force_login(support)
    return client


def a_stored_subscription(*, with_method: bool = True, settings: str = "", **fields):
    customer = a_customer()
    method = a_payment_method(customer).id if with_method else None
    stored = {"invoice_settings": {"default_payment_method": method}}
    theirs = djstripe.Customer.objects.create(id=customer.id, livemode=False, stripe_data=stored)
    subscription = a_subscription(customer, **fields)
    ends = {"trial_settings": {"end_behavior": {"missing_payment_method": settings}}, "items": {"data": []}}
    djstripe.Subscription.objects.create(id=subscription.id, livemode=False, customer=theirs, stripe_data=ends)
    return subscription


def text_of(answer) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "No end is set: it renews on 20 Dec."),
        ({"cancel_at_period_end": True}, "Access ends on 20 Dec: it is set to cancel then."),
        ({"status": "canceled", "ended_at": NOON}, "Access ended on 20 Nov."),
        (TRIAL | {"with_method": False, "settings": "cancel"}, "Access ends on 4 Dec: the trial ends without"),
        (TRIAL | {"with_method": False, "settings": "pause"}, "and Stripe pauses it then."),
        (TRIAL | {"with_method": False}, "Access is paid for by nothing from 4 Dec"),
        ({"with_method": False}, "Access is paid for until 20 Dec. No end is set, but the next charge fails"),
        ({"status": "unpaid", "paying_until": NOON}, "Access is not paid for since 20 Nov."),
        ({"status": "incomplete"}, "It expires on 21 Nov unless the first payment is made."),
        ({"status": "paused"}, "No end is set: it is paused"),
        ({"current_period_end": None}, "No end is set."),
        ({"status": "canceled", "ended_at": None}, "Access has ended."),
    ],
)
def test_a_subscriptions_page_says_when_it_ends(desk, given, says: str) -> None:
    subscription = a_stored_subscription(**given)

    assert says in text_of(desk.get(f"/console/subscriptions/{subscription.id}/"))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (TRIAL | {"with_method": False, "settings": "cancel"}, "Access ends on 4 Dec: the trial ends without"),
        ({"with_method": False}, "Access is paid for until 20 Dec."),
        ({"status": "unpaid", "paying_until": NOON}, "Access is not paid for since 20 Nov."),
        ({"status": "incomplete"}, "It expires on 21 Nov"),
    ],
)
def test_a_customers_page_says_it_of_the_subscription_that_stands_worst(desk, given, says: str) -> None:
    subscription = a_stored_subscription(**given)

    assert says in text_of(desk.get(f"/console/customers/{subscription.customer_id}/"))


@pytest.mark.parametrize("place", ["subscriptions", "customers"])
def test_a_try_ahead_is_named_and_what_nobody_can_know_is_not_promised(desk, place: str) -> None:
    subscription = a_stored_subscription(status="past_due")
    ahead = timezone.now() + timedelta(days=3)
    an_invoice(
        a_customer(id="cus_beside"),
        customer_id=subscription.customer_id,
        subscription_id=subscription.id,
        status="open",
        attempt_count=2,
        next_attempt_at=ahead,
    )
    key = subscription.id if place == "subscriptions" else subscription.customer_id

    page = text_of(desk.get(f"/console/{place}/{key}/"))

    assert "2 tries for invoice" in page
    assert page.count("Stripe tries again") == 1
    assert "a setting that it does not tell us" in page


def test_the_list_says_which_trials_end_without_a_method(desk) -> None:
    a_subscription(a_customer(), **TRIAL)
    a_subscription(a_customer(default_payment_method_id="pm_1"), **TRIAL)
    a_subscription(a_customer(), default_payment_method_id="pm_2", **TRIAL)
    a_subscription(a_customer(), collection_method="send_invoice", **TRIAL)

    assert text_of(desk.get("/console/subscriptions/")).count("no payment method; the trial ends on") == 1


def page_of(desk, subscription) -> str:
    response = desk.get(f"/console/subscriptions/{subscription.id}/")
    assert response.status_code == 200
    return response.content.decode()


def test_a_past_due_one_says_what_is_owed_its_tries_and_the_next(desk) -> None:
    subscription = a_subscription(customer := a_customer(), status="past_due")
    now = timezone.now()
    an_invoice(
        customer, subscription_id=subscription.id, status="open", number="NV-9", attempt_count=2,
        finalized_at=now - timedelta(hours=60), next_attempt_at=now + timedelta(days=3, seconds=9),
    )  # fmt: skip

    page = page_of(desk, subscription)
    note = re.sub(r"<[^>]+>|\s+", " ", page.partition('class="pd-note" data-tone="urgent"')[2].partition("</div>")[0])
    for words in ("29.00 EUR is not paid, 3 days late.", "2 tries for invoice", "NV-9", "tries again", "in 3 days"):
        assert words in note, words
    assert "2 tries, next" in re.sub(r"<[^>]+>", "", page)


def test_a_past_due_one_whose_invoice_was_sent_promises_no_try(desk) -> None:
    subscription = a_subscription(customer := a_customer(), status="past_due", collection_method="send_invoice")
    due = timezone.now() - timedelta(days=2)
    an_invoice(customer, subscription_id=subscription.id, status="open", number="NV-9", due_at=due)

    note = page_of(desk, subscription).partition('class="pd-note" data-tone="urgent"')[2].partition("</div>")[0]
    assert "was due" in note
    assert "tries" not in note
    assert "It stays past due until it is paid or somebody decides." in note

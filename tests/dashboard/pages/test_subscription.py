from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from djstripe import models as djstripe

from finances.models import ObjectVersion, Subscription, SubscriptionSchedule
from tests.factories import (
    NOON,
    a_coupon,
    a_credit_note,
    a_customer,
    a_delivery,
    a_discount,
    a_payment_method,
    a_price,
    a_product,
    a_subscription,
    an_invoice,
    an_item,
    seen,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, support):
    client.force_login(support)
    return client


def page_of(desk, subscription) -> str:
    response = desk.get(f"/console/subscriptions/{subscription.id}/")
    assert response.status_code == 200
    return response.content.decode()


def stored(subscription, stripe_data) -> None:
    customer = djstripe.Customer.objects.create(id=subscription.customer_id, livemode=False, stripe_data={})
    djstripe.Subscription.objects.create(id=subscription.id, livemode=False, customer=customer, stripe_data=stripe_data)


def test_items_value_terms_and_invoices_are_on_the_page(desk) -> None:
    customer = a_customer(name="Nordlicht")
    subscription = a_subscription(customer, mrr=132000)
    an_item(subscription, a_product(name="Business"), quantity=40, unit_amount=3300)
    an_item(subscription, a_product(name="API calls"), quantity=None, unit_amount=None)
    invoice = an_invoice(customer, subscription_id=subscription.id)
    Subscription.objects.update(collection_method="send_invoice")
    stored(subscription, {"collection_method": "send_invoice", "days_until_due": 14, "default_payment_method": "pm_1"})

    page = page_of(desk, subscription)
    for words in ("Business, 40 seats; API calls", "33.00", "billed by use", "tiers", "1,320.00", "counts as MRR"):
        assert words in page
    for words in (
        "For each item: its price",
        "Invoice is sent",
        "due after 14 days",
        "pays the invoice with",
        "Nordlicht",
    ):
        assert words in page
    assert f'href="/console/invoices/{invoice.id}/"' in page


def test_why_and_when_it_ends_is_told(desk) -> None:
    subscription = a_subscription(a_customer(), cancel_at_period_end=True)
    details = {"reason": "cancellation_requested", "feedback": "too_expensive", "comment": "<b>bye</b>"}
    stored(subscription, {"cancellation_details": details})

    page = page_of(desk, subscription)
    for words in ("Access ends on", "asked for", "too expensive", "&lt;b&gt;bye&lt;/b&gt;"):
        assert words in page


@pytest.mark.parametrize("status", ["past_due", "unpaid", "incomplete", "trialing", "paused", "canceled", "brand_new"])
def test_every_status_opens(desk, status: str) -> None:
    page_of(desk, a_subscription(a_customer(), status=status, current_period_end=None, mrr=None))


@pytest.mark.parametrize(
    "stripe_data",
    [
        {},
        [],
        {"discounts": {"data": 1}, "cancellation_details": "x", "metadata": []},
        {"items": {"data": [None]}},
        {"items": {"data": [{"id": 7}]}, "pending_update": "x"},
        {"items": 3},
    ],
)
def test_any_stored_shape_opens(desk, stripe_data) -> None:
    subscription = a_subscription(a_customer())
    stored(subscription, stripe_data)

    page_of(desk, subscription)


def test_an_unknown_subscription_is_404_with_the_search_box_at_hand(desk) -> None:
    response = desk.get("/console/subscriptions/sub_nope/")

    assert response.status_code == 404
    assert 'id="pd-find"' in response.content.decode()


SEATS = {
    "id": "si_1",
    "quantity": 40,
    "price": {
        "id": "price_1", "product": "prod_1", "currency": "eur", "unit_amount_decimal": "39600",
        "recurring": {"interval": "year", "interval_count": 1, "usage_type": "licensed"},
    },
}  # fmt: skip


def forever(coupon_id: str) -> dict:
    return {"id": "di_1", "source": {"coupon": coupon_id}, "end": None}


def test_the_monthly_value_is_shown_step_by_step(desk) -> None:
    customer = a_customer()
    subscription = a_subscription(customer, mrr=105600)
    an_item(subscription, a_product(name="Business"), id="si_1", price_id="price_1", quantity=40, interval="year")
    djstripe.Coupon.objects.create(
        id="FRIENDS",
        livemode=False,
        stripe_data={"id": "FRIENDS", "duration": "forever", "percent_off": 20},
    )

    stored(subscription, {"currency": "eur", "items": {"data": [SEATS]}, "discounts": [forever("FRIENDS")]})

    response = desk.get(f"/console/subscriptions/{subscription.id}/")
    (step,) = response.context["steps"]
    page = response.content.decode()
    assert (step.product, step.value.gross, step.value.discount, step.months, step.value.monthly) == (
        "Business", Decimal(1584000), Decimal("316800.0"), "12", Decimal(105600),
    )  # fmt: skip
    for words in ("15,840.00", "3,168.00", "1,056.00", "Only discounts that last for ever are taken off"):
        assert words in page
    assert "was computed before" not in page


def test_a_value_that_is_not_computed_names_the_missing_rule(desk) -> None:
    subscription = a_subscription(a_customer(), mrr=None, mrr_gap="coupon_unknown")
    stored(subscription, {"currency": "eur", "items": {"data": [SEATS]}, "discounts": [forever("NEVER_READ")]})

    page = page_of(desk, subscription)
    assert (
        "Not computed: a discount’s coupon is not stored here, or was made anew since; a resync reads what Stripe has."
        in page
    )


def test_a_kept_value_that_rests_on_older_facts_is_called_so(desk) -> None:
    subscription = a_subscription(a_customer(), mrr=Decimal(99))
    stored(subscription, {"currency": "eur", "items": {"data": [SEATS]}})

    assert "0.99 EUR, was computed before something that it rests on changed" in page_of(desk, subscription)


def test_tiers_stand_in_a_table(desk) -> None:
    subscription = a_subscription(a_customer())
    product = a_product(name="Volume")
    price = a_price(product, unit_amount=None, tiers_mode="volume")
    an_item(subscription, product, price_id=price.id, unit_amount=None, quantity=7)
    whole = djstripe.Product.objects.create(id=product.id, livemode=False, stripe_data={})
    djstripe.Price.objects.create(
        id=price.id, livemode=False, active=True, product=whole,
        stripe_data={"tiers": [{"up_to": 5, "unit_amount": 900}, {"up_to": None, "unit_amount_decimal": "700.5"}]},
    )  # fmt: skip

    page = page_of(desk, subscription)
    for words in ("1 to 5", "9.00", "6 and more", "7.005", "all units cost what the tier of the whole quantity says"):
        assert words in page


def test_a_schedule_says_what_changes_when(desk) -> None:
    customer = a_customer()
    subscription = a_subscription(customer)
    product = a_product(name="Business")
    price = a_price(product)
    an_item(subscription, product, price_id=price.id, quantity=40)
    now = int(timezone.now().timestamp())
    phases = [
        {"start_date": now - 900, "end_date": now + 900, "items": [{"price": price.id, "quantity": 40}]},
        {"start_date": now + 900, "end_date": now + 9000, "items": [{"price": price.id, "quantity": 32}]},
    ]
    SubscriptionSchedule.objects.create(
        id="sub_sched_1", customer_id=customer.id, subscription_id=subscription.id, status="active",
        end_behavior="release", created_at=NOON,
    )  # fmt: skip
    whole = djstripe.Customer.objects.create(id=customer.id, livemode=False, stripe_data={})
    djstripe.SubscriptionSchedule.objects.create(
        id="sub_sched_1", livemode=False, customer=whole, stripe_data={"phases": phases}
    )

    page = page_of(desk, subscription)
    for words in (
        "A change is planned for", "32 × Business instead of 40", "40 × Business, 29.00 EUR a month",
        "Then the subscription goes on as the last phase leaves it.",
    ):  # fmt: skip
        assert words in page


def test_a_pending_update_waits_for_its_payment(desk) -> None:
    subscription = a_subscription(a_customer())
    price = a_price(a_product(name="Business"))
    update = {"subscription_items": [{"price": {"id": price.id}, "quantity": 9}], "expires_at": 1800000000}
    stored(subscription, {"pending_update": update})

    page = page_of(desk, subscription)
    for words in ("A change waits for its payment.", "9 × Business, 29.00 EUR a month", "Unpaid, Stripe drops it"):
        assert words in page


def test_the_history_tells_changes_in_words_newest_first(desk) -> None:
    subscription = a_subscription(a_customer())
    states = [{"status": "trialing"}, {"status": "active"}, {"status": "active", "cancel_at_period_end": True}]
    for ticket, state in enumerate(states):
        ObjectVersion.objects.create(object_id=subscription.id, seen_at=NOON, ticket=ticket, stripe_data=state)

    response = desk.get(f"/console/subscriptions/{subscription.id}/")
    assert [change.words for change in response.context["changes"]] == [
        ["Set to cancel at the end of its period."],
        ["Status: Trial → Active."],
    ]
    assert "Status: Trial → Active." in response.content.decode()


@pytest.mark.guarantee("D4")
def test_hostile_text_in_every_field_is_shown_as_text(desk) -> None:
    evil = "<script>alert(1)</script>\u202e"
    customer = a_customer()
    subscription = a_subscription(customer, mrr_gap=evil[:30], mrr=None)
    an_item(subscription, a_product(name=evil))
    a_discount(a_coupon(name=evil), customer, subscription)
    item = {"id": "si_1", "quantity": 1, "price": {"id": evil, "currency": "eur", "nickname": evil}}
    stored(subscription, {"description": evil, "items": {"data": [item]}, "metadata": {evil: evil}})
    for ticket, state in enumerate([{"a": 1}, {evil: 2, "status": evil, "items": {"data": [item]}}]):
        ObjectVersion.objects.create(object_id=subscription.id, seen_at=NOON, ticket=ticket, stripe_data=state)

    assert "<script>alert" not in page_of(desk, subscription)


def test_what_it_cost_in_a_month_is_said_with_the_invoices_and_what_went_back(desk) -> None:
    customer = a_customer()
    subscription = a_subscription(customer)
    in_march = datetime(2026, 3, 5, 12, tzinfo=UTC)
    invoice = an_invoice(customer, subscription_id=subscription.id, total=28440, finalized_at=in_march)
    a_credit_note(invoice, total=440)
    an_invoice(customer, subscription_id=subscription.id, total=14040, status="open")

    page = page_of(desk, subscription)

    assert "What it cost, by month" in page
    march = page.partition("March 2026")[2].partition("</tr>")[0]
    assert f"/console/invoices/{invoice.id}/" in march
    for amount in ("284.40", "4.40", "280.00"):
        assert amount in march
    november = page.partition("November 2026")[2].partition("</tr>")[0]
    assert november.count("140.40") == 3  # invoiced, not paid yet, cost


def test_what_was_never_invoiced_has_no_cost_to_show(desk) -> None:
    assert "What it cost" not in page_of(desk, a_subscription(a_customer()))


def test_the_number_of_queries_does_not_grow(desk) -> None:
    customer = a_customer()
    subscription = a_subscription(customer, created_at=NOON)
    stored(subscription, {"items": {"data": [SEATS]}, "discounts": [forever("FRIENDS")]})

    def queries_with(rows: int) -> int:
        for _ in range(rows):
            product = a_product()
            an_item(subscription, product, price_id=a_price(product).id)
            an_invoice(customer, subscription_id=subscription.id)
            a_delivery(object_id=subscription.id)
            a_discount(a_coupon(), customer, subscription)
            a_payment_method(customer)
            number = next(tickets)
            ObjectVersion.objects.create(
                object_id=subscription.id, seen_at=NOON, ticket=number, stripe_data={"n": number}
            )
            SubscriptionSchedule.objects.create(
                id=f"sub_sched_{number}", customer_id=customer.id, subscription_id=subscription.id, created_at=NOON
            )
        with CaptureQueriesContext(connection) as queries:
            page_of(desk, subscription)
        return len(queries)

    assert queries_with(2) == queries_with(38) == QUERIES


tickets = count()
# Session, user, 2 of rights, the shell’s 4, 12 of the page, 3 of its cost, freshness, what failed, timeline, notes.
QUERIES = 27


def test_an_event_that_was_put_aside_is_said_and_leads_there(desk) -> None:
    subscription = a_subscription(a_customer())
    seen(subscription.id)
    page = page_of(desk, subscription)
    assert "could not be processed" not in page
    event = a_delivery(object_id=subscription.id, state="quarantined", created_at=NOON + timedelta(minutes=1))

    page = page_of(desk, subscription)

    assert "An event about this subscription could not be processed." in page
    assert "What is shown may lack it." in page
    assert f'<a class="pd-btn pd-btn-s" href="/console/webhooks/{event.pk}/">Open the event</a>' in page


def test_the_next_invoice_is_our_estimate_and_says_what_is_not_in_it(desk) -> None:
    subscription = a_subscription(a_customer())
    an_item(subscription, a_product(name="Business"), id="si_1", price_id="price_1", quantity=40)
    once = {"id": "di_1", "source": {"coupon": {"id": "C", "duration": "once", "percent_off": 50}}, "end": None}
    stored(
        subscription,
        {"status": "active", "currency": "eur", "items": {"data": [SEATS]}, "discounts": [once]}
        | {"current_period_end": 1797768000, "automatic_tax": {"enabled": True}},
    )

    page = " ".join(page_of(desk, subscription).split())
    for words in (
        "Our estimate",
        "40 × Business",
        "15,840.00",
        "7,920.00",
        "Not in it: prorations of changes in this period, and items added by hand; tax, which Stripe works out itself.",
    ):
        assert words in page


def test_the_next_invoice_has_the_change_that_is_planned_for_its_day(desk) -> None:
    subscription = a_subscription(a_customer())
    product = a_product(name="Business")
    an_item(subscription, product, id="si_1", price_id="price_1", quantity=40)
    price = a_price(product)
    monthly = {"interval": "month", "interval_count": 1, "usage_type": "licensed"}
    of_stripe = {"id": price.id, "currency": "eur", "unit_amount": 5100, "recurring": monthly}
    djstripe.Price.objects.create(
        id=price.id,
        livemode=False,
        active=True,
        product=djstripe.Product.objects.create(id=product.id, livemode=False, stripe_data={}),
        stripe_data=of_stripe,
    )
    turn = int(timezone.now().timestamp()) + 900
    stored(
        subscription,
        {"status": "active", "currency": "eur", "items": {"data": [SEATS]}, "current_period_end": turn},
    )
    SubscriptionSchedule.objects.create(
        id="sub_sched_1", customer_id=subscription.customer_id, subscription_id=subscription.id, status="active",
        end_behavior="release", created_at=NOON,
    )  # fmt: skip
    djstripe.SubscriptionSchedule.objects.create(
        id="sub_sched_1",
        livemode=False,
        customer=djstripe.Customer.objects.get(id=subscription.customer_id),
        stripe_data={"phases": [{"start_date": turn, "items": [{"price": price.id, "quantity": 6}]}]},
    )

    page = " ".join(page_of(desk, subscription).split())
    for words in ("6 × Business</bdi>", "306.00", "The change that is planned is in it. Not in it: prorations"):
        assert words in page
    assert "the change that is planned before it" not in page


def test_a_subscription_that_ends_has_no_next_invoice(desk) -> None:
    subscription = a_subscription(a_customer(), cancel_at_period_end=True)
    stored(subscription, {"status": "active", "cancel_at_period_end": True, "items": {"data": [SEATS]}})

    assert "None for another period: the subscription ends." in page_of(desk, subscription)


def test_what_stripe_does_to_it_opens_there(desk) -> None:
    subscription = a_subscription(a_customer(), account_id="acct_1A")

    page = page_of(desk, subscription)

    assert page.count(f'href="https://dashboard.stripe.com/acct_1A/test/subscriptions/{subscription.id}"') == 4
    assert "Pause collection" in page

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from djstripe import models as djstripe

from tests.factories import NOON, a_customer, a_delivery, a_product, a_subscription, an_invoice, an_item

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
    stored(subscription, {"collection_method": "send_invoice", "days_until_due": 14, "default_payment_method": "pm_1"})

    page = page_of(desk, subscription)
    for words in ("Business, 40 seats; API calls", "33.00", "metered", "tiers", "1,320.00", "counts as MRR"):
        assert words in page
    for words in ("For each item: unit price", "Invoice is sent", "due after 14 days", "pm_1", "Nordlicht"):
        assert words in page
    assert f'href="/console/invoices/{invoice.id}/"' in page


def test_why_and_when_it_ends_is_told(desk) -> None:
    subscription = a_subscription(a_customer(), cancel_at_period_end=True)
    details = {"reason": "cancellation_requested", "feedback": "too_expensive", "comment": "<b>bye</b>"}
    stored(subscription, {"cancellation_details": details})

    page = page_of(desk, subscription)
    for words in ("It cancels on", "asked for", "too expensive", "&lt;b&gt;bye&lt;/b&gt;"):
        assert words in page


@pytest.mark.parametrize("status", ["past_due", "unpaid", "incomplete", "trialing", "paused", "canceled", "brand_new"])
def test_every_status_opens(desk, status: str) -> None:
    page_of(desk, a_subscription(a_customer(), status=status, current_period_end=None, mrr=None))


@pytest.mark.parametrize(
    "stripe_data", [{}, [], {"discounts": {"data": 1}, "cancellation_details": "x", "metadata": []}]
)
def test_any_stored_shape_opens(desk, stripe_data) -> None:
    subscription = a_subscription(a_customer())
    stored(subscription, stripe_data)

    page_of(desk, subscription)


def test_an_unknown_subscription_is_404_with_the_search_box_at_hand(desk) -> None:
    response = desk.get("/console/subscriptions/sub_nope/")

    assert response.status_code == 404
    assert 'id="pd-find"' in response.content.decode()


def test_the_number_of_queries_does_not_grow(desk) -> None:
    subscription = a_subscription(customer := a_customer(), created_at=NOON)

    def queries_with(rows: int) -> int:
        for _ in range(rows):
            an_item(subscription)
            an_invoice(customer, subscription_id=subscription.id)
            a_delivery(object_id=subscription.id)
        with CaptureQueriesContext(connection) as queries:
            page_of(desk, subscription)
        return len(queries)

    assert queries_with(2) == queries_with(38) == QUERIES


QUERIES = 14  # session, user, 2 of rights, lag, 8 of the page, freshness

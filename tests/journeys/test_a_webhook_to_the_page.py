"""Stripe calls, the delivery is kept and acknowledged, a worker reads the object, and the page shows what is true."""

import pytest

from finances.models import Delivery
from finances.worker import drain

pytestmark = pytest.mark.django_db


def newest_event(stripe) -> dict:
    return stripe.get("/v1/events", limit=1)["data"][0]


def test_a_change_is_on_the_page_after_its_webhook(stripe, deliver, read, open_page, client, support):
    customer = stripe.get("/v1/customers", limit=1)["data"][0]
    read(customer["id"])
    stripe.patch(customer["id"], event="customer.updated", name="Grace Hopper")

    answer = deliver(newest_event(stripe))

    assert answer.status_code == 200
    assert Delivery.objects.get().state == "received"
    client.force_login(support)
    assert "Grace Hopper" not in open_page(f"customers/{customer['id']}/")

    drain()

    assert Delivery.objects.get().state == "processed"
    assert "<bdi>Grace Hopper</bdi>" in open_page(f"customers/{customer['id']}/")
    assert "Grace Hopper" in open_page("customers/?q=grace")
    assert "Customer changed" in open_page(f"customers/{customer['id']}/")
    assert "customer.updated" in open_page(f"webhooks/?q={customer['id']}")


def test_somebody_new_is_on_the_page_after_one_webhook(stripe, deliver, open_page, client, support):
    customer = stripe.get("/v1/customers", limit=1)["data"][0]
    stripe.patch(customer["id"], event="customer.updated", phone="+49 30 1")
    deliver(newest_event(stripe))

    drain()

    client.force_login(support)
    assert customer["email"] in open_page(f"customers/{customer['id']}/")


def test_the_page_shows_what_is_true_now_and_not_what_an_old_event_said(
    stripe, deliver, read, open_page, client, support
):
    customer = stripe.get("/v1/customers", limit=1)["data"][0]
    read(customer["id"])
    stripe.patch(customer["id"], event="customer.updated", name="First Name")
    first = newest_event(stripe)
    stripe.patch(customer["id"], event="customer.updated", name="Second Name")
    second = newest_event(stripe)

    for event in (second, first, second):
        assert deliver(event).status_code == 200
    drain()

    client.force_login(support)
    shown = open_page(f"customers/{customer['id']}/")
    assert "<bdi>Second Name</bdi>" in shown
    assert "First Name" not in shown
    assert Delivery.objects.count() == 2


def test_a_deleted_customer_stays_readable_and_is_marked(stripe, deliver, read, open_page, client, support):
    customer = stripe.get("/v1/customers", limit=1)["data"][0]
    read(customer["id"])
    stripe.delete(customer["id"], event="customer.deleted")

    deliver(newest_event(stripe))
    drain()

    client.force_login(support)
    shown = open_page(f"customers/{customer['id']}/")
    assert "This customer was deleted in Stripe" in shown
    assert customer["email"] in shown

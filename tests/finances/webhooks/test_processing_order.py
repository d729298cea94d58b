"""An answer that is late: what was asked for later, and written meanwhile, stays."""

from collections.abc import Iterator

import pytest
from djstripe import models as djstripe

from finances.mirror.rebuild import rebuild
from finances.models import Customer, Delivery, ObjectState
from tests.finances.webhooks.processing import HeldWorker, HoldingProxy, ada, arrive, arrive_for, process

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.guarantee("A5")]


@pytest.fixture
def proxy(settings, stripe) -> Iterator[HoldingProxy]:
    proxy = HoldingProxy(stripe.address)
    settings.STRIPE_API_BASE = proxy.address
    yield proxy
    proxy.stop()


def name_here(customer_id: str) -> str:
    row = djstripe.Customer.objects.get(id=customer_id)
    assert row.stripe_data["name"] == Customer.objects.get(id=customer_id).name
    return row.stripe_data["name"]


def two_pending(stripe) -> list[dict]:
    """Ada and somebody else: enough for a page, where two are a crowd."""
    customer_id, everybody = ada(stripe), stripe.all("/v1/customers")
    return [
        next(it for it in everybody if it["id"] == customer_id),
        next(it for it in everybody if it["id"] != customer_id),
    ]


@pytest.fixture
def two_are_a_crowd(monkeypatch) -> None:
    monkeypatch.setattr("finances.webhooks.claiming.CROWD", 0.1)
    monkeypatch.setattr("finances.webhooks.processing.A_TURN", 1)


def test_version_2_stays_when_worker_1_comes_with_version_1(stripe, proxy):
    customer_id = ada(stripe)
    arrive(customer_id, event_id="evt_1")
    slow = HeldWorker(proxy, f"/v1/customers/{customer_id}")
    stripe.patch(customer_id, name="version 2")
    arrive(customer_id, event_id="evt_2")
    process()
    assert name_here(customer_id) == "version 2"

    slow.goes_on()

    assert name_here(customer_id) == "version 2"
    assert Delivery.objects.get(pk="evt_1").outcome.startswith("Customer left alone: a newer state was here already")


def test_a_delete_stays_when_worker_1_comes_with_the_living_one(stripe, proxy):
    customer_id = ada(stripe)
    arrive(customer_id, event_id="evt_1")
    slow = HeldWorker(proxy, f"/v1/customers/{customer_id}")
    stripe.delete(customer_id)
    arrive(customer_id, event_id="evt_2", event_type="customer.deleted")
    process()

    slow.goes_on()

    assert ObjectState.objects.get(object_id=customer_id).deleted_at
    assert Customer.objects.get(id=customer_id).deleted_at
    assert djstripe.Customer.objects.get(id=customer_id).stripe_data["deleted"] is True


def test_what_points_at_something_that_is_deleted_meanwhile_is_stored_beside_its_tombstone(stripe, proxy):
    price = next(it for it in stripe.all("/v1/prices") if it["product"])
    arrive(price["id"], object_type="price", event_id="evt_1")
    slow = HeldWorker(proxy, f"/v1/products/{price['product']}")  # the parent, alive
    stripe.delete(price["product"])
    arrive(price["product"], object_type="product", event_id="evt_2", event_type="product.deleted")
    process()

    slow.goes_on()

    row = djstripe.Price.objects.select_related("product").get(id=price["id"])
    assert (row.product.id, row.product.stripe_data["deleted"]) == (price["product"], True)
    assert list(rebuild(check_only=True)) == []
    assert set(Delivery.objects.values_list("state", flat=True)) == {"processed"}


def test_version_2_stays_when_a_list_page_comes_with_version_1(stripe, proxy, two_are_a_crowd):
    customer_id = ada(stripe)
    pending = two_pending(stripe)
    arrive("cus_none", event_id="evt_first")  # the oldest is read by itself, then those that are left by a page
    arrive_for(pending)
    slow = HeldWorker(proxy, "/v1/customers?")
    stripe.patch(customer_id, name="version 2")
    arrive(customer_id, event_id="evt_2")
    process()
    assert name_here(customer_id) == "version 2"

    slow.goes_on()

    assert name_here(customer_id) == "version 2"
    outcomes = dict(Delivery.objects.values_list("object_id", "outcome").filter(event_id__startswith="evt_cus"))
    assert outcomes[customer_id].startswith("Customer left alone")
    assert outcomes[pending[1]["id"]].startswith("Customer new here. One of 2 that were read by ")


def test_a_delete_stays_when_a_list_page_comes_with_the_living_one(stripe, proxy, two_are_a_crowd):
    customer_id = ada(stripe)
    arrive("cus_none", event_id="evt_first")
    arrive_for(two_pending(stripe))
    slow = HeldWorker(proxy, "/v1/customers?")
    stripe.delete(customer_id)
    arrive(customer_id, event_id="evt_2", event_type="customer.deleted")
    process()

    slow.goes_on()

    assert ObjectState.objects.get(object_id=customer_id).deleted_at
    row = Customer.objects.filter(id=customer_id).first()
    assert row is None or row.deleted_at


def test_version_2_of_a_list_page_stays_when_worker_1_comes_with_version_1(stripe, proxy, two_are_a_crowd):
    customer_id = ada(stripe)
    arrive(customer_id, event_id="evt_1")
    slow = HeldWorker(proxy, f"/v1/customers/{customer_id}")
    pending = two_pending(stripe)
    stripe.patch(customer_id, name="version 2")
    arrive("cus_none", event_id="evt_first")
    arrive_for(pending)
    process()
    assert name_here(customer_id) == "version 2"

    slow.goes_on()

    assert name_here(customer_id) == "version 2"

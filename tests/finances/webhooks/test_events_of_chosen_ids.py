"""Events about a product, a price and a coupon of one id: each has its own object read."""

import pytest

from finances.mirror.writing import write_all
from finances.models import Coupon, Delivery, Product
from finances.reads.delivery import neighbours
from finances.reads.freshness import freshness
from finances.reads.timeline import object_timeline
from tests.finances.mirror.test_chosen_ids import fetched
from tests.finances.webhooks.processing import arrive, process

pytestmark = pytest.mark.django_db


@pytest.fixture
def _gold(stripe) -> None:
    stripe.put(stripe.all("/v1/products")[0] | {"id": "gold"})
    write_all([fetched(each, "gold", 0) for each in ("product", "coupon")])
    for kind, event_type in (("product", "product.updated"), ("coupon", "coupon.deleted"), ("product", "x")):
        number = Delivery.objects.count() + 1
        arrive("gold", event_id=f"evt_{number}", event_type=event_type, object_type=kind)


@pytest.mark.usefixtures("_gold")
def test_each_is_claimed_and_read_by_itself(stripe):
    process()

    outcomes = dict(Delivery.objects.values_list("pk", "outcome"))
    assert outcomes["evt_1"] == outcomes["evt_3"] == "Product changed."
    assert outcomes["evt_2"] == "Coupon gone from Stripe."
    assert stripe.calls()["GET /v1/products/{id}"] == 1
    assert Product.objects.get(id="gold").deleted_at is None
    assert Coupon.objects.get(id="gold").deleted_at


@pytest.mark.usefixtures("_gold")
def test_pages_show_what_is_about_their_own():
    process()

    assert [each.pk for each in object_timeline("coupon", "gold")] == ["evt_2"]
    assert {each.pk for each in object_timeline("product", "gold")} == {"evt_1", "evt_3"}
    beside = neighbours(Delivery.objects.get(pk="evt_1"))
    assert [each.pk for each in beside.later + beside.earlier] == ["evt_3"]
    assert freshness("product", ["gold"]).keys() == {"gold"}
    assert freshness("price", ["gold"]) == {}

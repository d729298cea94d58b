"""A product and a coupon may have one id: what is found of the one says nothing of the other."""

import pytest

from finances.mirror.writing import write_all
from finances.models import Coupon, Product, ResyncFinding
from finances.reads.drift import drifted
from tests.finances.mirror.test_chosen_ids import fetched
from tests.finances.resync.resyncing import compare, resync

pytestmark = pytest.mark.django_db


@pytest.fixture
def _gold(stripe) -> None:
    """Stripe has the product alone; here are all three, and each as it was."""
    product = stripe.all("/v1/products")[0]
    stripe.put(product | {"id": "gold"})
    resync("product")
    write_all([fetched("price", "gold", 0), fetched("coupon", "gold", 0)])


def findings(run) -> set[tuple[str, str, str]]:
    return set(run.findings.values_list("object_type", "object_id", "kind"))


@pytest.mark.guarantee("B5")
@pytest.mark.usefixtures("_gold")
def test_a_coupon_that_its_list_lacks_is_gone_and_the_product_of_its_id_is_not():
    coupons = resync("coupon")
    products = resync("product")

    assert ("coupon", "gold", "gone") in findings(coupons)
    assert (products.state, products.gone, products.changed) == ("complete", 0, 0)
    assert Coupon.objects.get(id="gold").deleted_at
    assert Product.objects.get(id="gold").deleted_at is None


@pytest.mark.guarantee("B5")
@pytest.mark.usefixtures("_gold")
def test_a_product_that_its_list_lacks_is_gone_and_the_coupon_of_its_id_is_not(stripe):
    stripe.delete("gold")

    run = resync("product")

    assert findings(run) == {("product", "gold", "gone")}
    assert Product.objects.get(id="gold").deleted_at
    assert Coupon.objects.get(id="gold").deleted_at is None


@pytest.mark.usefixtures("_gold")
def test_a_comparison_finds_what_differs_of_each_by_itself(stripe):
    stripe.patch("gold", name="Golden")

    compare("", ids=["product:gold", "coupon:gold"])

    assert set(drifted()) == {("product", "gold"), ("coupon", "gold")}

    resync("product:gold")

    assert drifted() == [("coupon", "gold")]


@pytest.mark.usefixtures("_gold")
def test_what_cannot_be_read_of_one_id_fails_once_for_each_type():
    run = resync("", ids=["price:silver", "coupon:silver", "product:gold"])

    assert (run.failed, run.done) == (2, 1)
    assert findings(run) == {("price", "silver", "failed"), ("coupon", "silver", "failed")}
    assert ResyncFinding.objects.filter(run=run).count() == 2


@pytest.mark.usefixtures("_gold")
def test_the_prices_of_a_product_are_looked_for_by_their_own_states(stripe):
    run = resync("product:gold")

    assert ("price", "gold", "gone") in findings(run)
    assert ("product", "gold", "gone") not in findings(run)

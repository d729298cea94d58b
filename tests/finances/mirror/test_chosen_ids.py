"""People choose the ids of products, prices and coupons: three that are all called `gold` have nothing in common."""

from datetime import timedelta
from itertools import count, permutations
from typing import Any

import pytest
from djstripe import models as djstripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finances import mirror
from finances.gateway import Gateway
from finances.mirror import Fetched, Outcome
from finances.mirror.adoption import adopt
from finances.mirror.rebuild import rebuild
from finances.mirror.writing import write_all
from finances.models import Coupon, ObjectState, ObjectVersion, Price, Product, state_key
from finances.tickets import take_ticket
from tests.finances.mirror.test_writing import NOW

pytestmark = pytest.mark.django_db

TYPES = ("product", "price", "coupon")
ROWS: dict[str, tuple[Any, Any]] = {
    "product": (Product, djstripe.Product),
    "price": (Price, djstripe.Price),
    "coupon": (Coupon, djstripe.Coupon),
}
ALIVE, number = st.integers(0, 2), count(1)
"""A state that it can be in."""


def one(type_name: str, object_id: str, state: int = 0) -> dict[str, Any]:
    told = {"id": object_id, "object": type_name, "created": 1_795_500_000, "livemode": False}
    told |= {"metadata": {"state": str(state)}}
    match type_name:
        case "product":
            return told | {"name": f"Gold {state}", "active": True, "type": "service"}
        case "price":
            return told | {"product": object_id, "currency": "eur", "unit_amount": 100 + state, "active": True}
    return told | {"percent_off": 10 + state, "duration": "forever", "valid": True}


def fetched(type_name: str, object_id: str, state: int | None) -> Fetched:
    if state is None:
        stub = {"id": object_id, "object": type_name, "deleted": True, "livemode": False}
        return Fetched(type_name, stub, take_ticket(), NOW, deleted=True, missing=True)
    return Fetched(type_name, one(type_name, object_id, state), take_ticket(), NOW)


def here(type_name: str, object_id: str) -> tuple[Any, bool]:
    """What dj-stripe's row holds, and whether our row says that it is gone."""
    ours, theirs = ROWS[type_name]
    return theirs.objects.get(id=object_id).stripe_data, ours.objects.get(id=object_id).deleted_at is not None


def history(type_name: str, object_id: str) -> list[Any]:
    versions = ObjectVersion.objects.filter(object_id=state_key(type_name, object_id))
    return list(versions.order_by("ticket").values_list("stripe_data", flat=True))


@pytest.mark.parametrize("order", permutations(TYPES))
def test_all_of_one_id_are_written_in_one_batch(order):
    batch = [fetched(each, "gold", 0) for each in order]

    written = write_all(batch)

    assert [(it.type, it.id, it.outcome) for it in written] == [(each, "gold", Outcome.NEW) for each in order]
    for each in TYPES:
        assert here(each, "gold") == (one(each, "gold"), False)
        assert history(each, "gold") == [one(each, "gold")]
        assert ObjectState.objects.get(pk=f"{each}:gold").type == each
    assert djstripe.Price.objects.get(id="gold").product.id == "gold"


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    first=st.permutations(TYPES),
    steps=st.lists(st.lists(st.tuples(st.sampled_from(TYPES), ALIVE | st.none()), min_size=1, max_size=4), max_size=6),
)
def test_each_has_a_state_and_a_history_of_its_own_whatever_comes_of_the_others(first, steps):
    object_id = f"gold_{next(number)}"
    write_all([fetched(each, object_id, 0) for each in first])
    now: dict[str, int | None] = dict.fromkeys(TYPES, 0)
    seen = {each: [one(each, object_id)] for each in TYPES}

    for step in steps:
        batch = [fetched(*(type_name, object_id, state)) for type_name, state in dict(step).items()]
        written = write_all(batch)
        for it, told in zip(written, batch, strict=True):
            state = dict(step)[it.type]
            changed = state != now[it.type]
            assert it.outcome == (
                Outcome.SAME if not changed else Outcome.GONE if state is None else Outcome.CHANGED
            ), it.type
            if changed:
                assert it.before is not None
                assert it.before["object"] == it.type
                seen[it.type].append(told.data)
            now[it.type] = state

    for each, state in now.items():
        stored, gone = here(each, object_id)
        assert gone == (state is None) == bool(ObjectState.objects.get(pk=f"{each}:{object_id}").deleted_at)
        assert stored["object"] == each
        assert state is None or stored == one(each, object_id, state)
        assert history(each, object_id) == seen[each]


def test_a_price_brings_the_product_of_its_own_id_along(stripe):
    stripe.put(stripe.all("/v1/products")[0] | {"id": "gold"})
    price = stripe.all("/v1/prices")[0] | {"id": "gold", "product": "gold"}

    written = mirror.write(Gateway(), "price", [price], ticket=take_ticket(), now=NOW)

    assert {(it.type, it.id, it.outcome) for it in written} == {("price", "gold", "new"), ("product", "gold", "new")}
    assert djstripe.Price.objects.get(id="gold").product.id == "gold"


def test_a_coupon_that_stripe_has_no_more_leaves_the_product_alone(stripe):
    product = stripe.put(stripe.all("/v1/products")[0] | {"id": "gold"})
    write_all([fetched("coupon", "gold", 0)])
    mirror.read_and_write(Gateway(), "product", "gold", now=NOW)

    gone = mirror.read_and_write(Gateway(), "coupon", "gold", now=NOW)[0]
    again = mirror.read_and_write(Gateway(), "product", "gold", now=NOW + timedelta(hours=1))[0]

    assert (gone.outcome, again.outcome) == (Outcome.GONE, Outcome.SAME)
    assert here("product", "gold") == (stripe.get(f"/v1/products/{product['id']}"), False)
    assert here("coupon", "gold")[1]


def test_another_application_that_writes_one_of_them_is_heard(stripe):
    write_all([fetched(each, "gold", 0) for each in TYPES])
    djstripe.Coupon.objects.filter(id="gold").update(stripe_data=one("coupon", "gold", 2))

    adopt("coupon", "gold", now=NOW)

    hashes = {state.pk: bytes(state.content_hash) for state in ObjectState.objects.filter(type__in=TYPES)}
    assert not hashes.pop("coupon:gold")
    assert all(hashes.values())
    assert Coupon.objects.get(id="gold").percent_off == 12
    assert list(rebuild(check_only=True)) == []


def test_the_longest_id_has_a_state():
    longest = "g" * 255

    write_all([fetched("product", longest, 0)])

    assert ObjectState.objects.get(type="product").pk == f"product:{longest}"

"""The store answers alike whether its objects are at hand or on the shelf."""

from __future__ import annotations

import random
from typing import Any

import pytest

from finances.sandbox.engine.store import Store

Json = dict[str, Any]
FEW = 12  # objects at hand: everything else is on the shelf


def thing(number: int, created: int, kind: str = "charge", **fields: Any) -> Json:
    return {"id": f"{kind}_{number}", "object": kind, "created": created, **fields}


def everything(store: Store) -> Json:
    """What can be asked of it, about things that the histories below make."""
    found: Json = {}
    for kind in ("charge", "refund"):
        links = [None, *((name, f"{name}_{n}") for name in ("customer", "invoice", "payout") for n in range(4))]
        for link in links:
            oldest_first = [key[2] for key in store.keys(kind, link)]
            assert [key[2] for key in store.walk(kind, link)] == oldest_first[::-1]
            assert [held["id"] for held in store.of_type(kind, link)] == oldest_first
            assert store.count(kind, link) == len(oldest_first)
            found[f"{kind} {link}"] = oldest_first
        for number in range(60):
            found[f"{kind}_{number}"] = store.get(f"{kind}_{number}"), store.key(f"{kind}_{number}")
    return found


def happen(store: Store, rng: random.Random) -> None:
    """One change, as chance has it."""
    kind = rng.choice(("charge", "charge", "refund"))
    object_id = f"{kind}_{rng.randrange(60)}"
    what = rng.random()
    if what < 0.15:
        store.delete(object_id, {"id": object_id, "deleted": True} if rng.random() < 0.5 else None)
    elif what < 0.3 and object_id in store:
        store.tie(object_id, "payout", f"payout_{rng.randrange(4)}")
    elif what < 0.5 and object_id in store:
        store.change(object_id, amount=rng.randrange(100), customer=f"customer_{rng.randrange(4)}")
    else:
        number = int(object_id.partition("_")[2])
        customer, invoice = f"customer_{rng.randrange(4)}", rng.choice((None, f"invoice_{rng.randrange(4)}"))
        store.put(thing(number, rng.randrange(20), kind, customer=customer, invoice=invoice))


@pytest.mark.parametrize("seed", range(12))
def test_the_shelf_changes_no_answer(seed: int) -> None:
    at_hand, shelved = Store(), Store(at_hand=FEW)
    for store in (at_hand, shelved):
        rng = random.Random(seed)
        for _ in range(300):
            happen(store, rng)

    assert everything(shelved) == everything(at_hand)


def test_a_squeezed_object_comes_back_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finances.sandbox.engine.shelf.PLAIN", 20)
    monkeypatch.setattr("finances.sandbox.engine.shelf.IN_HAND", 5)
    store = Store(at_hand=FEW)
    made = [thing(n, n, "charge", name="結衣 \udc00 \u0000", nested={"list": [n, None, 1.5]}) for n in range(200)]
    for each in made:
        store.put(each)
    for each in made:
        store.change(each["id"], amount=each["created"])

    assert [store[each["id"]] for each in made] == [{**each, "amount": each["created"]} for each in made]


@pytest.mark.parametrize("at_hand", [FEW, 1_000])
def test_a_walk_keeps_between_its_bounds(at_hand: int) -> None:
    store = Store(at_hand)
    for number in range(300):
        store.put(thing(number, number // 3))

    newest = [key[2] for key in store.walk("charge", above=(10, 0, ""), below=(12, 0, ""))]
    between = store.walk("charge", above=store.key("charge_5"), below=store.key("charge_9"), newest_first=False)

    assert newest == [f"charge_{number}" for number in (35, 34, 33, 32, 31, 30)]
    assert [key[2] for key in between] == ["charge_6", "charge_7", "charge_8"]


@pytest.mark.parametrize("at_hand", [FEW, 200, 1_000])
def test_what_is_walked_may_change_under_way(at_hand: int) -> None:
    store = Store(at_hand)
    for number in range(300):
        store.put(thing(number, number, customer="customer_1"))

    seen = []
    for held in store.of_type("charge", ("customer", "customer_1")):
        seen.append(held["id"])
        store.put(thing(held["created"], 99, "refund"))
        store.change(held["id"], customer="customer_2")

    assert seen == [f"charge_{number}" for number in range(300)]
    assert store.keys("charge", ("customer", "customer_1")) == []


def test_what_is_shelved_during_a_walk_comes_once() -> None:
    store = Store(at_hand=150)
    for number in range(400):
        store.put(thing(number, number))

    seen = []
    for _, _, object_id in store.walk("charge", newest_first=False):
        seen.append(object_id)
        store.put(thing(len(seen), 999, "refund"))

    assert seen == [f"charge_{number}" for number in range(400)]


def test_links_lead_from_several_fields() -> None:
    store = Store()
    price = {"id": "price_1", "object": "price"}
    store.put(thing(1, 1, "subscription", items={"data": [{"id": "si_1", "price": price}]}))
    store.put(thing(1, 1, "promotion_code", promotion={"type": "coupon", "coupon": "WELCOME25"}))
    store.put(thing(1, 1, "invoice", parent={"subscription_details": {"subscription": "subscription_1"}}))
    store.put(thing(1, 1, "invoice_payment", payment={"payment_intent": "pi_1"}))

    assert [key[2] for key in store.keys("subscription", ("price", "price_1"))] == ["subscription_1"]
    assert [key[2] for key in store.keys("promotion_code", ("coupon", "WELCOME25"))] == ["promotion_code_1"]
    assert [key[2] for key in store.keys("invoice", ("subscription", "subscription_1"))] == ["invoice_1"]
    assert [key[2] for key in store.keys("invoice_payment", ("payment_intent", "pi_1"))] == ["invoice_payment_1"]


@pytest.mark.parametrize("at_hand", [FEW, 1_000])
def test_something_bent_changes_nothing(at_hand: int) -> None:
    store = Store(at_hand)
    whole = thing(1, 1, "subscription", status="active", items={"data": []})
    store.put(whole)
    for number in range(30):
        store.put(thing(number, number))

    for bent in ({**whole, "created": 5, "items": "none"}, {**whole, "id": "new", "items": {"data": ["odd"]}}):
        with pytest.raises(AttributeError):
            store.put(bent)

    assert store["subscription_1"] == whole
    assert "new" not in store
    assert store.keys("subscription") == [store.key("subscription_1")]


@pytest.mark.parametrize("at_hand", [2, 1_000])
def test_an_invoice_item_stands_by_its_date(at_hand: int) -> None:
    store = Store(at_hand)
    for number in range(6):
        store.put({"id": f"ii_{number}", "object": "invoiceitem", "date": 10 + number})

    store.change("ii_0", date=13)

    assert [key[2] for key in store.keys("invoiceitem")] == ["ii_1", "ii_2", "ii_0", "ii_3", "ii_4", "ii_5"]

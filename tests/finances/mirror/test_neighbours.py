"""What a row's own JSON does not hold comes from its neighbours, in whatever order they are read."""

import itertools
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from djstripe import models as djstripe

from finances import mirror
from finances.gateway import Gateway
from finances.mirror.rebuild import rebuild
from finances.models import Charge, Customer, Discount, Payment, Refund, Subscription, SubscriptionItem
from finances.tickets import take_ticket

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def read(type_name: str, object_id: str) -> list[mirror.Written]:
    return mirror.read_and_write(Gateway(), type_name, object_id, now=NOW)


def adas_subscription(stripe) -> dict:
    ada = next(it for it in stripe.all("/v1/customers") if it["name"] == "Ada Lovelace")
    return stripe.all("/v1/subscriptions", customer=ada["id"])[0]


def a_coupon(stripe, coupon_id: str, percent_off: int, duration: str = "forever") -> str:
    coupon = {"id": coupon_id, "object": "coupon", "created": 1_700_000_000, "duration": duration, "livemode": False}
    stripe.put(coupon | {"percent_off": percent_off, "amount_off": None, "currency": None, "valid": True, "name": None})
    return coupon_id


def a_discount(coupon_id: str, **fields) -> dict:
    held = {"id": f"di_of{coupon_id}", "object": "discount", "source": {"coupon": coupon_id, "type": "coupon"}}
    return held | {"start": 1_700_000_000, "end": None, "promotion_code": None} | fields


def test_a_customers_discount_lowers_the_value_of_a_subscription_read_before_and_after(stripe):
    it = adas_subscription(stripe)
    read("subscription", it["id"])
    full = Subscription.objects.get(id=it["id"]).mrr
    coupon = a_coupon(stripe, "HALF", 50)

    stripe.patch(it["customer"], discount=a_discount(coupon, customer=it["customer"]))
    read("customer", it["customer"])

    assert full
    assert Subscription.objects.get(id=it["id"]).mrr == full / 2
    read("subscription", it["id"])
    assert Subscription.objects.get(id=it["id"]).mrr == full / 2
    stripe.patch(it["customer"], discount=None)
    read("customer", it["customer"])
    assert Subscription.objects.get(id=it["id"]).mrr == full


def test_the_items_values_add_up_to_the_subscriptions_with_and_without_a_discount(stripe):
    it = adas_subscription(stripe)
    read("subscription", it["id"])
    coupon = a_coupon(stripe, "THIRD", 30)
    before = dict(SubscriptionItem.objects.values_list("id", "mrr"))

    stripe.patch(it["customer"], discount=a_discount(coupon, customer=it["customer"]))
    read("customer", it["customer"])

    after = dict(SubscriptionItem.objects.values_list("id", "mrr"))
    assert len(after) == 2
    assert after == {item: value * Decimal("0.7") for item, value in before.items()}
    assert sum(after.values()) == Subscription.objects.get(id=it["id"]).mrr


def test_the_coupon_of_a_discount_is_read_along_with_it(stripe):
    it = adas_subscription(stripe)
    coupon = a_coupon(stripe, "QUARTER", 25)
    stripe.patch(it["customer"], discount=a_discount(coupon, customer=it["customer"]))

    read("customer", it["customer"])

    assert djstripe.Coupon.objects.get(id=coupon).stripe_data["percent_off"] == 25
    assert Discount.objects.get(customer_id=it["customer"]).coupon_id == coupon


def test_a_value_that_waited_for_its_coupon_is_computed_when_the_coupon_is_written(stripe):
    it = adas_subscription(stripe)
    read("subscription", it["id"])
    full = Subscription.objects.get(id=it["id"]).mrr
    stripe.patch(it["id"], discounts=[a_discount("LATER", subscription=it["id"])])
    read("subscription", it["id"])
    waiting = Subscription.objects.get(id=it["id"])

    read("coupon", a_coupon(stripe, "LATER", 50))

    assert (waiting.mrr, waiting.mrr_gap) == (None, "coupon_unknown")
    row = Subscription.objects.get(id=it["id"])
    assert (row.mrr, row.mrr_gap) == (full / 2, "")
    assert sum(item.mrr for item in SubscriptionItem.objects.filter(subscription_id=it["id"])) == full / 2
    assert list(rebuild(check_only=True)) == []


def test_a_value_that_waited_for_its_tiers_is_computed_when_the_price_is_written(stripe):
    it = adas_subscription(stripe)
    price = it["items"]["data"][0]["price"]
    tiered = {"billing_scheme": "tiered", "tiers_mode": "volume", "unit_amount": None, "unit_amount_decimal": None}
    stripe.patch(price["id"], **tiered)
    read("subscription", it["id"])
    waiting = Subscription.objects.get(id=it["id"])

    tier = {"up_to": None, "unit_amount": 100, "unit_amount_decimal": "100", "flat_amount": None}
    stripe.patch(price["id"], tiers=[tier | {"flat_amount_decimal": None}])
    read("price", price["id"])

    assert waiting.mrr_gap == "tiers_unknown"
    assert Subscription.objects.get(id=it["id"]).mrr_gap == ""
    assert list(rebuild(check_only=True)) == []


def test_a_discount_that_ended_leaves_the_tables(stripe):
    it = adas_subscription(stripe)
    stripe.patch(it["customer"], discount=a_discount(a_coupon(stripe, "QUARTER", 25), customer=it["customer"]))
    read("customer", it["customer"])

    stripe.patch(it["customer"], discount=None)
    read("customer", it["customer"])

    assert not Discount.objects.filter(customer_id=it["customer"]).exists()


@pytest.mark.parametrize("order", list(itertools.permutations(("price", "customer", "subscription"))))
def test_tiers_are_found_whatever_is_read_first(stripe, order):
    it = adas_subscription(stripe)
    price = it["items"]["data"][0]["price"]
    tiers = [{"up_to": None, "unit_amount": 100, "unit_amount_decimal": "100", "flat_amount": 50}]
    tiered = {"billing_scheme": "tiered", "tiers_mode": "volume", "unit_amount": None, "unit_amount_decimal": None}
    stripe.patch(price["id"], tiers=[tier | {"flat_amount_decimal": "50"} for tier in tiers], **tiered)
    ids = {"price": price["id"], "customer": it["customer"], "subscription": it["id"]}

    for type_name in order:
        read(type_name, ids[type_name])

    row = Subscription.objects.get(id=it["id"])
    others = sum(
        (Decimal(item["price"]["unit_amount"]) * item["quantity"] for item in it["items"]["data"][1:]), Decimal(0)
    )
    assert row.mrr_gap == ""
    assert row.mrr == 100 * it["items"]["data"][0]["quantity"] + 50 + others


def test_a_refunds_customer_is_its_charges(stripe):
    charge = next(it for it in stripe.all("/v1/charges") if it["status"] == "succeeded")
    refund = {"id": "re_aaaaaaaaaaaaaaaa", "object": "refund", "amount": 100, "currency": charge["currency"]}
    refund |= {"charge": charge["id"], "payment_intent": charge["payment_intent"], "status": "succeeded"}
    stripe.put(refund | {"created": charge["created"] + 1, "metadata": {}, "reason": None, "balance_transaction": None})

    read("refund", refund["id"])

    row = Refund.objects.get(id=refund["id"])
    assert (row.customer_id, row.amount) == (charge["customer"], 100)
    assert djstripe.Refund.objects.get(id=refund["id"]).charge.id == charge["id"]


def test_a_value_that_ends_in_a_half_is_the_same_in_every_database(stripe):
    it = adas_subscription(stripe)
    (item, *_) = it["items"]["data"]
    year = item["price"] | {"unit_amount": None, "unit_amount_decimal": "0.000006"}
    year |= {"recurring": item["price"]["recurring"] | {"interval": "year"}}
    stripe.patch(it["id"], items=it["items"] | {"data": [item | {"price": year, "quantity": 1}]})

    read("subscription", it["id"])

    assert list(rebuild(check_only=True)) == []


def test_a_rebuild_computes_the_same(stripe):
    it = adas_subscription(stripe)
    stripe.patch(it["customer"], discount=a_discount(a_coupon(stripe, "HALF", 50), customer=it["customer"]))
    read("subscription", it["id"])
    value = Subscription.objects.get(id=it["id"]).mrr

    assert list(rebuild(check_only=True)) == []
    Subscription.objects.update(mrr=1)
    assert [drift.fields for drift in rebuild()] == [["mrr"]]
    assert Subscription.objects.get(id=it["id"]).mrr == value


def standing_of(customer_id: str) -> tuple[str, datetime | None]:
    row = Customer.objects.get(id=customer_id)
    return row.subscribing, row.paying_since


@pytest.mark.parametrize("order", list(itertools.permutations(("customer", "subscription", "other"))))
def test_a_customer_knows_what_their_subscriptions_come_to_whatever_is_read_first(stripe, order):
    it = adas_subscription(stripe)
    other = it | {"id": "sub_other", "status": "canceled", "trial_end": None, "start_date": 1_600_000_000}
    items = [each | {"id": f"{each['id']}b", "subscription": other["id"]} for each in it["items"]["data"]]
    stripe.put(other | {"ended_at": 1_650_000_000, "items": it["items"] | {"data": items}})
    ids = {"customer": it["customer"], "subscription": it["id"], "other": "sub_other"}

    for name in order:
        read("subscription" if name == "other" else name, ids[name])

    assert standing_of(it["customer"]) == ("active", datetime.fromtimestamp(1_600_000_000, UTC))
    assert list(rebuild(check_only=True)) == []


def test_a_customer_follows_each_change_of_their_subscription(stripe):
    it = adas_subscription(stripe)
    read("customer", it["customer"])
    seen = [standing_of(it["customer"])]
    for status in ("active", "past_due", "incomplete_expired", "canceled"):
        stripe.patch(it["id"], status=status)
        read("subscription", it["id"])
        seen.append(standing_of(it["customer"]))

    since = Subscription.objects.get(id=it["id"]).paying_since
    assert seen == [("none", None), ("active", since), ("running", since), ("expired", None), ("canceled", since)]
    read("customer", it["customer"])
    assert standing_of(it["customer"]) == ("canceled", since)


def test_a_subscription_that_stripe_lost_was_not_paid_for(stripe):
    it = adas_subscription(stripe)
    read("subscription", it["id"])
    assert standing_of(it["customer"])[1]

    gone = mirror.write(Gateway(), "subscription", [{"id": it["id"], "deleted": True}], ticket=take_ticket(), now=NOW)

    assert gone[0].outcome == mirror.Outcome.GONE
    assert standing_of(it["customer"]) == ("active", None)
    assert list(rebuild(check_only=True)) == []


@pytest.mark.parametrize("order", list(itertools.permutations(("payment_intent", "charge", "charge again"))))
def test_a_payment_knows_what_became_of_its_last_charge_whatever_is_read_first(stripe, order):
    charge = next(it for it in stripe.all("/v1/charges") if it["status"] == "succeeded" and it["payment_intent"])
    for step in order:
        if step == "charge again":
            stripe.patch(charge["id"], amount_refunded=100, disputed=True)
        name = step.removesuffix(" again")
        read(name, charge[name] if name == "payment_intent" else charge["id"])

    # Read before that came about, where nothing was read after it.
    stripe.patch(charge["id"], amount_refunded=100, disputed=True)
    read("charge", charge["id"])

    payment = Payment.objects.get(id=charge["payment_intent"])
    assert (payment.attempts, payment.refunded, payment.disputed) == (1, True, True)
    assert list(rebuild(check_only=True)) == []
    stripe.patch(charge["id"], amount_refunded=0, disputed=False)
    read("charge", charge["id"])
    payment.refresh_from_db()
    assert (payment.refunded, payment.disputed) == (False, False)


def test_only_the_last_charge_counts(stripe):
    charge = next(it for it in stripe.all("/v1/charges") if it["status"] == "succeeded" and it["payment_intent"])
    earlier = charge | {"id": "ch_earlier", "created": charge["created"] - 60, "amount_refunded": 100, "disputed": True}
    stripe.put(earlier)

    read("charge", charge["id"])
    read("charge", "ch_earlier")

    payment = Payment.objects.get(id=charge["payment_intent"])
    assert (payment.attempts, payment.refunded, payment.disputed) == (2, False, False)
    stripe.patch(payment.id, latest_charge="ch_earlier")
    read("payment_intent", payment.id)
    payment.refresh_from_db()
    assert (payment.attempts, payment.refunded, payment.disputed) == (2, True, True)


def test_a_rebuild_tells_customers_and_payments(stripe):
    it = adas_subscription(stripe)
    read("subscription", it["id"])
    charge = next(it for it in stripe.all("/v1/charges") if it["payment_intent"] and it["status"] == "succeeded")
    stripe.patch(charge["id"], amount_refunded=100)
    read("charge", charge["id"])
    right = standing_of(it["customer"])
    Customer.objects.update(subscribing="none", paying_since=None)
    Payment.objects.update(refunded=False, attempts=0)
    Charge.objects.update(amount_refunded=0)
    Subscription.objects.all().delete()

    list(rebuild())

    assert standing_of(it["customer"]) == right
    payment = Payment.objects.get(id=charge["payment_intent"])
    assert (payment.refunded, payment.attempts) == (True, 1)
    assert list(rebuild(check_only=True)) == []

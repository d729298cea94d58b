from datetime import timedelta

from djstripe import models as djstripe

from finances.models import PromotionCode
from finances.reads.discounts import coupons_of_discounts, discounts_of_customer, discounts_of_subscription
from tests.factories import NOON, a_coupon, a_customer, a_discount, a_subscription, an_item


def test_they_stand_in_the_order_in_which_they_are_taken_off(db, django_assert_num_queries) -> None:
    customer = a_customer()
    subscription = a_subscription(customer)
    item = an_item(subscription)
    coupon = a_coupon()
    own = a_discount(coupon, customer)
    second = a_discount(coupon, customer, subscription, position=1)
    first = a_discount(coupon, customer, subscription, position=0)
    of_item = a_discount(coupon, customer, subscription, subscription_item_id=item.id)
    a_discount(coupon, customer, a_subscription(customer))
    a_discount(coupon, a_customer())

    with django_assert_num_queries(2):
        rows = discounts_of_subscription(subscription.id, customer.id)
    assert [row.discount for row in rows] == [of_item, first, second, own]
    assert {row.coupon for row in rows} == {coupon}


def test_the_customers_own_comes_before_their_subscriptions(db) -> None:
    customer = a_customer()
    on_subscription = a_discount(a_coupon(), customer, a_subscription(customer))
    own = a_discount(a_coupon(), customer)

    assert [row.discount for row in discounts_of_customer(customer.id)] == [own, on_subscription]


def test_the_word_that_was_typed_comes_along_and_what_was_never_read_is_none(db) -> None:
    customer = a_customer()
    PromotionCode.objects.create(id="promo_1", code="FRIENDS20", coupon_id="GONE", created_at=NOON)
    discount = a_discount(a_coupon(id="OTHER"), customer, coupon_id="GONE", promotion_code_id="promo_1")

    (row,) = coupons_of_discounts([discount.id, "di_gone"]).values()
    assert (row.code, row.coupon) == ("FRIENDS20", None)


def test_one_is_over_at_its_end(db) -> None:
    row = a_discount(a_coupon(), a_customer(), ends_at=NOON)
    (applied,) = discounts_of_customer(row.customer_id)

    assert applied.is_over(NOON)
    assert not applied.is_over(NOON - timedelta(seconds=1))


def test_the_only_products_that_it_is_taken_off_come_along(db) -> None:
    djstripe.Coupon.objects.create(id="ONE", livemode=False, stripe_data={"applies_to": {"products": ["prod_1", 7]}})
    first = a_discount(a_coupon(id="ONE"), a_customer())
    second = a_discount(a_coupon(), a_customer())

    found = coupons_of_discounts([first.id, second.id])
    assert (found[first.id].products, found[second.id].products) == (("prod_1",), ())


def test_discounts_of_nobody_are_none(db) -> None:
    a_discount(a_coupon(), a_customer(), customer_id="")

    assert discounts_of_subscription("sub_1", "") == []


def test_an_amount_is_that_of_the_currency_in_which_it_is_charged(db) -> None:
    options = {"currency_options": {"eur": {"amount_off": 300}, "usd": {"amount_off": 350}}}
    djstripe.Coupon.objects.create(id="THREE", livemode=False, stripe_data=options)
    coupon = a_coupon(id="THREE", percent_off=None, amount_off=350, currency="usd")
    customer = a_customer(currency="usd")
    in_euro = a_discount(coupon, customer, a_subscription(customer, currency="eur"))
    in_yen = a_discount(coupon, customer, a_subscription(customer, currency="jpy"))
    of_customer, by_percent = a_discount(coupon, customer), a_discount(a_coupon(), customer)

    found = coupons_of_discounts([in_euro.id, in_yen.id, of_customer.id, by_percent.id])
    assert [found[each.id].amount_off for each in (in_euro, in_yen, of_customer, by_percent)] == [
        (300, "eur"), (350, "usd"), (350, "usd"), None,
    ]  # fmt: skip

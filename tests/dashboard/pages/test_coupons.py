from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from finances.models import PromotionCode
from tests.factories import NOON, a_coupon, a_customer, a_discount, a_subscription

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, support):
    client.force_login(support)

    def fetch(query: str = "") -> str:
        return client.get(f"/console/discounts/{query}").content.decode()

    return fetch


def test_a_row_says_what_is_taken_off_for_how_long_and_how_often_it_was_given(page):
    a_coupon(name="Friends", times_redeemed=37, max_redemptions=100)
    a_coupon(
        name="Start", percent_off=None, amount_off=5000, currency="jpy", duration="repeating", duration_in_months=3
    )

    found = page()

    assert "20 % off" in found
    assert "for ever" in found
    assert "37 of 100" in found
    assert "5,000 JPY off" in found
    assert "for 3 months" in found


def test_who_has_it_now_leaves_out_what_ended_and_what_ended_subscriptions_still_carry(page):
    coupon, now = a_coupon(), timezone.now()
    ada, bob, eve, gone = a_customer(), a_customer(), a_customer(), a_customer(deleted_at=NOON)
    a_discount(coupon, ada)
    a_discount(coupon, ada, a_subscription(ada))
    a_discount(coupon, bob, ends_at=now - timedelta(days=1))
    a_discount(coupon, eve, a_subscription(eve, status="canceled"))
    a_discount(coupon, gone)

    assert "1 customer<" in page()


def test_a_coupon_whose_time_ran_out_is_not_valid_whatever_stripe_said_last(page):
    now = timezone.now()
    a_coupon(name="In time", redeem_by=now + timedelta(days=1))
    a_coupon(name="Too late", redeem_by=now - timedelta(days=1))
    a_coupon(name="Used up", times_redeemed=5, max_redemptions=5)
    a_coupon(name="Deleted", deleted_at=NOON)

    valid, over = page("?status=valid"), page("?status=over")

    for name in ("Too late", "Used up", "Deleted"):
        assert f">{name}</a>" in over
        assert f">{name}</a>" not in valid
    assert ">In time</a>" in valid
    assert ">In time</a>" not in over


def test_it_is_found_by_its_promotion_codes(page):
    coupon = a_coupon(name="Friends")
    a_coupon(name="Others")
    PromotionCode.objects.create(id="promo_1", code="HELLO20", coupon_id=coupon.id, created_at=NOON)

    found = page("?q=hello")

    assert ">Friends</a>" in found
    assert ">Others</a>" not in found


def test_queries_do_not_grow_with_the_coupons(page):
    counted = []
    for size in (1, 12):
        for _ in range(size):
            a_discount(a_coupon(), a_customer())
        with CaptureQueriesContext(connection) as queries:
            page()
        counted.append(len(queries))

    assert counted[0] == counted[1] <= 14

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from djstripe import models as djstripe

from finances.models import PromotionCode
from tests.factories import NOON, a_coupon, a_customer, a_discount, a_product, a_subscription

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, support):
    client.force_login(support)

    def fetch(coupon_id: str, query: str = "") -> str:
        answer = client.get(reverse("console:coupon", args=[coupon_id]) + query)
        assert answer.status_code == 200
        return answer.content.decode()

    return fetch


def test_who_has_it_now_since_when_until_when_and_by_which_code(page):
    coupon = a_coupon()
    PromotionCode.objects.create(id="promo_1", code="HELLO20", coupon_id=coupon.id, created_at=NOON)
    ada, bob = a_customer(name="Ada"), a_customer(name="Bob")
    subscription = a_subscription(bob)
    a_discount(coupon, ada, ends_at=timezone.now() + timedelta(days=400), promotion_code_id="promo_1")
    a_discount(coupon, bob, subscription, subscription_item_id="si_1")

    found = page(coupon.id)

    assert "HELLO20" in found
    assert f'href="/console/customers/{ada.id}/"' in found
    assert f'href="/console/subscriptions/{subscription.id}/"' in found
    assert "on one item" in found
    assert "no end" in found
    assert "2 customers" in found


def test_holders_past_the_first_fifty_are_a_page_away(page):
    coupon = a_coupon()
    for number in range(53):
        a_discount(coupon, a_customer(name=f"Holder {number}."), started_at=NOON - timedelta(days=number))

    first = page(coupon.id)

    older = first[first.index('rel="next" href="') + 17 :].split('"')[0]
    assert "Holder 49." in first
    assert "Holder 50." not in first
    assert "Holder 52." in page(coupon.id, older)


def test_promotion_codes_say_for_whom_and_whether_they_still_work(page):
    coupon, ada = a_coupon(), a_customer(name="Ada")
    now = timezone.now()
    fields = {"coupon_id": coupon.id, "created_at": NOON}
    PromotionCode.objects.create(id="promo_1", code="FIRST", **fields, times_redeemed=3, max_redemptions=10)
    PromotionCode.objects.create(id="promo_2", code="HERS", **fields, customer_id=ada.id, active=False)
    PromotionCode.objects.create(id="promo_3", code="LATE", **fields, expires_at=now - timedelta(days=1))
    restrictions = {"first_time_transaction": True, "minimum_amount": 5000, "minimum_amount_currency": "eur"}
    json = {"id": "promo_1", "restrictions": restrictions}
    djstripe.PromotionCode(id="promo_1", stripe_data=json, livemode=False, created=NOON).save()

    found = page(coupon.id)

    for text in ("3 of 10", "who never paid before", "from 50.00 EUR on", "Ada", "Inactive", "Expired"):
        assert text in found


def test_what_it_applies_to_leads_to_the_products(page):
    coupon, product = a_coupon(), a_product(name="Business")
    json = {"id": coupon.id, "applies_to": {"products": [product.id, "prod_unknown"]}}
    djstripe.Coupon(id=coupon.id, stripe_data=json, livemode=False, created=NOON).save()

    found = page(coupon.id)

    assert f'href="/console/products/{product.id}/"' in found
    assert "prod_unknown" in found
    assert "2 products" in found


ODD = (
    "Spring / 2026",
    "..",
    ".",
    "a//b/",
    "50%?x=1#y",
    "~c29tZQ",
    "<script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "שלום-ספר",
    "line\nbreak",
    "tab\tand \u202eright",
    "\\..\\admin",
    " spaced ",
    "%2e%2e",
)


@pytest.mark.parametrize("coupon_id", ODD)
def test_its_id_may_be_whatever_somebody_typed(page, client, coupon_id):
    coupon = a_coupon(id=coupon_id, name="Odd one")

    found = page(coupon_id)
    listed = client.get("/console/discounts/").content.decode()

    assert "<h1><bdi>Odd one</bdi></h1>" in found
    assert "<script>alert(1)" not in found
    assert 'onmouseover="alert' not in found
    address = reverse("console:coupon", args=[coupon.id])
    assert f'href="{address}"' in listed
    # What a browser would ask for: no dot segment, no empty segment, nothing to be cut off.
    segments = address.removeprefix("/console/discounts/").rstrip("/").split("/")
    assert len(segments) == 1
    assert segments[0].lower() not in {"", ".", "..", "%2e", "%2e%2e"}


@pytest.mark.parametrize("path", ["nobody", "~", "~!!!", "~_w", "a/b"])
def test_a_coupon_that_nobody_knows_is_not_found(client, support, path):
    client.force_login(support)

    assert client.get(f"/console/discounts/{path}/").status_code == 404


def test_queries_do_not_grow_with_what_it_holds(page):
    counted = []
    for size in (1, 12):
        coupon = a_coupon()
        for number in range(size):
            customer = a_customer()
            a_discount(coupon, customer, a_subscription(customer), promotion_code_id=f"promo_{size}_{number}")
            code = {"id": f"promo_{size}_{number}", "code": f"C{number}", "customer_id": customer.id}
            PromotionCode.objects.create(**code, coupon_id=coupon.id, created_at=NOON)
        with CaptureQueriesContext(connection) as queries:
            page(coupon.id)
        counted.append(len(queries))

    assert counted[0] == counted[1] <= 22

from dataclasses import replace
from decimal import Decimal

import pytest

from dashboard.tables.subscriptions import plan, price, prices, standing, why_no_value
from finances.models import Subscription
from finances.reads.subscriptions import Item
from tests.factories import NOON

SEATS = Item("si_1", "sub_1", "prod_1", "Business", "price_1", Decimal(40), Decimal(3300), "eur", "month", 1)


def test_a_plan_names_its_products_and_their_seats() -> None:
    assert plan([SEATS, replace(SEATS, product="Archive", quantity=Decimal(1))]) == "Business, 40 seats; Archive"
    assert plan([]) == ""


def test_prices_name_quantity_currency_and_interval() -> None:
    assert (
        prices([SEATS, replace(SEATS, quantity=None, unit_amount=None)])
        == "40 × 33.00 EUR a month, tiers in EUR by use a month"
    )


def test_a_price_by_use_does_not_look_like_a_fixed_one() -> None:
    assert prices([replace(SEATS, quantity=None, unit_amount=Decimal("0.45"))]) == "0.0045 EUR by use a month"


def test_a_large_round_quantity_is_written_out() -> None:
    assert price(replace(SEATS, unit_amount=Decimal("100000000"))) == "1,000,000.00 EUR a month"
    assert plan([replace(SEATS, quantity=Decimal(1000))]) == "Business, 1,000 seats"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "canceled", "ended_at": NOON}, "ended"),
        ({"status": "active", "cancel_at_period_end": True, "current_period_end": NOON}, "cancels on"),
        ({"status": "active", "cancel_at": NOON}, "cancels on"),
        ({"status": "active", "collection_paused": True}, "collection paused"),
        ({"status": "trialing", "current_period_end": NOON}, "until"),
        ({"status": "active", "current_period_end": NOON}, None),
    ],
)
def test_what_is_about_to_happen_is_one_line(fields, words) -> None:
    remark = standing(Subscription(**fields))

    assert (remark and remark.words) == words


def test_a_missing_value_says_why() -> None:
    assert why_no_value(Subscription(status="active", mrr=None, mrr_gap="coupon_unknown")) == (
        "not counted: a discount’s coupon is not stored here, or was made anew since; a resync reads what Stripe has"
    )
    assert why_no_value(Subscription(status="active", mrr=None, mrr_gap="new_rule")).endswith("(new_rule)")
    assert why_no_value(Subscription(status="active", mrr=None)) == "not counted: not computed yet; a resync does"
    assert why_no_value(Subscription(status="active", mrr=Decimal(0))) == ""

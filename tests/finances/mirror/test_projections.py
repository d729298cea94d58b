"""Stripe's JSON in its old and new shapes, read into the same columns."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from finances.mirror import TYPES
from finances.mirror.projections import catalogue, customers, invoices, payments, subscriptions

MARCH = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
APRIL = int(datetime(2026, 4, 1, tzinfo=UTC).timestamp())
MAY = int(datetime(2026, 5, 1, tzinfo=UTC).timestamp())


def subscription(*items: dict, **more) -> dict:
    return {
        "id": "sub_a",
        "created": MARCH,
        "status": "active",
        "currency": "eur",
        "items": {"data": list(items)},
        **more,
    }


def test_the_new_shape_has_its_period_on_the_items_and_the_earliest_counts():
    it = subscription({"id": "si_a", "current_period_end": MAY}, {"id": "si_b", "current_period_end": APRIL})

    assert subscriptions.subscription(it).current_period_end == datetime(2026, 4, 1, tzinfo=UTC)


def test_the_old_shape_has_its_period_on_top():
    assert subscriptions.subscription(subscription(current_period_end=APRIL)).current_period_end == datetime(
        2026, 4, 1, tzinfo=UTC
    )


def test_a_new_invoice_names_its_subscription_under_parent():
    it = {"id": "in_a", "parent": {"subscription_details": {"subscription": "sub_new"}}, "subscription": None}

    assert invoices.invoice(it).subscription_id == "sub_new"


def test_an_old_invoice_names_its_subscription_on_top_expanded_or_not():
    assert invoices.invoice({"id": "in_a", "subscription": "sub_old"}).subscription_id == "sub_old"
    assert invoices.invoice({"id": "in_a", "subscription": {"id": "sub_old"}}).subscription_id == "sub_old"


def test_an_invoice_of_no_subscription_has_none():
    assert invoices.invoice({"id": "in_a", "parent": None}).subscription_id == ""


@pytest.mark.parametrize("type_name", [name for name, entry in TYPES.items() if entry.project])
def test_an_object_with_nothing_but_its_id_can_be_read(type_name: str):
    assert TYPES[type_name].project({"id": "x_1"}).id == "x_1"


def test_the_search_text_has_neither_capitals_nor_accents():
    row = customers.customer({"id": "cus_A", "name": "STRASSE ＡＢＣ ẞ Łódź", "email": "Ada@Éxample.ORG"})

    assert row.search_text == "ada@example.org\nstrasse abc ss lodz\ncus_a\n\n"


def test_a_telephone_number_is_searched_for_as_it_is_written_and_by_its_digits():
    written = customers.customer({"id": "cus_a", "phone": "+1 (555) 611-669"})
    plain = customers.customer({"id": "cus_a", "phone": "+1555611669"})

    assert written.search_text == "\n\ncus_a\n+1 (555) 611-669\n+1555611669"
    assert plain.search_text == "\n\ncus_a\n+1555611669\n"


def test_an_invoice_and_a_charge_are_searched_for_by_their_receipts_number():
    assert "2847-1932" in invoices.invoice({"id": "in_a", "receipt_number": "2847-1932"}).search_text.split()
    assert "2847-1932" in payments.charge({"id": "ch_a", "receipt_number": "2847-1932"}).search_text.split()


@pytest.mark.parametrize(
    ("fields", "since", "until"),
    [
        ({"status": "active", "start_date": MARCH}, MARCH, None),
        ({"status": "past_due", "start_date": MARCH, "trial_end": APRIL}, APRIL, None),
        ({"status": "canceled", "start_date": MARCH, "ended_at": MAY}, MARCH, MAY),
        ({"status": "canceled", "start_date": MARCH, "trial_end": MAY, "ended_at": APRIL}, None, None),
        ({"status": "trialing", "start_date": MARCH, "trial_end": MAY}, None, None),
        ({"status": "incomplete_expired", "start_date": MARCH}, None, None),
        ({"status": "unpaid", "start_date": MARCH, "current_period_start": MAY}, MARCH, MAY),
        ({"status": "paused", "start_date": MARCH, "trial_end": APRIL, "current_period_start": APRIL}, None, None),
        ({"status": "paused", "start_date": MARCH, "current_period_start": APRIL}, MARCH, APRIL),
    ],
    ids=lambda value: value.get("status") if isinstance(value, dict) else "",
)
def test_the_time_in_which_a_subscription_pays(fields: dict, since: int | None, until: int | None):
    row = subscriptions.subscription({"id": "sub_a"} | fields)

    at = [None if each is None else int(each.timestamp()) for each in (row.paying_since, row.paying_until)]
    assert at == [since, until]


def test_a_discount_names_its_coupon_under_source_or_as_before_at_its_top():
    new = {"id": "di_new", "source": {"coupon": "FRIENDS", "type": "coupon"}, "start": MARCH, "end": None}
    old = {"id": "di_old", "coupon": {"id": "OLD"}, "start": MARCH, "end": MAY}
    it = subscription({"id": "si_a", "discounts": [old]}, customer="cus_a", discounts=[new, "di_not_expanded"])

    rows = subscriptions.discounts(it | {"object": "subscription"})

    assert [(row.id, row.coupon_id, row.subscription_item_id) for row in rows] == [
        ("di_new", "FRIENDS", ""),
        ("di_old", "OLD", "si_a"),
    ]
    assert {(row.customer_id, row.subscription_id) for row in rows} == {("cus_a", "sub_a")}


def test_a_customers_discount_is_on_no_subscription():
    it = {"id": "cus_a", "object": "customer", "discount": {"id": "di_a", "source": {"coupon": "FRIENDS"}}}

    (row,) = subscriptions.discounts(it)

    assert (row.customer_id, row.subscription_id, row.coupon_id) == ("cus_a", "", "FRIENDS")


def test_a_failed_charge_says_why_and_a_good_one_does_not():
    outcome = {"reason": "insufficient_funds", "type": "issuer_declined"}
    failed = payments.charge({"id": "ch_a", "status": "failed", "failure_code": "card_declined", "outcome": outcome})
    good = payments.charge({"id": "ch_b", "status": "succeeded", "outcome": {"reason": "elevated_risk_level"}})

    assert (failed.failure_code, failed.decline_code) == ("card_declined", "insufficient_funds")
    assert good.decline_code == ""


@pytest.mark.parametrize(
    ("details", "brand", "last4"),
    [
        ({"type": "card", "card": {"brand": "visa", "last4": "4242"}}, "visa", "4242"),
        (
            {"type": "us_bank_account", "us_bank_account": {"bank_name": "STRIPE BANK", "last4": "6789"}},
            "STRIPE BANK",
            "6789",
        ),
        ({"type": "sepa_debit", "sepa_debit": {"bank_code": "37040044", "last4": "3000"}}, "37040044", "3000"),
        ({"type": "link", "link": {"email": "a@b.example"}}, "", ""),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else "",
)
def test_a_payment_methods_details_stand_under_its_type(details: dict, brand: str, last4: str):
    row = customers.payment_method({"id": "pm_a"} | details)

    assert (row.type, row.brand, row.last4) == (details["type"], brand, last4)


def test_the_method_to_charge_falls_back_to_the_older_default_source():
    settings = {"invoice_settings": {"default_payment_method": "pm_a"}, "default_source": "card_a"}

    assert customers.customer({"id": "cus_a"} | settings).default_payment_method_id == "pm_a"
    assert customers.customer({"id": "cus_a", "default_source": "card_a"}).default_payment_method_id == "card_a"


def test_a_line_says_what_it_is_for_in_both_shapes():
    details = {"subscription": "sub_a", "proration": True}
    new = {"id": "il_a", "parent": {"subscription_item_details": details}}
    new |= {"pricing": {"price_details": {"price": "price_a", "product": "prod_a"}, "unit_amount_decimal": "0.5"}}
    new |= {"amount": -500, "discount_amounts": [{"amount": 20}, {"amount": 5}], "taxes": [{"amount": 19}]}
    old = {"id": "il_b", "subscription": "sub_a", "proration": True, "tax_amounts": [{"amount": 19}], "amount": -500}
    old |= {
        "price": {"id": "price_a", "product": "prod_a", "unit_amount_decimal": "0.5"},
        "discount_amounts": [{"amount": 25}],
    }

    for it in (new, old):
        row = invoices.invoice_line(it, {"id": "in_a", "currency": "eur"}, 3)
        assert (row.invoice_id, row.position, row.subscription_id, row.price_id) == ("in_a", 3, "sub_a", "price_a")
        assert (row.product_id, row.unit_amount, row.proration) == ("prod_a", Decimal("0.5"), True)
        assert (row.amount, row.discount, row.tax) == (-500, 25, 19)


def test_what_a_credit_note_gave_back_is_split_by_where_it_went():
    note = {"id": "cn_a", "post_payment_amount": 1000, "out_of_band_amount": 100, "refunds": [{"amount_refunded": 300}]}

    row = invoices.credit_note(note | {"customer_balance_transaction": "cbtxn_a"})

    assert (row.refund_amount, row.out_of_band_amount, row.customer_balance_amount) == (300, 100, 600)


def test_a_promotion_code_names_its_coupon_in_both_shapes():
    new = catalogue.promotion_code({"id": "promo_a", "promotion": {"coupon": "FRIENDS", "type": "coupon"}})
    old = catalogue.promotion_code({"id": "promo_b", "coupon": {"id": "FRIENDS"}})

    assert new.coupon_id == old.coupon_id == "FRIENDS"

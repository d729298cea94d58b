from datetime import UTC, datetime, timedelta

import pytest

from dashboard.tables.payment_methods import name, pays, shown_methods, warnings
from finances.models import PaymentMethod
from finances.reads.payment_methods import Charged, Paying

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PLANS = {"sub_1": "Business", "sub_2": "Archive"}


def card(id: str, *, age: int = 0, year: int = 2029, **fields) -> PaymentMethod:
    row = {"customer_id": "cus_1", "type": "card", "brand": "visa", "last4": "4242", "expires_month": 8}
    return PaymentMethod(id=id, **row | {"expires_year": year, "created_at": NOW - timedelta(days=age)} | fields)


def charged(method_id: str, level: str = "subscription", subscription_id: str = "sub_1", **fields) -> Paying:
    return Paying(subscription_id, Charged(method_id, level), **fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Visa 4242"),
        ({"brand": "mastercard", "last4": "5100"}, "Mastercard 5100"),
        ({"type": "sepa_debit", "brand": "37040044", "last4": "3000"}, "SEPA debit 3000"),
        ({"type": "us_bank_account", "brand": "STRIPE TEST BANK", "last4": "6789"}, "US bank account 6789"),
        ({"type": "link", "brand": "", "last4": ""}, "Link"),
        ({"type": "brand_new_thing", "brand": "", "last4": ""}, "Brand new thing"),
        ({"type": "", "brand": "", "last4": ""}, "Unknown kind"),
    ],
)
def test_a_method_is_called_what_people_call_it(fields, words: str) -> None:
    assert name(card("pm_1", **fields)) == words


def test_the_charged_one_comes_first_and_says_where_it_is_set() -> None:
    newest, old = card("pm_new"), card("pm_old", age=9)

    shown = shown_methods([newest, old], [charged("pm_old")], PLANS, NOW)
    assert [(each.method.id, each.charged) for each in shown] == [("pm_old", True), ("pm_new", False)]
    assert [each.remark for each in shown] == [
        "Default of the subscription, which goes first",
        "Not the one that is charged",
    ]
    assert shown[0].charged_for == []


def test_plans_are_named_only_where_they_are_charged_to_different_methods() -> None:
    methods = [card("pm_1"), card("pm_2")]
    paying = [charged("pm_1"), charged("pm_2", "customer", "sub_2")]

    assert [each.charged_for for each in shown_methods(methods, paying, PLANS, NOW)] == [["Business"], ["Archive"]]


def test_a_subscription_that_gets_invoices_is_charged_to_nothing() -> None:
    by_invoice = charged("pm_1", by_invoice=True)

    assert not shown_methods([card("pm_1")], [by_invoice], PLANS, NOW)[0].charged
    assert warnings([card("pm_1", year=2020)], [by_invoice], PLANS, NOW) == []
    assert pays(by_invoice, [card("pm_1")], NOW) is None


@pytest.mark.parametrize(
    ("methods", "paying", "sentence"),
    [
        ([card("pm_1")], charged("pm_1"), ""),
        ([card("pm_never_shown")], charged("card_1", "customer_source"), ""),
        ([card("pm_1")], charged("", ""), "Nothing can be charged. The next charge for Business has no payment "
            "method. There is Visa 4242, but it is no default anywhere."),
        ([], charged("", ""), "Nothing can be charged. The next charge for Business has no payment method."),
        ([], charged("", "", known=False), ""),
        ([card("pm_1", year=2025)], charged("pm_1"), "Visa 4242, which will be charged, expired at the end of 08/25. "
            "The next charge for Business is likely to fail."),
        ([card("pm_1", customer_id="")], charged("pm_1"), "The method that would be charged was removed. "
            "The next charge for Business goes to Visa 4242, which was taken from the customer."),
        ([card("pm_2", last4="5100"), card("pm_1", age=9)], charged("pm_1"), "The newest payment method is not "
            "the one that will be charged. The next charge for Business goes to Visa 4242. The newer Visa 5100 is not "
            "used, because the subscription has its own default."),
        ([card("pm_2", last4="5100"), card("pm_1", age=9)], charged("pm_1", "customer"), "The newest payment "
            "method is not the one that will be charged. The next charge for Business goes to Visa 4242. The newer "
            "Visa 5100 is not used, because it is not the customer’s default."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_next_charge_is_one_sentence(methods, paying, sentence: str) -> None:
    said = [f"{each.fact} {each.text}" for each in warnings(methods, [paying], PLANS, NOW)]

    assert said == ([sentence] if sentence else [])


def test_a_customer_without_a_running_subscription_is_warned_of_nothing() -> None:
    assert warnings([], [charged("", "", "")], PLANS, NOW) == []


def test_where_nothing_runs_the_default_only_stands_by() -> None:
    (idle,) = shown_methods([card("pm_1")], [charged("pm_1", "customer", "")], PLANS, NOW)
    (busy,) = shown_methods([card("pm_1")], [charged("pm_1", "customer")], PLANS, NOW)

    assert (idle.standing_by, busy.standing_by) == (True, False)

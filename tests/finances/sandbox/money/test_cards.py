"""Payment methods: which there are, which one is charged, how one is replaced."""

from __future__ import annotations

import pytest

from finances.sandbox.engine.clock import DAY
from tests.finances.sandbox import specification
from tests.finances.sandbox.desk import Desk


@pytest.mark.parametrize("kind", ["card", "link", "sepa_debit", "us_bank_account"])
def test_each_kind_is_kept_with_a_setup_intent_and_becomes_the_default(kind: str) -> None:
    desk = Desk(method=kind)

    made = desk.payments.add_card(desk.customer_id)

    setup = desk.only("setup_intent")
    assert (made["type"], made["customer"]) == (kind, desk.customer_id)
    assert desk.customer()["invoice_settings"]["default_payment_method"] == made["id"]
    assert desk.customer()["default_source"] is None
    assert (setup["status"], setup["payment_method"], setup["payment_method_types"]) == (
        "succeeded",
        made["id"],
        [kind],
    )
    assert desk.events(setup["id"]) == ["setup_intent.created", "setup_intent.succeeded"]
    assert specification.problems_of_object(made) == specification.problems_of_object(setup) == []


def test_some_cards_are_mistyped_and_some_owners_leave_when_their_bank_asks() -> None:
    desk = Desk()
    for _ in range(300):
        desk.payments.add_card(desk.new_customer(quiet=False))

    setups = desk.all("setup_intent")
    failed = [each for each in setups if each["last_setup_error"]]
    waiting = [each for each in setups if each["status"] == "requires_action"]
    assert failed
    assert waiting
    assert all(each["status"] == "requires_payment_method" and not each["payment_method"] for each in failed)
    assert all(each["next_action"]["type"] == "use_stripe_sdk" for each in waiting)
    for each in failed + waiting:
        assert specification.problems_of_object(each) == []


def test_cards_come_in_brands_fundings_countries_and_wallets_and_some_soon_expire() -> None:
    desk = Desk()
    for _ in range(300):
        desk.payments.add_card(desk.new_customer(quiet=False))

    cards = [each["card"] for each in desk.all("payment_method") if each["type"] == "card"]
    assert {"visa", "mastercard", "amex", "discover"} <= {each["brand"] for each in cards}
    assert {each["funding"] for each in cards} == {"credit", "debit", "prepaid"}
    assert {each["wallet"] and each["wallet"]["type"] for each in cards} == {None, "apple_pay", "google_pay"}
    assert len({each["country"] for each in cards}) >= 4
    assert any(each["exp_year"] == 2026 for each in cards)
    assert all(1 <= each["exp_month"] <= 12 and len(each["last4"]) == 4 for each in cards)
    for each in desk.all("payment_method"):
        assert specification.problems_of_object(each) == []


def test_some_customers_pay_by_debit_or_link_and_some_keep_a_second_card() -> None:
    desk = Desk()
    owners = [desk.new_customer(country, quiet=False) for country in ("US", "DE") for _ in range(150)]
    for each in owners:
        desk.payments.add_card(each)

    methods = desk.all("payment_method")
    assert {each["type"] for each in methods} == {"card", "link", "sepa_debit", "us_bank_account"}
    assert len(methods) > len(owners)


def test_the_subscriptions_own_method_comes_before_the_customers() -> None:
    desk = Desk()
    own = desk.payments.add_card(desk.customer_id)
    desk.payments.add_card(desk.customer_id)
    subscription = desk.subscription()
    desk.payments.cards.prefer(own, subscription["id"])
    invoice_id = desk.invoice(5_000, subscription=subscription)

    desk.payments.attempt(invoice_id, succeeds=True)

    assert desk.charges(invoice_id)[0]["payment_method"] == own["id"]


def test_without_any_method_kept_one_is_typed_in_and_kept_for_nobody() -> None:
    desk = Desk()

    _, charge = desk.paid_invoice(5_000)

    typed = desk.only("payment_method")
    assert (charge["payment_method"], typed["customer"]) == (typed["id"], None)


def test_a_second_card_takes_over_from_the_first() -> None:
    desk = Desk(backup_card=True)
    first = desk.payments.add_card(desk.customer_id)
    (second,) = [each for each in desk.all("payment_method") if each["id"] != first["id"]]

    desk.payments.cards.replace(desk.customer_id, desk.payments.habits[desk.customer_id], None)

    assert desk.customer()["invoice_settings"]["default_payment_method"] == second["id"]
    assert len(desk.all("payment_method")) == 2


def test_an_expired_card_is_renewed_by_its_bank_or_refuses() -> None:
    outcomes = set()
    for seed in range(40):
        desk = Desk(seed, quiet=False)
        card = desk.payments.add_card(desk.customer_id)
        if card["type"] != "card":
            continue
        desk.books.at += 60 * 30 * DAY
        invoice_id = desk.invoice(5_000)
        paid = desk.payments.attempt(invoice_id)
        renewed = "payment_method.automatically_updated" in desk.events(card["id"])
        charge = desk.charges(invoice_id)[0]
        if not renewed:
            assert charge["failure_code"] == "expired_card"
        outcomes.add((renewed, paid))
    assert {(True, True), (False, False)} <= outcomes

"""Upgrades, downgrades and seats: what is given back and charged, worked out by hand."""

from __future__ import annotations

from tests.finances.sandbox.firm import Firm


def amounts(invoice: dict) -> list[tuple[str, int]]:
    return [(line["description"], line["amount"]) for line in invoice["lines"]["data"]]


def test_an_upgrade_at_once_gives_back_the_unused_and_charges_the_rest() -> None:
    # April has 30 days; after 10 of them two thirds are left: 3 x 49.00 back and 3 x 99.00 to pay, times 2/3
    firm = Firm()
    firm.until(2026, 4, 1)
    held = firm.join("Pier", quantity=3)
    firm.until(2026, 4, 11)

    harbour = firm.business.shop.price("Harbour", "usd", "month")
    firm.business.subscriptions.switch(held["id"], harbour, 3, at_once=True)

    _, change = firm.invoices(held)
    assert amounts(change) == [
        ("Unused time on 3 × Pier after 11 Apr 2026", -9_800),
        ("Remaining time on 3 × Harbour after 11 Apr 2026", 19_800),
    ]
    assert (change["billing_reason"], change["status"], change["total"]) == ("subscription_update", "paid", 10_000)
    now = firm.again(held)
    assert (now["items"]["data"][0]["price"]["id"], now["latest_invoice"]) == (harbour["id"], change["id"])


def test_fewer_seats_wait_for_the_next_invoice() -> None:
    firm = Firm()
    firm.until(2026, 4, 1)
    held = firm.join("Pier", quantity=6)
    firm.until(2026, 4, 16)

    firm.business.subscriptions.change_quantity(held["id"], 2)
    waiting = list(firm.store.of_type("invoiceitem"))
    firm.until(2026, 5, 1)

    assert len(firm.invoices(held)) == 2
    assert [each["invoice"] for each in waiting] == [None, None]
    renewal = firm.invoices(held)[-1]
    # Half of April: 6 x 49.00 / 2 back, 2 x 49.00 / 2 to pay; May for two: 98.00
    assert [amount for _, amount in amounts(renewal)] == [9_800, -14_700, 4_900]
    assert renewal["total"] == 0
    assert {each["invoice"] for each in firm.store.of_type("invoiceitem")} == {renewal["id"]}


def test_a_proration_line_names_what_it_gives_back() -> None:
    firm = Firm()
    held = firm.join("Pier", quantity=3)
    first = firm.invoices(held)[0]
    firm.until(2026, 1, 11)

    firm.business.subscriptions.change_quantity(held["id"], 5, at_once=True)

    back, rest = firm.invoices(held)[-1]["lines"]["data"]
    details = back["parent"]["subscription_item_details"]
    assert details["proration"] is True
    assert details["proration_details"]["credited_items"] == {
        "invoice": first["id"],
        "invoice_line_items": [first["lines"]["data"][0]["id"]],
    }
    assert rest["parent"]["subscription_item_details"]["proration_details"]["credited_items"] is None
    assert firm.store[details["invoice_item"]]["proration"] is True
    assert (back["discountable"], rest["discountable"]) == (False, False)


def test_what_was_paid_less_a_coupon_is_given_back_less_the_coupon() -> None:
    # 49.00 less a quarter is 36.75; 20 of April's 30 days are left
    firm = Firm()
    firm.until(2026, 4, 1)
    held = firm.join("Pier", coupons=("WELCOME25",))
    firm.until(2026, 4, 11)

    firm.business.subscriptions.switch(held["id"], firm.business.shop.price("Harbour", "usd", "month"), 1, at_once=True)

    assert [amount for _, amount in amounts(firm.invoices(held)[-1])] == [-2_450, 6_600]


def test_a_lasting_percentage_counts_for_the_rest_of_the_period_too() -> None:
    firm = Firm()
    firm.until(2026, 4, 1)
    held = firm.join("Pier", coupons=("HARBOUR10",))
    firm.until(2026, 4, 16)

    firm.business.subscriptions.switch(held["id"], firm.business.shop.price("Harbour", "usd", "month"), 1, at_once=True)

    # 44.10 / 2 and 89.10 / 2
    assert [amount for _, amount in amounts(firm.invoices(held)[-1])] == [-2_205, 4_455]


def test_a_coupon_for_one_invoice_is_kept_for_a_whole_period() -> None:
    firm = Firm()
    firm.until(2026, 4, 1)
    held = firm.join("Pier")
    firm.business.discounts.give_subscription(held["id"], "WELCOME25")
    firm.until(2026, 4, 16)

    firm.business.subscriptions.switch(held["id"], firm.business.shop.price("Harbour", "usd", "month"), 1, at_once=True)
    firm.until(2026, 5, 2)

    _, change, renewal = firm.invoices(held)
    assert [amount for _, amount in amounts(change)] == [-2_450, 4_950]
    assert (change["total"], renewal["total"]) == (2_500, 7_425)


def test_from_monthly_to_yearly_a_new_period_begins() -> None:
    firm = Firm()
    firm.until(2026, 4, 1)
    held = firm.join("Pier")
    firm.until(2026, 4, 16)

    firm.business.subscriptions.switch(held["id"], firm.business.shop.price("Pier", "usd", "year"), 1)
    firm.until(2026, 12, 1)

    yearly = firm.invoices(held)[-1]
    item = firm.again(held)["items"]["data"][0]
    assert sorted(amount for _, amount in amounts(yearly)) == [-2_450, 49_000]
    assert (item["current_period_start"], item["current_period_end"] - item["current_period_start"]) == (
        yearly["created"],
        365 * 86_400,
    )
    firm.until(2027, 4, 16)
    assert len(firm.invoices(held)) == 3


def test_a_downgrade_that_is_worth_more_than_it_costs_becomes_a_balance() -> None:
    firm = Firm()
    firm.until(2026, 4, 1)
    held = firm.join("Harbour", quantity=10)
    firm.until(2026, 4, 16)

    firm.business.subscriptions.switch(held["id"], firm.business.shop.price("Berth", "usd", "month"), 1, at_once=True)

    # 990.00 / 2 back, 19.00 / 2 to pay
    change = firm.invoices(held)[-1]
    assert (change["total"], change["amount_due"], change["status"]) == (-48_550, 0, "paid")
    assert firm.store[held["customer"]]["balance"] == -48_550


def test_a_trial_changes_without_money() -> None:
    firm = Firm()
    held = firm.join("Pier", trial_days=14)
    firm.until(2026, 1, 5)

    firm.business.subscriptions.change_quantity(held["id"], 9, at_once=True)

    assert firm.again(held)["items"]["data"][0]["quantity"] == 9
    assert len(firm.invoices(held)) == 1
    assert not list(firm.store.of_type("invoiceitem"))


def test_prorated_dinars_keep_their_three_decimals_and_tax_follows() -> None:
    # 7 x 15.000 dinars; half of April back is 52.500
    firm = Firm()
    firm.until(2026, 4, 1)
    kuwait = firm.join("Pier", "KW", quantity=7)
    london = firm.join("Pier", "GB", taxed=True)
    firm.until(2026, 4, 16)

    for held in (kuwait, london):
        firm.business.subscriptions.change_quantity(held["id"], 2 * held["items"]["data"][0]["quantity"], at_once=True)

    assert [amount for _, amount in amounts(firm.invoices(kuwait)[-1])] == [-52_500, 105_000]
    british = firm.invoices(london)[-1]
    assert [line["taxes"][0]["amount"] for line in british["lines"]["data"]] == [-390, 780]
    assert (british["subtotal"], british["total"]) == (1_950, 2_340)

"""Coupons at work: once, for some months, for ever; on customers, subscriptions and items."""

from __future__ import annotations

from tests.finances.sandbox.firm import Firm


def taken(invoice: dict) -> list[int]:
    return [each["amount"] for each in invoice["total_discount_amounts"]]


def test_once_is_the_first_invoice_and_then_it_is_gone() -> None:
    firm = Firm()
    held = firm.join("Pier", quantity=2, coupons=("WELCOME25",))
    firm.until(2026, 2, 2)

    first, second = firm.invoices(held)
    assert (taken(first), first["total"]) == ([2_450], 7_350)
    assert (taken(second), second["total"]) == ([], 9_800)
    assert firm.again(held)["discounts"] == []
    assert firm.told("customer.discount") == ["customer.discount.created", "customer.discount.deleted"]


def test_once_outlasts_a_trial_that_costs_nothing() -> None:
    firm = Firm()
    held = firm.join("Pier", trial_days=14, coupons=("WELCOME25",))
    assert len(firm.again(held)["discounts"]) == 1

    firm.until(2026, 1, 16)

    assert [invoice["total"] for invoice in firm.invoices(held)] == [0, 3_675]
    assert firm.again(held)["discounts"] == []


def test_three_months_are_three_invoices() -> None:
    firm = Firm()
    held = firm.join("Pier", coupons=("SPRING3",))
    (discount_id,) = firm.again(held)["discounts"]
    firm.until(2026, 5, 2)

    assert [invoice["total"] for invoice in firm.invoices(held)] == [3_920, 3_920, 3_920, 4_900, 4_900]
    assert firm.again(held)["discounts"] == []
    discount = firm.store[discount_id]
    assert discount["end"] == firm.invoices(held)[3]["created"]
    assert (discount["subscription"], discount["source"]) == (held["id"], {"coupon": "SPRING3", "type": "coupon"})


def test_for_ever_goes_on_and_an_amount_counts_in_each_currency() -> None:
    firm = Firm()
    dollars = firm.join("Pier", coupons=("LOYAL",))
    dinars = firm.join("Pier", "KW", coupons=("LOYAL",))
    firm.until(2026, 12, 2)

    assert {invoice["total"] for invoice in firm.invoices(dollars)} == {4_600}
    assert {invoice["total"] for invoice in firm.invoices(dinars)} == {14_100}


def test_several_are_stacked_in_their_order() -> None:
    # 49.00 less a fifth is 39.20; less 3.00 is 36.20
    firm = Firm()
    held = firm.join("Pier", coupons=("SPRING3", "LOYAL"))

    (invoice,) = firm.invoices(held)
    assert (taken(invoice), invoice["total"]) == ([980, 300], 3_620)
    assert invoice["discounts"] == firm.again(held)["discounts"]


def test_an_items_discount_leaves_the_other_items_alone() -> None:
    # A tenth of 2 x 49.00; the support at 29.50 is whole
    firm = Firm()
    held = firm.join("Pier", quantity=2, extra=True, item_coupon="HARBOUR10")

    (invoice,) = firm.invoices(held)
    assert [line["discount_amounts"] for line in invoice["lines"]["data"]] == [
        [{"amount": 980, "discount": firm.again(held)["items"]["data"][0]["discounts"][0]}],
        [],
    ]
    assert (invoice["discounts"], invoice["total"]) == ([], 11_770)


def test_a_customers_discount_counts_where_the_subscription_has_none() -> None:
    firm = Firm()
    plain = firm.join("Pier", customer_coupon="PARTNER")
    own = firm.join("Pier", customer_coupon="PARTNER", coupons=("HARBOUR10",))

    assert [firm.invoices(each)[0]["total"] for each in (plain, own)] == [4_287, 4_410]  # 612.5 are 613 off
    shown = firm.store[plain["customer"]]["discount"]
    assert (shown["object"], shown["customer"], shown["subscription"]) == ("discount", plain["customer"], None)
    assert firm.store[shown["id"]] == shown


def test_a_coupon_of_one_product_is_for_that_product() -> None:
    firm = Firm()
    held = firm.join("Pier", extra=True, coupons=("PIERONLY",))

    assert firm.invoices(held)[0]["total"] == 4_900 - 1_470 + 2_950


def test_all_of_it_off_is_paid_with_nothing() -> None:
    firm = Firm()
    held = firm.join("Pier", coupons=("FOUNDER",))

    (invoice,) = firm.invoices(held)
    assert (invoice["subtotal"], invoice["total"], invoice["status"]) == (4_900, 0, "paid")
    assert not list(firm.store.of_type("charge"))


def test_a_coupon_that_is_used_up_or_expired_gives_nothing() -> None:
    firm = Firm()
    early = firm.join("Pier", coupons=("EARLYBIRD",))
    firm.until(2026, 8, 2)
    late = firm.join("Pier", coupons=("AUTUMN",))

    assert [firm.invoices(each)[-1]["total"] for each in (early, late)] == [4_900, 4_900]
    for name in ("EARLYBIRD", "AUTUMN", "SUMMERFAIR"):
        assert firm.store[name]["valid"] is False
    assert firm.store["EARLYBIRD"]["times_redeemed"] == firm.store["EARLYBIRD"]["max_redemptions"]


def test_each_use_is_counted_on_coupon_and_code() -> None:
    firm = Firm()
    held = [firm.join("Pier", coupons=("SPRING3",)) for _ in range(3)]

    assert firm.store["SPRING3"]["times_redeemed"] == 3
    codes = {firm.store[firm.again(each)["discounts"][0]]["promotion_code"] for each in held}
    assert [firm.store[code]["times_redeemed"] for code in codes] == [3]


def test_the_last_use_closes_coupon_and_code() -> None:
    firm = Firm()
    firm.books.change("SPRING3", max_redemptions=1)

    first, second = (firm.join("Pier", coupons=("SPRING3",)) for _ in range(2))

    assert firm.store["SPRING3"]["valid"] is False
    assert [len(firm.again(each)["discounts"]) for each in (first, second)] == [1, 0]


def test_another_coupon_for_a_customer_takes_the_place_of_the_first() -> None:
    firm = Firm()
    held = firm.join("Pier", customer_coupon="PARTNER")

    firm.business.discounts.give_customer(held["customer"], "HARBOUR10")

    assert firm.store[held["customer"]]["discount"]["source"]["coupon"] == "HARBOUR10"
    assert firm.told("customer.discount") == ["customer.discount.created", "customer.discount.updated"]

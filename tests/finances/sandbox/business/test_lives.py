"""What happens to subscriptions and their customers: trials, pauses, leaving, coming back, use, extra work."""

from __future__ import annotations

from itertools import pairwise

import pytest

from finances.sandbox.business.usage import used
from finances.sandbox.money.habits import Habits
from tests.finances.sandbox.firm import DAY, Firm


def statuses(firm: Firm, held: dict) -> list[str]:
    return [invoice["status"] for invoice in firm.invoices(held)]


def test_a_trial_with_a_card_becomes_active() -> None:
    firm = Firm()
    held = firm.join("Pier", trial_days=14)
    assert held["status"] == "trialing"

    firm.until(2026, 1, 16)

    assert firm.again(held)["status"] == "active"
    assert [invoice["total"] for invoice in firm.invoices(held)] == [0, 4_900]
    assert firm.again(held)["items"]["data"][0]["current_period_end"] == held["trial_end"] + 31 * DAY


@pytest.mark.parametrize(("without_card", "status"), [("pause", "paused"), ("cancel", "canceled")])
def test_a_trial_without_a_card_does_not_convert(without_card: str, status: str) -> None:
    firm = Firm()
    held = firm.join("Pier", trial_days=14, without_card=without_card)

    firm.until(2026, 3, 16)

    assert firm.again(held)["status"] == status
    assert len(firm.invoices(held)) == 1
    assert held["trial_settings"]["end_behavior"]["missing_payment_method"] == without_card


def test_a_paused_one_resumes_with_a_card_and_a_new_period() -> None:
    firm = Firm()
    held = firm.join("Pier", trial_days=14, without_card="pause")
    firm.until(2026, 2, 10)

    firm.business.subscriptions.resume(held["id"])
    firm.until(2026, 3, 11)

    assert firm.again(held)["status"] == "active"
    assert [invoice["total"] for invoice in firm.invoices(held)] == [0, 4_900, 4_900]
    assert firm.told("customer.subscription.")[-3:] == [
        "customer.subscription.updated",
        "customer.subscription.resumed",
        "customer.subscription.updated",
    ]


@pytest.mark.parametrize(
    ("behavior", "status"), [("keep_as_draft", "draft"), ("void", "void"), ("mark_uncollectible", "uncollectible")]
)
def test_while_collection_is_paused_nobody_is_charged(behavior: str, status: str) -> None:
    firm = Firm()
    held = firm.join("Pier")

    firm.business.subscriptions.pauses.begin(held["id"], behavior, firm.books.at + 70 * DAY)
    firm.until(2026, 3, 2)
    paused = firm.again(held)
    firm.until(2026, 4, 2)

    assert (paused["status"], paused["pause_collection"]["behavior"]) == ("active", behavior)
    assert statuses(firm, held) == ["paid", status, status, "paid"]
    assert firm.again(held)["pause_collection"] is None


def test_who_cancels_at_the_end_of_the_period_stays_until_then_and_says_why() -> None:
    firm = Firm()
    held = firm.join("Pier")
    firm.until(2026, 1, 20)

    firm.business.subscriptions.leaving.at_period_end(held["id"])
    leaving = firm.again(held)
    firm.until(2026, 3, 2)

    end = held["items"]["data"][0]["current_period_end"]
    assert (leaving["status"], leaving["cancel_at"], leaving["cancel_at_period_end"]) == ("active", end, True)
    ended = firm.again(held)
    assert (ended["status"], ended["ended_at"], ended["canceled_at"]) == ("canceled", end, leaving["canceled_at"])
    assert ended["cancellation_details"]["reason"] == "cancellation_requested"
    assert len(firm.invoices(held)) == 1


def test_who_thinks_better_of_it_goes_on() -> None:
    firm = Firm()
    held = firm.join("Pier")
    firm.business.subscriptions.leaving.at_period_end(held["id"])

    firm.business.subscriptions.leaving.stay(held["id"])
    firm.until(2026, 2, 2)

    assert (firm.again(held)["status"], firm.again(held)["canceled_at"]) == ("active", None)


def test_somebody_who_left_comes_back_as_the_same_customer() -> None:
    firm = Firm()
    held = firm.join("Pier", "TH", then="cast_back")

    firm.until(2026, 5, 1)

    first, second = firm.store.of_type("subscription", ("customer", held["customer"]))
    assert (first["status"], second["status"]) == ("canceled", "active")
    assert second["start_date"] == first["ended_at"] + 60 * DAY


def test_a_card_that_refuses_is_tried_again_and_then_it_is_over() -> None:
    firm = Firm()
    held = firm.join("Pier", habits=Habits(refuses_after=1))
    firm.until(2026, 2, 2)
    assert firm.again(held)["status"] == "past_due"

    firm.until(2026, 2, 20)

    assert firm.again(held)["status"] in ("canceled", "unpaid")
    if firm.again(held)["status"] == "canceled":
        assert firm.again(held)["cancellation_details"]["reason"] == "payment_failed"


def test_use_is_billed_when_the_month_is_over() -> None:
    firm = Firm()
    held = firm.join("tide")
    (item,) = held["items"]["data"]
    firm.until(2026, 2, 2)

    first, second = firm.invoices(held)
    (line,) = second["lines"]["data"]
    units = used(item, item["current_period_start"], item["current_period_end"])
    assert "quantity" not in item
    assert first["total"] == 0
    assert line["quantity"] == units > 0
    assert abs(line["amount"] - units * 45 / 100) <= 0.5  # 0.45 cents a call
    assert line["period"] == {"start": item["current_period_start"], "end": item["current_period_end"]}
    assert line["pricing"]["unit_amount_decimal"] == "0.45"


def test_who_leaves_at_the_end_pays_for_the_last_months_use() -> None:
    firm = Firm()
    held = firm.join("Pier", metered="tide")
    firm.until(2026, 1, 20)
    firm.business.subscriptions.leaving.at_period_end(held["id"])

    firm.until(2026, 2, 2)

    last = firm.invoices(held)[-1]
    assert firm.again(held)["status"] == "canceled"
    assert (last["status"], len(last["lines"]["data"])) == ("paid", 1)
    assert last["amount_paid"] > 0


def test_graduated_seats_are_a_line_a_tier_and_a_tenth_off_is_off_all_of_them() -> None:
    firm = Firm()
    held = firm.join("fleet", quantity=64, coupons=("HARBOUR10",))

    (invoice,) = firm.invoices(held)
    assert [line["amount"] for line in invoice["lines"]["data"]] == [15_000, 2_000, 48_000, 12_600]
    assert (invoice["subtotal"], invoice["total"]) == (77_600, 69_840)


def test_a_week_is_seven_days() -> None:
    firm = Firm()
    held = firm.join("gangway", interval="week")

    firm.until(2026, 1, 30)

    created = [invoice["created"] for invoice in firm.invoices(held)]
    assert [later - earlier for earlier, later in pairwise(created)] == [7 * DAY] * 4


def test_british_tax_comes_on_top_and_japanese_tax_is_inside() -> None:
    firm = Firm()
    british = firm.invoices(firm.join("Harbour", "GB", quantity=3, taxed=True))[0]
    japanese = firm.invoices(firm.join("Pier", "JP", quantity=1, taxed=True))[0]

    assert (british["subtotal"], british["total"]) == (23_700, 28_440)  # 3 x 79.00 and a fifth
    assert (japanese["subtotal"], japanese["total"], japanese["total_excluding_tax"]) == (7_200, 7_200, 6_545)
    assert british["default_tax_rates"][0]["display_name"] == "VAT"


def test_who_accounts_for_the_tax_themselves_is_charged_none() -> None:
    firm = Firm()

    held = firm.join("Pier", "DE", taxed=True, tax_exempt="reverse", tax_id=True)

    (invoice,) = firm.invoices(held)
    assert (invoice["total"], invoice["total_taxes"]) == (4_500, [])
    assert (invoice["customer_tax_exempt"], invoice["customer_tax_ids"][0]["type"]) == ("reverse", "eu_vat")
    (tax_id,) = firm.store.of_type("tax_id", ("customer", held["customer"]))
    assert invoice["customer_tax_ids"][0]["value"] == tax_id["value"]


def test_extra_work_waits_for_the_next_invoice() -> None:
    firm = Firm()
    held = firm.join("Pier", then="extra_work")

    firm.business.run_until(firm.books.at + 250 * DAY)

    (item,) = firm.store.of_type("invoiceitem")
    billed = firm.store[item["invoice"]]
    assert (item["parent"], item["proration"]) == (None, False)
    assert billed["created"] > item["date"]
    assert billed["subtotal"] == 4_900 + item["amount"]
    assert billed["lines"]["data"][-1]["parent"]["invoice_item_details"]["invoice_item"] == item["id"]
    assert held["id"] == billed["parent"]["subscription_details"]["subscription"]


def test_who_sends_no_money_is_past_due_and_who_pays_late_is_not_any_more() -> None:
    firm = Firm()
    late = firm.join("Pier", days_until_due=30, habits=Habits(pays_sent_invoices="late"))
    firm.business.run_until(firm.books.at + 30 * DAY + 60)
    assert firm.again(late)["status"] == "past_due"

    firm.business.run_until(firm.books.at + 26 * DAY)

    assert firm.invoices(late)[0]["status"] == "paid"
    assert firm.invoices(late)[0]["status_transitions"]["paid_at"] > firm.invoices(late)[0]["due_date"]

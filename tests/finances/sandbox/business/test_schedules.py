"""Subscription schedules: a rise to come, one that lets go, one that ends its subscription."""

from __future__ import annotations

from finances.sandbox.engine.periods import months_after
from tests.finances.sandbox.firm import Firm

SCHEDULE = "subscription_schedule"


def test_the_price_rises_at_the_end_of_the_period_and_a_year_later_the_schedule_lets_go() -> None:
    firm = Firm()
    held = firm.join("Pier", quantity=2)
    firm.until(2026, 1, 10)
    rise = firm.business.shop.special("pier_rise", "usd")
    turn = held["items"]["data"][0]["current_period_end"]

    schedule_id = firm.business.subscriptions.schedules.begin(held["id"], [(rise, 2)], months_after(turn, 12))

    assert firm.again(held)["schedule"] == schedule_id
    schedule = firm.store[schedule_id]
    assert [(each["start_date"], each["end_date"]) for each in schedule["phases"]] == [
        (held["start_date"], turn),
        (turn, months_after(turn, 12)),
    ]
    firm.until(2026, 2, 2)
    assert firm.store[schedule_id]["current_phase"]["start_date"] == turn
    firm.until(2027, 2, 2)
    totals = [invoice["total"] for invoice in firm.invoices(held)]
    assert totals == [9_800, *[11_000] * 13]
    assert not any(line["parent"]["subscription_item_details"]["proration"] for line in _lines(firm, held))
    released = firm.store[schedule_id]
    assert (released["status"], released["released_subscription"], released["subscription"]) == (
        "released",
        held["id"],
        None,
    )
    assert (firm.again(held)["schedule"], firm.again(held)["status"]) == (None, "active")
    assert firm.told(SCHEDULE) == [f"{SCHEDULE}.created", f"{SCHEDULE}.updated", f"{SCHEDULE}.released"]


def test_one_that_is_released_early_changes_nothing() -> None:
    firm = Firm()
    held = firm.join("Pier")
    rise = firm.business.shop.special("pier_rise", "usd")
    schedule_id = firm.business.subscriptions.schedules.begin(held["id"], [(rise, 1)], months_after(firm.books.at, 13))

    firm.business.subscriptions.schedules.release(schedule_id)
    firm.until(2026, 4, 2)

    assert firm.store[schedule_id]["status"] == "released"
    assert {invoice["total"] for invoice in firm.invoices(held)} == {4_900}


def test_one_that_cancels_completes_and_its_subscription_is_over() -> None:
    firm = Firm()
    held = firm.join("Pier")
    price = held["items"]["data"][0]["price"]
    until = months_after(held["items"]["data"][0]["current_period_end"], 3)
    schedule_id = firm.business.subscriptions.schedules.begin(held["id"], [(price, 1)], until, "cancel")

    firm.until(2026, 6, 1)

    assert len(firm.invoices(held)) == 4
    assert (firm.again(held)["status"], firm.again(held)["ended_at"]) == ("canceled", until)
    assert (firm.store[schedule_id]["status"], firm.store[schedule_id]["completed_at"]) == ("completed", until)


def test_a_subscription_that_ends_earlier_cancels_its_schedule() -> None:
    firm = Firm()
    held = firm.join("Pier")
    price = held["items"]["data"][0]["price"]
    schedule_id = firm.business.subscriptions.schedules.begin(held["id"], [(price, 3)], months_after(firm.books.at, 9))

    firm.business.subscriptions.leaving.at_once(held["id"])

    assert firm.store[schedule_id]["status"] == "canceled"


def _lines(firm: Firm, held: dict) -> list[dict]:
    return [line for invoice in firm.invoices(held) for line in invoice["lines"]["data"]]

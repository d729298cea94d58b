"""Who is always there, and what each of them is there for."""

from __future__ import annotations

import pytest

from finances.sandbox import Sandbox
from finances.sandbox.engine.store import Object
from tests.finances.sandbox.conftest import NOW


class Seen:
    def __init__(self, sandbox: Sandbox) -> None:
        self.store = sandbox.store
        self._by_email = {each["email"]: each for each in self.store.of_type("customer")}

    def customer(self, email: str) -> Object:
        return self._by_email[email]

    def subscriptions(self, email: str) -> list[Object]:
        return list(self.store.of_type("subscription", ("customer", self.customer(email)["id"])))

    def invoices(self, email: str) -> list[Object]:
        return list(self.store.of_type("invoice", ("customer", self.customer(email)["id"])))


@pytest.fixture(scope="module")
def seen() -> Seen:
    return Seen(Sandbox(customers=30, months=3, seed=7, now=NOW))


def test_grace_has_seats_in_tiers_and_a_tenth_off_for_ever(seen: Seen) -> None:
    (held,) = seen.subscriptions("grace@hopper.example")

    assert held["items"]["data"][0]["price"]["tiers_mode"] == "graduated"
    assert {invoice["total"] for invoice in seen.invoices("grace@hopper.example")} == {69_840}


def test_noor_pays_in_dinars_and_her_schedule_was_released(seen: Seen) -> None:
    (held,) = seen.subscriptions("noor@alsabah.example")
    (schedule,) = seen.store.of_type("subscription_schedule", ("customer", held["customer"]))

    assert (held["currency"], held["items"]["data"][0]["quantity"], schedule["status"]) == ("kwd", 7, "released")
    assert {invoice["total"] for invoice in seen.invoices("noor@alsabah.example")} == {105_000}


def test_oliver_went_down_a_plan_with_proration_and_pays_tax_on_top(seen: Seen) -> None:
    invoices = seen.invoices("oliver@bell.example")
    prorated = [
        invoice
        for invoice in invoices
        if any(line["parent"]["subscription_item_details"]["proration"] for line in invoice["lines"]["data"])
    ]

    assert {invoice["currency"] for invoice in invoices} == {"gbp"}
    assert len(prorated) == 1
    assert invoices[0]["total"] == 28_440
    assert invoices[-1]["total"] == 14_040  # 3 x 39.00 and a fifth


def test_mikas_price_will_rise(seen: Seen) -> None:
    (held,) = seen.subscriptions("mika@virtanen.example")
    schedule = seen.store[held["schedule"]]

    assert (held["status"], schedule["status"], len(schedule["phases"])) == ("active", "active", 2)
    assert schedule["phases"][1]["start_date"] > NOW.timestamp()
    now, then = (seen.store[phase["items"][0]["price"]]["unit_amount"] for phase in schedule["phases"])
    assert (now, then) == (4_500, 5_100)


def test_chen_pays_for_use(seen: Seen) -> None:
    (held,) = seen.subscriptions("chen@lin.example")

    assert held["items"]["data"][0]["price"]["recurring"]["usage_type"] == "metered"
    assert seen.invoices("chen@lin.example")[-1]["total"] > 0


def test_zoe_has_two_discounts(seen: Seen) -> None:
    (held,) = seen.subscriptions("zoe@lefevre.example")

    coupons = [seen.store[each]["source"]["coupon"] for each in held["discounts"]]
    assert coupons == ["SPRING3", "LOYAL"]


def test_one_is_paused_one_came_back_one_is_spared_and_one_contract_is_over(seen: Seen) -> None:
    assert [each["status"] for each in seen.subscriptions("anahit@petrosyan.example")] == ["paused"]
    assert [each["status"] for each in seen.subscriptions("somchai@srisuk.example")] == ["canceled", "active"]
    (nino,) = seen.subscriptions("nino@beridze.example")
    assert (nino["status"], nino["pause_collection"]["behavior"]) == ("active", "keep_as_draft")
    assert seen.invoices("nino@beridze.example")[-1]["status"] == "draft"
    (priya,) = seen.subscriptions("priya@sharma.example")
    (contract,) = seen.store.of_type("subscription_schedule", ("customer", priya["customer"]))
    assert (priya["status"], contract["status"]) == ("canceled", "completed")
    assert seen.customer("priya@sharma.example")["discount"]["source"]["coupon"] == "PARTNER"


def test_joana_has_not_paid_and_her_renewals_stay_drafts(seen: Seen) -> None:
    (held,) = seen.subscriptions("joana@araujo.example")

    assert held["status"] == "unpaid"
    states = [invoice["status"] for invoice in seen.invoices("joana@araujo.example")]
    assert states == ["paid", "open", "draft", "draft"]

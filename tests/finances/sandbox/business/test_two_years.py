"""Two years of the whole business: everything that a console has to cope with is in it, and every sum is exact."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import pytest

from finances.sandbox import Sandbox
from finances.sandbox.business.pricing import amount_of, rounded
from finances.sandbox.engine.periods import months_after
from finances.sandbox.engine.store import Object, Store
from tests.finances.sandbox.conftest import NOW

END = int(NOW.timestamp())
GONE = ("canceled", "incomplete_expired")


@pytest.fixture(scope="module")
def store() -> Store:
    return Sandbox(customers=500, months=24, seed=7, now=NOW).store


@pytest.fixture(scope="module")
def invoices(store: Store) -> list[Object]:
    return list(store.of_type("invoice"))


@pytest.fixture(scope="module")
def subscriptions(store: Store) -> list[Object]:
    return list(store.of_type("subscription"))


def lines_of(invoices: list[Object]) -> list[Object]:
    return [line for invoice in invoices for line in invoice["lines"]["data"]]


def is_proration(line: Object) -> bool:
    return bool((line["parent"]["subscription_item_details"] or {}).get("proration"))


def test_every_invoice_adds_up(invoices: list[Object]) -> None:
    for invoice in invoices:
        lines = invoice["lines"]["data"]
        off = sum(each["amount"] for each in invoice["total_discount_amounts"])
        on_top = sum(each["amount"] for each in invoice["total_taxes"] if each["tax_behavior"] == "exclusive")
        taxes = sum(each["amount"] for each in invoice["total_taxes"])

        assert invoice["subtotal"] == sum(line["amount"] for line in lines)
        assert invoice["total"] == invoice["subtotal"] - off + on_top
        assert invoice["total_excluding_tax"] == invoice["total"] - taxes
        assert off == sum(each["amount"] for line in lines for each in line["discount_amounts"])
        assert taxes == sum(each["amount"] for line in lines for each in line["taxes"])


def test_every_line_is_its_price_times_its_quantity(store: Store, invoices: list[Object]) -> None:
    checked = 0
    for line in lines_of(invoices):
        priced = (line["pricing"] or {}).get("price_details")
        if not priced or is_proration(line) or store[priced["price"]]["transform_quantity"]:
            continue
        checked += 1
        assert line["amount"] == rounded(Decimal(line["pricing"]["unit_amount_decimal"]) * line["quantity"])
    assert checked > 1_000


def test_every_tax_is_its_rate_of_what_the_discounts_left(store: Store, invoices: list[Object]) -> None:
    behaviors: Counter[str] = Counter()
    for line in lines_of(invoices):
        for tax in line["taxes"]:
            rate = store[tax["tax_rate_details"]["tax_rate"]]
            net = line["amount"] - sum(each["amount"] for each in line["discount_amounts"])
            behaviors[tax["tax_behavior"]] += 1
            exact = Decimal(str(rate["percentage"])) * tax["taxable_amount"] / 100
            assert abs(tax["amount"] - exact) < 1
            assert tax["taxable_amount"] == (net - tax["amount"] if rate["inclusive"] else net)
    assert min(behaviors.values()) > 20
    assert len(behaviors) == 2


def test_discounts_on_invoices_are_kept_and_counted_on_their_coupons(store: Store, invoices: list[Object]) -> None:
    for invoice in invoices:
        for each in invoice["total_discount_amounts"]:
            assert store[each["discount"]]["object"] == "discount"
    given = Counter(each["source"]["coupon"] for each in store.of_type("discount"))
    for coupon in store.of_type("coupon"):
        before = {"SUMMERFAIR": 7, "EARLYBIRD": 10}.get(coupon["id"], 0)
        assert coupon["times_redeemed"] == given[coupon["id"]] + before
    assert {store[name]["duration"] for name in given} == {"once", "repeating", "forever"}
    assert {store[name]["percent_off"] is None for name in given} == {True, False}


def test_nothing_that_has_ended_hangs_on_a_running_subscription(store: Store, subscriptions: list[Object]) -> None:
    held = [
        store[name]
        for each in subscriptions
        if each["status"] not in GONE
        for name in [*each["discounts"], *(name for item in each["items"]["data"] for name in item["discounts"])]
    ]

    assert len(held) > 10
    assert all(each["end"] is None or each["end"] > END for each in held)


def test_every_kind_of_price_has_its_subscribers(subscriptions: list[Object]) -> None:
    bought = [item["price"] for each in subscriptions for item in each["items"]["data"]]
    kinds: dict[str, Callable[[Object], bool]] = {
        "yearly": lambda price: price["recurring"]["interval"] == "year",
        "weekly": lambda price: price["recurring"]["interval"] == "week",
        "graduated": lambda price: price["tiers_mode"] == "graduated",
        "volume": lambda price: price["tiers_mode"] == "volume",
        "packages up": lambda price: (price["transform_quantity"] or {}).get("round") == "up",
        "packages down": lambda price: (price["transform_quantity"] or {}).get("round") == "down",
        "metered": lambda price: price["recurring"]["usage_type"] == "metered",
        "fractions": lambda price: "." in (price["unit_amount_decimal"] or ""),
        "tax inside": lambda price: price["tax_behavior"] == "inclusive",
        "free": lambda price: price["unit_amount"] == 0,
    }

    assert [name for name, is_one in kinds.items() if not any(map(is_one, bought))] == []
    assert {price["currency"] for price in bought} == {"usd", "eur", "gbp", "jpy", "kwd"}


def test_metered_items_have_a_meter_and_no_quantity(store: Store, subscriptions: list[Object]) -> None:
    for each in subscriptions:
        for item in each["items"]["data"]:
            meter = item["price"]["recurring"]["meter"]
            assert ("quantity" in item) is (meter is None)
            assert meter is None or store[meter]["status"] == "active"


def test_subscriptions_are_in_every_state(subscriptions: list[Object]) -> None:
    states = {each["status"] for each in subscriptions}

    assert states >= {"active", "trialing", "past_due", "unpaid", "paused", "incomplete", "incomplete_expired"}
    assert any(each["pause_collection"] for each in subscriptions)
    assert any(each["cancel_at_period_end"] and each["status"] == "active" for each in subscriptions)
    assert any(len(each["discounts"]) > 1 for each in subscriptions)


def test_who_leaves_says_why(subscriptions: list[Object]) -> None:
    details = [each["cancellation_details"] for each in subscriptions if each["status"] == "canceled"]

    assert {each["reason"] for each in details} >= {"cancellation_requested", "payment_failed"}
    assert len({each["feedback"] for each in details} - {None}) >= 6
    assert any(each["comment"] for each in details)


def test_schedules_run_were_let_go_and_were_completed(store: Store) -> None:
    assert {each["status"] for each in store.of_type("subscription_schedule")} >= {"active", "released", "completed"}


def test_invoices_are_in_every_state_and_prorated_both_ways(invoices: list[Object]) -> None:
    assert {each["status"] for each in invoices} == {"draft", "open", "paid", "uncollectible", "void"}
    prorated = [line["amount"] for line in lines_of(invoices) if is_proration(line)]
    assert min(prorated) < 0 < max(prorated)
    assert max(len(each["lines"]["data"]) for each in invoices) > 10
    late = [each for each in invoices if each["due_date"] and each["status"] == "paid"]
    assert any(each["status_transitions"]["paid_at"] > each["due_date"] for each in late)


def test_customers_come_from_everywhere_and_write_their_names_as_they_do(store: Store) -> None:
    customers = list(store.of_type("customer"))
    letters = {letter for each in customers for letter in each["name"] if letter.isalpha()}
    scripts = {unicodedata.name(letter).split()[0] for letter in letters}

    assert len({each["address"]["country"] for each in customers}) >= 20
    assert scripts >= {"LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW", "DEVANAGARI", "THAI", "CJK", "HANGUL"}
    assert scripts >= {"GEORGIAN", "ARMENIAN", "ETHIOPIC", "HIRAGANA"}
    paying = {each["address"]["country"]: each["currency"] for each in customers if each["currency"]}
    assert (paying["KW"], paying["JP"], paying["GB"], paying["FR"]) == ("kwd", "jpy", "gbp", "eur")


def test_customers_carry_what_the_application_knows(store: Store) -> None:
    customers = list(store.of_type("customer"))

    assert any({"tenant", "plan", "crm_id"} <= set(each["metadata"]) and each["description"] for each in customers)
    assert len({each["type"] for each in store.of_type("tax_id")}) >= 8
    assert {each["tax_exempt"] for each in customers} == {"none", "exempt", "reverse"}
    assert max(Counter(each["email"] for each in customers).values()) == 2
    assert any(each["email"].endswith("@moved.example") for each in customers)
    assert all(each["preferred_locales"] for each in customers)


def test_some_came_back_and_some_have_two(subscriptions: list[Object]) -> None:
    by_customer: dict[str, list[Object]] = {}
    for each in subscriptions:
        by_customer.setdefault(each["customer"], []).append(each)
    several = [held for held in by_customer.values() if len(held) > 1]

    assert any(sum(each["status"] == "active" for each in held) > 1 for held in several)
    assert any(held[0]["ended_at"] and held[1]["created"] > held[0]["ended_at"] for held in several)


def worth(subscriptions: list[Object], at: int) -> dict[str, float]:
    """By currency, what running subscriptions ask for in a month."""
    found: Counter[str] = Counter()
    months = {"week": 12 / 52, "month": 1, "year": 12}
    for each in subscriptions:
        running = each["created"] <= at and (each["ended_at"] is None or each["ended_at"] > at)
        for item in each["items"]["data"] if running else ():
            if "quantity" in item:
                interval = item["price"]["recurring"]["interval"]
                found[each["currency"]] += amount_of(item["price"], item["quantity"]) / months[interval]
    return found


def test_it_grows(subscriptions: list[Object]) -> None:
    at = [months_after(END, -months) for months in (24, 18, 12, 6, 0)]
    running = [
        sum(each["created"] <= moment and (each["ended_at"] or END + 1) > moment for each in subscriptions)
        for moment in at
    ]
    before, now = worth(subscriptions, at[2]), worth(subscriptions, at[4])

    assert running == sorted(running)
    assert running[4] > 1.7 * running[2]
    assert all(now[currency] > 1.3 * before[currency] for currency in ("usd", "eur"))


def test_one_month_was_bad(subscriptions: list[Object], invoices: list[Object]) -> None:
    def within(moment: int | None, months_ago: int) -> bool:
        return moment is not None and months_after(END, -months_ago) <= moment < months_after(END, 1 - months_ago)

    lost = {ago: sum(within(each["ended_at"], ago) for each in subscriptions) for ago in (9, 8, 7, 5, 4)}
    refused = {ago: sum(each["attempt_count"] > 1 for each in invoices if within(each["created"], ago)) for ago in lost}

    assert lost[7] > max(lost[ago] for ago in (9, 8, 5, 4))
    assert refused[7] > max(refused[ago] for ago in (9, 8, 5, 4))

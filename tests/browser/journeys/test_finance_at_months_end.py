"""Finance, at month's end: figures that somebody signs, so each is followed down to the invoices."""

import csv
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser.journeys.answers import at, customer, in_a_cell, late, money, subscription
from tests.browser.journeys.journey import plain
from tests.local_stripe import Json, LocalStripe


def region(page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def test_what_did_this_subscription_cost_in_march(travel, arrive, demo):
    its = subscription(demo.stripe, "oliver@bell.example")
    invoices = demo.stripe.all("/v1/invoices", subscription=its["id"])
    issued = [(each, at(each["status_transitions"]["finalized_at"] or 0)) for each in invoices]
    in_march = [each for each, when in issued if (when.year, when.month) == (2026, 3) and each["status"] != "void"]
    back = [note for each in in_march for note in demo.stripe.all("/v1/credit_notes", invoice=each["id"])]
    cost = sum(each["total"] for each in in_march) - sum(each["total"] for each in back)
    assert in_march

    journey = travel("finance", "What did this subscription cost in March?")
    journey.search("oliver@bell.example")
    journey.click(region(journey.page, "Subscriptions").get_by_role("rowheader").get_by_role("link").first)

    answer = region(journey.page, "What it cost, by month").get_by_role("row", name=re.compile("March 2026"))
    expect(answer.locator(".pd-amt").last).to_have_text(in_a_cell(cost, its["currency"]))
    for each in in_march:
        expect(answer).to_contain_text(each["number"])
    arrive(journey, answer)


def discounts_of(stripe: LocalStripe, subscription: Json) -> list[tuple[Json, Json]]:
    """Each with its coupon, in the order in which they are taken off."""
    found = stripe.get(f"/v1/subscriptions/{subscription['id']}", **{"expand[]": "discounts"})["discounts"]
    options = {"expand[]": "currency_options"}
    return [(each, stripe.get(f"/v1/coupons/{each['source']['coupon']}", **options)) for each in found]


def less(amount: Decimal, coupon: Json, currency: str) -> Decimal:
    if coupon["percent_off"]:
        return amount * (100 - Decimal(str(coupon["percent_off"]))) / 100
    if coupon["currency"] == currency:
        return amount - coupon["amount_off"]
    return amount - coupon["currency_options"][currency]["amount_off"]


def test_where_does_its_monthly_value_come_from_and_what_comes_next(travel, arrive, demo):
    its = subscription(demo.stripe, "zoe@lefevre.example")
    (item,), currency = its["items"]["data"], its["currency"]
    assert item["price"]["recurring"] | {"interval": "month", "interval_count": 1} == item["price"]["recurring"]
    value = due = full = Decimal(item["price"]["unit_amount"]) * item["quantity"]
    for discount, coupon in discounts_of(demo.stripe, its):
        if coupon["duration"] == "forever":
            value = less(value, coupon, currency)
        if not discount["end"] or discount["end"] > item["current_period_end"]:
            due = less(due, coupon, currency)
    rates = [each["percentage"] for each in its["default_tax_rates"] if not each["inclusive"]]
    tax = sum(due * Decimal(str(each)) / 100 for each in rates)
    assert due < value < full
    assert tax > 0

    journey = travel("finance", "Where does this subscription’s monthly value come from, and what is its next invoice?")
    journey.search("zoe@lefevre.example")
    journey.click(region(journey.page, "Subscriptions").get_by_role("rowheader").get_by_role("link").first)

    computed = region(journey.page, "How the monthly value was computed")
    for amount in (full, full - value, value):
        expect(computed.locator("tbody")).to_contain_text(exactly(amount, currency))
    expect(computed.locator("tfoot")).to_contain_text(exactly(value, currency))
    upcoming = region(journey.page, "Next invoice")
    for amount in (full, full - due, tax):
        expect(upcoming.locator("tbody")).to_contain_text(exactly(amount, currency))
    expect(upcoming.locator("tfoot")).to_contain_text(exactly(due + tax, currency))
    on = upcoming.locator("time").first.get_attribute("datetime")
    assert datetime.fromisoformat(on) == at(item["current_period_end"])
    arrive(journey, computed, upcoming)


def exactly(minor: Decimal, currency: str) -> str:
    assert minor == minor.to_integral_value()
    return in_a_cell(int(minor), currency)


def test_what_is_on_this_invoice_and_how_did_it_come_to_be_paid(travel, arrive, demo):
    studio = customer(demo.stripe, "hello@fjord.example")
    invoices = demo.stripe.all("/v1/invoices", customer=studio["id"])
    long = next(each for each in invoices if each["lines"]["has_more"])  # Stripe's invoice has ten of them
    lines = demo.stripe.all(f"/v1/invoices/{long['id']}/lines")
    assert len(lines) > 10

    journey = travel("finance", "What is on this invoice, beyond the tenth line too, and how did it come to be paid?")
    journey.search(long["number"])

    shown = region(journey.page, "Lines").locator("tbody tr")
    expect(shown).to_have_count(len(lines))
    for row, line in zip(shown.all(), lines, strict=True):
        expect(row.get_by_role("rowheader")).to_contain_text(line["description"])
        expect(row.get_by_role("cell").last).to_have_text(in_a_cell(line["amount"], "eur"))
    said = region(journey.page, "How it came to be paid, or not").get_by_role("paragraph").first
    issued, paid = (at(long["status_transitions"][f"{each}_at"]) for each in ("finalized", "paid"))
    (payment,) = demo.stripe.get("/v1/invoice_payments", invoice=long["id"])["data"]
    intent = demo.stripe.get(f"/v1/payment_intents/{payment['payment']['payment_intent']}")
    card = demo.stripe.get(f"/v1/charges/{intent['latest_charge']}")["payment_method_details"]["card"]
    expect(said).to_contain_text(f"{(paid.date() - issued.date()).days} days after it was issued")
    expect(said).to_contain_text(f"{card['brand'].title()} {card['last4']}")
    paid_on_it = journey.page.get_by_role("group", name="What pays it").locator(".pd-amt").last
    expect(paid_on_it).to_have_text(in_a_cell(long["amount_paid"], "eur"))
    arrive(journey, said, shown.last)


def owed(stripe: LocalStripe, wanted: Callable[[Json], bool]) -> dict[str, Json]:
    """By number, the open invoices in euros that are so."""
    found = stripe.all("/v1/invoices", status="open")
    return {each["number"]: each for each in found if each["currency"] == "eur" and wanted(each)}


def test_which_invoices_over_a_thousand_euros_are_more_than_sixty_days_late(travel, arrive, demo):
    wanted = owed(demo.stripe, lambda it: it["total"] > 1_000_00 and late(it, more_than=60))
    assert wanted

    journey = travel(
        "finance", "Which invoices over 1,000 EUR are more than 60 days late, as a list to keep and a file to send?"
    )
    page = journey.page
    journey.open("Invoices")
    journey.click(page.get_by_label("Search invoices"), "the list’s search")
    journey.type("amount:>1000 currency:eur late:>60")

    numbers = page.locator("#results tbody th")
    expect(page.get_by_text("Days late from: 61")).to_be_visible()
    expect(numbers).to_have_count(len(wanted))
    assert {plain(each) for each in numbers.all()} == wanted.keys()
    remaining = sum(each["amount_remaining"] for each in wanted.values())
    expect(page.locator("#results tfoot .pd-amt").first).to_have_text(in_a_cell(remaining, "eur"))
    listed = plain(page.locator("#results tbody"))

    journey.click(page.locator("summary", has_text="Views"))
    journey.click(page.get_by_label("Keep what is shown now as"), "Keep what is shown now as")
    journey.type("Large and late", enter=True)
    expect(page.get_by_text("“Large and late” is kept.")).to_be_visible()
    journey.click(page.locator("summary", has_text="Export"))
    with page.expect_download() as download:
        journey.click(page.get_by_role("link", name="CSV, for programs"))

    rows = list(csv.DictReader(Path(download.value.path()).read_text().splitlines()))
    assert {row["number"] for row in rows} == wanted.keys()
    page.locator("summary", has_text="Export").click()
    assert plain(page.locator("#results tbody")) == listed
    arrive(journey, page.locator("#results table"))


def test_how_much_is_late_by_age_who_owes_it_and_on_which_invoices(travel, arrive, demo):
    wanted = owed(demo.stripe, lambda it: late(it, more_than=120))
    total = sum(each["amount_remaining"] for each in wanted.values())

    journey = travel("finance", "How much in euros is more than 120 days late, who owes it, and on which invoices?")
    page = journey.page
    journey.open("Receivables")
    row = page.locator(".pd-aging tbody tr").filter(has_text="EUR")
    journey.click(row.locator("td").nth(5).locator("a.pd-quiet"), "the figure")
    expect(page.locator("#who + .pd-count")).to_contain_text(money(total, "eur"))
    debtors = {demo.stripe.get(f"/v1/customers/{each['customer']}")["name"] for each in wanted.values()}
    assert {plain(each) for each in page.locator(".pd-owes tbody th a").all()} == debtors
    journey.click(page.get_by_role("link", name="All these invoices"))

    numbers = page.locator("#results tbody th")
    expect(numbers).to_have_count(len(wanted))
    assert {plain(each) for each in numbers.all()} == wanted.keys()
    expect(page.locator("#results tfoot .pd-amt").first).to_have_text(in_a_cell(total, "eur"))
    arrive(journey, page.locator("#results table"))


def test_which_disputes_still_need_evidence_and_by_when(travel, arrive, demo):
    waiting = [each for each in demo.stripe.all("/v1/disputes") if each["status"].endswith("needs_response")]
    waiting.sort(key=lambda each: each["evidence_details"]["due_by"])
    assert waiting

    journey = travel("finance", "Which disputes still need evidence, and by when?")
    journey.click(journey.page.locator("[data-concern=disputes]"), "Disputes to answer")

    rows = journey.page.locator("#results tbody tr")
    expect(rows).to_have_count(len(waiting))
    for row, dispute in zip(rows.all(), waiting, strict=True):
        expect(row).to_contain_text(in_a_cell(dispute["amount"], dispute["currency"]))
        due = row.locator("time").first.get_attribute("datetime")
        assert at(dispute["evidence_details"]["due_by"]) == datetime.fromisoformat(due)
    arrive(journey, journey.page.locator("#results table"))

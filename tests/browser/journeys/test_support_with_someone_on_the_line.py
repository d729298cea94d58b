"""Support, with someone on the line: the answer has to be there before the pause gets long."""

import re
from datetime import datetime

import pytest
from playwright.sync_api import expect

from tests.browser.journeys.answers import at, charged, customer, money, subscription
from tests.local_stripe import Json, LocalStripe

IN_PLAIN_WORDS = {"insufficient_funds": "There is not enough money on the card."}


def unpaid(stripe: LocalStripe, of: Json) -> Json:
    """The one invoice that is still to be paid."""
    (invoice,) = stripe.get("/v1/invoices", customer=of["id"], status="open")["data"]
    return invoice


def test_why_was_this_card_declined_and_when_is_it_tried_again(travel, arrive, demo):
    nadia = customer(demo.stripe, "nadia@rahman.example")
    invoice = unpaid(demo.stripe, nadia)
    refused = demo.stripe.get("/v1/charges", customer=nadia["id"])["data"][0]
    assert refused["status"] == "failed"

    journey = travel("support", "Why was this card declined, and when will it be tried again?")
    journey.search(nadia["email"])

    answer = journey.page.get_by_role("status").filter(has_text="Access is at risk")
    expect(answer).to_contain_text(money(invoice["amount_remaining"], invoice["currency"]))
    expect(answer).to_contain_text(IN_PLAIN_WORDS[refused["outcome"]["reason"]])
    again = answer.filter(has_text="tries again").locator("time").last.get_attribute("datetime")
    assert datetime.fromisoformat(again) == at(invoice["next_payment_attempt"])
    arrive(journey, answer)


def test_is_the_access_of_this_user_at_risk(travel, arrive, demo):
    joana = customer(demo.stripe, "joana@araujo.example")
    invoice = unpaid(demo.stripe, joana)

    journey = travel("support", "Our own user araujo-1002 is locked out: what is the matter with the payment?")
    journey.search(joana["metadata"]["tenant"])

    expect(journey.page.get_by_role("heading", level=1)).to_have_text(joana["name"])
    answer = journey.page.get_by_role("status").filter(has_text="Access")
    assert subscription(demo.stripe, joana["email"])["status"] == "unpaid"
    expect(answer).to_contain_text(money(invoice["amount_remaining"], invoice["currency"]))
    expect(answer).to_contain_text(invoice["number"])
    arrive(journey, answer)


@pytest.fixture
def two_cards(demo) -> tuple[Json, str, Json]:
    """Somebody with two cards and one subscription, and the digits of the card that is not charged any more."""
    payments = demo.stripe.all("/v1/charges")
    for owner in demo.stripe.all("/v1/customers"):
        methods = demo.stripe.get(f"/v1/customers/{owner['id']}/payment_methods")["data"]
        running = demo.stripe.get("/v1/subscriptions", customer=owner["id"])["data"]
        if len(methods) != 2 or len(running) != 1 or not all(each["type"] == "card" for each in methods):
            continue
        now = charged(demo.stripe, running[0])
        old = next(each["card"]["last4"] for each in methods if not now.endswith(each["card"]["last4"]))
        owners = {
            each["customer"]
            for each in payments
            if (each["payment_method_details"].get("card") or {}).get("last4") == old
        }
        if owners == {owner["id"]} and owner["name"].isascii():
            return owner, old, running[0]
    raise AssertionError("nobody has two cards")


def test_whose_card_is_this_and_which_one_is_charged_next(travel, arrive, demo, two_cards):
    owner, old, running = two_cards

    journey = travel("support", "Whose card ends in these four digits, and which card will be charged next?")
    journey.search(old)
    journey.click(journey.page.get_by_role("link", name=owner["name"]).first)

    expect(journey.page.get_by_role("heading", level=1)).to_have_text(owner["name"])
    methods = journey.page.get_by_role("region", name="Payment methods")
    answer = methods.get_by_role("listitem").filter(has_text="Will be charged")
    expect(answer).to_have_count(1)
    expect(answer).to_contain_text(charged(demo.stripe, running))
    expect(methods.get_by_role("listitem").filter(has_text=old)).not_to_contain_text("Will be charged")
    arrive(journey, answer)


def test_who_wrote_from_an_old_e_mail_and_what_was_it_like_before(travel, arrive, demo, page_for):
    before = customer(demo.stripe, "oliver@bell.example")
    demo.stripe.patch(before["id"], event="customer.updated", email="oliver@bell-and-sons.example", balance=-2000)
    watching = page_for("support")
    for _ in range(60):
        watching.goto(f"/console/customers/{before['id']}/")
        if watching.get_by_text("oliver@bell-and-sons.example").first.is_visible():
            break
        watching.wait_for_timeout(200)

    journey = travel("support", "Who wrote from this old e-mail, and what was on their account before they changed it?")
    journey.search(before["email"])
    found = journey.page.get_by_role("row", name=re.compile("had this e-mail until"))
    journey.click(found.get_by_role("link", name=before["name"]))
    journey.click(journey.page.get_by_role("link", name="As it was on…"))
    journey.click(journey.page.get_by_role("link", name="As it was before that").first)

    answer = journey.page.get_by_role("table").first
    expect(answer.get_by_role("row", name=re.compile("^E-mail"))).to_contain_text(before["email"])
    balance = answer.get_by_role("row", name=re.compile("^Balance"))
    expect(balance.locator("del")).to_have_text(money(before["balance"], before["currency"]))
    expect(balance.locator("ins")).to_have_text(money(-2000, before["currency"]))
    changes = journey.page.get_by_role("group", name="What changed, and when it was seen")
    expect(changes.get_by_text(f"E-mail: {before['email']} → oliver@bell-and-sons.example")).to_be_visible()
    demo.stripe.patch(before["id"], event="customer.updated", email=before["email"], balance=before["balance"])
    arrive(journey, answer)

"""Admin, when something looks wrong: from a suspicion to the proof that it was put right."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.journeys.answers import customer, in_a_cell
from tests.local_stripe import Json


@pytest.fixture
def failing(demo, page_for) -> Iterator[Json]:
    """A customer who was changed, while Stripe answers every question about them with an error. The third try failed,
    and the pause before the next one is long."""
    found = customer(demo.stripe, "ruth@partial.example")
    demo.stripe.faults(**{"500": 1.0}, paths=f"/v1/customers/{found['id']}")
    demo.stripe.patch(found["id"], event="customer.updated", phone="+972 3 555 0144")
    watching = page_for("support")
    for _ in range(60):
        watching.goto(f"/console/webhooks/?q={found['id']}&state=waiting")
        row = watching.locator("#deliveries tbody tr").first
        if row.is_visible() and row.locator("td.pd-num").nth(1).inner_text() == "3":
            break
        watching.wait_for_timeout(500)
    yield found
    demo.stripe.faults()


def test_which_webhook_fails_why_and_does_it_go_through_now(travel, arrive, demo, failing):
    journey = travel("admin", "Which webhook fails, why, and does it go through now?")
    page = journey.page
    journey.click(page.locator("[data-concern=quarantined]"), "Quarantined events: one waits for the next try")
    row = page.locator("#deliveries tbody tr").filter(has_text=failing["name"])
    expect(row).to_contain_text("Stripe answered with an error of its own")
    journey.click(row.get_by_role("link", name="customer.updated"))
    demo.stripe.faults()
    journey.click(page.get_by_role("link", name="Process again"))
    journey.type("Stripe is back")  # the reason, where the cursor is
    journey.click(page.get_by_role("dialog").get_by_role("button", name="Process again"), "Process again")
    page.wait_for_url("**/console/webhooks/replays/*/")

    expect(page.locator("h1 + .pd-badge")).to_have_text("Complete", timeout=20_000)
    answer = page.get_by_role("row", name=re.compile("customer.updated"))
    expect(answer).to_contain_text("Customer changed")
    assert demo.stripe.get(f"/v1/customers/{failing['id']}")["phone"] == "+972 3 555 0144"
    arrive(journey, answer)


def test_is_what_we_show_what_stripe_has_and_is_it_put_right(travel, arrive, demo, page_for):
    mika = customer(demo.stripe, "mika@virtanen.example")
    demo.stripe.patch(mika["id"], phone="+358 9 555 0177", balance=mika["balance"] - 1500)

    journey = travel("admin", "Is what we show what Stripe has, what differs, and is it put right?")
    page = journey.page
    journey.search(mika["email"])
    journey.click(page.get_by_role("button", name="Compare with Stripe"))
    page.wait_for_url("**/console/reconcile/*/")
    expect(page.locator("h1 + .pd-badge")).to_have_text("2 fields differ", timeout=20_000)
    now = demo.stripe.get(f"/v1/customers/{mika['id']}")
    balance = page.get_by_role("row", name=re.compile("^balance "))
    expect(balance.locator("ins")).to_contain_text(str(now["balance"]))
    expect(balance).to_contain_text("Their credit or debt with you.")
    expect(page.get_by_role("row", name=re.compile("^phone ")).locator("ins")).to_contain_text(now["phone"])
    journey.click(page.get_by_role("button", name="Take over 2 fields from Stripe"))

    expect(page.locator("h1 + .pd-badge")).to_have_text("Taken over", timeout=20_000)
    answer = page.locator(".pd-note").filter(has_text="Taken over from Stripe.")
    expect(answer).to_be_visible(timeout=20_000)
    expect(page.get_by_role("button", name=re.compile("^Take over"))).to_have_count(0)
    arrive(journey, answer)

    customers_page = page_for("support")
    customers_page.goto(f"/console/customers/{mika['id']}/")
    expect(customers_page.get_by_text(now["phone"])).to_be_visible()
    expect(customers_page.get_by_text(in_a_cell(now["balance"], now["currency"])).first).to_be_visible()
    page.get_by_role("button", name="Compare again").click()
    expect(page.get_by_text(re.compile(r"^All [\d,]+ objects are the same as in Stripe"))).to_be_visible(timeout=20_000)

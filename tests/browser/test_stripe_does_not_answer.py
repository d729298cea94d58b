"""Stripe is away: the console goes on reading, the run says what happened and what to do."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def stripe_away(demo):
    demo.stripe.faults(reset=1.0)
    yield
    demo.stripe.faults()


def test_a_resync_ends_in_plain_words_when_stripe_does_not_answer(page_for, demo, ada, stripe_away):
    page = page_for("admin")
    page.goto(f"/console/customers/{ada['id']}/")

    page.get_by_role("button", name="Resync").click()
    page.get_by_role("dialog").get_by_role("button", name="Resync").click()

    page.wait_for_url("**/console/resyncs/*/")
    expect(page.locator("h1 + .pd-badge")).to_have_text("Failed", timeout=40_000)
    expect(page.get_by_text("The run stopped.")).to_be_visible()
    expect(page.get_by_text("Stripe could not be reached. Check this machine's network")).to_be_visible()
    assert "Traceback" not in page.content()
    page.goto(f"/console/customers/{ada['id']}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ada Lovelace")

    demo.stripe.faults()
    page.get_by_role("button", name="Resync").click()
    page.get_by_role("dialog").get_by_role("button", name="Resync").click()
    expect(page.locator("h1 + .pd-badge")).to_have_text("Complete", timeout=20_000)

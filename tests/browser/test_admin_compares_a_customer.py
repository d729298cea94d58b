"""Admin: single objects of a comparison are taken over; others only read it. The whole way is one of the journeys."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def lena(demo) -> dict[str, Any]:
    """A customer whom no other test changes, as the console has read her."""
    return demo.stripe.get("/v1/customers", email="lena@weiss.example")["data"][0]


def compare(page: Page, customer_id: str) -> None:
    """By the button on the customer's page, to the end of the comparison."""
    page.goto(f"/console/customers/{customer_id}/")
    page.get_by_role("button", name="Compare with Stripe").click()
    page.wait_for_url("**/console/reconcile/*/")
    expect(page.get_by_role("button", name="Compare again")).to_be_visible(timeout=20_000)


def test_a_single_object_is_taken_over_by_its_own_button(page_for, demo, lena):
    page = page_for("admin")
    invoice = demo.stripe.get("/v1/invoices", customer=lena["id"])["data"][0]
    demo.stripe.patch(lena["id"], metadata={"crm": "0061x00000B"})
    demo.stripe.patch(invoice["id"], footer="Thank you")
    compare(page, lena["id"])

    row = page.get_by_role("row", name=re.compile("^(Choose )?.*Customer"))
    row.get_by_role("button", name="Take over 1 field").click()

    expect(row.locator(".pd-badge")).to_have_text("Taken over", timeout=20_000)
    page.get_by_role("checkbox", name=re.compile("Choose Invoice")).check()
    page.get_by_role("button", name="Take over the chosen objects").click()
    expect(page.locator("h1 + .pd-badge")).to_have_text("Taken over", timeout=20_000)


def test_support_reads_what_differs_and_is_offered_nothing_that_it_may_not_do(page_for):
    page = page_for("support")

    page.goto("/console/reconcile/")

    expect(page.get_by_role("heading", level=1)).to_have_text("Reconcile")
    expect(page.get_by_text("Run resyncs")).to_be_visible()
    expect(page.get_by_role("button", name="Compare with Stripe")).to_have_count(0)
    page.get_by_role("table", name="Comparisons").get_by_role("link").first.click()
    page.wait_for_url("**/console/reconcile/*/")
    expect(page.get_by_role("button", name=re.compile("^Take over"))).to_have_count(0)

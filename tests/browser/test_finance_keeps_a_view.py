"""Finance keeps the conditions of a list under a name, and opens them again; an admin reads some rows anew."""

import re

from playwright.sync_api import expect


def test_a_view_is_kept_shared_and_opened_again(page_for):
    finance = page_for("finance")
    finance.goto("/console/invoices/?status=open&currency=eur")

    finance.locator("summary", has_text="Views").click()
    finance.get_by_label("Keep what is shown now as").fill("Open in EUR")
    finance.get_by_label("shared with everybody").check()
    finance.get_by_role("button", name="Keep the view").click()
    expect(finance.get_by_text("“Open in EUR” is kept.")).to_be_visible()
    rows = finance.locator("#results tbody th").all_inner_texts()

    support = page_for("support")
    support.goto("/console/invoices/")
    support.locator("summary", has_text="Views").click()
    support.get_by_role("link", name="Open in EUR").click()
    support.wait_for_url(re.compile(r"status=open"))
    assert support.locator("#results tbody th").all_inner_texts() == rows


def test_an_admin_plans_a_resync_of_the_chosen_rows(page_for):
    page = page_for("admin")
    page.goto("/console/invoices/?status=open")
    plan = page.get_by_role("button", name="Plan a resync of the chosen")
    expect(plan).to_be_hidden()

    boxes = page.locator("#results input.pd-choose")
    boxes.nth(0).check()
    boxes.nth(1).check()
    plan.click()

    expect(page.get_by_text("This is the plan. Nothing has begun.")).to_be_visible()
    expect(page.locator(".pd-strip .pd-big").first).to_have_text("2")

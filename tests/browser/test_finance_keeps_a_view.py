"""Finance keeps the conditions of a list under a name, and opens them again; an admin reads some rows anew."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import log_in

axe = Axe()
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


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


def test_a_view_is_updated_to_what_is_typed_and_marked_by_keyboard_too(page_for):
    page = page_for("finance")
    page.goto("/console/payments/?status=failed")
    menu = page.locator("summary", has_text="Views")
    menu.press("Enter")
    page.get_by_label("Keep what is shown now as").fill("To look at")
    page.get_by_label("Keep what is shown now as").press("Enter")
    expect(page.get_by_text("“To look at” is kept.")).to_be_visible()
    view = page.get_by_role("link", name="To look at")
    menu.press("Enter")
    expect(view).to_have_attribute("aria-current", "true")

    page.get_by_role("searchbox").fill("nadia status:failed")
    # The address changes before the page does, and the menu comes anew with the page.
    expect(page.get_by_role("link", name="Remove: Status: Failed")).to_have_attribute("href", "?q=nadia")
    menu.press("Enter")
    expect(view).to_be_visible()
    expect(view).not_to_have_attribute("aria-current", "true")
    page.get_by_label("Or put it into a view of yours").select_option("To look at")
    assert axe.run(page, context={"include": [["#views-menu"]]}).response["violations"] == []
    page.get_by_role("button", name="Update this view").click()

    expect(page.get_by_text("“To look at” shows these conditions now.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"payments/\?(?=.*q=nadia)(?=.*status=failed)"))


def test_views_are_kept_renamed_and_removed_without_a_script_on_a_phone(browser, browser_context_args):
    size = {"width": 390, "height": 844}
    context = browser.new_context(**browser_context_args | {"java_script_enabled": False, "viewport": size})
    page = context.new_page()
    log_in(page, "support")
    page.goto("/console/customers/?status=past_due&sort=name")

    page.locator("summary", has_text="Views").click()
    page.get_by_role("link", name="The views of this list").click()
    page.get_by_label("Keep what is shown now as").fill("To call")
    page.get_by_role("button", name="Keep the view").click()
    page.wait_for_url(re.compile(r"/customers/\?(?=.*status=past_due)(?=.*sort=name)"))

    page.locator("summary", has_text="Views").click()
    page.get_by_role("link", name="The views of this list").click()
    expect(page.get_by_role("link", name="To call", exact=True)).to_have_attribute("aria-current", "true")
    expect(page.get_by_label("shared with everybody")).to_have_count(0)
    page.get_by_label("Name", exact=True).fill("To call today")
    page.get_by_role("button", name="Change the view").click()
    expect(page.get_by_role("link", name="To call today")).to_have_attribute("aria-current", "true")
    page.get_by_role("button", name="Remove the view").click()
    expect(page.get_by_text("“To call today” is gone.")).to_be_visible()
    page.get_by_role("link", name="Back to the list").click()
    page.wait_for_url(re.compile(r"/customers/\?(?=.*status=past_due)(?=.*sort=name)"))
    context.close()


def test_the_page_of_the_views_fits_a_phone_and_can_be_read_by_all(page_for):
    page = page_for("finance")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/console/views/?list=invoices&now=?status=open")

    page.get_by_label("Keep what is shown now as").fill("A" * 80)
    page.get_by_role("button", name="Keep the view").click()
    expect(page.get_by_text(f"“{'A' * 80}” is kept.")).to_be_visible()
    assert page.evaluate(FITS)
    page.goto("/console/views/?list=invoices")

    assert page.evaluate(FITS)
    assert axe.run(page).response["violations"] == []


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

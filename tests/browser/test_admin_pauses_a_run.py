"""Admin: plans a run, starts it, pauses, resumes and reads it; cancels one, with a script and without."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import log_in

STATE = "h1 + .pd-badge"


@pytest.fixture
def slow_invoices(demo, page_for):
    """Stripe takes its time for each page of invoices, so that a run lasts until somebody has paused it.

    Not before the night's sample has ended, which begins with the demo: on SQLite one thread reads for both of them.
    """
    page = page_for("admin")
    ended = page.get_by_role("row", name=re.compile("Nightly sample")).filter(has_text="Complete")
    for _ in range(120):
        page.goto("/console/reconcile/")
        if ended.count():
            break
        page.wait_for_timeout(500)
    else:
        pytest.fail("the night's sample did not end within a minute")
    demo.stripe.faults(slow=1.0, delay=1.5, paths="/v1/invoices")
    yield
    demo.stripe.faults()


def start(page, reason: str) -> None:
    """From the list of runs by the plan to the run."""
    page.goto("/console/resyncs/")
    page.get_by_label("What", exact=True).select_option("invoice")
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name="Show the plan").click()
    page.get_by_role("button", name=re.compile(r"^Resync about [\d,]+ invoices$")).click()
    page.wait_for_url(re.compile(r"/resyncs/[0-9a-f-]{36}/$"))


def test_an_admin_plans_starts_pauses_resumes_and_reads_a_run(page_for, demo, slow_invoices):
    invoice = demo.stripe.get("/v1/invoices", limit=1)["data"][0]
    demo.stripe.patch(invoice["id"], description="Changed behind the console’s back")
    page = page_for("admin")
    page.goto("/console/resyncs/")

    # What is not asked for the scope in hand does not stand in the way.
    expect(page.get_by_label("Ids")).to_be_hidden()
    page.get_by_label("What", exact=True).select_option("ids")
    expect(page.get_by_label("Ids")).to_be_visible()
    expect(page.get_by_label("Created from")).to_be_hidden()
    page.get_by_label("What", exact=True).select_option("invoice")
    page.get_by_label("Created from").fill("2020-01-01")
    page.get_by_label("Reason").fill("Month’s end, before the export")
    page.get_by_role("button", name="Show the plan").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Resync of all invoices created since 1 January 2020")
    expect(page.get_by_text("so that the production application keeps its room")).to_be_visible()
    page.get_by_role("button", name=re.compile(r"^Resync about [\d,]+ invoices$")).click()

    page.wait_for_url(re.compile(r"/resyncs/[0-9a-f-]{36}/$"))
    state = page.locator(STATE)
    expect(page.get_by_text("“Month’s end, before the export”")).to_be_visible()
    expect(state).to_have_text("Running")
    page.get_by_role("button", name="Pause").click()
    expect(state).to_have_text("Paused")
    demo.stripe.faults()
    read = page.locator("#run .pd-box b").inner_text()
    page.reload()
    expect(page.locator("#run .pd-box b")).to_have_text(read)
    expect(page.get_by_text("What was read is kept")).to_be_visible()

    page.get_by_role("button", name="Resume").click()
    expect(state).to_have_text("Complete", timeout=60_000)
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "100")
    expect(page.get_by_role("button", name="Pause")).to_be_hidden()
    difference = page.get_by_role("row", name=re.compile("^description "))
    expect(difference.locator("ins")).to_contain_text("Changed behind the console’s back")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export differences", exact=True).click()
    assert "Changed behind the console’s back" in download.value.path().read_text()


def test_the_question_before_a_cancel_stays_while_the_page_goes_on(page_for, slow_invoices):
    page = page_for("admin")
    start(page, "Not needed after all")
    expect(page.locator(STATE)).to_have_text("Running")

    page.get_by_role("button", name="Cancel run…").click()
    dialog = page.get_by_role("dialog", name="Cancel this run?")
    page.keyboard.type("A mistake")
    page.wait_for_timeout(2500)  # the part behind it has asked for itself twice
    expect(dialog.get_by_label("Reason")).to_have_value("A mistake")
    expect(dialog.get_by_label("Reason")).to_be_focused()
    dialog.get_by_role("button", name="Cancel the run").click()

    expect(page.locator(STATE)).to_have_text("Cancelled")
    expect(page.get_by_text("What it had read until then is kept.")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel run…")).to_be_hidden()


@pytest.mark.parametrize("width", [1440, 390])
def test_without_a_script_a_run_is_planned_started_and_cancelled(browser, browser_context_args, slow_invoices, width):
    size = {"width": width, "height": 900}
    context = browser.new_context(**browser_context_args | {"java_script_enabled": False, "viewport": size})
    page = context.new_page()
    log_in(page, "admin")

    page.goto("/console/invoices/")
    page.get_by_role("button", name="Resync all").click()
    page.wait_for_url("**/resyncs/plan/?target=invoice")
    page.get_by_role("button", name=re.compile("^Resync about")).click()
    page.wait_for_url(re.compile(r"/resyncs/[0-9a-f-]{36}/$"))
    page.get_by_role("button", name="Cancel run…").click()
    page.wait_for_url("**/?ask=cancel")
    page.get_by_role("button", name="Cancel the run").click()

    expect(page.locator(STATE)).to_have_text("Cancelled")
    context.close()

"""A failing event is found by its customer, understood, and processed again by an admin; support sees it all but that.

Nothing is arranged in the database: Stripe answers the one customer with errors, until it does not.
"""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

EMAIL, CALLED = "books@oldmill.example", re.compile("The (Old|New) Mill")


@pytest.fixture
def customer(demo):
    """Changed at Stripe and announced, while Stripe answers every question about it with an error."""
    found = demo.stripe.get("/v1/customers", email=EMAIL)["data"][0]
    demo.stripe.faults(**{"500": 1.0}, paths=f"/v1/customers/{found['id']}")
    demo.stripe.patch(found["id"], event="customer.updated", phone="+44 20 7946 0321")
    yield found
    demo.stripe.faults()


def find_it(page: Page, customer) -> Locator:
    """As a person does: the name into the search box, then the event that is not done."""
    page.goto("/console/webhooks/?state=waiting")
    page.get_by_role("searchbox", name="Search webhooks").fill(customer["name"])
    row = page.locator("#deliveries tbody tr").filter(has_text="customer.updated").first
    expect(row).to_contain_text(CALLED)
    return row


@pytest.mark.guarantee("A7")
def test_a_failing_event_is_found_understood_and_processed_again(page_for, demo, customer):
    support, admin = page_for("support"), page_for("admin")
    support.goto("/console/webhooks/?state=waiting")
    expect(support.locator("#deliveries tbody tr").first).to_contain_text("customer.updated", timeout=15_000)
    expect(support.get_by_role("heading", name="Why events are not processed")).to_be_visible()

    row = find_it(support, customer)
    expect(row.locator(".pd-badge")).to_have_text("Waiting")
    expect(row).to_contain_text("Stripe answered with an error of its own")
    row.get_by_role("link", name="customer.updated").click()

    # The third try is followed by a pause of most of a minute: it can be read meanwhile, and what follows is the
    # admin's doing.
    third = support.get_by_text("Waits for its fourth try")
    for _ in range(40):
        if third.is_visible():
            break
        support.wait_for_timeout(500)
        support.reload()
    expect(third).to_be_visible()
    expect(support.get_by_text("This event waits for its next try")).to_be_visible()
    expect(support.get_by_text("Payloads need the right “Read payloads”")).to_be_visible()
    expect(support.get_by_text("+44 20 7946 0321")).to_have_count(0)
    expect(support.get_by_role("link", name="Process again")).to_have_count(0)
    expect(support.get_by_text("Signature good, current secret")).to_be_visible()

    find_it(admin, customer).get_by_role("link", name="customer.updated").click()
    search = admin.get_by_role("searchbox", name="Search the payload")
    search.fill("7946")
    expect(admin.locator("#find-count")).to_have_text("1 found")
    expect(admin.locator("#tree mark")).to_have_text("7946")
    search.press("Enter")
    expect(admin.locator("#find-count")).to_have_text("1 of 1")
    search.press("Escape")
    expect(admin.locator("#tree mark")).to_have_count(0)

    demo.stripe.faults()
    admin.get_by_role("link", name="Process again").click()
    dialog = admin.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Process this event again?")).to_be_visible()
    expect(dialog.get_by_text("nothing is sent to Stripe")).to_be_visible()
    expect(dialog.get_by_label("Reason")).to_be_focused()
    admin.keyboard.type("Ticket 48213: Stripe is back")
    dialog.get_by_role("button", name="Process again").click()

    admin.wait_for_url("**/console/webhooks/replays/*/")
    expect(admin.locator("h1 + .pd-badge")).to_have_text("Complete", timeout=20_000)
    expect(admin.get_by_text("“Ticket 48213: Stripe is back”")).to_be_visible()
    result = admin.get_by_role("row", name=re.compile("customer.updated"))
    expect(result).to_contain_text("Customer changed")
    result.get_by_role("link", name="customer.updated").click()
    expect(admin.locator("h1 + .pd-badge")).to_have_text("Processed")
    expect(admin.get_by_text("It went through")).to_be_visible()
    admin.goto(f"/console/customers/{customer['id']}/")
    expect(admin.get_by_text("+44 20 7946 0321").first).to_be_visible()


def test_the_list_draws_itself_anew_under_the_keyboard(page_for, ada, demo):
    demo.stripe.patch(ada["id"], event="customer.updated", description="Wants it on paper")
    page = page_for("support")
    page.goto("/console/webhooks/")
    link = page.locator("#deliveries tbody tr a.pd-strong").first
    expect(link).to_be_visible(timeout=15_000)
    address = link.get_attribute("href")
    link.focus()

    def redrawn() -> None:
        page.evaluate("document.querySelector('#deliveries').dataset.old = 'yes'")
        expect(page.locator("#deliveries:not([data-old])")).to_be_visible(timeout=15_000)
        page.wait_for_timeout(100)  # htmx settles 20 ms after it has swapped

    redrawn()

    assert page.evaluate("document.activeElement.getAttribute('href')") == address
    page.get_by_role("link", name="Waiting").focus()
    redrawn()
    assert "Waiting" in page.evaluate("document.activeElement.textContent")


def test_everything_that_a_filter_matches_is_processed_again_and_the_question_can_be_left(page_for, ada, demo):
    demo.stripe.patch(ada["id"], event="customer.updated", description="Wants one invoice a year")
    page = page_for("admin")
    page.goto(f"/console/webhooks/?q={ada['id']}&type=customer.updated&state=processed")
    expect(page.locator("#deliveries tbody tr").first).to_be_visible(timeout=15_000)

    page.get_by_role("link", name=re.compile(r"^.*Process \d+ again")).click()
    question = page.get_by_role("dialog").get_by_role("heading", name=re.compile("again\\?"))
    expect(question).to_be_visible()
    page.get_by_role("button", name="Keep as it is").click()
    expect(question).to_be_hidden()

    page.get_by_role("link", name=re.compile(r"^.*Process \d+ again")).click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile(r"Process \d+ again")).click()
    page.wait_for_url("**/console/webhooks/replays/*/")
    expect(page.locator("h1 + .pd-badge")).to_have_text("Complete", timeout=20_000)
    expect(page.get_by_role("progressbar", name="Progress of the replay")).to_have_attribute("value", "100")

"""Where no script runs, the console is plain pages and forms."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import log_in


@pytest.mark.parametrize("width", [1440, 390])
def test_the_list_of_webhooks_is_seen_and_filtered_without_a_script(browser, browser_context_args, width):
    size = {"width": width, "height": 900}
    context = browser.new_context(**browser_context_args | {"java_script_enabled": False, "viewport": size})
    page = context.new_page()
    log_in(page, "support")

    page.goto("/console/webhooks/")
    expect(page.get_by_role("heading", name="Webhooks")).to_be_visible()
    expect(page.get_by_role("link", name="Sync health").first).to_be_visible()
    expect(page.locator("#lag .pd-mark")).to_be_visible()
    page.locator("summary", has_text="Filters").click()
    expect(page.get_by_role("group", name="Status and dates")).to_be_visible()
    page.get_by_label("State", exact=True).select_option("quarantined")
    page.get_by_role("button", name="Apply").click()

    page.wait_for_url("**/console/webhooks/?state=quarantined")
    expect(page.locator(".pd-chip", has_text="Quarantined")).to_be_visible()
    context.close()


def test_a_product_is_chosen_by_its_name_without_a_script(browser, browser_context_args):
    context = browser.new_context(**browser_context_args | {"java_script_enabled": False})
    page = context.new_page()
    log_in(page, "support")
    page.goto("/console/products/")
    name = page.locator("#results tbody th a").first.inner_text()

    page.goto("/console/subscriptions/")
    page.locator("summary", has_text="Filters").click()
    page.get_by_label("Product").fill(name.lower())
    page.get_by_role("button", name="Apply").click()

    page.wait_for_url("**/console/subscriptions/?product=prod_*")
    expect(page.locator(".pd-chip", has_text=f"Product: {name}")).to_be_visible()
    context.close()

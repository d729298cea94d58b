"""Times as distances or exactly, as each person wants them; by the keyboard, and without a script."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import log_in

EXACT = re.compile(r"^\d{1,2} \w{3} \d{4}, \d\d:\d\d:\d\d \w+$")


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("script", [True, False])
def test_the_switch_holds_on_every_page_until_it_is_put_back(browser, browser_context_args, width, script):
    size = {"width": width, "height": 844}
    context = browser.new_context(**browser_context_args | {"java_script_enabled": script, "viewport": size})
    page = context.new_page()
    log_in(page, "support")
    page.goto("/console/invoices/?status=open")
    expect(page.locator("#results time").first).not_to_have_text(EXACT)

    page.get_by_role("button", name="Show exact times").focus()
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/console/invoices/\?status=open$"))
    expect(page.locator("#results time").first).to_have_text(EXACT)
    page.goto("/console/customers/")
    times = page.locator("#results time:visible")
    expect(times.first).to_have_text(EXACT)
    if script:
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        expect(page.get_by_text("Times in Europe/Berlin")).to_be_visible()

    page.get_by_role("button", name="Show times as distances").click()
    expect(page.locator("#results time:visible").first).not_to_have_text(EXACT)
    context.close()

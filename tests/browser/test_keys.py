"""Keys that every page has: to the search, and past the navigation."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect


@pytest.mark.parametrize("key", ["/", "Control+k"])
def test_a_key_leads_to_the_search_and_enter_to_what_was_typed(page_for, ada, key):
    page = page_for("support")
    page.goto("/console/subscriptions/")

    page.keyboard.press(key)
    page.keyboard.type(ada["email"])
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(f"/console/customers/{ada['id']}/$"))


def test_control_k_leads_there_from_another_field_too(page_for):
    page = page_for("support")
    page.goto("/console/invoices/")
    page.get_by_role("searchbox").focus()

    page.keyboard.press("Control+k")

    expect(page.get_by_role("textbox", name="Search everything")).to_be_focused()


def test_the_first_key_leads_past_the_navigation(page_for):
    page = page_for("support")
    page.goto("/console/invoices/")
    skip = page.get_by_role("link", name="Skip to the content")

    page.keyboard.press("Tab")

    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    assert Axe().run(page).response["violations"] == []

    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('main') !== null")

"""Finance: the largest first, page by page, by the heads of the table or by a pick on a phone."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import log_in

axe = Axe()


def totals(page: Page) -> list[int]:
    """In minor units, as the page shows them after what remains; of one currency."""
    shown = page.locator("#results tbody tr").locator(".pd-amt").all_inner_texts()
    assert shown
    return [
        int(re.sub(r"[^\d-]", "", text.replace("−", "-"))) for text in shown[1::2]
    ]  # remaining, total, remaining, ...


def test_a_head_sorts_a_second_click_turns_round_and_the_pages_go_on(page_for):
    page = page_for("finance")
    page.goto("/console/invoices/?currency=usd")

    page.get_by_role("link", name="Total").click()
    page.wait_for_url("**/invoices/?currency=usd&sort=-total")
    head = page.get_by_role("columnheader", name="Total")
    expect(head).to_have_attribute("aria-sort", "descending")
    first = totals(page)
    page.get_by_role("link", name="Next").click()
    page.wait_for_url(re.compile("after="))
    second = totals(page)
    assert first + second == sorted(first + second, reverse=True)
    page.get_by_role("link", name="Previous").click()
    page.wait_for_url(re.compile("before="))
    assert totals(page) == first

    page.get_by_role("link", name="Total").press("Enter")
    page.wait_for_url("**/invoices/?currency=usd&sort=total")
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert totals(page) == sorted(totals(page))


def test_a_search_as_one_types_keeps_the_order(page_for):
    page = page_for("finance")
    page.goto("/console/invoices/?sort=-total")

    page.get_by_role("searchbox").fill("brass")

    # The address changes before the list does, and the largest may be theirs in the old one too.
    expect(page.locator("#results tbody tr").filter(has_not_text="Brass")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/invoices/\?(?=.*q=brass)(?=.*sort=-total)"))
    assert totals(page) == sorted(totals(page), reverse=True)


def test_on_a_phone_a_pick_stands_for_the_heads(page_for):
    page = page_for("finance")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/console/invoices/?status=paid&currency=usd")

    page.get_by_label("Sort by").select_option("Total, largest first")

    page.wait_for_url(re.compile(r"sort=-total"))
    expect(page.get_by_label("Sort by")).to_have_value("-total")
    assert totals(page) == sorted(totals(page), reverse=True)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert axe.run(page, context={"include": [[".pd-sort-pick"]]}).response["violations"] == []


def test_on_a_phone_without_a_script_the_pick_has_a_button(browser, browser_context_args):
    size = {"width": 390, "height": 844}
    context = browser.new_context(**browser_context_args | {"java_script_enabled": False, "viewport": size})
    page = context.new_page()
    log_in(page, "support")
    page.goto("/console/customers/?status=past_due")

    page.get_by_label("Sort by").select_option("Name, A to Z")
    page.get_by_role("button", name="Sort", exact=True).click()

    page.wait_for_url(re.compile(r"(?=.*status=past_due)(?=.*sort=name)"))
    names = page.locator("#results tbody th a").all_inner_texts()
    assert len(names) > 1
    assert [name.casefold() for name in names] == sorted(name.casefold() for name in names)
    context.close()

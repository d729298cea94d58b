"""An admin chooses rows of a list: by a finger, by the keyboard, all of a page, or all that match."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import log_in

axe = Axe()
BOXES = "#results input.pd-choose"
LISTS = ["customers", "subscriptions", "invoices", "payments", "refunds", "credit-notes"]


@pytest.fixture
def phone(browser, browser_context_args, complaints):
    """An admin at a phone: 390 px wide, touched."""
    context = browser.new_context(
        **browser_context_args | {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    )
    page = context.new_page()
    complaints.listen_to(page)
    log_in(page, "admin")
    yield page
    context.close()


def chosen(page: Page) -> int:
    return page.locator(f"{BOXES}:checked").count()


@pytest.mark.parametrize("name", LISTS)
def test_at_a_phone_each_row_has_a_box_that_a_finger_can_tick(phone, name):
    phone.goto(f"/console/{name}/")
    boxes = phone.locator("#results .pd-choose-box")
    rows = phone.locator("#results tbody tr").count()
    assert boxes.count() == rows > 0

    for box in boxes.all()[:3]:
        size = box.bounding_box()
        assert (size["width"], size["height"]) == (44, 44)
        assert size["x"] >= 0
        box.tap()
    assert chosen(phone) == min(3, rows)
    expect(phone.get_by_role("button", name="Plan a resync of the chosen")).to_be_in_viewport(ratio=1)
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_tap_on_a_box_hits_nothing_else(phone):
    phone.goto("/console/invoices/")
    phone.locator("#results .pd-choose-box").nth(1).scroll_into_view_if_needed()
    box = phone.locator("#results .pd-choose-box").nth(1).bounding_box()

    for x, y in ((2, 2), (42, 2), (2, 42), (42, 42)):
        hit = phone.evaluate(
            "([x, y]) => document.elementFromPoint(x, y)?.outerHTML.slice(0, 60)", [box["x"] + x, box["y"] + y]
        )
        assert hit.startswith(('<label class="pd-choose-box"', "<input"))


@pytest.mark.parametrize("width", [1440, 390])
def test_by_the_keyboard_alone(page_for, width):
    page = page_for("admin")
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/console/invoices/?status=open")
    plan = page.get_by_role("button", name="Plan a resync of the chosen")

    page.locator(BOXES).first.focus()
    page.keyboard.press("Space")
    assert chosen(page) == 1
    expect(page.locator("[data-chosen-count]")).to_have_text("1 chosen")

    page.get_by_label("Choose all on this page").focus()
    page.keyboard.press("Space")
    assert chosen(page) == page.locator(BOXES).count()
    page.keyboard.press("Space")
    assert chosen(page) == 0
    expect(plan).to_be_hidden()


def test_all_that_match_are_offered_before_anything_is_ticked(page_for):
    page = page_for("admin")
    page.goto("/console/invoices/?status=open")

    page.get_by_role("link", name=re.compile(r"^Resync all \d+ that match$")).press("Enter")

    expect(page.get_by_text("This is the plan. Nothing has begun.")).to_be_visible()


def test_the_box_above_says_whether_all_some_or_none_are_ticked(page_for):
    page = page_for("admin")
    page.goto("/console/invoices/")
    above = page.get_by_label("Choose all on this page")

    page.locator(BOXES).first.check()
    assert above.evaluate("box => box.indeterminate")
    above.check()
    assert not above.evaluate("box => box.indeterminate")
    page.locator(BOXES).first.uncheck()
    expect(above).not_to_be_checked()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_ticked_row_is_tinted_and_can_still_be_read(page_for, theme):
    page = page_for("admin")
    page.goto("/console/invoices/")
    page.evaluate(f"Alpine.$data(document.documentElement).switchTheme('{theme}')")
    rows = page.locator("#results tbody tr")
    colour = "row => getComputedStyle(row).backgroundColor"

    page.locator(BOXES).nth(1).check()
    page.mouse.move(0, 0)

    assert rows.nth(1).evaluate(colour) != rows.nth(2).evaluate(colour)
    found = axe.run(page, context={"include": [["#results tbody tr:nth-child(2)"]]}).response["violations"]
    assert found == []
    page.locator(BOXES).nth(1).uncheck()
    page.mouse.move(0, 0)
    assert rows.nth(1).evaluate(colour) == rows.nth(2).evaluate(colour)

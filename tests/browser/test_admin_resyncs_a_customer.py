"""Admin: what changed behind the console's back comes in by the button, and the run says what it found."""

import re

from playwright.sync_api import expect


def test_a_name_changed_behind_our_back_comes_in_by_a_resync(page_for, demo):
    customer = demo.stripe.get("/v1/customers", email="hello@fjord.example")["data"][0]
    page = page_for("admin")
    demo.stripe.patch(customer["id"], name="Fjord Studio Ltd")
    page.goto(f"/console/customers/{customer['id']}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Studio Fjord")

    page.get_by_role("button", name="Resync").click()
    dialog = page.get_by_role("dialog", name="Resync this customer?")
    expect(dialog.get_by_label("Reason")).to_be_focused()
    expect(dialog.get_by_role("listitem").nth(1)).to_contain_text(
        re.compile(r"about \d+ calls, .* at the limit of \d+ calls a second")
    )
    page.keyboard.type("Ticket 48213")
    dialog.get_by_role("button", name="Resync").click()

    page.wait_for_url("**/console/resyncs/*/")
    expect(page.get_by_text("“Ticket 48213”")).to_be_visible()
    expect(page.get_by_role("progressbar", name="Progress of the run")).to_be_visible()
    expect(page.locator("h1 + .pd-badge")).to_have_text("Complete", timeout=20_000)
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "100")
    difference = page.get_by_role("row", name=re.compile("^name "))
    expect(difference.locator("del")).to_contain_text("Studio Fjord")
    expect(difference.locator("ins")).to_contain_text("Fjord Studio Ltd")

    page.get_by_role("heading", level=1).get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fjord Studio Ltd")


def test_the_dialog_can_be_left_without_a_run(page_for, ada):
    page = page_for("admin")
    page.goto(f"/console/customers/{ada['id']}/")

    for leave in (lambda: page.keyboard.press("Escape"), page.get_by_role("button", name="Keep as it is").click):
        page.get_by_role("button", name="Resync").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        leave()
        expect(page.get_by_role("dialog")).to_be_hidden()

    assert page.url.endswith(f"/console/customers/{ada['id']}/")

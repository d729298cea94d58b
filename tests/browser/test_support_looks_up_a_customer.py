"""Support: from the log-in to an invoice's lines in a few keys, and only what the role may do."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import log_in


def test_support_finds_a_customer_by_e_mail_and_reads_an_invoice(page_for, ada):
    page = page_for()
    log_in(page, "support")

    page.keyboard.press("/")
    page.keyboard.type("ada@analytical.example")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(f"/console/customers/{ada['id']}/$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Ada Lovelace")
    expect(page.get_by_role("table").first.get_by_role("rowheader").first).to_contain_text("Pier")
    invoices = page.get_by_role("group", name="Invoices")
    assert invoices.get_by_role("rowheader").count() > 3

    number = invoices.get_by_role("link").first
    words = number.inner_text()
    number.click()

    expect(page.get_by_role("heading", level=1)).to_contain_text(words)
    lines = page.get_by_role("group", name="Lines")
    expect(lines.get_by_role("rowheader").first).to_contain_text("Pier")
    expect(lines.get_by_role("row", name=re.compile("^Total"))).to_be_visible()


def test_support_is_told_who_can_resync_instead_of_being_offered_it(page_for, ada):
    page = page_for("support")

    page.goto(f"/console/customers/{ada['id']}/")

    expect(page.get_by_text("Resyncs need the right “Run resyncs”. Ask an admin.")).to_be_visible()
    expect(page.get_by_role("button", name="Resync")).to_have_count(0)


def test_support_sees_a_delivery_without_its_payload(page_for, demo, ada):
    demo.stripe.patch(ada["id"], event="customer.updated", phone="+44 20 7946 0018")
    page = page_for("support")

    page.goto(f"/console/webhooks/?q={ada['id']}")
    page.get_by_role("link", name="customer.updated").first.click()

    expect(page.get_by_role("heading", name="Payloads need the right “Read payloads”")).to_be_visible()
    expect(page.get_by_role("region", name="Payload, JSON tree")).to_have_count(0)
    expect(page.get_by_text("7946 0018")).to_have_count(0)

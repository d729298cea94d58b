"""Finance: a list that holds what was asked for, in an address that can be sent to a colleague."""

import re

from playwright.sync_api import expect


def test_finance_filters_open_invoices_in_one_currency(page_for):
    page = page_for("finance")
    page.goto("/console/invoices/")

    page.get_by_role("navigation", name="Statuses").get_by_role("link", name=re.compile("^Open")).click()
    page.wait_for_url("**/invoices/?status=open")
    page.locator("summary", has_text="Filters").click()
    page.get_by_label("Currency").fill("EUR")
    page.get_by_role("button", name="Apply").click()

    expect(page).to_have_url(re.compile(r"/invoices/\?(?=.*status=open)(?=.*currency=EUR)"))
    expect(page.get_by_role("link", name="Remove: Currency: EUR")).to_be_visible()
    rows = page.locator("#results tbody tr")
    assert rows.count() > 3
    for row in rows.all():
        assert re.search(r"\b(Open|Past due)\b", row.locator(".pd-badge").inner_text())
        assert set(row.locator(".pd-amt small").all_inner_texts()) == {"EUR"}


def test_the_address_of_a_filtered_list_shows_the_same_to_somebody_else(page_for):
    finance, support = page_for("finance"), page_for("support")

    for page in (finance, support):
        page.goto("/console/invoices/?status=open&currency=usd")

    rows = finance.locator("#results tbody th").all_inner_texts()
    assert len(rows) > 0
    assert support.locator("#results tbody th").all_inner_texts() == rows


def test_typing_narrows_the_list_and_the_address_follows(page_for):
    page = page_for("finance")
    page.goto("/console/invoices/?status=paid")

    page.get_by_label("Search invoices").fill("ada@analytical")

    page.wait_for_url("**/invoices/?*q=ada*")
    assert "status=paid" in page.url
    expect(page.locator("#results tbody tr").first).to_contain_text("Ada Lovelace")
    assert set(page.locator("#results tbody .pd-name a").all_inner_texts()) == {"Ada Lovelace"}


def test_a_parameter_that_does_not_read_is_left_out_with_a_notice(page_for):
    page = page_for("finance")

    answer = page.goto("/console/invoices/?status=opne&currency=euros&sort=%3Cscript%3E")

    assert answer.status == 200
    expect(page.get_by_text("Status: opne is not known here; it was left out.")).to_be_visible()
    expect(page.get_by_text("Currency: euros is not known here; it was left out.")).to_be_visible()
    expect(page.get_by_text("sort is not a filter here; it was left out.")).to_be_visible()
    assert page.locator("#results tbody tr").count() > 3

"""Finance: from the total of a currency down to who owes it, and to exactly the invoices that it is made of."""

import re

from playwright.sync_api import Page, expect


def amount(text: str) -> str:
    return re.search(r"[\d,]+(\.\d+)?", text).group()


def remaining(page: Page) -> str:
    """The sum of what remains, below the list of invoices."""
    return amount(page.locator("#results tfoot .pd-amt").first.inner_text())


def test_a_figure_leads_to_its_customers_and_to_its_invoices(page_for):
    page = page_for("finance")
    page.goto("/console/receivables/")
    row = page.locator(".pd-aging tbody tr").first
    code = row.locator("th b").inner_text()
    overdue = row.locator("td").nth(6)
    figure = amount(overdue.locator(".pd-quiet").inner_text())
    assert figure not in ("0.00", "0")

    overdue.locator(".pd-quiet").click()
    expect(page.get_by_role("heading", name=f"Who owes, {code}")).to_be_visible()
    expect(page.locator("#who + .pd-count")).to_contain_text(f"{figure} {code} overdue")
    first = page.locator(".pd-owes tbody tr").first
    owed = amount(first.locator(".pd-amt").inner_text())
    invoices = first.locator("a", has_text="invoice")
    count = int(amount(invoices.inner_text()))
    invoices.click()

    page.wait_for_url("**/invoices/?*age=overdue*")
    assert remaining(page) == owed
    assert page.locator("#results tbody tr").count() == count
    page.go_back()
    page.get_by_role("link", name="All these invoices").click()
    assert remaining(page) == figure


def test_a_bar_of_the_chart_is_in_the_table_too(page_for):
    page = page_for("finance")
    page.goto("/console/receivables/")

    page.locator(".pd-chart").get_by_role("button", name="Data").click()

    rows = page.locator(".pd-chart .pd-data tbody tr")
    assert rows.count() == 6
    late = rows.locator("a", has_text=re.compile("[1-9]")).first
    figure = amount(late.inner_text())
    late.click()
    assert remaining(page) == figure

"""Finance: a list as a file, at once where it is short, from a worker where it is long."""

import csv
import re
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.spreadsheets import sheets_of


def sum_of(page) -> int:
    """How many the list says that match."""
    return sum(
        int(re.search(r"Sum of all ([\d,]+)", each).group(1).replace(",", ""))
        for each in page.locator("#results tfoot th").all_inner_texts()
    )


def test_a_short_list_comes_at_once_as_it_is_filtered(page_for):
    page = page_for("finance")
    page.goto("/console/invoices/?status=open&currency=usd")
    matches = sum_of(page)

    page.locator("summary", has_text="Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV, for programs").click()

    rows = list(csv.DictReader(Path(download.value.path()).read_text().splitlines()))
    assert download.value.suggested_filename.startswith("paydesk-invoices-")
    assert len(rows) == matches > 0
    assert {row["currency"] for row in rows} == {"USD"}
    assert {row["status"] for row in rows} <= {"open", "past_due"}


def test_a_long_list_is_made_meanwhile_and_fetched_from_the_exports(page_for):
    page = page_for("finance")
    page.goto("/console/invoices/?status=paid&currency=eur")
    matches = sum_of(page)

    page.locator("summary", has_text="Export").click()
    page.get_by_role("link", name="XLSX, for spreadsheets").click()

    page.wait_for_url("**/exports/")
    expect(page.get_by_text("so a worker makes the file.")).to_be_visible()
    row = page.locator("#exports tbody tr", has_text="Currency: EUR").first
    expect(row).to_contain_text("Invoices, XLSX")
    link = row.get_by_role("link", name=re.compile("^Download"))
    link.wait_for(timeout=60_000)
    with page.expect_download() as download:
        link.click()
    (sheet,) = sheets_of(Path(download.value.path()).read_bytes())
    assert len(sheet) - 1 == matches > 100

    row.get_by_role("button", name=re.compile("^Remove")).click()
    expect(page.get_by_text("Removed: the file is gone.")).to_be_visible()


def test_nobody_else_sees_it(page_for):
    finance, support = page_for("finance"), page_for("support")
    finance.goto("/console/invoices/?status=paid&currency=usd&export=csv")
    address = finance.locator("#exports").get_by_role("link", name=re.compile("^Download")).first
    address.wait_for(timeout=60_000)
    path = address.get_attribute("href")

    support.goto("/console/exports/")
    expect(support.get_by_text("You have no exports")).to_be_visible()
    assert support.request.get(path).status == 404


def test_it_works_by_the_keyboard_alone(page_for):
    page = page_for("finance")
    page.goto("/console/disputes/")

    page.locator("summary", has_text="Export").focus()
    page.keyboard.press("Enter")
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Tab")
    with page.expect_download() as download:
        page.keyboard.press("Enter")

    assert download.value.suggested_filename.endswith(".csv")

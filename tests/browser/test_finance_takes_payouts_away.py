"""Finance takes one of the admin's lists away as a file, by the list's own filters."""

import csv

import pytest


@pytest.mark.parametrize("width", [1440, 390])
def test_payouts_that_match_leave_as_a_file(page_for, width):
    page = page_for("finance")
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/console/paydesk/payout/?status=failed")
    page.locator("summary", has_text="Export").click()
    link = page.get_by_role("link", name="CSV, for programs")
    box = link.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width

    with page.expect_download() as taken:
        link.click()

    with open(taken.value.path(), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["status"] for row in rows} <= {"failed"}
    assert taken.value.suggested_filename.startswith("paydesk-payouts-")

"""An id that nobody knows: said so, with the search at hand."""

import re

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize("place", ["customers/cus_unknown0000001", "invoices/in_unknown", "webhooks/evt_unknown"])
def test_an_unknown_id_is_said_so_and_the_search_leads_on(page_for, complaints, ada, place):
    complaints.expected.append(r"the server responded with a status of 404 .*unknown")
    page = page_for("support")

    answer = page.goto(f"/console/{place}/")

    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing is here")
    page.keyboard.press("/")
    page.keyboard.type(ada["id"])
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/customers/{ada['id']}/$"))

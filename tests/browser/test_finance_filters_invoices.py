"""Finance: a list that holds what was asked for, in an address that can be sent to a colleague."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

axe = Axe()


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

    page.get_by_label("Search invoices").press("End")
    page.keyboard.type("ada@analytical")

    # The address changes before the list does: all rows are hers once the list has come.
    names = page.locator("#results tbody .pd-name a")
    expect(names.filter(has_not_text="Ada Lovelace")).to_have_count(0)
    assert set(names.all_inner_texts()) == {"Ada Lovelace"}
    expect(page).to_have_url(re.compile(r"/invoices/\?(?=.*status=paid)(?=.*q=ada)"))


def test_the_text_and_the_form_are_one_state_and_the_address_is_it(page_for):
    page = page_for("finance")
    page.goto("/console/invoices/")
    bar, form = page.get_by_label("Search invoices"), page.locator("#list-fields")

    bar.fill("status:past_due amount:>=20 -currency:usd")
    expect(form.get_by_label("Status")).to_have_value("past_due")  # the fields come anew with the list
    expect(page).to_have_url(re.compile(r"/invoices/\?(?=.*status=past_due)(?=.*amount_from=20)(?=.*q=-currency)"))
    page.locator("summary", has_text="Filters").click()
    expect(form.get_by_label("Total from")).to_have_value("20")
    expect(bar).to_have_value("status:past_due amount:>=20 -currency:usd")  # nobody writes while one types

    form.get_by_label("Status").select_option("paid")
    form.get_by_label("Collected").select_option("charge_automatically")
    page.get_by_role("button", name="Apply").click()
    expect(bar).to_have_value("status:paid amount:>=20 collection:charge_automatically -currency:usd ")
    shown = page.locator("#results tbody th").all_inner_texts()
    assert len(shown) > 3
    assert "USD" not in set(page.locator("#results .pd-amt small").all_inner_texts())

    colleague = page_for("support")
    colleague.goto(page.url)
    assert colleague.locator("#results tbody th").all_inner_texts() == shown


def test_a_product_and_a_price_are_chosen_by_what_they_are_called(page_for):
    page = page_for("finance")
    page.goto("/console/products/")
    name = page.locator("#results tbody th a").first.inner_text()
    page.goto("/console/subscriptions/?status=active")
    page.locator("summary", has_text="Filters").click()

    field = page.get_by_label("Product")
    field.focus()
    offered = page.locator("#product-names option")
    expect(offered.filter(has_text=name)).to_have_count(1)
    field.press_sequentially(name)
    expect(offered).to_have_text([name])  # those of what is typed
    assert page.url.endswith("/subscriptions/?status=active")
    page.get_by_label("Price").focus()
    expect(page.locator("#price-names option", has_text=f"{name}, ").first).to_be_attached()
    page.get_by_role("button", name="Apply").click()

    expect(page.get_by_role("link", name=f"Remove: Product: {name}")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?status=active&product=prod_\w+$"))
    for row in page.locator("#results tbody tr").all():
        assert name in row.inner_text()
    page.locator("summary", has_text="Filters").click()
    expect(page.locator("#list-fields").get_by_label("Product")).to_have_accessible_description(name)
    found = axe.run(page, context={"include": [["form[role=search]"]]}).response["violations"]
    assert found == []


def test_a_word_that_is_not_known_is_said_with_the_nearest_one(page_for):
    page = page_for("support")
    page.goto("/console/invoices/")

    page.get_by_label("Search invoices").fill("custmer:cus_1")

    expect(page.get_by_text("The nearest one is customer:")).to_be_visible()
    page.locator("summary", has_text="Search words").click()
    expect(page.get_by_text("attempts:>=2")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_a_panel_closes_as_a_menu_does(page_for, width):
    page = page_for("finance")
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/console/invoices/")
    filters, words = (page.locator("summary", has_text=name) for name in ("Filters", "Search words"))
    apply, terms = page.get_by_role("button", name="Apply"), page.get_by_text("attempts:>=2")

    filters.press("Enter")
    expect(apply).to_be_in_viewport(ratio=1)  # however many fields there are above it
    words.press("Enter")
    expect(apply).to_be_hidden()
    expect(terms).to_be_visible()

    page.keyboard.press("Escape")
    expect(terms).to_be_hidden()
    expect(words).to_be_focused()

    filters.click()
    page.get_by_role("heading", name="Invoices").click()
    expect(apply).to_be_hidden()


def test_a_parameter_that_does_not_read_is_left_out_with_a_notice(page_for):
    page = page_for("finance")

    answer = page.goto("/console/invoices/?status=opne&currency=euros&sort=%3Cscript%3E")

    assert answer.status == 200
    expect(page.get_by_text("Status: opne is not known here; it was left out. Did you mean open?")).to_be_visible()
    expect(page.get_by_text("Currency: euros is not known here; it was left out.")).to_be_visible()
    expect(page.get_by_text("A list cannot be sorted by <script>")).to_be_visible()
    assert page.locator("#results tbody tr").count() > 3


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", ["invoices", "customers", "payments", "subscriptions"])
def test_the_fields_of_the_panel_stand_in_groups_and_fit(page_for, name, width):
    page = page_for("finance")
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"/console/{name}/")

    page.locator("summary", has_text="Filters").click()

    panel = page.locator("details[open] > div")
    assert panel.locator("legend").all_inner_texts() == ["Status and dates", "Amounts", "Who", "What", "Details"]
    box = panel.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    for field in panel.locator("input:visible, select:visible").all():
        assert field.bounding_box()["width"] >= 120
    expect(page.get_by_role("button", name="Apply")).to_be_in_viewport(ratio=1)
    panel.get_by_label("Created from").fill("2024-01-01")
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile("created_from=2024-01-01"))

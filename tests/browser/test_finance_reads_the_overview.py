"""Finance in the morning: what needs somebody, the charts, and from a point of a chart to the list behind it."""

import re

import pytest
from playwright.sync_api import Page, expect

BARS = ".bars .point path"


@pytest.fixture
def overview(page_for) -> Page:
    page = page_for("finance")
    page.goto("/console/")
    page.wait_for_function("document.documentElement.dataset.plots")
    return page


def test_each_concern_leads_to_as_many_as_it_says(overview):
    concern = overview.locator("[data-concern=past_due]")
    number = concern.locator(".pd-big").inner_text()

    concern.click()

    current = overview.get_by_role("navigation", name="Statuses").locator("[aria-current]")
    expect(current).to_have_text(re.compile(rf"^Past due\s+{number}$"))


def test_a_click_on_a_bar_leads_to_the_invoices_of_its_month(overview):
    bars = overview.locator("[data-figure=revenue]").locator(BARS)
    expect(bars).to_have_count(12)

    box = bars.nth(10).bounding_box()
    overview.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    overview.wait_for_url(re.compile(r"/invoices/\?status=paid&currency=\w{3}&paid=\d{4}-\d{2}$"))
    expect(overview.get_by_text(re.compile("^Paid in "))).to_be_visible()


def test_the_numbers_of_a_chart_are_a_table_in_the_same_place(overview):
    chart = overview.locator(".pd-chart", has=overview.get_by_role("heading", name="New and lost subscribers"))
    height = chart.bounding_box()["height"]

    chart.get_by_role("button", name="Data").click()

    table = chart.get_by_role("table")
    expect(table.get_by_role("row")).to_have_count(13)
    assert chart.bounding_box()["height"] == height
    table.get_by_role("link").first.click()
    overview.wait_for_url(re.compile(r"/customers/\?new=\d{4}-\d{2}$"))


def test_another_currency_is_a_link_away_and_redraws_the_charts(overview):
    before = overview.locator("[data-figure=mrr] .ytick").all_text_contents()

    overview.get_by_role("navigation", name="Currency of the charts").get_by_role("link", name="GBP").click()

    overview.wait_for_url(re.compile(r"\?currency=gbp$"))
    overview.wait_for_function("document.documentElement.dataset.plots")
    expect(overview.locator(".pd-chart").first).to_contain_text("GBP")
    assert overview.locator("[data-figure=mrr] .ytick").all_text_contents() != before


def test_the_charts_follow_the_theme(overview):
    def colour() -> str:
        return overview.locator("[data-figure=revenue]").locator(BARS).first.evaluate("it => getComputedStyle(it).fill")

    light = colour()
    overview.evaluate("Alpine.$data(document.documentElement).switchTheme('dark')")
    overview.wait_for_function(
        "(was) => getComputedStyle(document.querySelector('[data-figure=revenue] .bars .point path')).fill !== was",
        arg=light,
    )

    assert colour() != light

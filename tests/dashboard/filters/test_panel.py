"""The filter panel's groups, of every list."""

import pytest
from django.http import QueryDict

from dashboard.filters.panel import HEADINGS
from dashboard.pages.exported_lists import LISTS
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def panel_of(name: str) -> dict[str, list[str]]:
    found = LISTS[name]().filters_of(QueryDict(), NOON).panel()
    return {str(heading): [field.name for field in fields] for heading, fields in found}


@pytest.mark.parametrize("name", LISTS)
def test_each_field_that_shows_stands_in_one_group_in_the_same_order(name: str) -> None:
    filters, panel = LISTS[name]().filters_of(QueryDict(), NOON), panel_of(name)

    shown = [field.name for field in filters.form if not field.is_hidden and field.name != "q"]
    assert sorted(field for fields in panel.values() for field in fields) == sorted(shown)
    assert list(panel) == [str(each) for each in HEADINGS.values() if str(each) in panel]


def test_what_belongs_together_stands_together() -> None:
    panel = panel_of("invoices")

    assert {"status", "created_from", "created_to", "due_from", "due_to"} <= set(panel["Status and dates"])
    assert panel["Amounts"][0] == "currency"
    assert "customer" in panel["Who"]
    assert {"number", "product", "price"} <= set(panel["What"])
    assert panel["Details"]

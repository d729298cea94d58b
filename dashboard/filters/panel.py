"""In which group of the filter panel a parameter stands: by its kind, or else by what it is called."""

from collections.abc import Iterable, Mapping
from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from dashboard.filters.kinds import AmountFilter, CurrencyFilter, DayFilter, MonthFilter

STATUS = frozenset({"status", "state", "kind", "age"})
AMOUNTS = frozenset({"mrr"})
WHO = frozenset({"customer", "email", "name", "phone", "user", "country", "person"})
WHAT = frozenset(
    {"number", "product", "price", "invoice", "payment", "subscription", "coupon", "event", "type", "action", "target"}
)
HEADINGS: Mapping[str, Any] = {
    "status": _("Status and dates"),
    "amounts": _("Amounts"),
    "who": _("Who"),
    "what": _("What"),
    "details": _("Details"),
}
"""In the order of the panel."""


def group_of(name: str, filter: django_filters.Filter) -> str:
    if name in STATUS or isinstance(filter, DayFilter | MonthFilter):
        return "status"
    if name in AMOUNTS or isinstance(filter, AmountFilter | CurrencyFilter):
        return "amounts"
    return "who" if name in WHO else "what" if name in WHAT else "details"


def grouped(filters: Mapping[str, django_filters.Filter], fields: Iterable[Any]) -> list[tuple[Any, list[Any]]]:
    """Headings with the form's `fields` below each, none without any. Hidden ones and the search text are in none."""
    found: dict[str, list[Any]] = {key: [] for key in HEADINGS}
    for field in fields:
        if not field.is_hidden and field.name != "q":
            found[group_of(field.name, filters[field.name])].append(field)
    return [(HEADINGS[key], below) for key, below in found.items() if below]

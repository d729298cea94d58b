"""Each filter of each list, held against what the objects themselves say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest

from finances.sandbox.api.resources import RESOURCES, Filter
from tests.finances.sandbox.conftest import Caller, Json

# Where the value of a filter stands in the object, unless it is the field of its name.
PLACES = {
    ("invoiceitems", "created"): "date",
    ("invoices", "subscription"): "parent.subscription_details.subscription",
    ("promotion_codes", "coupon"): "promotion.coupon",
}
# What says something else than "this field has this value" has a test of its own, in the modules beside this one.
OTHERWISE = {
    ("balance_transactions", "payout"),
    ("events", "delivery_success"),
    ("invoiceitems", "pending"),
    ("setup_intents", "attach_to_self"),
    ("subscription_items", "subscription"),
    ("subscription_schedules", "scheduled"),
    ("subscriptions", "current_period_end"),
    ("subscriptions", "current_period_start"),
    ("subscriptions", "price"),
}
# No object of this business has a value there.
EMPTY = {"customer_account", "test_clock", "payment[payment_record]", "owner[account]", "owner[customer_account]"}
EMPTY |= {"transfer_group", "url", "shippable"}


def asked(filters: dict[str, Filter], brackets: str = "") -> Iterator[tuple[str, Filter]]:
    for name, each in filters.items():
        if each.how == "parts":
            yield from asked(each.parts, name)
        else:
            yield f"{brackets}[{name}]" if brackets else name, each


def value_at(shown: object, place: str) -> object:
    for step in re.findall(r"\w+", place):
        shown = shown.get(step) if isinstance(shown, dict) else None
    return shown


@cache
def whole(stripe: Caller, name: str) -> list[Json]:
    return stripe.every(f"/v1/{name}{'?status=all' if name == 'subscriptions' else ''}")


FILTERS = [
    (name, *each)
    for name, resource in RESOURCES.items()
    for each in asked(resource.filters)
    if (name, each[0]) not in OTHERWISE and name != "transfers" and name != "accounts"
]


@pytest.mark.parametrize(("name", "asked_by", "how"), FILTERS, ids=[f"{name}-{each}" for name, each, _ in FILTERS])
def test_a_filter_leaves_what_has_the_value(two_years: Caller, name: str, asked_by: str, how: Filter) -> None:
    place = PLACES.get(
        (name, asked_by), {"ids": "id", "lookup_keys": "lookup_key", "types": "type"}.get(asked_by, asked_by)
    )
    everything = whole(two_years, name)
    values = sorted({value for each in everything if (value := value_at(each, place)) is not None}, key=str)
    if asked_by in EMPTY:
        assert values == []
        values = [True] if how.how == "flag" else ["nothing_like_it"]
    wanted = values[len(values) // 2]
    query = f"{asked_by}{'[]' if how.how == 'many' else ''}={str(wanted).lower() if how.how == 'flag' else wanted}"
    if name == "subscriptions" and asked_by != "status":
        query += "&status=all"

    found = two_years.every(f"/v1/{name}?{query}")

    assert [each["id"] for each in found] == [each["id"] for each in everything if value_at(each, place) == wanted]
    assert bool(found) == (asked_by not in EMPTY)


RANGES = [(name, each) for name, each, how in FILTERS if how.how == "range"]


@pytest.mark.parametrize(("name", "asked_by"), RANGES)
def test_a_range_leaves_what_lies_within_its_bounds(two_years: Caller, name: str, asked_by: str) -> None:
    everything = whole(two_years, name)
    place = PLACES.get((name, asked_by), asked_by)
    values = sorted(each[place] for each in everything if each[place] is not None)
    low, high = values[len(values) // 4], values[len(values) * 3 // 4]
    glue = "status=all&" if name == "subscriptions" else ""

    for query, expected in (
        (f"{asked_by}[gte]={low}&{asked_by}[lte]={high}", lambda at: low <= at <= high),
        (f"{asked_by}[gt]={low}&{asked_by}[lt]={high}", lambda at: low < at < high),
        (f"{asked_by}[gt]={high}", lambda at: at > high),
        (f"{asked_by}[lt]={low}", lambda at: at < low),
    ):
        found = two_years.every(f"/v1/{name}?{glue}{query}", limit=23)
        assert [each["id"] for each in found] == [
            each["id"] for each in everything if each[place] is not None and expected(each[place])
        ]

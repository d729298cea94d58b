from datetime import UTC, datetime

import pytest

from dashboard.tables.history import shown_history
from finances.differences import differences
from finances.models import ObjectVersion
from finances.reads.history import Change, History, history_of
from tests.factories import NOON

PRODUCTS = {"prod_1": "Business", "prod_2": "Archive"}


def item(id: str = "si_1", quantity: int | None = 40, price: str = "price_1", product: str = "prod_1", **fields):
    whole = {
        "id": price,
        "product": product,
        "currency": "eur",
        "unit_amount": 3300,
        "recurring": {"interval": "month"},
    }
    return {"id": id, "quantity": quantity, "price": whole} | fields


def holding(*items, **fields):
    return {"items": {"data": list(items)}} | fields


def discount(id: str, name: str):
    return {"id": id, "source": {"coupon": {"id": "C", "name": name}}}


def told(before, after) -> tuple[list[str], list[str]]:
    change = Change(NOON, before, after, differences(before, after))
    (shown,) = shown_history(History([change], None, False), PRODUCTS)
    return shown.words, shown.fields


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"status": "active"}, {"status": "past_due"}, ["Status: Active → Past due."]),
        (holding(item()), holding(item(quantity=32)), ["Business: quantity 40 → 32."]),
        (
            holding(item()),
            holding(item(price="price_2", product="prod_2")),
            ["Price: Business, 33.00 EUR a month → Archive, 33.00 EUR a month."],
        ),
        (holding(item()), holding(item(), item("si_2", 1, "price_2", "prod_2")),
         ["Archive added, 1 × 33.00 EUR a month."]),
        (holding(item(), item("si_2", 1, "p", "prod_2")), holding(item()), ["Archive taken out."]),
        ({}, {"discounts": [discount("di_1", "Friends")]}, ["Discount Friends added."]),
        ({"discounts": [discount("di_1", "Friends")]}, {"discounts": []}, ["Discount Friends ended."]),
        (holding(item()), holding(item(discounts=["di_9"])), ["Discount di_9 on Business added."]),
        ({"cancel_at_period_end": False}, {"cancel_at_period_end": True, "cancel_at": 1800000000, "canceled_at": 5},
         ["Set to cancel at the end of its period."]),
        ({"cancel_at_period_end": True, "cancel_at": 1800000000}, {"cancel_at_period_end": False, "cancel_at": None},
         ["The cancellation was taken back."]),
        ({}, {"cancel_at": 1800000000}, ["Set to cancel on 15 Jan 2027, 08:00:00 UTC."]),
        ({"status": "active", "cancel_at_period_end": True}, {"status": "canceled", "ended_at": 1800000000},
         ["Status: Active → Canceled.", "Ended on 15 Jan 2027, 08:00:00 UTC."]),
        ({"pause_collection": None}, {"pause_collection": {"behavior": "void"}}, ["Collection paused."]),
        ({"pause_collection": {"behavior": "void"}}, {"pause_collection": None}, ["Collection resumed."]),
        ({"default_payment_method": None}, {"default_payment_method": "pm_1"},
         ["Default payment method: none → pm_1."]),
    ],
)  # fmt: skip
def test_what_people_ask_about_is_a_sentence(settings, before, after, words) -> None:
    settings.TIME_ZONE = "UTC"

    assert told(before, after) == (words, [])


def test_what_has_no_sentence_is_named_by_its_field_once() -> None:
    before = {"latest_invoice": "in_1", "metadata": {"a": "1", "b": "2"}, "status": "active"}

    assert told(before, {"latest_invoice": "in_2", "metadata": {}, "status": "active"}) == (
        [],
        ["latest_invoice", "metadata"],
    )


def test_states_of_a_broken_shape_tell_nothing_and_break_nothing() -> None:
    assert told({"items": 7, "discounts": "x"}, {"items": {"data": [None, {}]}, "pause_collection": "y"})[1] == []


def versions(count: int) -> list[ObjectVersion]:
    return [
        ObjectVersion(seen_at=datetime(2026, 11, day + 1, tzinfo=UTC), ticket=day, stripe_data={"n": day})
        for day in reversed(range(count))
    ]


def test_each_state_is_held_against_the_one_before_newest_first() -> None:
    found = history_of(versions(3))

    assert [(each.before["n"], each.after["n"], each.seen_at.day) for each in found.changes] == [(1, 2, 3), (0, 1, 2)]
    assert found.first_seen == datetime(2026, 11, 1, tzinfo=UTC)


def test_beyond_twelve_changes_it_says_that_there_are_more() -> None:
    assert (len(history_of(versions(13)).changes), history_of(versions(13)).more) == (12, False)
    found = history_of(versions(14))
    assert (len(found.changes), found.more, found.first_seen) == (12, True, None)


def test_nothing_seen_is_no_history() -> None:
    assert history_of([]) == History([], None, False)

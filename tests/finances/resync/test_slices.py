"""A type's list is cut at months, by what is here; one that turns out long is shared out while it is read."""

from datetime import UTC, datetime

import pytest

from finances.models import Customer, ListedMonth, PaymentMethod, ResyncPart
from finances.resync import reading, slices
from finances.resync.slices import share_out
from tests.finances.resync.resyncing import resync
from tests.finances.resync.test_run import pages_of


def second(year: int, month: int, day: int = 1) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


def test_what_is_left_is_shared_out_at_months_the_older_ones_in_longer_slices():
    assert share_out({}, second(2026, 11, 23)) == [
        {"gte": second(2026, 11)},
        {"gte": second(2026, 10), "lt": second(2026, 11)},
        {"gte": second(2026, 8), "lt": second(2026, 10)},
        {"gte": second(2026, 4), "lt": second(2026, 8)},
        {"gte": second(2025, 8), "lt": second(2026, 4)},
        {"lt": second(2025, 8)},
    ]


def test_slices_stay_within_their_bounds():
    created = {"gte": second(2026, 9, 15), "lt": second(2026, 11, 20)}

    assert share_out(created, second(2026, 11, 10)) == [
        {"gte": second(2026, 11), "lt": second(2026, 11, 20)},
        {"gte": second(2026, 10), "lt": second(2026, 11)},
        {"gte": second(2026, 9, 15), "lt": second(2026, 10)},
    ]
    assert share_out({"gte": second(2026, 11, 1)}, second(2026, 11, 10)) == [{"gte": second(2026, 11, 1)}]


@pytest.mark.django_db
def test_a_list_that_turns_out_long_is_read_whole_in_several_parts(stripe, monkeypatch):
    pages_of(monkeypatch, 2)
    monkeypatch.setattr(slices, "LONG", 2)
    everyone = [it["id"] for it in stripe.all("/v1/customers")]

    for _ in range(2):  # the first import, and one that knows how long it is
        run = resync("customer")

        parts = ResyncPart.objects.filter(run=run).order_by("number")
        assert (run.state, run.failed) == ("complete", 0)
        assert run.done >= len(everyone)  # of a customer alone on a page, the payment method comes along
        assert len(parts) > 2
        assert {part.state for part in parts} == {"done"}
    assert set(Customer.objects.values_list("id", flat=True)) == set(everyone)
    assert sum(row.held for row in ListedMonth.objects.all()) == sum(row.listed for row in ListedMonth.objects.all())


@pytest.mark.django_db
def test_lists_of_many_owners_are_cut_among_several_workers_and_each_is_read_once(stripe, monkeypatch):
    monkeypatch.setattr(slices, "OWNERS", 3)
    monkeypatch.setattr(reading, "OWNERS_AT_ONCE", 2)
    resync("customer")
    resync("payment_method")
    before = set(PaymentMethod.objects.values_list("id", flat=True))
    stripe.forget_calls()

    run = resync("payment_method")

    parts = ResyncPart.objects.filter(run=run, step__has_key="each")
    everyone = Customer.objects.filter(deleted_at=None).count()
    assert (run.state, run.new, run.changed) == ("complete", 0, 0)
    assert set(PaymentMethod.objects.values_list("id", flat=True)) == before
    assert len(parts) == 1 + (everyone - 2) // 3
    assert stripe.calls()["GET /v1/payment_methods"] == everyone
    # Each goes on where the one before it ends.
    bounds = sorted((part.step.get("after", ""), part.step.get("to", "~")) for part in parts)
    assert [after for after, _ in bounds[1:]] == [to for _, to in bounds[:-1]]
    assert (bounds[0][0], bounds[-1][1]) == ("", "~")

"""Counts past the cap, which are not counted again for a minute."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import QuerySet

from finances.models import Customer
from finances.reads import crowds, keyset
from tests.factories import NOON, a_customer

pytestmark = pytest.mark.django_db
CAP = 3


@pytest.fixture(autouse=True)
def _a_low_cap(monkeypatch) -> None:
    monkeypatch.setattr(keyset, "MOST_COUNTED", CAP)


def everybody() -> dict[str, Callable[[], QuerySet[Customer]]]:
    return {"all": Customer.objects.all, "none": Customer.objects.none}


def test_what_is_past_the_cap_is_not_counted_again_for_a_minute(django_assert_num_queries) -> None:
    for _ in range(CAP + 1):
        a_customer()
    assert crowds.capped_counts(everybody(), NOON) == {"all": CAP + 1, "none": 0}
    Customer.objects.all().delete()

    assert crowds.capped_counts(everybody(), NOON + timedelta(seconds=59)) == {"all": CAP + 1, "none": 0}
    with django_assert_num_queries(0):
        crowds.capped_counts({"all": Customer.objects.all}, NOON + timedelta(seconds=59))
    assert crowds.capped_counts(everybody(), NOON + timedelta(seconds=60)) == {"all": 0, "none": 0}


def test_what_is_within_the_cap_is_counted_each_time() -> None:
    for count in range(1, CAP + 1):
        a_customer()
        assert crowds.capped_counts(everybody(), NOON)["all"] == count


def test_no_more_is_remembered_than_has_room(monkeypatch) -> None:
    monkeypatch.setattr(crowds, "MOST_REMEMBERED", 2)
    for _ in range(CAP + 1):
        a_customer()

    for key in range(9):
        crowds.capped_counts({key: Customer.objects.all}, NOON)
        assert len(crowds._past_the_cap) <= 3

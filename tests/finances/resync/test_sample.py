"""Which pages a night's sample compares."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from finances.models import ListedMonth, ObjectState
from finances.resync.sample import WINDOWS, sample_steps

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def here(type_name: str, created_at: datetime, count: int = 1, **fields) -> None:
    ObjectState.objects.bulk_create(
        ObjectState(
            object_id=f"{type_name}_{created_at:%Y%m}_{number}", type=type_name, ticket=1, content_hash=b"",
            seen_at=NOW, created_at=created_at + timedelta(minutes=number), **fields,
        )
        for number in range(count)
    )  # fmt: skip


def windows(types: tuple[str, ...], seed: int = 7) -> list[tuple[str, datetime, datetime]]:
    steps = sample_steps(types, NOW, Random(seed))
    assert all(step["pages"] == 1 for step in steps)
    return [
        (step["type"], *(datetime.fromtimestamp(step["filters"]["created"][name], UTC) for name in ("gte", "lt")))
        for step in steps
    ]


def test_each_type_has_a_few_different_months():
    here("invoice", datetime(2024, 5, 3, tzinfo=UTC))
    here("customer", datetime(2026, 10, 3, tzinfo=UTC))

    chosen = windows(("invoice", "customer"))

    assert Counter(type_name for type_name, _, _ in chosen) == {"invoice": WINDOWS, "customer": 2}
    assert len(set(chosen)) == len(chosen)
    assert all(since.day == 1 and until.day == 1 for _, since, until in chosen)


def test_the_same_random_chooses_the_same_and_another_another():
    here("invoice", datetime(2022, 5, 3, tzinfo=UTC))

    assert windows(("invoice",), 1) == windows(("invoice",), 1) != windows(("invoice",), 2)


def test_a_full_month_is_cut_to_a_stretch_that_a_page_holds():
    here("invoice", datetime(2026, 11, 3, tzinfo=UTC), 350)

    [(_, since, until)] = windows(("invoice",))

    inside = ObjectState.objects.filter(created_at__gte=since, created_at__lt=until).count()
    assert inside == 100


def test_a_type_that_never_came_is_looked_for_in_this_month():
    assert windows(("dispute",)) == [("dispute", datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))]


def test_what_is_new_and_what_was_never_verified_is_chosen_more_often():
    here("invoice", datetime(2024, 12, 3, tzinfo=UTC))
    months = [date(2024, 12, 1)] + [date(2025, n, 1) for n in range(1, 13)] + [date(2026, n, 1) for n in range(1, 12)]
    never = {date(2025, 6, 1)}
    for month in set(months) - never:
        ListedMonth.objects.create(type="invoice", month=month, listed=0, held=0, verified_at=NOW)

    found = Counter(since.date() for seed in range(120) for _, since, _ in windows(("invoice",), seed))

    assert found[date(2026, 11, 1)] > found[date(2025, 3, 1)]
    assert found[date(2025, 6, 1)] > 2 * found[date(2025, 7, 1)]
    assert found[date(2024, 12, 1)]  # the oldest has its turn too


def test_it_costs_few_queries(django_assert_num_queries):
    here("invoice", datetime(2026, 11, 3, tzinfo=UTC), 350)

    with django_assert_num_queries(4):
        windows(("invoice",))

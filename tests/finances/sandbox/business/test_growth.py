"""How many come in which month."""

from __future__ import annotations

from datetime import UTC, datetime

from finances.sandbox.business.growth import Growth
from finances.sandbox.engine.periods import months_after

END = int(datetime(2026, 6, 15, tzinfo=UTC).timestamp())
START = months_after(END, -24)


def counts(newcomers: int, months: int = 24) -> list[int]:
    growth = Growth(newcomers, START, END, seed=7)
    return [len(growth.sign_ups(month)) for month in range(months)]


def test_as_many_come_as_were_asked_for() -> None:
    assert [sum(counts(newcomers)) for newcomers in (0, 1, 7, 474, 20_000)] == [0, 1, 7, 474, 20_000]


def test_more_come_as_time_goes_on_and_fewer_in_summer_and_in_the_bad_month() -> None:
    each = counts(4_800)
    by_date = {months_after(START, month): number for month, number in enumerate(each)}
    july, october, bad = (
        by_date[int(datetime(*day, tzinfo=UTC).timestamp())] for day in ((2025, 7, 15), (2025, 10, 15), (2025, 11, 15))
    )

    assert sum(each[12:]) > 1.4 * sum(each[:12])
    assert july < 0.7 * october
    assert bad < 0.5 * october
    assert bad == by_date[months_after(END, -7)]


def test_they_come_in_their_month_and_at_the_same_moments_every_time() -> None:
    growth, again = Growth(480, START, END, seed=7), Growth(480, START, END, seed=7)

    for month in range(24):
        moments = growth.sign_ups(month)
        assert moments == again.sign_ups(month)
        assert all(growth.begins(month) <= moment < growth.begins(month + 1) for moment in moments)


def test_sign_ups_go_on_after_the_planned_months() -> None:
    growth = Growth(480, START, END, seed=7)

    assert growth.begins(24) == END
    assert min(len(growth.sign_ups(month)) for month in range(24, 36)) > 10
    assert sum(len(growth.sign_ups(month)) for month in range(24, 36)) > sum(counts(480)[12:])


def test_a_business_of_the_cast_alone_does_not_grow() -> None:
    growth = Growth(0, START, END, seed=7)

    assert [growth.sign_ups(month) for month in range(30)] == [[]] * 30

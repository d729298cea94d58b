from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from finances.periods import add_months, bounds, end_of, last_months, month_of, start_of


def test_a_moment_belongs_to_the_month_of_the_zone():
    moment = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)

    assert month_of(moment, UTC) == date(2026, 12, 1)
    assert month_of(moment, ZoneInfo("Europe/Berlin")) == date(2027, 1, 1)


def test_months_go_over_the_years_end():
    assert add_months(date(2026, 11, 1), 2) == date(2027, 1, 1)
    assert add_months(date(2026, 1, 1), -1) == date(2025, 12, 1)
    assert last_months(datetime(2026, 1, 5, tzinfo=UTC), 3, UTC) == [
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
    ]


def test_a_day_begins_at_the_zones_midnight():
    assert start_of(date(2026, 7, 1), ZoneInfo("Europe/Berlin")).astimezone(UTC) == datetime(
        2026, 6, 30, 22, tzinfo=UTC
    )


def test_a_months_end_is_its_last_moment_and_its_bounds_hold_nothing_else():
    berlin = ZoneInfo("Europe/Berlin")

    first, after = bounds(date(2026, 10, 1), berlin)

    assert first.astimezone(UTC) == datetime(2026, 9, 30, 22, tzinfo=UTC)  # summer time
    assert after.astimezone(UTC) == datetime(2026, 10, 31, 23, tzinfo=UTC)
    assert end_of(date(2026, 10, 1), berlin).astimezone(UTC) == datetime(2026, 10, 31, 22, 59, 59, 999999, tzinfo=UTC)

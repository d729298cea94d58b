"""The charts of the sync's health: figures that Plotly takes, and the same numbers as tables."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone
from plotly import graph_objects

from dashboard.charts.delays import TICKS, here_chart, seconds, way_chart
from dashboard.charts.deliveries import deliveries_chart
from dashboard.charts.hours import hours_axis, label
from finances.metrics.deliveries import Hour, Spread

FIRST = datetime(2026, 11, 19, 13, tzinfo=UTC)
QUICK = Spread(30, timedelta(seconds=0.25), timedelta(seconds=95))
HOURS = [Hour(FIRST + timedelta(hours=n)) for n in range(22)] + [
    Hour(FIRST + timedelta(hours=22), {"processed": 28, "quarantined": 2}, QUICK, None),
    Hour(FIRST + timedelta(hours=23), {"received": 1}, None, Spread(1, timedelta(), timedelta())),
]


def address(state: str, at: datetime) -> str:
    return f"/list?state={state}&day={at:%d}"


def test_they_are_figures_that_plotly_takes():
    for chart in (deliveries_chart(HOURS, address), way_chart(HOURS), here_chart(HOURS)):
        graph_objects.Figure(chart.figure)


def test_bars_are_stacked_by_state_and_lead_to_their_list():
    chart = deliveries_chart(HOURS, address)

    assert [bars["name"] for bars in chart.figure["data"]] == ["Processed", "Received", "Quarantined"]
    assert [bars["y"][-2:] for bars in chart.figure["data"]] == [[28, 0], [0, 1], [2, 0]]
    assert chart.figure["layout"]["barmode"] == "stack"
    assert chart.figure["data"][2]["customdata"][-2] == "/list?state=quarantined&day=20"


def test_the_table_has_the_same_numbers_newest_hour_first_without_empty_ones():
    newest, older = deliveries_chart(HOURS, address).rows

    assert newest.label == "Fri 20 Nov, 12:00 UTC"
    assert [cell.text for cell in older.cells] == ["28", "0", "2", "30"]


def test_delays_are_two_lines_below_a_dashed_target_with_gaps_where_nothing_came():
    p50, p95, target = way_chart(HOURS).figure["data"]

    assert (p50["y"][-2:], p95["y"][-2:]) == (["0.250000", None], ["95.000000", None])
    assert p50["text"][-2:] == ["0.2 s", "–"]
    assert set(target["y"]) == {"30.000000"}
    assert target["meta"]["dash"] == "dash"


def test_no_delay_at_all_is_drawn_at_the_axis_end_and_said_as_it_is():
    p50 = here_chart(HOURS).figure["data"][0]

    assert (p50["y"][-1], p50["text"][-1]) == ("0.010000", "0 s")
    assert seconds(timedelta(days=2, microseconds=1)) == "172800.000001"
    assert min(TICKS, key=float) == "0.01"


def test_a_chart_of_nothing_says_so():
    assert deliveries_chart(HOURS[:3], address).empty
    assert way_chart(HOURS[:3]).empty


def test_hours_are_written_in_the_viewers_zone():
    with timezone.override("Asia/Kolkata"):
        assert label(FIRST) == "Thu 19 Nov, 18:30 IST"
    with timezone.override("Europe/Berlin"):
        axis = hours_axis(HOURS)
    assert axis["tickvals"][0] == "Thu 19 Nov, 15:00 CET"
    assert axis["ticktext"][:2] == ["15:00", "18:00"]


def test_the_hour_that_summer_time_repeats_is_two():
    turn = datetime(2026, 10, 25, 0, tzinfo=UTC)
    with timezone.override("Europe/Berlin"):
        assert [label(turn + timedelta(hours=n)) for n in (0, 1)] == ["Sun 25 Oct, 02:00 CEST", "Sun 25 Oct, 02:00 CET"]


def test_a_week_names_its_midnights():
    hours = [Hour(FIRST + timedelta(hours=n)) for n in range(168)]

    assert hours_axis(hours)["ticktext"] == ["Fri 20", "Sat 21", "Sun 22", "Mon 23", "Tue 24", "Wed 25", "Thu 26"]

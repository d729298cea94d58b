"""Deliveries by hour and state: stacked bars, each of which leads to the day's webhooks in that state."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.charts.chart import Chart, Key, Row, count
from dashboard.charts.hours import hours_axis, label
from dashboard.formatting import word
from finances.metrics.deliveries import Hour

RECIPE = gettext_lazy(
    "One event is counted once, however often Stripe delivers it: in the hour in which it first came, in the state "
    "that it is in now."
)
# What goes well is at the bottom, what needs people on top, where it is seen.
COLOURS = {"processed": 1, "ignored": 6, "received": 3, "processing": 2, "waiting": 4, "quarantined": 5}

Address = Callable[[str, datetime], str]


def deliveries_chart(hours: Sequence[Hour], address: Address) -> Chart:
    states = [state for state in COLOURS if any(hour.states.get(state) for hour in hours)]
    return Chart(
        id="deliveries",
        title=_("Events by hour"),
        about=_about(sum(hour.count for hour in hours)),
        recipe=RECIPE,
        figure=deliveries_figure(hours, states, address),
        heads=[_("Hour"), *(word(state) for state in states), _("All")],
        rows=[
            Row(
                label(hour.at),
                [
                    *(count(hour.states.get(state, 0), address(state, hour.at)) for state in states),
                    count(hour.count, address("", hour.at)),
                ],
            )
            for hour in reversed(hours)
            if hour.count
        ],
        legend=tuple(Key(COLOURS[state], word(state)) for state in states),
        none=_("No event came in this time."),
    )


def _about(events: int) -> str:
    said = ngettext("%(events)s event, by what became of them", "%(events)s events, by what became of them", events)
    return said % {"events": f"{events:,}"}


def deliveries_figure(hours: Sequence[Hour], states: Sequence[str], address: Address) -> dict[str, Any]:
    """Without colours: `meta.k` names the token that the page draws it in."""
    return {
        "data": [
            {
                "type": "bar",
                "meta": {"k": COLOURS[state]},
                "name": word(state),
                "x": [label(hour.at) for hour in hours],
                "y": [hour.states.get(state, 0) for hour in hours],
                "customdata": [address(state, hour.at) for hour in hours],
                "hovertemplate": "%{y} %{data.name}<extra></extra>",
            }
            for state in states
        ],
        "layout": {
            "barmode": "stack",
            "bargap": 0.15,
            "xaxis": hours_axis(hours),
            "yaxis": {"type": "linear", "rangemode": "tozero", "tickformat": ",d"},
        },
    }

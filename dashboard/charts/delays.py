"""How long deliveries took, by hour: p50 and p95 as lines, and the target that they should stay below."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.charts.chart import Cell, Chart, Key, Row, count
from dashboard.charts.hours import hours_axis, label
from dashboard.formatting import EN_DASH, Text, duration
from finances.metrics.deliveries import TARGET, Hour, Spread

WAY = gettext_lazy(
    "From Stripe’s event, which is known to the second, to its first arrival here. Half of an hour’s events took no "
    "longer than p50, 95 of 100 no longer than p95. Without those that Stripe did not deliver and a comparison found."
)
HERE = gettext_lazy(
    "From an event’s first arrival to the end of its processing, of those that are processed. Half of an hour’s events "
    "took no longer than p50, 95 of 100 no longer than p95. Without those that were replayed."
)
SHORTEST = timedelta(milliseconds=10)
"""Drawn as no less than this: the axis goes by powers of ten and has no zero."""
TICKS = {
    "0.01": gettext_lazy("10 ms"),
    "0.1": gettext_lazy("0.1 s"),
    "1": gettext_lazy("1 s"),
    "10": gettext_lazy("10 s"),
    "60": gettext_lazy("1 min"),
    "600": gettext_lazy("10 min"),
    "3600": gettext_lazy("1 h"),
    "36000": gettext_lazy("10 h"),
    "86400": gettext_lazy("1 day"),
    "864000": gettext_lazy("10 days"),
}


def way_chart(hours: Sequence[Hour]) -> Chart:
    return _chart("way", _("On the way to us"), WAY, hours, [hour.way for hour in hours])


def here_chart(hours: Sequence[Hour]) -> Chart:
    return _chart("here", _("Processing here"), HERE, hours, [hour.here for hour in hours])


def _chart(id: str, title: str, recipe: Text, hours: Sequence[Hour], spreads: Sequence[Spread | None]) -> Chart:
    measured = [(hour, spread) for hour, spread in zip(hours, spreads, strict=True) if spread]
    return Chart(
        id=id,
        title=title,
        about=_("p50 and p95 by hour, the target is %(time)s") % {"time": duration(TARGET)},
        recipe=recipe,
        figure=delays_figure(hours, spreads),
        heads=[_("Hour"), _("Events"), "p50", "p95"],
        rows=[
            Row(label(hour.at), [count(spread.count), Cell(duration(spread.p50)), Cell(duration(spread.p95))])
            for hour, spread in reversed(measured)
        ],
        legend=(
            Key(1, "p50"),
            Key(4, "p95"),
            Key(6, _("Target %(time)s") % {"time": duration(TARGET)}, dashed=True),
        ),
        none=_("No event came in this time that could be measured."),
    )


def delays_figure(hours: Sequence[Hour], spreads: Sequence[Spread | None]) -> dict[str, Any]:
    """Without colours: `meta.k` names the token that the page draws it in."""
    x = [label(hour.at) for hour in hours]

    def line(name: str, k: int, spans: list[timedelta | None], **more: Any) -> dict[str, Any]:
        return {
            "type": "scatter",
            "mode": "lines+markers",
            "meta": {"k": k},
            "name": name,
            "x": x,
            "y": [seconds(span) for span in spans],
            "text": [duration(span) if span is not None else EN_DASH for span in spans],
            "connectgaps": False,
            "hovertemplate": "%{data.name} %{text}<extra></extra>",
            **more,
        }

    return {
        "data": [
            line("p50", 1, [spread.p50 if spread else None for spread in spreads]),
            line("p95", 4, [spread.p95 if spread else None for spread in spreads]),
            line(_("Target"), 6, [TARGET] * len(x), mode="lines", meta={"k": 6, "dash": "dash"}, hoverinfo="skip"),
        ],
        "layout": {
            "xaxis": hours_axis(hours),
            "yaxis": {"type": "log", "tickvals": list(TICKS), "ticktext": [str(words) for words in TICKS.values()]},
        },
    }


def seconds(span: timedelta | None) -> str | None:
    """For Plotly, a decimal text."""
    if span is None:
        return None
    span = max(span, SHORTEST)
    return f"{span.days * 86400 + span.seconds}.{span.microseconds:06d}"

"""Receivables of one currency by age: a bar a bucket, each of which leads to the invoices behind it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from dashboard.charts.chart import Chart, Key, Row, amount, count, hover, value
from finances.metrics.aging import BUCKETS, NOT_DUE, Aged, Receivables

GREY, LATE = 6, 4


def receivables_chart(one: Receivables, names: Mapping[str, str], address: Callable[[str], str]) -> Chart:
    """`names`: of the buckets, by key. `address`: of the invoices of one."""
    rows = [
        Row(names[bucket.key], [amount(held.amount, one.currency, address(bucket.key)), count(held.invoices)])
        for bucket, held in zip(BUCKETS, one.buckets, strict=True)
    ]
    return Chart(
        id="receivables",
        title=_("Open by age"),
        about=_("%(currency)s, by days late") % {"currency": one.currency.upper()},
        recipe=_(
            "What remains on open invoices, by the days since their due date, rounded up. An invoice that is charged "
            "automatically has no due date: its days count from when it was finalised. Drafts, void, paid and "
            "uncollectible invoices are in no bar."
        ),
        figure=receivables_figure(one, names, address),
        heads=[_("Days late"), _("Remaining"), _("Invoices")],
        rows=rows if one.total.invoices else [],
        legend=(Key(GREY, _("Not yet due")), Key(LATE, _("Late"))),
        none=_("Nothing is open."),
    )


def receivables_figure(one: Receivables, names: Mapping[str, str], address: Callable[[str], str]) -> dict[str, Any]:
    """Without colours: `meta.k` names the token that the page draws it in."""
    held = list(zip(BUCKETS, one.buckets, strict=True))
    not_due = [each for each in held if each[0].key == NOT_DUE]
    late = [each for each in held if each[0].key != NOT_DUE]

    def bars(k: int, buckets: list[tuple[Any, Aged]]) -> dict[str, Any]:
        return {
            "type": "bar",
            "meta": {"k": k},
            "x": [names[bucket.key] for bucket, _held in buckets],
            "y": [value(aged.amount, one.currency) for _bucket, aged in buckets],
            "text": [hover(amount(aged.amount, one.currency)) for _bucket, aged in buckets],
            "customdata": [address(bucket.key) for bucket, _held in buckets],
            "textposition": "none",
            "hovertemplate": _("%{x}: %{text}<extra></extra>"),
        }

    return {
        "data": [bars(GREY, not_due), bars(LATE, late)],
        "layout": {
            "hovermode": "closest",
            "yaxis": {"type": "linear", "rangemode": "tozero", "tickformat": ",~r"},
        },
    }

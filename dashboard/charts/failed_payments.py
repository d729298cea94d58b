"""Failed payments by reason: horizontal bars, this month beside the last one."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.charts.chart import Chart, Key, Row, amount, count, month_name
from finances.metrics.failed_payments import Failures, Reason

FEW = 6  # attempts: below, an axis has a tick for each
MOST_REASONS = 6
RECIPE = gettext_lazy(
    "Attempts to charge that failed, by the reason that the bank or Stripe gave, each attempt by itself: an invoice "
    "that was tried four times stands here four times, with its amount each time."
)
NOTHING = Reason("", 0, 0)


class Pair(NamedTuple):
    """One reason in both months. `code`: empty for all the rarer ones together, and where Stripe gave none."""

    code: str
    words: str
    now: Reason
    before: Reason


def failed_payments_chart(
    now: Failures | None,
    before: Failures | None,
    months: tuple[date, date],
    words: Callable[[str], str],
    address: Callable[[str, date], str],
) -> Chart:
    """`months`: the running one and the last. `words`: of a code. `address`: of what failed so in a month."""
    currency = (now or before or Failures("", 0, ())).currency
    this, last = months
    # Every reason has its row; the chart has room for a few.
    rows = [
        Row(
            pair.words,
            [
                count(pair.now.attempts, address(pair.code, this)),
                amount(pair.now.amount, currency),
                count(pair.before.attempts, address(pair.code, last)),
                amount(pair.before.amount, currency),
            ],
        )
        for pair in _pairs(now, before, words)
    ]
    return Chart(
        id="failed-payments",
        title=_("Failed payments by reason"),
        about=_("%(currency)s, number of attempts") % {"currency": currency.upper()}
        if currency
        else _("number of attempts"),
        recipe=RECIPE,
        figure=failed_payments_figure(now, before, months, words, address),
        heads=[_("Reason"), month_name(this), _("Amount"), month_name(last), _("Amount")],
        rows=rows,
        legend=(Key(5, _("%(month)s so far") % {"month": month_name(this)}), Key(6, month_name(last))),
    )


def failed_payments_figure(
    now: Failures | None,
    before: Failures | None,
    months: tuple[date, date],
    words: Callable[[str], str],
    address: Callable[[str, date], str],
) -> dict[str, Any]:
    """Without colours: `meta.k` names the token that the page draws it in."""
    pairs = _together(_pairs(now, before, words))
    most = max((each.attempts for pair in pairs for each in (pair.now, pair.before)), default=0)
    # Five ticks between 0 and 2 would be written 0, 1, 1, 2, 2.
    ticks = {"dtick": 1} if most < FEW else {"nticks": 5}

    def bars(k: int, month: date, attempts: list[int]) -> dict[str, Any]:
        return {
            "type": "bar",
            "orientation": "h",
            "meta": {"k": k},
            "x": attempts,
            "y": [pair.words for pair in pairs],
            "text": [f"{each:,}" if each else "" for each in attempts],
            "customdata": [address(pair.code, month) for pair in pairs],
            "textposition": "outside",
            "cliponaxis": False,
            "hovertemplate": _("%(reason)s: %(attempts)s in %(month)s<extra></extra>")
            % {"reason": "%{y}", "attempts": "%{x}", "month": month_name(month)},
        }

    return {
        "data": [
            bars(5, months[0], [pair.now.attempts for pair in pairs]),
            bars(6, months[1], [pair.before.attempts for pair in pairs]),
        ],
        "layout": {
            "barmode": "group",
            "bargap": 0.28,
            "hovermode": "closest",
            "xaxis": {"type": "linear", "showgrid": True, "rangemode": "tozero", "tickformat": ",d", **ticks},
            "yaxis": {"type": "category", "showgrid": False, "autorange": "reversed", "dtick": 1},
        },
    }


def _pairs(now: Failures | None, before: Failures | None, words: Callable[[str], str]) -> list[Pair]:
    """Reasons of either month, those with the most attempts in both together first."""
    this = {reason.code: reason for reason in now.reasons} if now else {}
    last = {reason.code: reason for reason in before.reasons} if before else {}
    codes = list(dict.fromkeys([*this, *last]))
    said = Counter(words(code) for code in codes)
    pairs = [
        # Two codes in the same words would become one bar.
        Pair(
            code,
            f"{words(code)} ({code})" if said[words(code)] > 1 else words(code),
            this.get(code, NOTHING),
            last.get(code, NOTHING),
        )
        for code in codes
    ]
    return sorted(pairs, key=lambda pair: (-(pair.now.attempts + pair.before.attempts), pair.code))


def _together(pairs: list[Pair]) -> list[Pair]:
    """At most six: the rarest become one."""
    if len(pairs) <= MOST_REASONS:
        return pairs
    rest = pairs[MOST_REASONS - 1 :]
    return [
        *pairs[: MOST_REASONS - 1],
        Pair(
            "",
            ngettext("%(count)s other reason", "%(count)s other reasons", len(rest)) % {"count": len(rest)},
            Reason("", sum(pair.now.attempts for pair in rest), sum(pair.now.amount for pair in rest)),
            Reason("", sum(pair.before.attempts for pair in rest), sum(pair.before.amount for pair in rest)),
        ),
    ]

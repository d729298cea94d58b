"""The estimate of a next invoice in words, with what it cannot know."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.prices import plain_number
from dashboard.tables.subscriptions import gap
from finances.metrics.next_invoice import NextInvoice

NO_INVOICE = {
    "cancels": gettext_lazy("None for another period: the subscription ends. What is still pending or used is billed."),
    "ended": gettext_lazy("None: the subscription has ended."),
    "incomplete": gettext_lazy("None before the first one is paid."),
    "paused": gettext_lazy("None while the subscription is paused."),
}
UNKNOWN = {
    "metered": gettext_lazy("what is used of metered prices"),
    "pending": gettext_lazy("prorations of changes in this period, and items added by hand"),
    "tax": gettext_lazy("tax, which Stripe works out itself"),
    "planned_change": gettext_lazy("the change that is planned before it"),
}
COLLECTED = {
    "keep_as_draft": gettext_lazy("Collection is paused: it will stay a draft."),
    "mark_uncollectible": gettext_lazy("Collection is paused: it will be written off."),
    "void": gettext_lazy("Collection is paused: it will be voided."),
}


class ShownLine(NamedTuple):
    """`amount`: minor units; None for what is billed by use."""

    words: str
    amount: int | None


class ShownEstimate(NamedTuple):
    """`none`: why there is no next invoice. `problem`: why it cannot be computed. `unknown`: one sentence."""

    estimate: NextInvoice
    at: datetime | None
    lines: list[ShownLine]
    none: str
    problem: str
    unknown: str
    collected: str


def shown_estimate(estimate: NextInvoice, names: Mapping[str, str]) -> ShownEstimate:
    """`names`: what people call an item, by its id."""
    return ShownEstimate(
        estimate=estimate,
        at=estimate.at,
        lines=[
            ShownLine(line_words(names.get(line.item_id, line.item_id), line.quantity), line.amount)
            for line in estimate.lines
        ],
        none=str(NO_INVOICE.get(estimate.no_invoice, "")),
        problem=gap(estimate.gap) if estimate.gap else "",
        unknown=_("Not in it: %(what)s.") % {"what": "; ".join(str(UNKNOWN[each]) for each in estimate.unknown)}
        if estimate.unknown
        else "",
        collected=str(COLLECTED.get(estimate.collected, "")),
    )


def line_words(name: str, quantity: Decimal | None) -> str:
    return name if quantity in (None, 1) else f"{plain_number(quantity)} × {name}"

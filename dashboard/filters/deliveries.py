import re
from datetime import timedelta
from functools import cached_property
from typing import Any, override

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.filters.kinds import DayFilter, PickFilter, SearchFilter, TypedFilter
from dashboard.filters.list_filter import ListFilter, Suggestion
from dashboard.formatting import WORDS, word
from finances import mirror, periods
from finances.models import Delivery
from finances.reads.webhooks import ANY, MISSED, Conditions, deliveries_matching

EVENT_TYPE = re.compile(r"^[a-z0-9_]+(\.[a-z0-9_]+)*(\.\*|\.|\*)?$", re.IGNORECASE)
event_type = RegexValidator(EVENT_TYPE)
event_id = RegexValidator(r"^[A-Za-z0-9_]{3,255}$")
version = RegexValidator(r"^[a-zA-Z0-9.\-]{2,64}$")
whole_number = RegexValidator(r"^[0-9]{1,9}$")
LONGEST_DELAY = 10**8  # seconds


class DeliveriesFilter(ListFilter):
    """Read into `conditions()`, of which a replay takes the same ones."""

    takes_parameters_only = True

    q = SearchFilter()
    state = PickFilter(label=gettext_lazy("State"), choices=[(state, WORDS[state]) for state in Delivery.State.values])
    type = TypedFilter(label=gettext_lazy("Type"), placeholder="invoice.*", max_length=255, validators=[event_type])
    reason = TypedFilter(
        label=gettext_lazy("Reason begins"), placeholder=gettext_lazy("Stripe could not be reached"), max_length=500
    )
    received_from = DayFilter(label=gettext_lazy("Received from"))
    received_to = DayFilter(label=gettext_lazy("Received until"), last=True)
    delay = django_filters.NumberFilter(
        label=gettext_lazy("Delay at least"),
        validators=[MinValueValidator(0), MaxValueValidator(LONGEST_DELAY)],
        widget=forms.NumberInput(
            attrs={"class": "pd-input", "min": "0", "step": "any", "placeholder": gettext_lazy("seconds")}
        ),
    )
    version = TypedFilter(
        label=gettext_lazy("API version"), placeholder=gettext_lazy("2026-05-27.dahlia, or other"), validators=[version]
    )
    found = PickFilter(
        label=gettext_lazy("Found"),
        choices=[
            (MISSED, gettext_lazy("Missed: Stripe has it, never came")),
            (ANY, gettext_lazy("By a comparison with Stripe")),
        ],
    )
    # For links: a comparison's number stands nowhere, so nobody could type it.
    comparison = django_filters.CharFilter(
        label=gettext_lazy("Comparison"), validators=[whole_number], widget=forms.HiddenInput
    )
    event = TypedFilter(label=gettext_lazy("Event"), placeholder="evt_…", validators=[event_id])

    class Meta:
        model = Delivery
        fields: list[str] = []

    @override
    def filter_queryset(self, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        return deliveries_matching(self.conditions)

    @cached_property
    def conditions(self) -> Conditions:
        """Words already turned into customers: one query where there are any."""
        read, zone = self.in_force(), timezone.get_current_timezone()
        first, last, delay = read.get("received_from"), read.get("received_to"), read.get("delay")
        return Conditions(
            event_id=read.get("event", ""),
            state=read.get("state", ""),
            type=str(read.get("type", "")).lower(),
            about=read.get("q", ""),
            reason=read.get("reason", ""),
            received_from=periods.start_of(first, zone) if first else None,
            received_until=periods.start_of(last + timedelta(days=1), zone) if last else None,
            min_delay=timedelta(seconds=float(delay)) if delay else None,
            api_version=read.get("version", ""),
            found_by=read.get("comparison", "") or read.get("found", ""),
        ).resolved()

    def suggestion(self) -> Suggestion | None:
        """For a type without an ending, and for a type or a state that was typed as words to search for."""
        read = self.in_force()
        kind, words = str(read.get("type", "")).lower(), str(read.get("q", "")).strip().lower()
        if kind and not kind.endswith(("*", ".")):
            kind += "*" if "." in kind else ".*"
            return Suggestion(_("Type: %(type)s") % {"type": kind}, self.query("type", kind))
        if words in Delivery.State.values:
            return Suggestion(_("State: %(state)s") % {"state": word(words)}, self.query("state", words, without="q"))
        if words in mirror.TYPES or ("." in words and "@" not in words and EVENT_TYPE.match(words)):
            kind = words if "." in words else f"{words}.*"
            return Suggestion(_("Type: %(type)s") % {"type": kind}, self.query("type", kind, without="q"))
        return None

    @override
    def describe(self, name: str, value: Any) -> str:
        match name:
            case "delay":
                return _("Delay at least %(seconds)s s") % {"seconds": f"{value.normalize():f}"}
            case "reason":
                return _("Reason begins “%(text)s”") % {"text": value}
            case "version" if value == "other":
                return _("API version other than ours")
            case "comparison":
                return _("Found by comparison %(number)s") % {"number": value}
        return super().describe(name, value)

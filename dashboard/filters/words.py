"""What a list's parameters are called in its search text: `status=open` is `status:open`, `created_from=2026-01-31` is
`created:>=2026-01-31`.
"""

import calendar
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Any, NamedTuple

import django_filters
from django import forms
from django.utils.translation import gettext as _

from dashboard.filters import search_text
from dashboard.filters.kinds import (
    A_MONTH,
    AgeFilter,
    AmountFilter,
    DayFilter,
    MonthFilter,
    PickFilter,
    WholeNumberFilter,
)
from dashboard.filters.search_text import SearchText, Term

FROM, TO = "_from", "_to"
SAME = {"true": "yes", "false": "no"}
GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")  # an amount as the pages write it
OTHER_NAMES = {"total": "amount", "mail": "email", "state": "status", "status": "state"}


class Asked(NamedTuple):
    """A parameter and its value. `beyond`: 1 or -1, where the value itself is no longer in."""

    parameter: str
    value: str
    beyond: int = 0


class NotAsked(Exception):
    """A term that says nothing here; the message is a sentence for whoever typed it."""


class Words:
    """Of one list. `filters`: by parameter; what is hidden is for links alone and has no word."""

    def __init__(self, filters: Mapping[str, django_filters.Filter]) -> None:
        self._filters = {
            name: each
            for name, each in filters.items()
            if name != "q" and each.extra.get("widget") is not forms.HiddenInput
        }

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(_stem(name) for name in self._filters))

    def parameters_of(self, text: SearchText, taken: Collection[str] = ()) -> tuple[dict[str, str], SearchText]:
        """The terms that are just what parameters say, and what is left of the text. `taken`: those that say something
        else already; one more term of them is true beside it."""
        found: dict[str, str] = {}
        said = []
        for term in text.terms:
            try:
                asked = [] if term.negated else self.asked_by(term)
            except NotAsked:
                continue
            moved = {each.parameter: self._moved(each) for each in asked}
            if moved and all(moved.values()) and not moved.keys() & {*found, *taken}:
                found |= moved
                said.append(term)
        return found, text.without(*said)

    def terms_of(self, parameters: Mapping[str, str]) -> Iterator[Term]:
        """Those that say the parameters. A value that cannot be written as one, as it holds quotes, is left out."""
        for name, value in parameters.items():
            if name not in self._filters or not value:
                continue
            operator = {FROM: ">=", TO: "<="}.get(name.removeprefix(_stem(name)), "")
            term = Term(_stem(name), ">" if isinstance(self._filters[name], AgeFilter) else operator, value)
            if search_text.read(str(term)).parts == (term,):
                yield term

    def name_of(self, term: Term) -> str:
        """The word that it means here. Raises NotAsked where there is none, or nothing that it could be."""
        for name in (term.name, OTHER_NAMES.get(term.name, "")):
            if name in self.names:
                if not term.value:
                    raise NotAsked(_("%(term)s names no value; it was left out.") % {"term": f"{name}:"})
                return name
        near = get_close_matches(term.name, self.names, n=1, cutoff=0.5)
        sentence = _("%(name)s: is no search word here; it was left out.") % {"name": term.name[:60]}
        if near:
            sentence += " " + _("The nearest one is %(nearest)s:") % {"nearest": near[0]}
        raise NotAsked(sentence)

    def asked_by(self, term: Term) -> list[Asked]:
        """The parameters that say the term, were it not negated. Raises NotAsked."""
        name, value = self.name_of(term), term.value
        exact, lowest, highest = self._filters.get(name), name + FROM, name + TO
        limits = [each for each in (lowest, highest) if each in self._filters]
        if limits and isinstance(self._filters[limits[0]], AmountFilter) and GROUPED.fullmatch(value):
            value = value.replace(",", "")
        match term.operator:
            case "" if isinstance(exact, MonthFilter) and not A_MONTH.fullmatch(value) and len(limits) == 2:
                return self._within(name, value)
            case "" if exact is not None and not isinstance(exact, AgeFilter):
                return [Asked(name, _as_chosen(exact, value))]
            case "" if len(limits) == 2:
                return self._within(name, value)
            case ">" if isinstance(exact, AgeFilter):
                return [Asked(name, value)]
            case ">=" | ">" if lowest in self._filters:
                return [Asked(lowest, value, 1 if term.operator == ">" else 0)]
            case "<=" | "<" if highest in self._filters:
                return [Asked(highest, value, -1 if term.operator == "<" else 0)]
        sentence = _("%(name)s: cannot be asked for by %(operator)s here; it was left out.")
        raise NotAsked(sentence % {"name": name, "operator": term.operator or _("a value alone")})

    def nearest_value(self, name: str, value: str) -> str | None:
        """Of a parameter with values to choose from, the one that was perhaps meant."""
        choices = _choices(self._filters[name]) if name in self._filters else {}
        near = get_close_matches(_plain(value), [*map(_plain, choices)], n=1)
        return next((each for each in choices if near and _plain(each) == near[0]), None)

    def examples(self) -> list[tuple[str, str]]:
        """Each word with a value that it can have, and what it is about."""
        found: dict[str, tuple[str, str]] = {}
        for name, each in self._filters.items():
            operator = ">=" if name.endswith(FROM) else ">" if isinstance(each, AgeFilter) else ""
            if not name.endswith(TO):
                found.setdefault(_stem(name), (str(Term(_stem(name), operator, _example(each))), str(each.label)))
        return list(found.values())

    def _within(self, name: str, value: str) -> list[Asked]:
        """From and until the same: a day, an amount; of days a month is understood too."""
        first = last = value
        if isinstance(self._filters[name + FROM], DayFilter) and (month := A_MONTH.fullmatch(value)):
            first, last = f"{value}-01", f"{value}-{calendar.monthrange(int(month[1]), int(month[2]))[1]}"
        return [Asked(name + FROM, first), Asked(name + TO, last)]

    def _moved(self, asked: Asked) -> str:
        """The value with which the parameter says it; empty where none does."""
        if not asked.beyond:
            return asked.value
        try:
            match self._filters[asked.parameter]:
                case DayFilter():
                    return (date.fromisoformat(asked.value) + timedelta(days=asked.beyond)).isoformat()
                case WholeNumberFilter():
                    return str(int(asked.value) + asked.beyond)
        except (ValueError, OverflowError):
            pass
        return ""


def _stem(name: str) -> str:
    return name.removesuffix(FROM).removesuffix(TO)


def _choices(filter: django_filters.Filter) -> dict[str, Any]:
    return dict(filter.extra.get("choices", ())) if isinstance(filter, PickFilter) else {}


def _as_chosen(filter: django_filters.Filter, value: str) -> str:
    """Of values to choose from also the words that stand for them, in any spelling: `status:"Past due"`."""
    choices = _choices(filter)
    for each, words in choices.items():
        if _plain(value) in (_plain(each), _plain(str(words))):
            return each
    same = SAME.get(value.casefold(), "")
    return same if same in choices else value


def _plain(value: str) -> str:
    return re.sub(r"[\s_\-]+", " ", value.casefold()).strip()


def _example(filter: django_filters.Filter) -> str:
    match filter:
        case PickFilter():
            return next(iter(_choices(filter)), "")
        case AmountFilter():
            return "100"
        case WholeNumberFilter():
            return "2"
        case DayFilter():
            return "2026-01-31"
        case MonthFilter():
            return "2026-01"
        case AgeFilter():
            return "2d"
    widget = filter.extra.get("widget")
    return str(widget.attrs.get("placeholder", "")) if widget else ""

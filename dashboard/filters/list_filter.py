"""What the filters of every list do: leave out what they cannot read and say so, and name each condition in force."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, NamedTuple, override

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from dashboard.filters import sorting
from finances import periods
from finances.reads.search import Found

FIRST_DAY, LAST_DAY = date(1971, 1, 1), date(9998, 12, 31)  # zones shift a day: further out datetime overflows
SEARCH_LENGTH = 200  # characters
SHOWN_LENGTH = 60  # of a value that is repeated in a notice

currency_code = RegexValidator(r"^[A-Za-z]{3}$")
stripe_id = RegexValidator(r"^[A-Za-z0-9_]{3,255}$")


class Chip(NamedTuple):
    """One condition in force; `without`: the query string that lets it go."""

    text: str
    without: str


class ListFilter(django_filters.FilterSet):
    """A list page's conditions, from its query string.

    A parameter that is unknown or does not read changes nothing: `left_out` says so in a sentence.
    `page_parameters` belong to the page and are no conditions; changing a condition drops them. `sorted`: how the rows
    are to stand, None for the list's own way; changing a condition keeps it.
    `counted_with`: conditions beside which every tab is counted. With others, each count would be a search of its own.
    """

    page_parameters: ClassVar[frozenset[str]] = frozenset({"after", "before", "export"})
    counted_with: ClassVar[frozenset[str]] = frozenset({"q", "status", "currency", "customer", "subscription"})

    def __init__(
        self, data: QueryDict, queryset: QuerySet[Any], *, now: datetime, sorts: sorting.Sorts = sorting.NO_SORTS
    ) -> None:
        super().__init__(data, queryset)
        self.now, self.sorts = now, sorts
        self.sorted = sorts.read(data.get("sort", "")) or sorts.read(sorts.usual)
        self._found: dict[str, Found] = {}

    def with_parameter(self, name: str, value: str) -> "ListFilter":
        """The same conditions but one."""
        changed = type(self)(self._changed(name, value), self.queryset, now=self.now, sorts=self.sorts)
        changed._found = self._found
        return changed

    @property
    def is_broad(self) -> bool:
        """The search means so many rows that nobody counts them. Known once `qs` was asked for."""
        return any(found.ids is None for found in self._found.values())

    def counts_every_tab(self) -> bool:
        return self.in_force().keys() <= self.counted_with

    def searched(self, rows: QuerySet[Any], text: str, search: Callable[[QuerySet[Any], str], Found]) -> QuerySet[Any]:
        """Rows that `search` finds: it looks once, for these conditions and for all that differ from them in one."""
        if text not in self._found:
            self._found[text] = search(self.queryset, text)
        return rows.filter(self._found[text].rows)

    def query(self, name: str = "", value: str = "") -> str:
        """The query string of these conditions, from the first page on, with one of them changed."""
        return "?" + self._changed(name, value).urlencode()

    def given(self) -> list[tuple[str, str]]:
        """Names and values that ask for these conditions, whatever the order."""
        return [(name, value) for name, value in self._changed("sort", "").items() if isinstance(value, str)]

    def left_out(self) -> Iterator[str]:
        for name, value in self.data.items():
            shown = value if len(value) <= SHOWN_LENGTH else value[:SHOWN_LENGTH] + "…"
            if name in self.form.errors:
                yield f"{self.filters[name].label}: {shown} {self._wrong(name)}; it was left out."
            elif name == "sort" and self.sorts.every:
                if value and not self.sorts.read(value):
                    yield _("A list cannot be sorted by %(what)s here; it has its usual order.") % {"what": shown}
            elif name not in self.filters and name not in self.page_parameters:
                yield f"{name[:SHOWN_LENGTH]} is not a filter here; it was left out."

    def _wrong(self, name: str) -> str:
        """What is wrong with a value that has errors."""
        malformed = any(error.code == "invalid" for error in self.form.errors[name].as_data())
        if malformed and isinstance(self.filters[name], DayFilter):
            return "is not a date"
        if malformed and isinstance(self.filters[name], django_filters.NumberFilter):
            return "is not a number"
        return "is not known here"

    def in_force(self) -> dict[str, Any]:
        """Each condition that narrows the list, as read, by parameter."""
        self.form.is_valid()  # reads the form; what has errors is not in cleaned_data
        empty = (None, "")
        return {name: value for name, value in self.form.cleaned_data.items() if value not in empty}

    def chips(self) -> list[Chip]:
        """All but the search text, which stands in its own field."""
        return [
            Chip(self.describe(name, value), self.query(name)) for name, value in self.in_force().items() if name != "q"
        ]

    def describe(self, name: str, value: Any) -> str:
        """A condition in words."""
        label = str(self.filters[name].label)
        if isinstance(value, date):
            return f"{label} {date_format(value, 'j M Y')}"
        if isinstance(self.filters[name], CurrencyFilter):
            return f"{label}: {value.upper()}"
        choices = dict(self.filters[name].extra.get("choices", ()))
        return f"{label}: {choices.get(value, value)}"

    def _changed(self, name: str, value: str) -> QueryDict:
        data = QueryDict(mutable=True)
        for each in self.data:
            if each != name and each in self.filters and self.data[each]:
                data[each] = self.data[each]
        if name and value:
            data[name] = value
        if name != "sort" and self.sorted and (sort := self.sorts.parameter(self.sorted)):
            data["sort"] = sort
        return data


class SearchFilter(django_filters.CharFilter):
    """`method` gets the text; the field is the page's search box."""

    def __init__(self, **options: Any) -> None:
        super().__init__(label="Search", max_length=SEARCH_LENGTH, **options)


class PickFilter(django_filters.ChoiceFilter):
    def __init__(self, **options: Any) -> None:
        super().__init__(empty_label="Any", widget=forms.Select(attrs={"class": "pd-input"}), **options)


class TypedFilter(django_filters.CharFilter):
    """A short text of a known form."""

    def __init__(self, *, placeholder: str = "", **options: Any) -> None:
        attributes = {"class": "pd-input", "placeholder": placeholder, "autocomplete": "off"}
        super().__init__(widget=forms.TextInput(attrs=attributes), **options)


class CurrencyFilter(TypedFilter):
    def __init__(self, **options: Any) -> None:
        super().__init__(label="Currency", placeholder="EUR", validators=[currency_code], **options)

    @override
    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return super().filter(qs, value.lower() if value else value)


class DayFilter(django_filters.DateFilter):
    """A day in the viewer's zone. `last`: the whole of that day is still in, and nothing after it."""

    def __init__(self, *, last: bool = False, **options: Any) -> None:
        self.last = last
        super().__init__(
            input_formats=["%Y-%m-%d"],
            validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"class": "pd-input", "type": "date"}),
            **options,
        )

    @override
    def filter(self, qs: QuerySet[Any], value: date | None) -> QuerySet[Any]:
        if value is None:
            return qs
        zone = timezone.get_current_timezone()
        if self.last:
            return qs.filter(**{f"{self.field_name}__lt": periods.start_of(value + timedelta(days=1), zone)})
        return qs.filter(**{f"{self.field_name}__gte": periods.start_of(value, zone)})


class MonthField(forms.CharField):
    """`2026-10` -> the first day of that month."""

    @override
    def clean(self, value: Any) -> date | None:
        text = super().clean(value)
        if not text:
            return None
        read = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", text)
        month = read and FIRST_DAY.year <= int(read[1]) <= LAST_DAY.year
        if not read or not month:
            raise ValidationError("Not a month.", code="invalid")
        return date(int(read[1]), int(read[2]), 1)


class MonthFilter(django_filters.Filter):
    """A month of the account's zone, in which the charts are cut too."""

    field_class = MonthField

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"class": "pd-input", "type": "month"}), **options)

    @override
    def filter(self, qs: QuerySet[Any], value: date | None) -> QuerySet[Any]:
        if value is None:
            return qs
        zone = timezone.get_default_timezone()
        first, after = periods.start_of(value, zone), periods.start_of(periods.add_months(value, 1), zone)
        return qs.filter(**{f"{self.field_name}__gte": first, f"{self.field_name}__lt": after})


def yes_or_no(**options: Any) -> PickFilter:
    """`yes` and `no` for a column that is true or false."""

    def choose[Row: Model](qs: QuerySet[Row], name: str, value: str) -> QuerySet[Row]:
        return qs.filter(**{name: value == "yes"})

    return PickFilter(choices=[("yes", "Yes"), ("no", "No")], method=choose, **options)

"""The kinds of parameters that lists have: how one is read, and what it asks of its column."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from finances import periods
from finances.reads.amounts import amounts_between

FIRST_DAY, LAST_DAY = date(1971, 1, 1), date(9998, 12, 31)  # zones shift a day: further out datetime overflows
SEARCH_LENGTH = 500  # characters, terms and all

currency_code = RegexValidator(r"^[A-Za-z]{3}$")
two_letters = RegexValidator(r"^[A-Za-z]{2}$")
four_digits = RegexValidator(r"^[0-9]{4}$")
stripe_id = RegexValidator(r"^[A-Za-z0-9_]{3,255}$")
A_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
AN_AGE = re.compile(r"^([1-9][0-9]{0,4})([mhd])$")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class OfAColumn(Protocol):
    field_name: str


class Equal:
    """Asks for what is just so."""

    def condition(self: OfAColumn, value: Any) -> Q:
        return Q(**{self.field_name: value})


class SearchFilter(django_filters.CharFilter):
    """The page's search box; the list says `where_q`."""

    def __init__(self) -> None:
        super().__init__(label=_("Search"), max_length=SEARCH_LENGTH)


class PickFilter(Equal, django_filters.ChoiceFilter):
    def __init__(self, **options: Any) -> None:
        super().__init__(empty_label=_("Any"), widget=forms.Select(attrs={"class": "pd-input"}), **options)


class YesOrNoFilter(PickFilter):
    """`yes` and `no` for a column that is true or false."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=[("yes", _("Yes")), ("no", _("No"))], **options)

    def condition(self, value: str) -> Q:
        return Q(**{self.field_name: value == "yes"})


class YesFilter(PickFilter):
    """`yes` alone; the list says `where_…`. `yes`: its words."""

    def __init__(self, *, yes: Any, **options: Any) -> None:
        super().__init__(choices=[("yes", yes)], **options)


class TypedFilter(Equal, django_filters.CharFilter):
    """A short text of a known form."""

    def __init__(self, *, placeholder: Any = "", **options: Any) -> None:
        attributes = {"class": "pd-input", "placeholder": placeholder, "autocomplete": "off"}
        super().__init__(widget=forms.TextInput(attrs=attributes), **options)


class CurrencyFilter(TypedFilter):
    def __init__(self, **options: Any) -> None:
        super().__init__(label=_("Currency"), placeholder="EUR", validators=[currency_code], **options)

    def condition(self, value: str) -> Q:
        return Q(**{self.field_name: value.lower()})


class CountryFilter(TypedFilter):
    """Stripe writes ISO's two letters in capitals."""

    def __init__(self, **options: Any) -> None:
        super().__init__(label=_("Country"), placeholder="DE", validators=[two_letters], **options)

    def condition(self, value: str) -> Q:
        return Q(**{self.field_name: value.upper()})


class AmountFilter(django_filters.NumberFilter):
    """Major units of each row's own currency: 10 is 10.00 EUR, 10 JPY and 10.000 KWD. `last`: the highest."""

    step = Decimal("0.0001")  # less than any currency's smallest coin

    def __init__(self, *, last: bool = False, **options: Any) -> None:
        self.last = last
        attributes = {"class": "pd-input", "inputmode": "decimal", "step": "any", "min": "0"}
        super().__init__(
            widget=forms.NumberInput(attrs=attributes),
            validators=[MinValueValidator(0), MaxValueValidator(10**12)],
            **options,
        )

    def condition(self, value: Decimal) -> Q:
        return amounts_between(self.field_name, None, value) if self.last else amounts_between(self.field_name, value)


class WholeNumberFilter(django_filters.NumberFilter):
    """`last`: the highest, still in."""

    step = 1
    field_class = forms.IntegerField

    def __init__(self, *, last: bool = False, **options: Any) -> None:
        self.last = last
        super().__init__(
            widget=forms.NumberInput(attrs={"class": "pd-input", "inputmode": "numeric", "min": "0"}),
            validators=[MinValueValidator(0), MaxValueValidator(10**6)],
            **options,
        )

    def condition(self, value: int) -> Q:
        return Q(**{f"{self.field_name}__{'lte' if self.last else 'gte'}": value})


class DayFilter(django_filters.DateFilter):
    """A day in the viewer's zone. `last`: the whole of that day is still in, and nothing after it."""

    step = timedelta(days=1)

    def __init__(self, *, last: bool = False, **options: Any) -> None:
        self.last = last
        super().__init__(
            input_formats=["%Y-%m-%d"],
            validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"class": "pd-input", "type": "date"}),
            **options,
        )

    def condition(self, value: date) -> Q:
        zone = timezone.get_current_timezone()
        if self.last:
            return Q(**{f"{self.field_name}__lt": periods.start_of(value + timedelta(days=1), zone)})
        return Q(**{f"{self.field_name}__gte": periods.start_of(value, zone)})


class MonthField(forms.CharField):
    """`2026-10` -> the first day of that month."""

    def clean(self, value: Any) -> date | None:
        text = super().clean(value)
        if not text:
            return None
        read = A_MONTH.fullmatch(text)
        month = read and FIRST_DAY.year <= int(read[1]) <= LAST_DAY.year
        if not read or not month:
            raise ValidationError(gettext("Not a month."), code="invalid")
        return date(int(read[1]), int(read[2]), 1)


class MonthFilter(django_filters.Filter):
    """A month of the account's zone, in which the charts are cut too."""

    field_class = MonthField

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"class": "pd-input", "type": "month"}), **options)

    def condition(self, value: date) -> Q:
        first, after = periods.bounds(value, timezone.get_default_timezone())
        return Q(**{f"{self.field_name}__gte": first, f"{self.field_name}__lt": after})


class AgeField(forms.CharField):
    """`90m`, `6h`, `2d` -> a length of time."""

    def clean(self, value: Any) -> timedelta | None:
        text = super().clean(value)
        if not text:
            return None
        if not (read := AN_AGE.fullmatch(text.strip().lower())):
            raise ValidationError(gettext("Not a length of time."), code="invalid")
        return timedelta(**{UNITS[read[2]]: int(read[1])})


class AgeFilter(django_filters.Filter):
    """Longer ago than; the list says what. In a search it is written with `>`."""

    field_class = AgeField

    def __init__(self, **options: Any) -> None:
        attributes = {"class": "pd-input", "placeholder": "90m, 6h, 2d", "autocomplete": "off"}
        super().__init__(widget=forms.TextInput(attrs=attributes), **options)

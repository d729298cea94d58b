"""A product or a price as a parameter. The address holds its id; a person chooses it, or types what it is called."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, override

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.prices import price_in_words
from finances.folding import folded
from finances.reads.catalogue import Choice, prices_like, products_like

AN_ID = re.compile(r"(prod|price|plan)_\w+", re.ASCII)  # as Stripe makes them; people choose others
LOOKS_LIKE_AN_ID = re.compile(r"(?=.*[0-9_.\-])[A-Za-z0-9_.\-]{1,255}")  # and not like a word that was mistyped
MOST_MEANT = 10


class CatalogueInput(forms.TextInput):
    """Names to choose from are fetched once the field is used, as most pages are drawn without that, and follow what is
    typed. Where no script runs, a name is typed."""

    @override
    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        names = f"{name}-names"
        field = super().render(name, value, (attrs or {}) | {"list": names}, renderer)
        return format_html('{}<datalist id="{}"></datalist>', field, names)


class CatalogueField(forms.CharField):
    like: ClassVar[Callable[..., list[Choice]]]

    @classmethod
    def meant(cls, text: str) -> list[Choice]:
        """One where it is the id or the name of one alone, or in the name of one alone; else all that it may mean. An
        id may be of what was never read."""
        found = cls.like(text, MOST_MEANT)
        named = [each for each in found if folded(text) in each.names]
        exactly = [each for each in found if each.id == text] or named
        if not exactly and (AN_ID if found else LOOKS_LIKE_AN_ID).fullmatch(text):
            return [Choice(text, "")]
        return exactly if len(exactly) == 1 else found

    @override
    def clean(self, value: Any) -> Choice | None:
        text = super().clean(value)
        if not text:
            return None
        meant = self.meant(text)
        if len(meant) == 1:
            return meant[0]
        code = "several" if meant else "unknown"
        raise ValidationError(_("Not the id or the name of one."), code=code, params={"meant": meant})


class ProductField(CatalogueField):
    like = staticmethod(products_like)


class PriceField(CatalogueField):
    like = staticmethod(prices_like)


class CatalogueFilter(django_filters.Filter):
    """Its value as read is a Choice, and the list says `where_…(choice)`."""

    field_class: ClassVar[type[CatalogueField]]

    def __init__(self, *, label: str | Promise, names: str | Promise) -> None:
        """`names`: the address that answers with those like what is typed."""
        attributes = {
            "class": "pd-input",
            "placeholder": gettext_lazy("name or id"),
            "autocomplete": "off",
            "hx-get": names,
            "hx-trigger": "focus once, input changed delay:200ms",
            "hx-target": "next datalist",
            "hx-swap": "innerHTML",
            "hx-push-url": "false",
            "hx-sync": "this:replace",
        }
        super().__init__(label=label, max_length=255, widget=CatalogueInput(attrs=attributes))

    def id_of(self, text: str) -> str:
        """That of the one thing that is meant, else the text as it is. One query, none for an id of Stripe's making."""
        if AN_ID.fullmatch(text):
            return text
        meant = self.field_class.meant(text) if len(text) <= self.extra["max_length"] and "\x00" not in text else []
        return meant[0].id if len(meant) == 1 else text


class ProductFilter(CatalogueFilter):
    field_class = ProductField

    def __init__(self, label: str | Promise) -> None:
        super().__init__(label=label, names=reverse_lazy("console:product_names"))


class PriceFilter(CatalogueFilter):
    field_class = PriceField

    def __init__(self, label: str | Promise) -> None:
        super().__init__(label=label, names=reverse_lazy("console:price_names"))


def called(choice: Choice) -> str:
    """`Starter`; of a price `Starter, 29.00 EUR a month (Early birds)`; the id of what has no name."""
    if choice.price is None:
        return choice.product or choice.id
    words = price_in_words(choice.price)
    said = _("%(product)s, %(price)s") % {"product": choice.product, "price": words} if choice.product else words
    own = choice.price.nickname or choice.price.lookup_key
    return _("%(what)s (%(name)s)") % {"what": said, "name": own} if own else said


def called_apart(choices: Sequence[Choice]) -> Iterator[tuple[Choice, str]]:
    """Each with its words, and the id of those that share them."""
    words = [called(each) for each in choices]
    for each, said in zip(choices, words, strict=True):
        shared = words.count(said) > 1 and said != each.id
        yield each, _("%(what)s (%(name)s)") % {"what": said, "name": each.id} if shared else said

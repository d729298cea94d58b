"""Filters and the class of their form, made once for a process: django-filter makes both anew for each request."""

from collections import OrderedDict
from typing import override

import django_filters
from django.forms import Form


class Shared(OrderedDict[str, django_filters.Filter]):
    """Not copied for each request: what a filter says never changes, and no `method` of ours asks for its `parent`."""

    def __deepcopy__(self, memo: object) -> "Shared":
        return self


_form_classes: dict[tuple[type["SharedFilters"], tuple[str, ...]], type[Form]] = {}


class SharedFilters(django_filters.FilterSet):
    filters: OrderedDict[str, django_filters.Filter]

    @classmethod
    @override
    def get_filters(cls) -> "OrderedDict[str, django_filters.Filter]":
        return Shared(super().get_filters())

    @override
    def get_form_class(self) -> type[Form]:
        """A form copies its fields, so that what is asked for stays its own."""
        key = (type(self), tuple(self.filters))
        if key not in _form_classes:
            _form_classes[key] = super().get_form_class()
        return _form_classes[key]

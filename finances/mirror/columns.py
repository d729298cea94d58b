"""dj-stripe's columns of a Stripe object, from dj-stripe's own mapping.

Its `_stripe_object_to_record` decides what each column holds, so ours match by construction; but it looks up the
account and every foreign key, row by row and over the network, and asks each field of the model anew what kind it is.
Its questions to the fields are asked once here, and their answers kept: no query, no call, some microseconds an object.
`tests/finances/mirror/test_beside_djstripe.py` holds what comes out beside what dj-stripe itself writes.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from django.db import models
from djstripe.models.base import StripeModel

from finances.mirror.table import JsonText

Json = dict[str, Any]

NOT_STRIPES = {"date_purged", "subscriber", "stripe_data"}
"""What dj-stripe's mapping passes over too, besides what begins with its name."""


class _Plan(NamedTuple):
    """`texts`: columns that are empty where Stripe says nothing. `read`: of the others, how each is read."""

    is_valid: Callable[[Json], Any]
    manipulated: Callable[[Json], Json]
    texts: tuple[tuple[str, Callable[[Json], Any]], ...]
    read: tuple[tuple[str, Callable[[Json], Any]], ...]
    links: tuple[str, ...]


def _valued(name: str) -> Callable[[Json], Any]:
    return lambda stripe_object: stripe_object.get(name)


@cache
def _plan(model: type[StripeModel]) -> _Plan:
    fields = [
        field
        for field in model._meta.concrete_fields
        if not field.name.startswith("djstripe_") and field.name not in NOT_STRIPES
    ]

    def reader(field: Any) -> Callable[[Json], Any]:
        return field.stripe_to_db if hasattr(field, "stripe_to_db") else _valued(field.name)

    plain = [field for field in fields if not isinstance(field, models.ForeignKey)]
    is_text = {field: isinstance(field, models.CharField | models.TextField) for field in plain}
    return _Plan(
        is_valid=model.is_valid_object,
        manipulated=model._manipulate_stripe_object_hook,
        texts=tuple((field.name, reader(field)) for field in plain if is_text[field]),
        read=tuple((field.name, reader(field)) for field in plain if not is_text[field]),
        links=tuple(field.name for field in fields if _points_at_stripe(field)),
    )


def _points_at_stripe(field: Any) -> bool:
    return (
        isinstance(field, models.ForeignKey)
        and isinstance(field.related_model, type)
        and issubclass(field.related_model, StripeModel)
    )


def links_of(model: Any) -> tuple[str, ...]:
    """The foreign keys that Stripe's JSON fills."""
    return _plan(model).links


class Columns:
    """Of an unsaved dj-stripe row: plain `values` by column, and `links` (foreign key name -> Stripe id) to resolve.
    `stored`: the object as its JSON column takes it. Raises ValueError for an object that is not of this model."""

    def __init__(self, model: Any, stripe_object: Json, stored: Json | JsonText) -> None:
        plan = _plan(model)
        # A copy: dj-stripe's hooks add keys at the top of what they are given, and we keep Stripe's answer as it came.
        data = plan.manipulated(dict(stripe_object))
        if not plan.is_valid(data):
            raise ValueError(f"Not an object of {model.__name__}: {str(data.get('object'))[:64]!r}")
        self.values: Json = {"stripe_data": stored}
        for name, read in plan.texts:
            value = read(data)
            self.values[name] = "" if value is None else value
        for name, read in plan.read:
            self.values[name] = read(data)
        self.links: dict[str, str] = {}
        for name in plan.links:
            value = data.get(name)
            if link := value.get("id") if isinstance(value, dict) else value:
                self.links[name] = link

    def missing(self, model: Any) -> list[str]:
        """The columns that cannot be empty, and of which the object says nothing."""
        fields = [model._meta.get_field(name) for name in (*self.values, *links_of(model))]
        return [
            field.name
            for field in fields
            if not field.null
            and (field.name not in self.links if field.is_relation else self.values[field.name] is None)
        ]

"""What the tables hold of Stripe's answers, whatever the states say of it."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models.functions import Cast

from finances.mirror.canonical import read_json
from finances.mirror.types import TYPES
from finances.models import StripeObject

Json = dict[str, Any]


def rows_of(type_name: str) -> models.QuerySet[Any]:
    """The rows that hold Stripe's JSON of a type: dj-stripe's, or ours where it has no model."""
    model = TYPES[type_name].model
    return model._base_manager.all() if model else StripeObject.objects.filter(type=type_name)


def held(type_name: str, ids: Iterable[str]) -> dict[str, Json]:
    """The JSON of each of these objects that has a row, by id; of one that is gone, with "deleted". One query."""
    as_text = rows_of(type_name).filter(id__in=list(ids)).annotate(text=Cast("stripe_data", models.TextField()))
    return {object_id: read_json(text) for object_id, text in as_text.values_list("id", "text")}

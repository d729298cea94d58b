"""Prices with their products' names and with what only Stripe's JSON holds: tiers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery
from djstripe import models as djstripe

from finances.models import Price, Product
from finances.reads.product import Tier, tiers_of
from finances.reads.stored import json_of, list_at, with_stored


@dataclass(frozen=True)
class PricedProduct:
    """`product`: its name, or its id. `tiers`: empty where none were read. `stored`: Stripe's price."""

    price: Price
    product: str
    tiers: list[Tier]
    stored: dict[str, Any]


def priced_products(price_ids: Iterable[str]) -> dict[str, PricedProduct]:
    """By the price's id; those never read are left out. One query."""
    name = Subquery(Product.objects.filter(id=OuterRef("product_id")).values("name")[:1])
    rows = with_stored(Price.objects.filter(id__in=set(price_ids)), djstripe.Price).annotate(product_name=name)
    return {
        row.id: PricedProduct(
            price=row,
            product=row.product_name or row.product_id,
            tiers=tiers_of(list_at(json_of(row), "tiers")),
            stored=json_of(row),
        )
        for row in rows
    }


def product_names(product_ids: Iterable[str]) -> dict[str, str]:
    """By id; those never read are left out. One query."""
    return dict(Product.objects.filter(id__in=set(product_ids)).values_list("id", "name"))

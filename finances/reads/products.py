"""The list of products, with their prices."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from finances.models import Price, Product
from finances.reads.search import search_words


@dataclass(frozen=True)
class ProductRow:
    """`prices`: active ones first, then newest first."""

    product: Product
    prices: list[Price]


def newest_products() -> QuerySet[Product]:
    """Without those that were deleted in Stripe, which only such can be as never had a price."""
    return Product.objects.filter(deleted_at=None).order_by("-created_at", "-id")


def matching_products(text: str) -> Q:
    """Each word stands in the product's name or in a price's nickname or lookup key, or is the id of either."""
    condition = Q()
    for word in search_words(text):
        said = Q(search_text__contains=word) | Q(id__iexact=word)
        condition &= said | Q(id__in=Price.objects.filter(said).values("product_id"))
    return condition


def product_rows(products: Sequence[Product]) -> list[ProductRow]:
    """The page's rows with their prices: one query."""
    prices = prices_of(each.id for each in products)
    return [ProductRow(each, prices.get(each.id, [])) for each in products]


def prices_of(product_ids: Iterable[str]) -> dict[str, list[Price]]:
    """By product, active ones first, then newest first: one query."""
    found: dict[str, list[Price]] = {}
    rows = Price.objects.filter(product_id__in=set(product_ids), deleted_at=None)
    for price in rows.order_by("-active", "-created_at", "id"):
        found.setdefault(price.product_id, []).append(price)
    return found

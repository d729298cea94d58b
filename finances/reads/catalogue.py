"""Products and prices by what people call them, for lists that are narrowed by one. Thousands at most."""

import re
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, OuterRef, Q, Subquery, Value, When

from finances.folding import folded
from finances.models import Price, Product
from finances.reads.amounts import amounts_between
from finances.reads.products import matching_products
from finances.reads.search import search_words

MOST = 100  # to choose from at once
AN_AMOUNT = re.compile(r"\d{1,9}(\.\d{1,3})?")


@dataclass(frozen=True)
class Choice:
    """`product`: its name, may be empty. `price`: None where the product itself is meant, or a price never read."""

    id: str
    product: str
    price: Price | None = None

    @property
    def names(self) -> set[str]:
        """What it alone is called, folded."""
        own = (self.price.nickname, self.price.lookup_key) if self.price else (self.product,)
        return {folded(name) for name in own if name}


def products_like(text: str, most: int = MOST) -> list[Choice]:
    """Products of which this is the id, or that the list of products finds by it; the best first. One query."""
    alike = Q(deleted_at=None) & matching_products(text)
    rows = Product.objects.filter(Q(id=text) | alike).order_by(_exactly(text, "name"), "-active", "name", "id")
    return [Choice(each.id, each.name) for each in rows[:most]]


def prices_like(text: str, most: int = MOST) -> list[Choice]:
    """Prices of which this is the id, or of which each word says something: the product's name, the nickname or lookup
    key, the amount in major units, the currency or the interval; the best first. One query."""
    alike = Q(deleted_at=None)
    for word in search_words(text):
        of_products = Product.objects.filter(search_text__contains=word).values("id")
        said = Q(search_text__contains=word) | Q(product_id__in=of_products)
        said |= Q(id__iexact=word) | Q(product_id__iexact=word) | Q(currency=word) | Q(interval=word)
        if AN_AMOUNT.fullmatch(word):
            said |= amounts_between("unit_amount", Decimal(word), Decimal(word))
        alike &= said
    name = Product.objects.filter(id=OuterRef("product_id")).values("name")[:1]
    rows = Price.objects.filter(Q(id=text) | alike).annotate(product_name=Subquery(name))
    rows = rows.order_by(_exactly(text, "nickname", "lookup_key"), "-active", "product_name", "unit_amount", "id")
    return [Choice(each.id, each.product_name or "", each) for each in rows[:most]]


def _exactly(text: str, *columns: str) -> Case:
    """What has this id comes first, then what is called just so."""
    called = (When(**{f"{column}__iexact": text}, then=Value(1)) for column in columns if text)
    return Case(When(id=text, then=Value(0)), *called, default=Value(2))

"""One product's page: its prices with their tiers, and what only Stripe's JSON holds."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from djstripe import models as djstripe

from finances.models import Delivery, Price, Product
from finances.reads.products import prices_of
from finances.reads.stored import amount_at, at, decimal_at, id_at, list_at, pairs_at, stored, text_at
from finances.reads.timeline import object_timeline


@dataclass(frozen=True)
class Tier:
    """Units `first` to `last`, the last tier without an end. Minor units, with fractions; None for what it lacks."""

    first: int
    last: int | None
    unit_amount: Decimal | None
    flat_amount: Decimal | None


@dataclass(frozen=True)
class PriceRow:
    """`tiers_known`: False for a price with tiers that were never read. `other_currencies`: what else it is sold in."""

    price: Price
    tiers: list[Tier]
    tiers_known: bool
    other_currencies: list[str]
    metadata: list[tuple[str, str]]


@dataclass(frozen=True)
class Details:
    """What only Stripe's JSON holds; what is missing is empty."""

    description: str
    unit_label: str
    tax_code: str
    statement_descriptor: str
    features: list[str]
    default_price_id: str
    metadata: list[tuple[str, str]]


@dataclass(frozen=True)
class ProductPage:
    product: Product
    prices: list[PriceRow]
    details: Details
    timeline: list[Delivery]


def product_page(product_id: str) -> ProductPage:
    """Five queries, whatever it holds. Raises Product.DoesNotExist."""
    product = Product.objects.get(id=product_id)
    prices = prices_of([product_id]).get(product_id, [])
    of_stripe = djstripe.Price.objects.filter(id__in=[price.id for price in prices])
    json = dict(of_stripe.values_list("id", "stripe_data"))
    return ProductPage(
        product=product,
        prices=[price_row(price, json.get(price.id)) for price in prices],
        details=details(stored(djstripe.Product, product_id)),
        timeline=list(object_timeline("product", product_id)),
    )


def price_row(price: Price, json: Any) -> PriceRow:
    tiers = list_at(json, "tiers")
    others = at(json, "currency_options")
    return PriceRow(
        price=price,
        tiers=tiers_of(tiers),
        tiers_known=bool(tiers) or not price.tiers_mode,
        other_currencies=sorted(set(others) - {price.currency}) if isinstance(others, dict) else [],
        metadata=pairs_at(json, "metadata"),
    )


def tiers_of(tiers: list[dict[str, Any]]) -> list[Tier]:
    """Stripe names each tier's end only: it begins with the unit after the one before."""
    found: list[Tier] = []
    first = 1
    for tier in tiers:
        last = amount_at(tier, "up_to")
        unit, flat = (
            decimal_at(tier, f"{name}_decimal") if at(tier, f"{name}_decimal") is not None else decimal_at(tier, name)
            for name in ("unit_amount", "flat_amount")
        )
        found.append(Tier(first, last, unit, flat))
        first = (last or 0) + 1
    return found


def details(product: dict[str, Any]) -> Details:
    return Details(
        description=text_at(product, "description"),
        unit_label=text_at(product, "unit_label"),
        tax_code=id_at(product, "tax_code"),
        statement_descriptor=text_at(product, "statement_descriptor"),
        features=[name for each in list_at(product, "marketing_features") if (name := text_at(each, "name"))],
        default_price_id=id_at(product, "default_price"),
        metadata=pairs_at(product, "metadata"),
    )

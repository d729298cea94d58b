"""Products and prices in words: what is paid, for what and how often."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.prices import price_in_words, unit_price
from finances.metrics.catalogue import Use
from finances.models import Price, Product
from finances.reads.customers import Amount
from finances.reads.product import PriceRow, Tier
from finances.reads.products import ProductRow

MOST_PRICES = 3
NOT_USED = Use()
MODES = {
    "graduated": gettext_lazy("Graduated: each unit costs what its own tier says."),
    "volume": gettext_lazy("Volume: all units cost what the tier of the whole quantity says."),
}


@dataclass(frozen=True)
class ShownUse:
    """`mrr`: one amount a currency. `beside`: what is in no amount, in a sentence, may be empty."""

    subscriptions: int
    subscribers: int
    trials: int
    mrr: list[Amount]
    beside: str


@dataclass(frozen=True)
class ShownProduct:
    """`prices`: the active ones in words, at most three. `more`: how many are left out."""

    product: Product
    title: str
    prices: list[str]
    more: int
    use: ShownUse


class ShownTier(NamedTuple):
    """`units`: `1 to 10`, `51 and more`. Amounts: digits, empty for none."""

    units: str
    each: str
    flat: str


@dataclass(frozen=True)
class ShownPrice:
    """`name`: the nickname or the lookup key, may be empty. `tiers_mode`: a sentence, empty without tiers."""

    price: Price
    words: str
    name: str
    tiers: list[ShownTier]
    tiers_mode: str
    tiers_known: bool
    other_currencies: str
    metadata: list[tuple[str, str]]
    is_default: bool
    use: ShownUse


def shown_products(rows: Sequence[ProductRow], uses: Mapping[str, Use]) -> list[ShownProduct]:
    shown = []
    for row in rows:
        active = [price for price in row.prices if price.active]
        shown.append(
            ShownProduct(
                product=row.product,
                title=title(row.product),
                prices=[price_in_words(price) for price in active[:MOST_PRICES]],
                more=max(0, len(active) - MOST_PRICES),
                use=shown_use(uses.get(row.product.id, NOT_USED)),
            )
        )
    return shown


def title(product: Product) -> str:
    return product.name or _("(no name)")


def shown_use(use: Use) -> ShownUse:
    beside = ngettext("%(count)s without a monthly value", "%(count)s without a monthly value", use.uncounted)
    mrr = [Amount(value, currency) for currency, value in use.mrr]
    return ShownUse(
        use.subscriptions,
        use.subscribers,
        use.trials,
        mrr,
        beside % {"count": f"{use.uncounted:,}"} if use.uncounted else "",
    )


def shown_prices(rows: Sequence[PriceRow], uses: Mapping[str, Use], default: str) -> list[ShownPrice]:
    return [
        ShownPrice(
            price=row.price,
            words=price_in_words(row.price),
            name=row.price.nickname or row.price.lookup_key,
            tiers=[shown_tier(tier, row.price.currency) for tier in row.tiers],
            tiers_mode=str(MODES.get(row.price.tiers_mode, row.price.tiers_mode)),
            tiers_known=row.tiers_known,
            other_currencies=", ".join(code.upper() for code in row.other_currencies),
            metadata=row.metadata,
            is_default=row.price.id == default,
            use=shown_use(uses.get(row.price.id, NOT_USED)),
        )
        for row in rows
    ]


def shown_tier(tier: Tier, currency: str) -> ShownTier:
    if tier.last is None:
        units = _("%(first)s and more") % {"first": f"{tier.first:,}"}
    elif tier.last == tier.first:
        units = f"{tier.first:,}"
    else:
        units = _("%(first)s to %(last)s") % {"first": f"{tier.first:,}", "last": f"{tier.last:,}"}
    return ShownTier(units, _digits(tier.unit_amount, currency), _digits(tier.flat_amount, currency))


def _digits(amount: Decimal | None, currency: str) -> str:
    return "" if amount is None else unit_price(amount, currency)

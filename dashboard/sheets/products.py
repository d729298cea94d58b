from collections.abc import Iterator, Sequence
from datetime import datetime

from dashboard.exports.sheet import Sheet
from dashboard.prices import price_in_words
from finances import money
from finances.metrics.catalogue import Use, use_of
from finances.models import Price, Product
from finances.reads.products import product_rows

HEADS = (
    *("id", "name", "active", "created_at", "price_id", "price_nickname", "price_lookup_key", "price_active"),
    *("price", "currency", "unit_amount", "tiers_mode", "interval", "interval_count", "usage_type"),
    *("subscriptions", "subscribers", "trials"),
)
NO_PRICE = (None,) * 14


def lines(products: Sequence[Product], now: datetime) -> Iterator[Sequence[object]]:
    """A line for each price; one for a product without any. `price`: in words. The counts are of the price."""
    rows = product_rows(products)
    uses = use_of("price_id", [price.id for row in rows for price in row.prices])
    for row in rows:
        product = (row.product.id, row.product.name, row.product.active, row.product.created_at)
        for price in row.prices:
            yield (*product, *of_price(price, uses.get(price.id, Use())))
        if not row.prices:
            yield (*product, *NO_PRICE)


def of_price(price: Price, use: Use) -> Sequence[object]:
    amount = price.unit_amount
    return (
        price.id,
        price.nickname,
        price.lookup_key,
        price.active,
        price_in_words(price),
        price.currency.upper(),
        # With the fractions of a minor unit that a price may have, so at least the currency's own decimals.
        None if amount is None else money.exact_major(amount, price.currency),
        price.tiers_mode,
        price.interval,
        price.interval_count if price.interval else None,
        price.usage_type,
        use.subscriptions,
        use.subscribers,
        use.trials,
    )


SHEET = Sheet(HEADS, lines)

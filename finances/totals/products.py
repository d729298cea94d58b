"""Count the marked products anew: those alone, one worker at a time, beside everybody who writes.

Right for the reasons that `settling` gives for days: marks are deleted first, rows are read afterwards, and the row
that names the zone is locked meanwhile.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction

from finances.metrics.catalogue import Use, counted
from finances.models import DirtyProduct, ProductUse, SubscriptionItem, TotalsZone
from finances.tickets import locked

AT_A_TIME = 20
"""Products in a transaction."""
COUNTS = ("subscriptions", "subscribers", "trials", "uncounted", "mrr")

Of = tuple[str, str]


def count_due(*, stop: Callable[[], bool] = lambda: False) -> int:
    """Count anew until no product is marked or `stop` says so; at once back where another worker is at it."""
    done = 0
    while not stop() and (some := _count_some()):
        done += some
    return done


def _count_some() -> int:
    if not DirtyProduct.objects.exists():
        return 0
    TotalsZone.objects.get_or_create(id=1, defaults={"name": ""})
    with transaction.atomic():
        if locked(TotalsZone.objects.filter(id=1)).first() is None:
            return 0
        products = list(DirtyProduct.objects.values_list("product_id", flat=True).distinct()[:AT_A_TIME])
        DirtyProduct.objects.filter(product_id__in=products).delete()
        put_right(products)
        return len(products)


def put_right(products: Iterable[str]) -> list[tuple[Of, dict[str, Any] | None, dict[str, Any] | None]]:
    """Write what the rows of these products come to, where it is not there. What `differences` names."""
    found = differences(products)
    for (product_id, price_id), _, now in found:
        if now is None:
            ProductUse.objects.filter(product_id=product_id, price_id=price_id).delete()
        else:
            ProductUse.objects.update_or_create(product_id=product_id, price_id=price_id, defaults=now)
    return found


def differences(products: Iterable[str]) -> list[tuple[Of, dict[str, Any] | None, dict[str, Any] | None]]:
    """By (product, price or empty): what stands, and what the rows come to; None where there is none. Six queries."""
    products = list(products)
    items = SubscriptionItem.objects.filter(product_id__in=products)
    # A price is of one product for ever.
    product_of = dict(items.values_list("price_id", "product_id").distinct().order_by())
    wanted: dict[Of, dict[str, Any]] = {(each, ""): _row(use) for each, use in counted("product_id", items).items()}
    wanted |= {(product_of[each], each): _row(use) for each, use in counted("price_id", items).items()}
    rows = ProductUse.objects.filter(product_id__in=products)
    standing = {(row.product_id, row.price_id): {name: getattr(row, name) for name in COUNTS} for row in rows}
    return [
        (key, standing.get(key), wanted.get(key))
        for key in sorted(standing.keys() | wanted.keys())
        if standing.get(key) != wanted.get(key)
    ]


def _row(use: Use) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(use, name) for name in COUNTS}
    return values | {"mrr": [[currency, str(value)] for currency, value in use.mrr]}

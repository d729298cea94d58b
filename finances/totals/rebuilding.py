"""All daily totals anew from the rows, or what that would change."""

from collections.abc import Iterator, Sequence
from datetime import date, tzinfo
from itertools import batched
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from finances.metrics.daily import Total, days_within, standing
from finances.models import DailyTotal, DirtyProduct, ProductUse, SubscriptionItem, TotalsZone
from finances.snapshot import one_snapshot
from finances.tickets import locked_in_order
from finances.totals.products import count_due
from finances.totals.products import differences as differences_of_products
from finances.totals.products import put_right as put_products_right
from finances.totals.settling import AT_A_TIME, TOTALS, begin_anew, days_of_rows, differences, put_right, settle_due


class TotalDrift(NamedTuple):
    """A row of a total that is not what the rows of its day come to; `fields` is empty where it is missing or too much.

    A day that is marked is none: it waits to be summed, and nobody reads it before.
    """

    model: str
    id: str
    fields: list[str]


def rebuild_totals(*, check_only: bool = False) -> Iterator[TotalDrift]:
    """Sum every day, a month of them at a time; unless `check_only`, put right what differs.

    Drifts come when their days are written: whoever reads them slowly holds no lock.
    """
    zone = timezone.get_default_timezone()
    if not check_only:
        settle_due()
        count_due()
    for total in TOTALS:
        days = days_within(days_of_rows(total), zone) | set(total.model._base_manager.values_list("day", flat=True))
        for some in batched(sorted(days), AT_A_TIME, strict=False):
            yield from _compared(total, some, zone) if check_only else _written(total, some, zone)
    yield from _products(check_only=check_only)


def _products(*, check_only: bool) -> Iterator[TotalDrift]:
    items = SubscriptionItem.objects.order_by()
    products = set(items.values_list("product_id", flat=True).distinct()) | set(
        ProductUse.objects.values_list("product_id", flat=True)
    )
    for product_id in sorted(products):
        with one_snapshot() if check_only else transaction.atomic():
            if not check_only:
                locked_in_order(TotalsZone.objects.filter(id=1)).get()
            if DirtyProduct.objects.filter(product_id=product_id).exists():
                continue
            found = differences_of_products([product_id]) if check_only else put_products_right([product_id])
        for key, was, now in found:
            fields = [name for name in was if was[name] != now[name]] if was and now else []
            yield TotalDrift(ProductUse.__name__, " ".join(filter(None, key)), fields)


def _compared(total: Total, days: Sequence[date], zone: tzinfo) -> list[TotalDrift]:
    with one_snapshot():
        waiting = standing(zone).of(total)
        if waiting is None:  # none of them is read
            return []
        return [_drift(total, *each) for each in differences(total, [day for day in days if day not in waiting], zone)]


def _written(total: Total, days: Sequence[date], zone: tzinfo) -> list[TotalDrift]:
    with transaction.atomic():
        if locked_in_order(TotalsZone.objects.filter(id=1)).get().name != str(zone):
            begin_anew(zone)
        waiting = standing(zone).of(total) or frozenset()
        found = put_right(total, days, zone)
    return [_drift(total, was, now) for was, now in found if (row := was or now) and row.day not in waiting]


def _drift(total: Total, was: DailyTotal | None, now: DailyTotal | None) -> TotalDrift:
    row = was or now
    keys = " ".join(str(value) for name in total.keys if (value := getattr(row, name)) not in ("", None))
    fields = [name for name in total.sums if getattr(was, name) != getattr(now, name)] if was and now else []
    return TotalDrift(total.model.__name__, f"{row} {keys}".strip(), fields)

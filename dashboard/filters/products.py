from collections.abc import Iterator, Mapping
from typing import Any, override

from django.db.models import Q

from dashboard.filters.kinds import PickFilter, SearchFilter
from dashboard.filters.list_filter import ListFilter
from finances.models import Product
from finances.reads.products import matching_products

STATUSES = [("archived", "Archived"), ("all", "All")]


class ProductsFilter(ListFilter):
    """Archived ones only where they are asked for."""

    q = SearchFilter()
    status = PickFilter(label="Status", choices=STATUSES)

    class Meta:
        model = Product
        fields: list[str] = []

    @override
    def asked_for(self, in_force: Mapping[str, Any]) -> Iterator[Q]:
        yield from super().asked_for(in_force)
        if not in_force.get("status"):
            yield Q(active=True)

    def where_q(self, text: str) -> Q:
        return matching_products(text)

    def where_status(self, value: str) -> Q:
        return Q() if value == "all" else Q(active=False)

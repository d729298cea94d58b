from typing import override

from django.db.models import QuerySet

from dashboard.filters.list_filter import ListFilter, PickFilter, SearchFilter
from finances.models import Product
from finances.reads.products import matching_products

STATUSES = [("archived", "Archived"), ("all", "All")]


class ProductsFilter(ListFilter):
    """Archived ones only where they are asked for."""

    q = SearchFilter(method="search")
    status = PickFilter(label="Status", choices=STATUSES, method="by_status")

    class Meta:
        model = Product
        fields: list[str] = []

    @override
    def filter_queryset(self, queryset: QuerySet[Product]) -> QuerySet[Product]:
        products = super().filter_queryset(queryset)
        return products if self.in_force().get("status") else products.filter(active=True)

    def search(self, products: QuerySet[Product], name: str, value: str) -> QuerySet[Product]:
        return matching_products(products, value)

    def by_status(self, products: QuerySet[Product], name: str, value: str) -> QuerySet[Product]:
        return products if value == "all" else products.filter(active=False)

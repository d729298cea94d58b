from django.db.models import QuerySet

from dashboard.filters.list_filter import ListFilter, PickFilter, SearchFilter
from finances.models import Coupon
from finances.reads.coupons import matching_coupons, redeemable

STATUSES = [("valid", "Valid"), ("over", "No longer valid")]


class CouponsFilter(ListFilter):
    q = SearchFilter(method="search")
    status = PickFilter(label="Status", choices=STATUSES, method="by_status")

    class Meta:
        model = Coupon
        fields: list[str] = []

    def search(self, coupons: QuerySet[Coupon], name: str, value: str) -> QuerySet[Coupon]:
        return matching_coupons(coupons, value)

    def by_status(self, coupons: QuerySet[Coupon], name: str, value: str) -> QuerySet[Coupon]:
        valid = redeemable(self.now)
        return coupons.filter(valid) if value == "valid" else coupons.exclude(valid)

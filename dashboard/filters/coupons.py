from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dashboard.filters.kinds import PickFilter, SearchFilter
from dashboard.filters.list_filter import ListFilter
from finances.models import Coupon
from finances.reads.coupons import matching_coupons, redeemable

STATUSES = [("valid", _("Valid")), ("over", _("No longer valid"))]


class CouponsFilter(ListFilter):
    q = SearchFilter()
    status = PickFilter(label=_("Status"), choices=STATUSES)

    class Meta:
        model = Coupon
        fields: list[str] = []

    def where_q(self, text: str) -> Q:
        return matching_coupons(text)

    def where_status(self, value: str) -> Q:
        valid = redeemable(self.now)
        return valid if value == "valid" else ~valid

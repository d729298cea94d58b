from collections.abc import Sequence
from datetime import datetime
from typing import override

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from dashboard.filters.coupons import CouponsFilter
from dashboard.pages.list_page import ListPage
from dashboard.sheets.coupons import SHEET
from dashboard.tables.coupons import ShownCoupon, shown_coupons
from finances.models import Coupon
from finances.reads.coupons import coupon_rows, newest_coupons


class CouponsPage(ListPage[Coupon]):
    title = _("Discounts")
    template_name = "dashboard/pages/coupons.html"
    permission_required = "paydesk.view_coupon"
    filter_class = CouponsFilter
    sheet = SHEET
    resync_type = "coupon"
    search_hint = _("Name or id of a coupon, or a promotion code")
    tabs = (("", _("All")), ("valid", _("Valid")), ("over", _("No longer valid")))

    @override
    def rows(self) -> QuerySet[Coupon]:
        return newest_coupons()

    @override
    def shown(self, rows: list[Coupon], now: datetime) -> Sequence[ShownCoupon]:
        return shown_coupons(coupon_rows(rows, now), now)

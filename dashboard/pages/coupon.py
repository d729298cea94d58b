from typing import Any, override
from urllib.parse import quote

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.formatting import stripe_url
from dashboard.pages.shell import Crumb, Page
from dashboard.tables import coupons as table
from dashboard.tables.timeline import days_of
from finances.models import Coupon
from finances.reads import keyset
from finances.reads.coupon import coupon_page, holders, newest_holders
from finances.reads.freshness import freshness


class CouponPage(Page):
    """A coupon's id is whatever somebody made it: see `dashboard.urls.AnyId`."""

    template_name = "dashboard/pages/coupon.html"
    permission_required = ("paydesk.view_coupon", "paydesk.view_promotioncode")

    @override
    def crumbs(self) -> list[Crumb]:
        return [(_("Discounts"), reverse("console:coupons")), (self.title, None)]

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now, coupon_id = timezone.now(), self.kwargs["id"]
        try:
            found = coupon_page(coupon_id, now)
        except Coupon.DoesNotExist as error:
            raise Http404("No such coupon is stored here.") from error
        parameters = self.request.GET
        who = keyset.page(
            newest_holders(coupon_id, now),
            order=keyset.Order("started_at"),
            after=parameters.get("after"),
            before=parameters.get("before"),
        )
        if who.bad_cursor:
            self.notice(_("The place in the list was not readable; this is its beginning."))
        row = table.shown_coupon(found.coupon, found.in_use, found.code_count, now)
        self.title = row.title
        return super().get_context_data(**kwargs) | {
            "found": found,
            "row": row,
            "coupon": found.coupon,
            "tone": table.TONES.get(row.status, "neutral"),
            "seen_at": freshness("coupon", [coupon_id]).get(coupon_id),
            "stripe_address": stripe_url(f"coupons/{quote(coupon_id, safe='')}"),
            "codes": [
                (
                    each,
                    table.code_status(each.code, now),
                    table.redeemed(each.code.times_redeemed, each.code.max_redemptions),
                )
                for each in found.codes
            ],
            "page": who,
            "holders": holders(who.rows),
            "timeline": days_of(found.timeline, now),
        }

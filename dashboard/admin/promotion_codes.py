from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from dashboard.admin import labels
from dashboard.admin.read_only import CappedPaginator, ReadOnlyAdmin, day_column
from dashboard.sheets.promotion_codes import SHEET
from finances.models import PromotionCode

labels.name(PromotionCode, "promotion_code")


@admin.register(PromotionCode)
class PromotionCodeAdmin(ReadOnlyAdmin):
    list_title = _("Promotion codes")
    sheet = SHEET
    list_display = (
        "code",
        "id",
        "coupon_id",
        "active",
        "times_redeemed",
        "max_redemptions",
        "ends_on",
        "made_on",
    )
    list_filter = ("active",)
    paginator = CappedPaginator
    search_fields = ("code", "id", "coupon_id", "customer_id")
    ordering = ("-created_at", "-id")
    ends_on = day_column("expires_at", _("Expires"))
    made_on = day_column("created_at", _("Created"))
    fields = (
        "code", "id", "coupon_id", "customer_id", "active", "times_redeemed", "max_redemptions", "expires_at",
        "created_at", "deleted_at", "livemode",
    )  # fmt: skip

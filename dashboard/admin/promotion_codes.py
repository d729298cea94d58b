from django.contrib import admin

from dashboard.admin.read_only import ReadOnlyAdmin, day_column
from dashboard.sheets.promotion_codes import SHEET
from finances.models import PromotionCode


@admin.register(PromotionCode)
class PromotionCodeAdmin(ReadOnlyAdmin):
    list_title = "Promotion codes"
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
    search_fields = ("code", "id", "coupon_id", "customer_id")
    ordering = ("-created_at", "-id")
    ends_on = day_column("expires_at", "Expires")
    made_on = day_column("created_at", "Created")
    fields = (
        "code", "id", "coupon_id", "customer_id", "active", "times_redeemed", "max_redemptions", "expires_at",
        "created_at", "deleted_at", "livemode",
    )  # fmt: skip

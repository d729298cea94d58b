from django.contrib import admin

from dashboard.admin.read_only import ReadOnlyAdmin, day_column
from dashboard.sheets.tax_rates import SHEET
from finances.models import TaxRate


@admin.register(TaxRate)
class TaxRateAdmin(ReadOnlyAdmin):
    list_title = "Tax rates"
    sheet = SHEET
    list_display = ("display_name", "id", "percentage", "inclusive", "active", "country", "jurisdiction", "made_on")
    list_filter = ("active", "inclusive", "country")
    search_fields = ("display_name", "id", "jurisdiction")
    ordering = ("-created_at", "-id")
    made_on = day_column("created_at", "Created")
    fields = (
        "id", "display_name", "percentage", "inclusive", "active", "country", "jurisdiction",
        "created_at", "deleted_at", "livemode",
    )  # fmt: skip

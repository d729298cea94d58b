from django.contrib import admin

from dashboard.admin.read_only import ReadOnlyAdmin, amount_column, day_column, word_column
from dashboard.sheets import balance as sheets
from finances.models import BalanceTransaction, Payout


@admin.register(BalanceTransaction)
class BalanceTransactionAdmin(ReadOnlyAdmin):
    list_title = "Balance transactions"
    sheet = sheets.MOVEMENTS
    list_display = ("id", "kind", "state", "gross", "fees", "left", "source_id", "made_on")
    list_filter = ("type", "status", "currency")
    search_fields = ("id", "source_id")
    ordering = ("-created_at", "-id")
    fields = (
        "id", "type", "reporting_category", "status", "gross", "fees", "left", "source_id", "description",
        "available_at", "created_at", "deleted_at", "livemode",
    )  # fmt: skip
    gross = amount_column("amount", "Amount")
    fees = amount_column("fee", "Fee")
    left = amount_column("net", "Net")
    kind = word_column("type", "Type")
    state = word_column("status", "Status")
    made_on = day_column("created_at", "Created")


@admin.register(Payout)
class PayoutAdmin(ReadOnlyAdmin):
    list_title = "Payouts"
    sheet = sheets.PAYOUTS
    list_display = ("id", "sum", "state", "automatic", "failure_code", "arrives_on", "made_on")
    list_filter = ("status", "automatic", "currency")
    search_fields = ("id", "balance_transaction_id")
    ordering = ("-created_at", "-id")
    fields = (
        "id", "status", "sum", "automatic", "failure_code", "balance_transaction_id",
        "arrives_at", "created_at", "deleted_at", "livemode",
    )  # fmt: skip
    sum = amount_column("amount", "Amount")
    state = word_column("status", "Status")
    arrives_on = day_column("arrives_at", "Arrives")
    made_on = day_column("created_at", "Created")

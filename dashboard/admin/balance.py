from django.contrib import admin

from dashboard.admin.read_only import ReadOnlyAdmin, amount_column
from finances.models import BalanceTransaction, Payout


@admin.register(BalanceTransaction)
class BalanceTransactionAdmin(ReadOnlyAdmin):
    list_title = "Balance transactions"
    list_display = ("id", "type", "status", "gross", "fees", "left", "source_id", "created_at")
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


@admin.register(Payout)
class PayoutAdmin(ReadOnlyAdmin):
    list_title = "Payouts"
    list_display = ("id", "status", "sum", "automatic", "failure_code", "arrives_at", "created_at")
    list_filter = ("status", "automatic", "currency")
    search_fields = ("id", "balance_transaction_id")
    ordering = ("-created_at", "-id")
    fields = (
        "id", "status", "sum", "automatic", "failure_code", "balance_transaction_id",
        "arrives_at", "created_at", "deleted_at", "livemode",
    )  # fmt: skip
    sum = amount_column("amount", "Amount")

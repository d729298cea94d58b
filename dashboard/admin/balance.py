from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from dashboard.admin import labels
from dashboard.admin.read_only import (
    CappedPaginator,
    ReadOnlyAdmin,
    ValuesLately,
    amount_column,
    day_column,
    word_column,
)
from dashboard.sheets import balance as sheets
from finances.models import BalanceTransaction, Payout

labels.name(BalanceTransaction, "balance_transaction")
labels.name(Payout, "payout")


@admin.register(BalanceTransaction)
class BalanceTransactionAdmin(ReadOnlyAdmin):
    list_title = _("Balance transactions")
    sheet = sheets.MOVEMENTS
    list_display = ("id", "kind", "state", "gross", "fees", "left", "source_id", "made_on")
    list_filter = (("type", ValuesLately), ("status", ValuesLately), ("currency", ValuesLately))
    paginator = CappedPaginator
    # Whole ids, which an index has.
    search_fields = ("id__exact", "source_id__exact")
    search_help_text = _("Whole id: txn_…, ch_…; the newest 10,000 are listed")
    ordering = ("-created_at", "-id")
    fields = (
        "id", "type", "reporting_category", "status", "gross", "fees", "left", "source_id", "description",
        "available_at", "created_at", "deleted_at", "livemode",
    )  # fmt: skip
    gross = amount_column("amount", _("Amount"))
    fees = amount_column("fee", _("Fee"))
    left = amount_column("net", _("Net"))
    kind = word_column("type", _("Type"))
    state = word_column("status", _("Status"))
    made_on = day_column("created_at", _("Created"))


@admin.register(Payout)
class PayoutAdmin(ReadOnlyAdmin):
    list_title = _("Payouts")
    sheet = sheets.PAYOUTS
    list_display = ("id", "sum", "state", "automatic", "failure_code", "arrives_on", "made_on")
    list_filter = ("status", "automatic", "currency")
    search_fields = ("id", "balance_transaction_id")
    ordering = ("-created_at", "-id")
    fields = (
        "id", "status", "sum", "automatic", "failure_code", "balance_transaction_id",
        "arrives_at", "created_at", "deleted_at", "livemode",
    )  # fmt: skip
    sum = amount_column("amount", _("Amount"))
    state = word_column("status", _("Status"))
    arrives_on = day_column("arrives_at", _("Arrives"))
    made_on = day_column("created_at", _("Created"))

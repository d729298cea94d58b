from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from dashboard.admin import labels
from dashboard.admin.read_only import ReadOnlyAdmin, amount_column, day_column, word_column
from finances.models import CreditNote

labels.name(CreditNote, "credit_note")


@admin.register(CreditNote)
class CreditNoteAdmin(ReadOnlyAdmin):
    list_title = _("Credit notes")
    list_display = ("number", "id", "state", "whole", "invoice_id", "customer_id", "why", "made_on")
    list_filter = ("status", "reason", "currency")
    search_fields = ("search_text",)
    ordering = ("-created_at", "-id")
    fields = (
        "number", "id", "status", "reason", "whole", "lowered", "given_back", "refunded", "credited", "outside",
        "invoice_id", "customer_id", "memo", "created_at", "voided_at", "deleted_at", "livemode",
    )  # fmt: skip
    state = word_column("status", _("Status"))
    why = word_column("reason", _("Reason"))
    made_on = day_column("created_at", _("Created"))
    whole = amount_column("total", _("Total"))
    lowered = amount_column("pre_payment_amount", _("Taken off the open invoice"))
    given_back = amount_column("post_payment_amount", _("Given back"))
    refunded = amount_column("refund_amount", _("Of it refunded"))
    credited = amount_column("customer_balance_amount", _("Of it kept as the customer's credit"))
    outside = amount_column("out_of_band_amount", _("Of it given back outside Stripe"))

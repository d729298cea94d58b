from collections.abc import Sequence
from datetime import datetime
from typing import Any, override

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from dashboard.filters import sorting
from dashboard.filters.invoices import InvoicesFilter
from dashboard.pages.list_page import ListPage
from dashboard.sheets.invoices import SHEET
from dashboard.tables.invoices import ShownInvoice, shown_invoices
from finances.models import Invoice
from finances.reads.invoices import invoice_rows, invoice_sums, newest_invoices


class InvoicesPage(ListPage[Invoice]):
    title = _("Invoices")
    template_name = "dashboard/pages/invoices.html"
    permission_required = "paydesk.view_invoice"
    filter_class = InvoicesFilter
    sheet = SHEET
    sorts = sorting.INVOICES
    resync_type = "invoice"
    search_hint = _("Number, id, or the customer's name, e-mail or id")
    tabs = (
        ("", _("All")),
        ("draft", _("Draft")),
        ("open", _("Open")),
        ("past_due", _("Past due")),
        ("paid", _("Paid")),
        ("uncollectible", _("Uncollectible")),
        ("void", _("Void")),
    )

    @override
    def rows(self) -> QuerySet[Invoice]:
        return newest_invoices()

    @override
    def shown(self, rows: list[Invoice], now: datetime) -> Sequence[ShownInvoice]:
        return shown_invoices(invoice_rows(rows, now), now)

    @override
    def sums(self, rows: QuerySet[Invoice]) -> Sequence[Any]:
        return invoice_sums(rows)

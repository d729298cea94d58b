from typing import Any, override

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from dashboard.pages.shell import Crumb, Page
from dashboard.tables import invoices as table
from dashboard.tables.subscriptions import COLLECTION, plan
from dashboard.tables.timeline import days_of
from finances.models import Invoice
from finances.reads.freshness import freshness
from finances.reads.invoice import invoice_page


class InvoicePage(Page):
    template_name = "dashboard/pages/invoice.html"
    permission_required = "paydesk.view_invoice"

    @override
    def crumbs(self) -> list[Crumb]:
        return [("Invoices", reverse("console:invoices")), (self.title, None)]

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now, invoice_id = timezone.now(), self.kwargs["id"]
        try:
            page = invoice_page(invoice_id, now)
        except Invoice.DoesNotExist as error:
            raise Http404(f"No invoice {invoice_id} is stored here.") from error
        invoice = page.invoice
        self.title = invoice.number or ("Draft without a number" if invoice.status == "draft" else invoice_id)
        return super().get_context_data(**kwargs) | {
            "page": page,
            "invoice": invoice,
            "paper": page.paper,
            "status": table.status(invoice, page.past_due),
            "seen_at": freshness([invoice_id]).get(invoice_id),
            "issued_at": table.issued_at(invoice),
            "due": table.due(invoice, page.past_due, now),
            "late": table.lateness(invoice, now) if page.past_due else "",
            "lines": table.shown_lines(page.paper.lines, invoice.currency),
            "reason": table.reason(page.paper.billing_reason),
            "plan": plan(page.items),
            "collection": COLLECTION.get(invoice.collection_method, invoice.collection_method),
            "timeline": days_of(page.timeline, now),
        }

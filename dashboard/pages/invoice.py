from datetime import datetime
from typing import Any, override

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.pages.object_page import ObjectPage
from dashboard.pages.shell import Crumb
from dashboard.tables import credit_notes, in_stripe, invoice_steps, invoice_story
from dashboard.tables import invoices as table
from dashboard.tables.payment_methods import pays
from dashboard.tables.returns import shown_returns
from dashboard.tables.subscriptions import COLLECTION, plan
from dashboard.tables.unprocessed import warned_of
from finances.models import Invoice
from finances.reads import invoice as read
from finances.reads.freshness import freshness, unprocessed_of_object
from finances.reads.invoice_lines import MOST
from finances.reads.moments import about_invoice
from finances.reads.payment_methods import Paying


class InvoicePage(ObjectPage):
    """`?lines=all` shows the lines beyond the first fifty too."""

    template_name = "dashboard/pages/invoice.html"
    permission_required = "paydesk.view_invoice"

    @override
    def crumbs(self) -> list[Crumb]:
        return [(_("Invoices"), reverse("console:invoices")), (self.title, None)]

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        context = self.further_back(now) if self.partial() == "moments" else self.whole(now)
        return super().get_context_data(**kwargs) | context

    def further_back(self, now: datetime) -> dict[str, Any]:
        """The timeline alone."""
        invoice_id = self.kwargs["id"]
        return self.timeline_of(about_invoice(invoice_id, read.links_of(invoice_id)), {}, now)

    def whole(self, now: datetime) -> dict[str, Any]:
        invoice_id = self.kwargs["id"]
        try:
            page = read.invoice_page(invoice_id, now, every_line=self.request.GET.get("lines") == "all")
        except Invoice.DoesNotExist as error:
            raise Http404(f"No invoice {invoice_id} is stored here.") from error
        invoice = page.invoice
        self.title = invoice.number or (_("Draft without a number") if invoice.status == "draft" else invoice_id)
        by_invoice = invoice.collection_method == "send_invoice"
        return {
            "page": page,
            "invoice": invoice,
            "paper": page.paper,
            "status": table.status(invoice, page.past_due),
            "seen_at": freshness("invoice", [invoice_id]).get(invoice_id),
            "unprocessed": warned_of(unprocessed_of_object(invoice_id), "invoice", invoice_id),
            "issued_at": table.issued_at(invoice),
            "due": table.due(invoice, page.past_due, now),
            "late": table.lateness(invoice, now) if page.past_due else "",
            "steps": invoice_steps.steps(page, plan(page.items), now),
            "story": invoice_story.story(page, now),
            "groups": table.shown_groups(page.lines.groups, invoice.currency),
            "most_lines": MOST,
            "taxes": [(table.tax(each), each) for each in page.taxes],
            "discounts": [(table.discount(each), -each.amount) for each in page.discounts],
            "tries": invoice_story.shown_tries(page.tries),
            "links": invoice_story.shown_links(page.links),
            "credit_notes": [
                (each, *credit_notes.standing(each.status), credit_notes.reason(each.reason), credit_notes.parts(each))
                for each in page.credit_notes
            ],
            "refunds": shown_returns(page.returns.refunds, now),
            "disputes": shown_returns(page.returns.disputes, now),
            "reason": table.reason(invoice.billing_reason) if invoice.subscription_id else table.reason_of(invoice, ""),
            "plan": plan(page.items),
            "collection": COLLECTION.get(invoice.collection_method, invoice.collection_method),
            "pays": pays(Paying(invoice.subscription_id, page.charged, by_invoice), page.methods, now),
            "deeds": in_stripe.of_invoice(invoice, page.links),
            **self.timeline_of(about_invoice(invoice_id, page.links), {}, now),
            **self.notes_of(invoice_id, {}, now),
        }

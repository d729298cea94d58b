from typing import Any, override

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard import formatting
from dashboard.pages.shell import Crumb, Page
from dashboard.tables import disputes as table
from dashboard.tables import in_stripe
from dashboard.tables.payments import method
from dashboard.tables.timeline import days_of
from finances.models import Dispute
from finances.reads.dispute import dispute_page
from finances.reads.freshness import freshness


class DisputePage(Page):
    template_name = "dashboard/pages/dispute.html"
    permission_required = "paydesk.view_dispute"

    @override
    def crumbs(self) -> list[Crumb]:
        return [(_("Disputes"), reverse("console:disputes")), (self.title, None)]

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now, dispute_id = timezone.now(), self.kwargs["id"]
        try:
            page = dispute_page(dispute_id)
        except Dispute.DoesNotExist as error:
            raise Http404(f"No dispute {dispute_id} is stored here.") from error
        dispute = page.dispute
        word, tone = table.standing(dispute, now)
        amount = formatting.amount(dispute.amount, dispute.currency)
        deadline = table.deadline(dispute, now)
        takes_an_answer, refundable = deadline is not None and not deadline.passed, bool(page.case.refundable)
        self.title = _("Dispute over %(amount)s") % {"amount": amount}
        return super().get_context_data(**kwargs) | {
            "page": page,
            "dispute": dispute,
            "case": page.case,
            "word": word,
            "tone": tone,
            "reason": table.words(dispute.reason),
            "deadline": deadline,
            "deeds": in_stripe.of_dispute(dispute, takes_an_answer=takes_an_answer, refundable=refundable),
            "outcome": table.outcome(dispute),
            "kind": table.kind(page.case),
            "evidence": table.shown_evidence(page.case.evidence),
            "movements": table.shown_movements(page.case.movements),
            "method": method(page.charge),
            "payment_id": page.payment.id if page.payment else dispute.charge_id,
            "customer_id": page.customer.id if page.customer else dispute.customer_id,
            "seen_at": freshness("dispute", [dispute_id]).get(dispute_id),
            "timeline": days_of(page.timeline, now),
        }

from typing import Any, override

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard import formatting
from dashboard.pages.shell import Crumb, Page
from dashboard.tables import in_stripe
from dashboard.tables import payments as table
from dashboard.tables.disputes import shown_dispute_lines
from dashboard.tables.payment_methods import ANY_FUNDING
from dashboard.tables.refunds import shown_refund_lines
from dashboard.tables.timeline import days_of
from finances.models import Payment
from finances.reads.freshness import freshness
from finances.reads.payment import intent_of, payment_page


class PaymentPage(Page):
    """/console/payments/<pi_ or ch_>/: a charge leads to the page of its intent, where that is stored."""

    template_name = "dashboard/pages/payment.html"
    permission_required = "paydesk.view_payment"

    @override
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        payment_id = kwargs["id"]
        try:
            intent = "" if payment_id.startswith("pi_") else intent_of(payment_id)
            return redirect("console:payment", intent) if intent else super().get(request, *args, **kwargs)
        except Payment.DoesNotExist as error:
            raise Http404(f"No payment {payment_id} is stored here.") from error

    @override
    def crumbs(self) -> list[Crumb]:
        return [(_("Payments"), reverse("console:payments")), (self.title, None)]

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        page = payment_page(self.kwargs["id"], now)
        payment, latest = page.payment, page.latest
        word, tone = table.standing(page.standing)
        self.title = formatting.amount(payment.amount, payment.currency)
        disputes = shown_dispute_lines(page.disputes, now)
        if page.standing == "disputed" and disputes:
            word = _("Disputed: %(standing)s") % {"standing": disputes[0].word.lower()}
            tone = disputes[0].tone
        reason = page.terms.cancellation_reason
        return super().get_context_data(**kwargs) | {
            "page": page,
            "payment": payment,
            "standing": page.standing,
            "word": word,
            "tone": tone,
            "failure": table.why_unpaid(page.standing, payment, latest),
            "waiting": table.WAITING.get(payment.status, ""),
            "cancelled_because": table.CANCELLATIONS.get(reason, reason.replace("_", " ")),
            "method": table.method(latest or page.method),
            "method_details": latest or page.method,
            "funding": ANY_FUNDING.get(page.method.funding, page.method.funding) if page.method else "",
            "attempts": table.shown_attempts(page.attempts),
            "movements": table.shown_movements(page.movements, now),
            "refunds": shown_refund_lines(page.refunds),
            "disputes": disputes,
            "deeds": in_stripe.of_payment(payment, page.standing, page.purposes, page.disputes),
            "seen_at": freshness("payment_intent", [payment.id]).get(payment.id),
            "timeline": days_of(page.timeline, now),
        }

from dataclasses import replace
from datetime import datetime
from typing import Any, override

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard import formatting
from dashboard.pages.object_page import ObjectPage
from dashboard.pages.shell import Crumb
from dashboard.tables import balance, in_stripe
from dashboard.tables import customers as table
from dashboard.tables.access import because_of_a_method, shown_access, sums_in_words
from dashboard.tables.access_end import beside_access
from dashboard.tables.discounts import shown_discounts
from dashboard.tables.invoices import lateness, shown_invoices
from dashboard.tables.payment_methods import pays, shown_methods, warnings
from dashboard.tables.payments import of_charge, shown_payments
from dashboard.tables.returns import shown_returns
from dashboard.tables.subscriptions import plan, shown_subscriptions
from dashboard.tables.unprocessed import warned_of
from dashboard.trail import looked_at
from finances.models import Customer
from finances.reads.customer import customer_page, subscriptions_of
from finances.reads.freshness import freshness, unprocessed_of_customer
from finances.reads.moments import about_customer
from finances.reads.subscriptions import ENDED

SHOWN_SUBSCRIPTIONS = 20
SHOWN_RETURNS = 6  # of each kind


class CustomerPage(ObjectPage):
    template_name = "dashboard/pages/customer.html"
    permission_required = "paydesk.view_customer"

    @override
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        context = self.get_context_data(**kwargs)
        if not self.partial():
            looked_at.viewed(request, self.kwargs["id"])
        return self.render_to_response(context)

    @override
    def crumbs(self) -> list[Crumb]:
        return [(_("Customers"), reverse("console:customers")), (self.title, None)]

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        context = self.further_back(now) if self.partial() == "moments" else self.whole(now)
        return super().get_context_data(**kwargs) | context

    def further_back(self, now: datetime) -> dict[str, Any]:
        """The timeline alone."""
        items = subscriptions_of(self.kwargs["id"])
        names = {subscription_id: plan(theirs) for subscription_id, theirs in items.items()}
        return self.timeline_of(about_customer(self.kwargs["id"], items), names, now)

    def whole(self, now: datetime) -> dict[str, Any]:
        customer_id = self.kwargs["id"]
        try:
            page = customer_page(customer_id, now)
        except Customer.DoesNotExist as error:
            raise Http404(f"No customer {customer_id} is stored here.") from error
        subscriptions = [row.subscription for row in page.subscriptions]
        plans = {row.subscription.id: plan(row.items) for row in page.subscriptions}
        products = {item.product_id: item.product for row in page.subscriptions for item in row.items}
        numbers = {row.invoice.id: row.invoice.number for row in page.invoices}
        gone = page.customer.deleted_at is not None
        warned = [] if gone else warnings(page.methods, page.paying, plans, now)
        # What is wrong with the next charge is the reason of the sentence on top, and not said twice.
        why = because_of_a_method(page.access, warned)
        failure = of_charge(page.failed_last).sentence if page.failed_last else ""
        self.title = table.title(page.customer)
        return {
            "page": page,
            "customer": page.customer,
            "status": table.status(subscriptions),
            "outdated": table.outdated(page.customer, subscriptions),
            "seen_at": freshness("customer", [customer_id]).get(customer_id),
            "unprocessed": warned_of(unprocessed_of_customer(customer_id), "customer", customer_id),
            "access": replace(
                shown_access(page.access, plans, why, failure, now),
                end=beside_access(page.access_end, page.access, now),
            ),
            "subscriptions": shown_subscriptions(page.subscriptions[:SHOWN_SUBSCRIPTIONS]),
            "running": sum(each.status not in ENDED for each in subscriptions),
            "ended": sum(each.status in ENDED for each in subscriptions),
            "invoices": shown_invoices(page.invoices, now),
            "late": lateness(page.late, now) if page.late else "",
            "late_count": page.late_count,
            "late_sum": sums_in_words(page.late_sums),
            "methods": shown_methods(page.methods, [] if gone else page.paying, plans, now),
            "paying": {each.subscription_id: pays(each, page.methods, now) for each in page.paying},
            "warnings": [each for each in warned if each is not why],
            "payments": shown_payments(page.payments),
            "refunds": shown_returns(page.returns.refunds[:SHOWN_RETURNS], now),
            "disputes": shown_returns(page.returns.disputes[:SHOWN_RETURNS], now),
            "credit_notes": shown_returns(page.returns.credit_notes[:SHOWN_RETURNS], now),
            "discounts": shown_discounts(page.discounts, plans | products, now),
            "balance_standing": balance.standing(page.customer.balance),
            "movements": balance.shown_movements(page.movements),
            "namesakes": table.shown_namesakes(page.namesakes),
            "tax_ids": table.tax_ids(page.details.tax_ids),
            "tax_exempt": table.TAX_EXEMPT.get(page.details.tax_exempt, ""),
            "deeds": in_stripe.of_customer(page.customer, subscriptions, page.payments),
            "subscriber_name": settings.SUBSCRIBER_NAME,
            "subscriber_page": formatting.subscriber_link(page.customer.subscriber_id),
            **self.timeline_of(about_customer(customer_id, plans), plans, now),
            **self.notes_of(customer_id, plans | numbers, now),
        }

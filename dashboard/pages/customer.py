from typing import Any, override

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from dashboard.pages.shell import Crumb, Page
from dashboard.tables import customers as table
from dashboard.tables.invoices import lateness, shown_invoices
from dashboard.tables.subscriptions import shown_subscriptions
from dashboard.tables.timeline import days_of
from finances.models import Customer
from finances.reads.customer import customer_page
from finances.reads.freshness import freshness
from finances.reads.subscriptions import ENDED

SHOWN_SUBSCRIPTIONS = 20


class CustomerPage(Page):
    template_name = "dashboard/pages/customer.html"
    permission_required = "paydesk.view_customer"

    @override
    def crumbs(self) -> list[Crumb]:
        return [("Customers", reverse("console:customers")), (self.title, None)]

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now, customer_id = timezone.now(), self.kwargs["id"]
        try:
            page = customer_page(customer_id, now)
        except Customer.DoesNotExist as error:
            raise Http404(f"No customer {customer_id} is stored here.") from error
        subscriptions = [row.subscription for row in page.subscriptions]
        self.title = table.title(page.customer)
        return super().get_context_data(**kwargs) | {
            "page": page,
            "customer": page.customer,
            "status": table.status(subscriptions),
            "seen_at": freshness([customer_id]).get(customer_id),
            "subscriptions": shown_subscriptions(page.subscriptions[:SHOWN_SUBSCRIPTIONS]),
            "running": sum(each.status not in ENDED for each in subscriptions),
            "ended": sum(each.status in ENDED for each in subscriptions),
            "invoices": shown_invoices(page.invoices, now),
            "late": lateness(page.late, now) if page.late else "",
            "late_others": page.late_count - 1,
            "timeline": days_of(page.timeline, now),
        }

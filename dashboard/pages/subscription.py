from typing import Any, override

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from dashboard.pages.shell import Crumb, Page
from dashboard.tables import subscriptions as table
from dashboard.tables.invoices import shown_invoices
from dashboard.tables.timeline import days_of
from finances.models import Subscription
from finances.reads.freshness import freshness
from finances.reads.subscription import subscription_page
from finances.reads.subscriptions import SubscriptionRow


class SubscriptionPage(Page):
    template_name = "dashboard/pages/subscription.html"
    permission_required = "paydesk.view_subscription"

    @override
    def crumbs(self) -> list[Crumb]:
        return [("Subscriptions", reverse("console:subscriptions")), (self.title, None)]

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now, subscription_id = timezone.now(), self.kwargs["id"]
        try:
            page = subscription_page(subscription_id, now)
        except Subscription.DoesNotExist as error:
            raise Http404(f"No subscription {subscription_id} is stored here.") from error
        (row,) = table.shown_subscriptions([SubscriptionRow(page.subscription, page.customer, page.items)])
        self.title = row.plan or subscription_id
        terms = page.terms
        return super().get_context_data(**kwargs) | {
            "page": page,
            "subscription": page.subscription,
            "seen_at": freshness([subscription_id]).get(subscription_id),
            "row": row,
            "items": table.shown_items(page.items),
            "recipe": table.RECIPE,
            "collection": table.COLLECTION.get(terms.collection_method, terms.collection_method),
            "reason": table.REASONS.get(terms.cancellation_reason, terms.cancellation_reason),
            "feedback": table.FEEDBACK.get(terms.cancellation_feedback, terms.cancellation_feedback),
            "pause": table.PAUSES.get(terms.pause_behavior, terms.pause_behavior),
            "invoices": shown_invoices(page.invoices, now),
            "timeline": days_of(page.timeline, now),
        }

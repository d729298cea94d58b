from datetime import datetime
from typing import Any, override

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.pages.object_page import ObjectPage
from dashboard.pages.shell import Crumb
from dashboard.prices import price_in_words
from dashboard.tables import access, access_end, in_stripe
from dashboard.tables import monthly_value as value
from dashboard.tables import subscriptions as table
from dashboard.tables.discounts import shown_discounts
from dashboard.tables.history import shown_history
from dashboard.tables.invoices import shown_invoices
from dashboard.tables.next_invoice import shown_estimate
from dashboard.tables.payment_methods import pays, warnings
from dashboard.tables.products import MODES, shown_tier
from dashboard.tables.schedule import shown_schedule, update_in_words
from dashboard.tables.unprocessed import warned_of
from finances.metrics.cost import cost_by_month
from finances.metrics.monthly_value import MonthlyValue, monthly_value
from finances.metrics.next_invoice import NextInvoice, next_invoice
from finances.models import Subscription
from finances.reads import subscription as read
from finances.reads.freshness import freshness, unprocessed_of_object
from finances.reads.moments import about_subscription
from finances.reads.schedule import coming_phases
from finances.reads.stored import json_of
from finances.reads.subscriptions import ENDED, Item, SubscriptionRow


class SubscriptionPage(ObjectPage):
    template_name = "dashboard/pages/subscription.html"
    permission_required = "paydesk.view_subscription"

    @override
    def crumbs(self) -> list[Crumb]:
        return [(_("Subscriptions"), reverse("console:subscriptions")), (self.title, None)]

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        about = about_subscription(self.kwargs["id"])
        context = self.timeline_of(about, {}, now) if self.partial() == "moments" else self.whole(now)
        return super().get_context_data(**kwargs) | context

    def whole(self, now: datetime) -> dict[str, Any]:
        subscription_id = self.kwargs["id"]
        try:
            page = read.subscription_page(subscription_id, now)
        except Subscription.DoesNotExist as error:
            raise Http404(f"No subscription {subscription_id} is stored here.") from error
        (row,) = table.shown_subscriptions([SubscriptionRow(page.subscription, page.customer, page.items)])
        self.title = row.plan or subscription_id
        terms, products = page.terms, {each.product_id: each.product for each in page.items}
        names = {item.id: item.product for item in page.items} | {subscription_id: _("this subscription")}
        planned = {price_id: each.product for price_id, each in page.priced.items()}
        steps = value.steps(explained, names) if (explained := explanation(page)) else []
        ended = page.subscription.status in ENDED
        costs = cost_by_month(subscription_id, timezone.get_default_timezone())
        return {
            "page": page,
            "subscription": page.subscription,
            "seen_at": freshness("subscription", [subscription_id]).get(subscription_id),
            "unprocessed": warned_of(unprocessed_of_object(subscription_id), "subscription", subscription_id),
            "row": row,
            "cancels_at": table.cancels_at(page.subscription),
            "owed": access.owed(page.late, now) if page.late else None,
            "access_ends": access_end.in_words(page.access_end, now),
            "items": [(item, priced_item(item.item, page)) for item in table.shown_items(page.items)],
            "recipe": table.RECIPE,
            "explained": explained,
            "gap": table.gap(explained.gap) if explained and explained.gap else "",
            "steps": steps,
            "next_invoice": shown_estimate(estimated, names | planned) if (estimated := estimate(page, now)) else None,
            "costs": costs,
            "invoices_back": any(each.returned for each in costs),
            "invoices_open": any(each.open for each in costs),
            "stale": explained is not None and not value.agrees(explained, page.subscription.mrr),
            "with_discount": value.has_discount(steps),
            "with_tax": value.has_tax(steps),
            "collection": table.COLLECTION.get(terms.collection_method, terms.collection_method),
            "pays": pays(page.paying, page.methods, now),
            "warnings": [] if ended else warnings(page.methods, [page.paying], {subscription_id: self.title}, now),
            "discounts": shown_discounts(page.discounts, names | products, now),
            "schedules": [shown_schedule(each, page.priced, now) for each in page.schedules],
            "update": update_in_words(page.pending, page.priced),
            "reason": table.REASONS.get(terms.cancellation_reason, terms.cancellation_reason),
            "feedback": table.FEEDBACK.get(terms.cancellation_feedback, terms.cancellation_feedback),
            "pause": table.PAUSES.get(terms.pause_behavior, terms.pause_behavior),
            "trial_end_without_method": table.TRIAL_ENDS.get(terms.trial_without_method, ""),
            "changes": shown_history(page.history, products),
            "invoices": shown_invoices(page.invoices, now),
            "deeds": in_stripe.of_subscription(page.subscription),
            **self.timeline_of(about_subscription(subscription_id), {}, now),
            **self.notes_of(subscription_id, {}, now),
        }


def explanation(page: read.SubscriptionPage) -> MonthlyValue | None:
    """Computed anew from what is stored, for its steps; None where Stripe's JSON of it is not here."""
    if not page.value_can_be_explained:
        return None
    return monthly_value(page.stored, page.prices, page.coupons, page.customer_discount)


def estimate(page: read.SubscriptionPage, now: datetime) -> NextInvoice | None:
    """None where Stripe's JSON of it is not here."""
    if not page.value_can_be_explained:
        return None
    coming = coming_phases(page.schedules, now)
    customer = json_of(page.customer) if page.customer else {}
    return next_invoice(page.stored, page.prices, page.coupons, customer, coming=coming)


def priced_item(item: Item, page: read.SubscriptionPage) -> dict[str, Any]:
    """What the price's own row adds to an item: words, tiers."""
    known = page.priced.get(item.price_id)
    if known is None:
        return {}
    metered = known.price.usage_type == "metered"
    return {
        "words": price_in_words(known.price) if known.price.divide_by or metered else "",
        "metered": metered,
        "mode": MODES.get(known.price.tiers_mode, ""),
        "tiers": [shown_tier(tier, known.price.currency) for tier in known.tiers],
    }

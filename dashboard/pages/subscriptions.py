from collections.abc import Sequence
from datetime import datetime
from typing import Any, override

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from dashboard.filters import sorting
from dashboard.filters.subscriptions import SubscriptionsFilter
from dashboard.pages.list_page import ListPage
from dashboard.sheets.subscriptions import SHEET
from dashboard.tables.subscriptions import ShownSubscription, shown_subscriptions
from finances.models import Subscription
from finances.reads.subscriptions import newest_subscriptions, subscription_rows, subscription_sums


class SubscriptionsPage(ListPage[Subscription]):
    """A tab for each of Stripe's statuses. What expired has ended, as what was cancelled has, but it never began: it is
    not looked for among those who left."""

    title = _("Subscriptions")
    template_name = "dashboard/pages/subscriptions.html"
    permission_required = "paydesk.view_subscription"
    filter_class = SubscriptionsFilter
    sheet = SHEET
    sorts = sorting.SUBSCRIPTIONS
    resync_type = "subscription"
    search_hint = _("Id, or the customer's name, e-mail or id")
    tabs = (
        ("", _("All")),
        ("active", _("Active")),
        ("past_due", _("Past due")),
        ("trialing", _("Trial")),
        ("unpaid", _("Unpaid")),
        ("incomplete", _("Incomplete")),
        ("paused", _("Paused")),
        ("canceled", _("Canceled")),
        ("incomplete_expired", _("Expired")),
    )

    @override
    def rows(self) -> QuerySet[Subscription]:
        return newest_subscriptions()

    @override
    def shown(self, rows: list[Subscription], now: datetime) -> Sequence[ShownSubscription]:
        return shown_subscriptions(subscription_rows(rows))

    @override
    def sums(self, rows: QuerySet[Subscription]) -> Sequence[Any]:
        return subscription_sums(rows)

from collections.abc import Sequence
from datetime import datetime
from typing import override

from django.db.models import QuerySet

from dashboard.filters import sorting
from dashboard.filters.subscriptions import SubscriptionsFilter
from dashboard.pages.list_page import ListPage
from dashboard.sheets.subscriptions import SHEET
from dashboard.tables.subscriptions import ShownSubscription, shown_subscriptions
from finances.models import Subscription
from finances.reads.subscriptions import newest_subscriptions, subscription_rows


class SubscriptionsPage(ListPage[Subscription]):
    title = "Subscriptions"
    template_name = "dashboard/pages/subscriptions.html"
    permission_required = "paydesk.view_subscription"
    filter_class = SubscriptionsFilter
    sheet = SHEET
    sorts = sorting.SUBSCRIPTIONS
    resync_type = "subscription"
    search_hint = "Id, or the customer's name, e-mail or id"
    tabs = (
        ("", "All"),
        ("active", "Active"),
        ("past_due", "Past due"),
        ("trialing", "Trial"),
        ("unpaid", "Unpaid"),
        ("incomplete", "Incomplete"),
        ("paused", "Paused"),
        ("canceled", "Canceled"),
    )

    @override
    def rows(self) -> QuerySet[Subscription]:
        return newest_subscriptions()

    @override
    def shown(self, rows: list[Subscription], now: datetime) -> Sequence[ShownSubscription]:
        return shown_subscriptions(subscription_rows(rows))

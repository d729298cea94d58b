from collections.abc import Sequence
from datetime import datetime
from typing import override

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from dashboard.filters import sorting
from dashboard.filters.customers import CustomersFilter
from dashboard.pages.list_page import ListPage
from dashboard.sheets.customers import SHEET
from dashboard.tables.customers import ShownCustomer, shown_customers
from finances.models import Customer
from finances.reads import keyset
from finances.reads.customers import KEPT, customer_rows, newest_customers


class CustomersPage(ListPage[Customer]):
    title = _("Customers")
    template_name = "dashboard/pages/customers.html"
    permission_required = "paydesk.view_customer"
    filter_class = CustomersFilter
    sheet = SHEET
    sorts = sorting.CUSTOMERS
    resync_type = "customer"
    search_hint = _("E-mail, name, phone or id")
    tabs = (
        ("", _("All")),
        ("active", _("Active")),
        ("past_due", _("Past due")),
        ("trialing", _("Trial")),
        ("unpaid", _("Unpaid")),
        ("incomplete", _("Incomplete")),
        ("paused", _("Paused")),
        ("canceled", _("Canceled")),
        ("expired", _("Expired")),
        ("none", _("No subscription")),
    )

    @override
    def rows(self) -> QuerySet[Customer]:
        return newest_customers()

    @override
    def are_gathered(self) -> bool:
        """Some tabs are of what their subscriptions say."""
        few = self.matches is not None and self.matches <= keyset.MOST_COUNTED
        status = self.filters.in_force().get("status")
        return super().are_gathered() or (few and status is not None and status not in KEPT)

    @override
    def shown(self, rows: list[Customer], now: datetime) -> Sequence[ShownCustomer]:
        return shown_customers(customer_rows(rows), now)

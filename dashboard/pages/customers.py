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
from finances.reads.customers import customer_rows, newest_customers


class CustomersPage(ListPage[Customer]):
    title = _("Customers")
    template_name = "dashboard/pages/customers.html"
    permission_required = "paydesk.view_customer"
    filter_class = CustomersFilter
    sheet = SHEET
    sorts = sorting.CUSTOMERS
    resync_type = "customer"
    search_hint = _("E-mail, name or id")
    uncounted = frozenset({"active", "canceled", "none"})
    tabs = (
        ("", _("All")),
        ("active", _("Active")),
        ("past_due", _("Past due")),
        ("trialing", _("Trial")),
        ("unpaid", _("Unpaid")),
        ("canceled", _("Canceled")),
        ("none", _("No subscription")),
    )

    @override
    def rows(self) -> QuerySet[Customer]:
        return newest_customers()

    @override
    def shown(self, rows: list[Customer], now: datetime) -> Sequence[ShownCustomer]:
        return shown_customers(customer_rows(rows), now)

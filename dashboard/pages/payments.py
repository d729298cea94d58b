from collections.abc import Sequence
from datetime import datetime
from typing import Any, override

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from dashboard.filters import sorting
from dashboard.filters.payments import PaymentsFilter
from dashboard.pages.list_page import ListPage
from dashboard.sheets.payments import SHEET
from dashboard.tables.payments import ShownPayment, shown_payments
from finances.models import Payment
from finances.reads.payments import newest_payments, payment_rows, payment_sums


class PaymentsPage(ListPage[Payment]):
    title = _("Payments")
    template_name = "dashboard/pages/payments.html"
    permission_required = "paydesk.view_payment"
    filter_class = PaymentsFilter
    sheet = SHEET
    sorts = sorting.PAYMENTS
    resync_type = "payment_intent"
    search_hint = _("Id, last four digits, or the customer's name, e-mail or id")
    uncounted = frozenset({"refunded", "disputed"})
    tabs = (
        ("", _("All")),
        ("succeeded", _("Succeeded")),
        ("failed", _("Failed")),
        ("processing", _("Processing")),
        ("incomplete", _("Incomplete")),
        ("canceled", _("Canceled")),
        ("refunded", _("Refunded")),
        ("disputed", _("Disputed")),
    )

    @override
    def rows(self) -> QuerySet[Payment]:
        return newest_payments()

    @override
    def shown(self, rows: list[Payment], now: datetime) -> Sequence[ShownPayment]:
        return shown_payments(payment_rows(rows))

    @override
    def sums(self, rows: QuerySet[Payment]) -> Sequence[Any]:
        return payment_sums(rows)

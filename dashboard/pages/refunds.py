from collections.abc import Sequence
from datetime import datetime
from typing import Any, override

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from dashboard.filters import sorting
from dashboard.filters.refunds import RefundsFilter
from dashboard.pages.list_page import ListPage
from dashboard.sheets.refunds import SHEET
from dashboard.tables.refunds import ShownRefund, shown_refunds
from finances.models import Refund
from finances.reads.refunds import newest_refunds, refund_rows, refund_sums


class RefundsPage(ListPage[Refund]):
    title = _("Refunds")
    template_name = "dashboard/pages/refunds.html"
    permission_required = "paydesk.view_refund"
    filter_class = RefundsFilter
    sheet = SHEET
    sorts = sorting.REFUNDS
    resync_type = "refund"
    search_hint = _("Refund, charge or payment id, or the customer's name, e-mail or id")
    tabs = (
        ("", _("All")),
        ("succeeded", _("Succeeded")),
        ("pending", _("Pending")),
        ("requires_action", _("Waits for the customer")),
        ("failed", _("Failed")),
        ("canceled", _("Canceled")),
    )

    @override
    def rows(self) -> QuerySet[Refund]:
        return newest_refunds()

    @override
    def shown(self, rows: list[Refund], now: datetime) -> Sequence[ShownRefund]:
        return shown_refunds(refund_rows(rows))

    @override
    def sums(self, rows: QuerySet[Refund]) -> Sequence[Any]:
        return refund_sums(rows)

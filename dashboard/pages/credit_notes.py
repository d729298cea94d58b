from collections.abc import Sequence
from datetime import datetime
from typing import Any, override

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from dashboard.filters import sorting
from dashboard.filters.credit_notes import CreditNotesFilter
from dashboard.pages.list_page import ListPage
from dashboard.sheets.credit_notes import SHEET
from dashboard.tables.credit_notes import ShownCreditNote, shown_credit_notes
from finances.models import CreditNote
from finances.reads.credit_notes import credit_note_rows, credit_note_sums, newest_credit_notes


class CreditNotesPage(ListPage[CreditNote]):
    title = _("Credit notes")
    template_name = "dashboard/pages/credit_notes.html"
    permission_required = "paydesk.view_creditnote"
    filter_class = CreditNotesFilter
    sheet = SHEET
    sorts = sorting.CREDIT_NOTES
    resync_type = "credit_note"
    search_hint = _("Number, id, or the customer's name, e-mail or id")
    tabs = (("", _("All")), ("issued", _("Issued")), ("void", _("Void")))

    @override
    def rows(self) -> QuerySet[CreditNote]:
        return newest_credit_notes()

    @override
    def shown(self, rows: list[CreditNote], now: datetime) -> Sequence[ShownCreditNote]:
        return shown_credit_notes(credit_note_rows(rows))

    @override
    def sums(self, rows: QuerySet[CreditNote]) -> Sequence[Any]:
        return credit_note_sums(rows)

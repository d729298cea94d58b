"""The lists that can be taken away as files, by the names of their pages; and how a worker makes such a file."""

from collections.abc import Callable, Iterator, Sequence

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.exports.files import FORMATS
from dashboard.pages.audit import AuditPage
from dashboard.pages.coupons import CouponsPage
from dashboard.pages.credit_notes import CreditNotesPage
from dashboard.pages.customers import CustomersPage
from dashboard.pages.disputes import DisputesPage
from dashboard.pages.exported_list import ExportedList, Narrowing
from dashboard.pages.invoices import InvoicesPage
from dashboard.pages.list_page import ListPage
from dashboard.pages.payments import PaymentsPage
from dashboard.pages.products import ProductsPage
from dashboard.pages.refunds import RefundsPage
from dashboard.pages.subscriptions import SubscriptionsPage
from dashboard.pages.webhooks import WebhooksPage
from finances.exports.making import Refused
from finances.exports.out import Out
from finances.models import Export

LISTS: dict[str, type[ListPage]] = {
    "customers": CustomersPage,
    "subscriptions": SubscriptionsPage,
    "invoices": InvoicesPage,
    "payments": PaymentsPage,
    "refunds": RefundsPage,
    "disputes": DisputesPage,
    "credit_notes": CreditNotesPage,
    "products": ProductsPage,
    "coupons": CouponsPage,
    "webhooks": WebhooksPage,
    "audit": AuditPage,
}


OTHERS: dict[str, Callable[[], ExportedList]] = {}
"""Lists that are no pages of the console's own: the admin puts its own in here."""


def list_named(name: str) -> ExportedList | None:
    """None for one that there is no more."""
    make_list = LISTS.get(name) or OTHERS.get(name)
    return make_list() if make_list else None


def filters_of(page: ExportedList, export: Export) -> Narrowing:
    """The list's own, as they were when it was asked for. Use them in the export's zone."""
    return page.filters_of(QueryDict(export.conditions), export.asked_at)


def may_have(export: Export) -> bool:
    """Whether the one who asked for it still has the rights that the list takes, and the right to take it away."""
    person, page = export.requested_by, list_named(export.list)
    if page is None or not person.is_active or not person.is_staff:
        return False
    return all(person.has_perm(right) for right in (page.permission_required, "paydesk.export_lists"))


def make(export: Export, out: Out) -> None:
    """For `finances.exports.making`."""
    page = list_named(export.list)
    if page is None or not may_have(export):
        raise Refused(_("You no longer have the right to see this list, or to export it."))
    with timezone.override(export.zone):
        filters = filters_of(page, export)
        if wrong := page.not_exportable(filters):
            raise Refused(" ".join(wrong))
        out.expect(filters.qs.order_by().count())
        lines, zone = _lines(page, filters, export, out), timezone.get_current_timezone()
        FORMATS[export.format].write(out, str(page.title), page.sheet.heads, lines, zone)


def _lines(page: ExportedList, filters: Narrowing, export: Export, out: Out) -> Iterator[Sequence[object]]:
    for batch in page.batches(filters, export.asked_at):
        yield from batch
        out.done(out.rows + len(batch))
